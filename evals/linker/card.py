"""The card that is written beside the trained rankers."""

from collections.abc import Mapping
from pathlib import Path

from evals.linker.measures import Figures
from stores.manifest import replace

_TEXT = """# Rankers of the linker

Gradient-boosted trees (LightGBM, exported to ONNX) that order the candidate records of a mention of an organization or a
funder, and smaller ones that say how probable it is that the first of them is right.

- Made by `quodvide train linker`, seed {seed}, from labelled mentions (affiliation strings and funder names that publishers and
  registries labelled with ROR and Funder Registry ids) and short mentions invented from the registry's own names.
- Held out: a fifth of the labelled mentions, by string and by record; no string and no record of it was trained on.
  The confidence and the threshold of "no match" were fitted on mentions that their ranker had not seen.
- Funders: a spelling asserted by publishers is left out of the index while it is tested; where a record then has no name left,
  "no match" is the right answer. Names of a record are counted without it.
- `author.json` holds the weights that tell persons of one name apart by their papers, with its figures; they are of weights that
  never saw the tested name. The paper that a mention comes from is left out, and with it who has no other paper. Some
  registries keep papers that nobody assigned under one record of the name ("may refer to several people"): which of them
  are a known person's is a matter of curation, so single persons are counted apart too.
- Limits: labels by publishers are noisy (a parent, a child or a namesake); English and European languages dominate; a
  department is found as its university where the registry does not know it.

{table}
"""
_HEAD = (
    "| held-out mentions | n | first right, linked (95 %) | right, no match counted (95 %) | no match P / R | calibration error |\n"
    "|---|---|---|---|---|---|\n"
)


def write_card(path: Path, results: Mapping[str, Figures], seed: int) -> None:
    """Write the card."""
    replace(path, _TEXT.format(seed=seed, table=table(results)).encode())


def table(results: Mapping[str, Figures]) -> str:
    """Return the figures as a Markdown table."""
    rows = [
        f"| {name} | {value.mentions:,} | {_share(value.linked)} | {_share(value.overall)} |"
        f" {value.nil_precision:.2f} / {value.nil_recall:.2f} | {value.error:.3f} |"
        for name, value in results.items()
    ]
    return _HEAD + "\n".join(rows)


def _share(values: tuple[float, float, float]) -> str:
    return f"{values[0]:.3f} ({values[1]:.3f}-{values[2]:.3f})"

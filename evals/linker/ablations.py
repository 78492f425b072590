"""What each group of features and each source of candidates is worth: the ranker trained again without it.

To be quick, each is trained on three fifths of the mentions and calibrated on the fourth, the one with everything too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from agent.wiring import Parts
from evals.linker.gold import HELD_OUT, Example, read_examples
from evals.linker.main import made_up
from evals.linker.measures import Figures, figures
from evals.linker.pools import pools_of
from evals.linker.report import share
from evals.linker.training import SILENT, Outcome, fit_once, outcomes, scored
from evals.measures import interval
from stores.records import AuthorityType
from stores.words import WordIndex
from tools.linking.candidates import NameIndex
from tools.linking.features import FEATURES, Pool
from tools.linking.linker import NEAR
from tools.linking.near import NearNames, TextEmbedder
from tools.linking.registry import TYPES, Registry
from tools.linking.rivals import RIVALS

GROUPS: dict[str, tuple[str, ...]] = {
    "exact runs": ("exact", "exact_words", "exact_share", "whole", "whole_part", "inside_other"),
    "spelling": ("ratio", "partial", "typos"),
    "parts": ("part_recall", "part_precision", "part_f1", "first", "part_from_start", "part_from_end", "parts"),
    "places": ("country_said", "country_implied", "country_other", "country_known", "country_context", "city", "city_named"),
    "kind of record": tuple("other_type" if name == "other" else name for name in TYPES),
    "prominence": ("prior", "works", "names", "known_behind", "registered", "known_names", "asserted_names"),
    "all names": ("own_f1", "asserted_f1", "supporting", "asserted_supporting"),
    "standing among rivals": RIVALS,
    "family": ("parent_exact", "child_exact", "parent_inside", "child_inside"),
    "competitors": ("namesakes", "best_mass", "mass_behind", "recall_behind", "exact_behind", "exact_names"),
    "embeddings": ("similarity", "similarity_behind"),
}  # fmt: skip


@dataclass(frozen=True)
class Ablation:
    """What came out on the held-out mentions, all and those that are no known name.

    Attributes:
        all, unknown: the figures.
        marks: of each mention, whether it came out right, "no match" counted.
    """

    all: Figures
    unknown: Figures
    marks: tuple[bool, ...]


class _Literal(WordIndex):
    """An index of words that does not look for words that are spelled alike."""

    def close_words(self, word: str) -> tuple[tuple[int, float], ...]:  # noqa: ARG002
        return ()


class _Remembering(NearNames):
    """Names that are near in meaning, each mention looked up once."""

    def __init__(self, registry: Registry, index: NameIndex, embedder: TextEmbedder) -> None:
        super().__init__(registry, index, embedder)
        self._found: dict[str, list[tuple[int, float]]] = {}

    def search(self, texts: Sequence[str]) -> list[list[tuple[int, float]]]:
        new = [text for text in dict.fromkeys(texts) if text not in self._found]
        self._found.update(zip(new, super().search(new), strict=True))
        return [self._found[text] for text in texts]


def without_typos(registry: Registry) -> Registry:
    """Return the same registry, whose words are found only as they are written."""
    index = object.__new__(_Literal)
    index.__dict__.update(vars(registry.index))
    changed = object.__new__(Registry)
    changed.__dict__.update(vars(registry), index=index)
    return changed


def columns_without(names: Sequence[str]) -> list[int]:
    """Return the columns of the matrix that are left."""
    return [n for n, name in enumerate(FEATURES) if name not in names]


def ablate(
    type_: AuthorityType, gold: Path, parts: Parts, registry: Registry, seed: int, threads: int,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Ablation]:  # fmt: skip
    """Train with everything, then without each group of features and each source of candidates in turn."""
    examples = read_examples(type_, gold, parts.catalogue, registry)
    examples += made_up(type_, parts, registry, examples, seed)
    near = _Remembering(registry, parts.names, parts.name_embedder) if parts.names is not None else None
    used = near if type_ in NEAR else None
    pools = pools_of(examples, registry, used, say)

    def run(name: str, own: Sequence[Pool], columns: Sequence[int] | None = None) -> Ablation:
        say(f"training: {name}")
        return _one(examples, own, registry, seed, threads, SILENT[type_], columns)

    found = {"everything": run("everything", pools)}
    for name, names in GROUPS.items():
        found[f"features without {name}"] = run(f"features without {name}", pools, columns_without(names))
    name = "candidates without typo-tolerant words"
    found[name] = run(name, pools_of(examples, without_typos(registry), used))
    if near is not None:
        name = "candidates without embeddings" if used else "candidates with embeddings too"
        found[name] = run(name, pools_of(examples, registry, None if used else near))
    return found


def _one(
    examples: Sequence[Example], pools: Sequence[Pool], registry: Registry, seed: int, threads: int,
    silent: frozenset[str], columns: Sequence[int] | None,
) -> Ablation:  # fmt: skip
    fitted = fit_once(examples, pools, registry, seed=seed, threads=threads, silent=silent, columns=columns)
    chosen = [n for n, example in enumerate(examples) if example.fold == HELD_OUT]
    log_odds = {n: scored(fitted.booster, pools[n], columns) for n in chosen}
    found = outcomes(log_odds, examples, pools, registry, fitted.confidence, columns)
    marks = tuple(
        found[n].right and found[n].confidence >= fitted.credible
        if examples[n].ids
        else found[n].confidence < fitted.credible
        for n in chosen
    )
    unknown = [n for n in chosen if not examples[n].known]
    return Ablation(
        _figures(chosen, examples, found, fitted.credible),
        _figures(unknown, examples, found, fitted.credible),
        marks,
    )


def _figures(
    rows: Sequence[int], examples: Sequence[Example], found: Mapping[int, Outcome], credible: float
) -> Figures:
    return figures(
        [found[n].right for n in rows],
        [found[n].confidence for n in rows],
        [found[n].confidence < credible for n in rows],
        [bool(examples[n].ids) for n in rows],
    )


def table(type_: str, found: Mapping[str, Ablation]) -> Table:
    """Return the figures, with the paired difference to the ranker that has everything."""
    whole = found["everything"].marks
    table = Table(
        "ranker", "first right, linked", "not a known name", "right, no match counted", "difference", "ECE",
        title=f"{type_}: trained again without, n = {len(whole):,} held-out mentions",
    )  # fmt: skip
    for name, value in found.items():
        low = [float(own) - float(other) for own, other in zip(value.marks, whole, strict=True)]
        mean, least, most = interval(low)
        table.add_row(
            name,
            share(value.all.linked),
            share(value.unknown.linked),
            share(value.all.overall),
            "" if name == "everything" else f"{mean:+.3f} ({least:+.3f} to {most:+.3f})",
            f"{value.all.error:.3f}",
        )
    return table

"""The checks that are measured beside each other, cheaters among them, and their tables."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evals.support.measures import auc, by_kind, calibration, figures
from evals.support.pairs import Pair
from evals.support.training import FALSE_ACCEPTED, Judged

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

Passed = dict[str, NDArray[np.bool_]]


def cosines(pairs: Sequence[Pair], embedder: "Embedder") -> NDArray[np.float64]:
    """Return the similarity of each sentence with its evidence."""
    rows = np.asarray(embedder.embed([text for pair in pairs for text in pair.claim[:2]]), np.float64)
    found: NDArray[np.float64] = (rows[::2] * rows[1::2]).sum(axis=1)
    return found


def checks(
    pairs: Sequence[Pair], rules: Judged, sure: NDArray[np.float64], least: float, similar: NDArray[np.float64]
) -> Passed:
    """Return what each check passes of held-out pairs.

    Args:
        pairs: held-out pairs.
        rules: what the rules say on them.
        sure: the verifier's probabilities; those of pairs that it does not decide on are not looked at.
        least: its threshold.
        similar: cosine of sentence and evidence; the threshold of that cheater is set on these very pairs.
    """
    false = similar[[not pair.true for pair in pairs]]
    close = float(np.quantile(false, 1 - FALSE_ACCEPTED)) if len(false) else 1.0
    return {
        "rules and verifier": rules.clean & (rules.known | (sure >= least)),
        "words": rules.clean & rules.known,
        "rules alone": rules.clean,
        "cosine alone": similar > close,
        "always": np.ones(len(pairs), bool),
        "never": np.zeros(len(pairs), bool),
    }


def report(pairs: Sequence[Pair], passed: Passed, sure: NDArray[np.float64], rules: Judged) -> str:
    """Return the tables as Markdown.

    Args:
        pairs: held-out pairs.
        passed: what each check passes of them.
        sure: the verifier's probabilities.
        rules: what the rules say on them.
    """
    lines = [
        "| check | true passed (95 %) | false passed (95 %) | precision |",
        "|---|---|---|---|",
    ]
    for name, values in passed.items():
        found = figures(pairs, values)
        lines.append(f"| {name} | {_share(found.passed_true)} | {_share(found.passed_false)} | {found.precision:.3f} |")
    names = list(passed)[:4]
    lines += ["", f"| pairs | n | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for (kind, true, count), shares in by_kind(pairs, passed).items():
        cells = " | ".join(f"{shares[name]:.3f}" for name in names)
        lines.append(f"| {'true' if true else 'false'}: {kind} | {count:,} | {cells} |")
    truth = np.array([pair.true for pair in pairs], bool)
    written = np.array([pair.source == "scifact" for pair in pairs], bool)
    lines += ["", "| where the verifier decides | n | AUC | calibration error |", "|---|---|---|---|"]
    groups = (
        ("all", rules.open),
        ("SciFact", rules.open & written),
        ("made by program, PubMedQA", rules.open & ~written),
    )
    for name, rows in groups:
        error, _ = calibration(sure[rows], truth[rows])
        lines.append(f"| {name} | {int(rows.sum()):,} | {auc(sure[rows], truth[rows]):.3f} | {error:.3f} |")
    return "\n".join(lines)


def _share(values: tuple[float, float, float]) -> str:
    return f"{values[0]:.3f} ({values[1]:.3f}-{values[2]:.3f})"

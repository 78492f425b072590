"""Figures of checks of sentences: what true and false pairs they pass, and how well probabilities order and fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.linker.measures import interval
from evals.support.pairs import Pair

_BINS = 10


@dataclass(frozen=True)
class Figures:
    """Figures of one check.

    Attributes:
        passed_true: share of true pairs that it passes, with the 95 % bootstrap interval.
        passed_false: the same of false pairs: what must be near zero.
        precision: share of what it passes that is true, true and false pairs counted as they are.
    """

    passed_true: tuple[float, float, float]
    passed_false: tuple[float, float, float]
    precision: float


def figures(pairs: Sequence[Pair], passed: NDArray[np.bool_], seed: int = 13) -> Figures:
    """Return the figures of a check that passed some of the pairs."""
    true = np.array([pair.true for pair in pairs], bool)
    given = int(passed.sum())
    return Figures(
        passed_true=interval(passed[true], seed),
        passed_false=interval(passed[~true], seed),
        precision=float((passed & true).sum() / given) if given else 1.0,
    )


def by_kind(
    pairs: Sequence[Pair], passed: Mapping[str, NDArray[np.bool_]]
) -> dict[tuple[str, bool, int], dict[str, float]]:
    """Return for each (kind, whether true, number of pairs) the share that each check passes."""
    found = {}
    for true in (True, False):
        for kind in sorted({f"{pair.kind} ({pair.source})" for pair in pairs if pair.true is true}):
            rows = [n for n, pair in enumerate(pairs) if f"{pair.kind} ({pair.source})" == kind and pair.true is true]
            found[kind, true, len(rows)] = {name: float(values[rows].mean()) for name, values in passed.items()}
    return found


def auc(sure: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """Return how often a true pair is surer than a false one, ties counting half; nan without both."""
    ours, theirs = sure[true], np.sort(sure[~true])
    if not len(ours) or not len(theirs):
        return float("nan")
    below, upto = np.searchsorted(theirs, ours, "left"), np.searchsorted(theirs, ours, "right")
    return float((below + upto).mean() / 2 / len(theirs))


def calibration(sure: NDArray[np.float64], true: NDArray[np.bool_]) -> tuple[float, list[tuple[float, float, int]]]:
    """Return the expected calibration error, and (mean probability, share true, number) of each bin that is not empty."""
    place = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    bins = [
        (float(sure[place == n].mean()), float(true[place == n].mean()), int((place == n).sum()))
        for n in range(_BINS)
        if (place == n).any()
    ]
    return sum(abs(mean - share) * count for mean, share, count in bins) / max(1, len(sure)), bins

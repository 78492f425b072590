"""Figures of linking: first candidate right, right with "no match" counted, no-match precision and recall, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 10
_SAMPLES = 1000


@dataclass(frozen=True)
class Figures:
    """Figures of one set.

    Attributes:
        mentions: number of mentions.
        linked: first candidate right, over the mentions that have a right record, with its 95 % bootstrap interval.
        overall: right over all mentions; where there is no right record, "no match" is right.
        nil_precision, nil_recall: of the answer "no match".
        error: expected calibration error of the confidence that the first candidate is right, ten bins of equal width.
        bins: (mean confidence, share right, number) of each bin that is not empty.
    """

    mentions: int
    linked: tuple[float, float, float]
    overall: tuple[float, float, float]
    nil_precision: float
    nil_recall: float
    error: float
    bins: tuple[tuple[float, float, int], ...]


def figures(
    right: Sequence[bool], confidence: Sequence[float], nil: Sequence[bool], has_record: Sequence[bool], seed: int = 13
) -> Figures:
    """Return the figures of mentions, given for each whether its first candidate is right, how sure, whether NIL."""
    first, sure = np.array(right, bool), np.array(confidence, float)
    none, some = np.array(nil, bool), np.array(has_record, bool)
    overall = np.where(some, first & ~none, none)
    given = int(none.sum())
    edges = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    bins = tuple(
        (float(sure[edges == n].mean()), float(first[edges == n].mean()), int((edges == n).sum()))
        for n in range(_BINS) if (edges == n).any()
    )  # fmt: skip
    error = sum(abs(mean - share) * count for mean, share, count in bins) / max(1, len(sure))
    return Figures(
        mentions=len(first),
        linked=interval(first[some], seed),
        overall=interval(overall, seed),
        nil_precision=float((none & ~some).sum() / given) if given else 0.0,
        nil_recall=float((none & ~some).sum() / max(1, int((~some).sum()))),
        error=error,
        bins=bins,
    )


def interval(values: NDArray[np.bool_], seed: int) -> tuple[float, float, float]:
    """Return the mean with its 95 % bootstrap interval."""
    if not len(values):
        return 0.0, 0.0, 0.0
    generator = np.random.default_rng(seed)
    means = [values[generator.integers(0, len(values), len(values))].mean() for _ in range(_SAMPLES)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(values.mean()), float(low), float(high)

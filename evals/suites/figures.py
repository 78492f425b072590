"""Figures from the scores of items: values with bootstrap intervals, and paired comparisons of two runs."""

import math
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from evals.suites.task import Score
from stores.records import Record

Kind = Literal["ratio", "calibration"]
_SAMPLES = 2000
_SHUFFLES = 5000
_BINS = 10
_BATCH = 100  # samples held in memory at once
Floats = NDArray[np.float64]


class Figure(Record):
    """A value with its 95 % bootstrap interval over items; nan where nothing can be said."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    value: float
    low: float
    high: float
    n: int


class Difference(Record):
    """How much a second run is above a first on the same items, with interval and p-value of a paired permutation test.

    Of one item, and where a run has nothing to count, p is 1: nothing can be said.
    """

    value: float
    low: float
    high: float
    p: float
    n: int


def value(scores: Sequence[Score], kind: Kind = "ratio") -> float:
    """Return the value of some items alone."""
    return float(of(np.asarray(scores, dtype=np.float64).reshape(-1, 2), kind))


def figure(scores: Sequence[Score], kind: Kind = "ratio", seed: int = 13) -> Figure:
    """Return the figure of some items."""
    pairs = np.asarray(scores, dtype=np.float64).reshape(-1, 2)
    if kind == "ratio":
        pairs = pairs[pairs[:, 1] > 0]  # the others count for nothing
    low, high = _interval((pairs,), lambda one: of(one, kind), seed)
    return Figure(value=value(scores, kind), low=low, high=high, n=len(pairs))


def difference(first: Sequence[Score], second: Sequence[Score], kind: Kind = "ratio", seed: int = 13) -> Difference:
    """Return how a second run compares with a first; the items stand in the same order in both."""
    from scipy.stats import permutation_test

    a, b = (np.asarray(scores, dtype=np.float64).reshape(-1, 2) for scores in (first, second))
    change = float(of(b, kind) - of(a, kind))
    low, high = _interval((a, b), lambda x, y: of(y, kind) - of(x, kind), seed)
    p = 1.0
    if len(a) > 1 and not math.isnan(change) and not np.array_equal(a, b):
        both, places = np.concatenate([a, b]), np.arange(len(a))

        def swapped(x: Any, y: Any, axis: int) -> Any:
            found = of(_at(both, y, axis), kind) - of(_at(both, x, axis), kind)
            return np.nan_to_num(found, nan=change)  # a run with nothing to count is no sign of a difference

        # Items swap runs, which changes nothing if the runs are alike.
        p = float(
            permutation_test(
                (places, places + len(a)),
                swapped,
                permutation_type="samples",
                vectorized=True,
                n_resamples=_SHUFFLES,
                batch=_BATCH,
                rng=np.random.default_rng(seed),
            ).pvalue
        )
    return Difference(value=change, low=low, high=high, p=p, n=len(a))


def of(pairs: Floats, kind: Kind) -> Any:
    """Return the values of samples of pairs, shape (..., n, 2): their ratios, or expected calibration errors in ten bins."""
    if kind == "ratio":
        sums = pairs.sum(axis=-2)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(sums[..., 1] > 0, sums[..., 0] / sums[..., 1], np.nan)
    if not pairs.shape[-2]:
        return np.float64(math.nan)
    sure, right = pairs[..., 0], pairs[..., 1]
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    apart = sum(np.abs(np.where(bins == n, sure - right, 0).sum(axis=-1)) for n in range(_BINS))
    return apart / pairs.shape[-2]


def _at(pairs: Floats, places: NDArray[Any], axis: int) -> Any:
    """Return the pairs at these places, items in the last axis but one."""
    return pairs[np.moveaxis(places, axis, -1).astype(int)]


def _interval(samples: tuple[Floats, ...], statistic: Any, seed: int) -> tuple[float, float]:
    """Return the 95 % percentile interval, items drawn together from all samples."""
    from scipy.stats import bootstrap

    if len(samples[0]) <= 1:
        value = float(statistic(*samples))
        return value, value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # all items alike: the interval is the value
        found = bootstrap(
            (np.arange(len(samples[0])),),
            lambda drawn, axis: statistic(*(_at(sample, drawn, axis) for sample in samples)),
            vectorized=True,
            n_resamples=_SAMPLES,
            batch=_BATCH,
            method="percentile",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    return float(found.low), float(found.high)

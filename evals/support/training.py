"""Fitting the trained verifier: which pairs it decides on, its trees, the scale of its log odds, and its threshold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.support.pairs import FOLDS, HELD_OUT, Pair
from tools.grounding.hard import hard_faults
from tools.grounding.lexicon import known_stems, unknown_words
from tools.grounding.verifiers.features import FEATURES
from tools.grounding.verifiers.trained import calibrated

PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.05, "min_data_in_leaf": 25, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.5, "lambda_l2": 5.0, "verbose": -1, "deterministic": True, "force_col_wise": True,
}  # fmt: skip
ROUNDS = 200
# What people wrote counts more than what a program made.
WEIGHTS: Mapping[str, float] = {"scifact": 3.0, "papers": 1.0, "pubmedqa": 1.0, "scifact corpus": 1.0}
# The more of the first, and the less of the second, the surer: trees that are held to that do not learn the noise of labels.
GROWS = (
    "cosine", "cosine of best clause", "cosine of unknown words", "weight known", "weight known with title", "pairs of words kept",
    "longest run", "mean neighbour", "least neighbour", "order kept", "density",
)  # fmt: skip
FALLS = (
    "unknown words", "share unknown", "unknown weight", "rarest unknown", "greatest loss", "share of loss", "directions unknown",
)  # fmt: skip
FALSE_ACCEPTED = 0.01  # share of the false pairs that the verifier may let pass, over all; of each kind, twice that
_STEPS = 40
_STEP = 1e-4


@dataclass(frozen=True)
class Judged:
    """What the rules say on some pairs: which break none, and which of those have no unknown word, one entry a pair."""

    clean: NDArray[np.bool_]
    known: NDArray[np.bool_]

    @property
    def open(self) -> NDArray[np.bool_]:
        """Return which pairs the verifier decides on."""
        return self.clean & ~self.known

    def of(self, rows: NDArray[np.intp]) -> "Judged":
        """Return the same of some of the pairs."""
        return Judged(self.clean[rows], self.known[rows])


@dataclass(frozen=True)
class Fitted:
    """The trees, the scale of their log odds, the threshold, and the log odds of pairs that trees had not seen."""

    booster: Any
    slope: float
    offset: float
    threshold: float
    unseen: NDArray[np.float64]


def judged(pairs: Sequence[Pair]) -> Judged:
    """Return what the rules say on pairs."""
    clean, known = [], []
    for pair in pairs:
        sentence, evidence, title = pair.claim
        clean.append(not hard_faults(sentence, evidence, [title]))
        known.append(not unknown_words(sentence, known_stems(f"{evidence} {title}")))
    return Judged(np.array(clean, bool), np.array(known, bool))


def fit(pairs: Sequence[Pair], rules: Judged, matrix: NDArray[np.float32], *, seed: int, threads: int) -> Fitted:
    """Train on all folds but the held-out one; scale and threshold are set on folds that their trees had not seen.

    Args:
        pairs: all pairs.
        rules: what the rules say on them.
        matrix: FEATURES of the pairs that the verifier decides on, in their order.
        seed: of the training.
        threads: of the training.
    """
    places: list[int] = np.flatnonzero(rules.open).tolist()
    folds = np.array([pairs[n].fold for n in places])
    true = np.array([pairs[n].true for n in places])
    weights = np.array([WEIGHTS[pairs[n].source] for n in places])
    unseen = np.full(len(places), np.nan)
    for fold in range(1, FOLDS):
        rows = (folds != fold) & (folds != HELD_OUT)
        unseen[folds == fold] = log_odds(
            _train(matrix[rows], true[rows], weights[rows], seed, threads), matrix[folds == fold]
        )
    learned = folds != HELD_OUT
    booster = _train(matrix[learned], true[learned], weights[learned], seed, threads)
    unseen[~learned] = log_odds(booster, matrix[~learned])
    slope, offset = scale(unseen[learned], true[learned], weights[learned])
    sure = np.zeros(len(pairs))
    sure[places] = calibrated(unseen, slope, offset)
    rest = [n for n, pair in enumerate(pairs) if pair.fold != HELD_OUT]
    return Fitted(booster, slope, offset, threshold(pairs, rules, sure, rest), unseen)


def log_odds(booster: Any, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what the trees say of rows of FEATURES."""
    if not len(matrix):
        return np.zeros(0)
    found: NDArray[np.float64] = booster.predict(matrix, raw_score=True, num_threads=1)
    return found


def scale(values: NDArray[np.float64], true: NDArray[np.bool_], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and offset that make log odds fit how often pairs are true (Platt's scaling, by Newton's method)."""
    slope, offset = 1.0, 0.0
    for _ in range(_STEPS):
        sure = calibrated(values, slope, offset)
        error, spread = weights * (true - sure), weights * sure * (1 - sure) + 1e-9
        gradient = np.array([(error * values).sum(), error.sum()])
        hessian = np.array([
            [(spread * values**2).sum(), (spread * values).sum()], [(spread * values).sum(), spread.sum()]
        ])  # fmt: skip
        step = np.linalg.solve(hessian + 1e-6 * np.eye(2), gradient)
        slope, offset = slope + step[0], offset + step[1]
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004
            break
    return float(slope), float(offset)


def threshold(pairs: Sequence[Pair], rules: Judged, sure: NDArray[np.float64], rows: Sequence[int]) -> float:
    """Return the least probability at which the verifier lets few enough false pairs pass, of all and of each kind.

    Kinds with fewer than fifty pairs are too few to hold it to.
    """
    false = np.array([n for n in rows if not pairs[n].true])
    kinds = {kind: np.array([n for n in false if pairs[n].kind == kind]) for kind in {pairs[n].kind for n in false}}
    groups = [(false, FALSE_ACCEPTED)]
    groups += [(some, 2 * FALSE_ACCEPTED) for some in kinds.values() if len(some) >= 50]  # noqa: PLR2004
    least = 0.5
    for some, share in groups:
        open_ = np.sort(sure[some[rules.open[some]]])[::-1]
        allowed = int(share * len(some))
        least = max(least, float(open_[allowed]) + _STEP if len(open_) > allowed else 0.0)
    return round(min(1.0, least), 4)


def _train(
    matrix: NDArray[np.float32], true: NDArray[np.bool_], weights: NDArray[np.float64], seed: int, threads: int
) -> Any:
    import lightgbm

    grows = [1 if name in GROWS else -1 if name in FALLS else 0 for name in FEATURES]
    parameters = {**PARAMETERS, "seed": seed, "num_threads": threads, "monotone_constraints": grows}
    return lightgbm.train(parameters, lightgbm.Dataset(matrix, true.astype(float), weight=weights), ROUNDS)

"""Fitting a ranker and its calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.linker.gold import FOLDS, HELD_OUT, Example
from tools.linking.features import Pool
from tools.linking.ranker import confidence_features, sigmoid
from tools.linking.registry import Registry

PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.06, "min_data_in_leaf": 40, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.4, "lambda_l2": 2.0, "verbose": -1, "deterministic": True, "force_col_wise": True,
}  # fmt: skip
ROUNDS = 300
# Invented mentions teach what labelled ones lack, short forms and typos, but are not what is asked.
INVENTED_WEIGHT = 0.3
# The least share of "no match" that is to be right.
NIL_PRECISION = 0.62


@dataclass(frozen=True)
class Fitted:
    """A ranker as trained, with what `RankerDescription` says of it."""

    booster: Any
    calibration: tuple[float, ...]
    credible: float


@dataclass(frozen=True)
class Outcome:
    """What came out for one mention: the first candidate, whether it is right, the confidence, and the rank of the right one."""

    first: str | None
    right: bool
    confidence: float
    rank: int | None


def fit(
    examples: Sequence[Example], pools: Sequence[Pool], registry: Registry, *, seed: int, threads: int,
    columns: Sequence[int] | None = None, say: Callable[[str], None] = lambda _: None,
) -> Fitted:  # fmt: skip
    """Train on all folds but the held-out one; the calibration sees only mentions that its ranker was not trained on."""
    learned = [n for n, example in enumerate(examples) if example.fold != HELD_OUT]
    unseen: dict[int, list[float]] = {}
    for fold in range(1, FOLDS):
        booster = _train(
            [n for n in learned if examples[n].fold != fold], examples, pools, registry, seed, threads, columns
        )
        for n in (n for n in learned if examples[n].fold == fold and examples[n].source != "invented"):
            unseen[n] = scored(booster, pools[n], columns)
        say(f"calibration, part {fold} of {FOLDS - 1}")
    calibration = _calibrate(unseen, examples, pools, registry)
    booster = _train(learned, examples, pools, registry, seed, threads, columns)
    outcomes = [outcome(examples[n], pools[n], registry, unseen[n], calibration) for n in unseen]
    credible = _threshold(outcomes, [bool(examples[n].ids) for n in unseen])
    return Fitted(booster, calibration, credible)


def fit_once(
    examples: Sequence[Example], pools: Sequence[Pool], registry: Registry, *, seed: int, threads: int,
    columns: Sequence[int] | None = None,
) -> Fitted:  # fmt: skip
    """Train on three fifths and calibrate on the fourth: a fifth of the work of `fit`, to compare rankers."""
    learned = [n for n, example in enumerate(examples) if example.fold not in {HELD_OUT, 1}]
    booster = _train(learned, examples, pools, registry, seed, threads, columns)
    rest = [n for n, example in enumerate(examples) if example.fold == 1 and example.source != "invented"]
    unseen = {n: scored(booster, pools[n], columns) for n in rest}
    calibration = _calibrate(unseen, examples, pools, registry)
    outcomes = [outcome(examples[n], pools[n], registry, unseen[n], calibration) for n in rest]
    return Fitted(booster, calibration, _threshold(outcomes, [bool(examples[n].ids) for n in rest]))


def _train(
    rows: Sequence[int], examples: Sequence[Example], pools: Sequence[Pool], registry: Registry, seed: int, threads: int,
    columns: Sequence[int] | None,
) -> Any:  # fmt: skip
    import lightgbm

    matrix = np.concatenate([pools[n].matrix for n in rows])
    target = np.concatenate([truth(examples[n], pools[n], registry) for n in rows])
    if columns is not None:
        matrix = matrix[:, columns]
    weight = np.concatenate([np.full(len(pools[n].records), _weight(examples[n]), np.float32) for n in rows])
    data = lightgbm.Dataset(matrix, target, weight=weight)
    return lightgbm.train({**PARAMETERS, "seed": seed, "num_threads": threads}, data, ROUNDS)


def _weight(example: Example) -> float:
    return INVENTED_WEIGHT if example.source == "invented" else 1.0


def truth(example: Example, pool: Pool, registry: Registry) -> NDArray[np.float32]:
    """Return for each candidate whether it is right."""
    return np.array([registry.ids[record] in example.ids for record in pool.records], np.float32)


def scored(booster: Any, pool: Pool, columns: Sequence[int] | None = None) -> list[float]:
    """Return the log odds of the candidates."""
    if not pool.records:
        return []
    matrix = pool.matrix if columns is None else pool.matrix[:, columns]
    return [float(value) for value in np.clip(booster.predict(matrix, raw_score=True, num_threads=1), -12, 12)]


def outcome(
    example: Example, pool: Pool, registry: Registry, log_odds: Sequence[float], calibration: Sequence[float]
) -> Outcome:
    """Return what came out for one mention."""
    order = sorted(range(len(log_odds)), key=lambda n: (-log_odds[n], pool.records[n]))
    ids = [registry.ids[pool.records[n]] for n in order]
    values = confidence_features([log_odds[n] for n in order])
    sure = sigmoid(sum(w * x for w, x in zip(calibration, values, strict=True)))
    rank = next((n for n, id_ in enumerate(ids) if id_ in example.ids), None)
    return Outcome(ids[0] if ids else None, rank == 0, sure if ids else 0.0, rank)


def _calibrate(
    unseen: dict[int, list[float]], examples: Sequence[Example], pools: Sequence[Pool], registry: Registry
) -> tuple[float, ...]:
    from sklearn.linear_model import LogisticRegression

    rows, right = [], []
    for n, log_odds in unseen.items():
        if not log_odds:
            continue
        order = sorted(range(len(log_odds)), key=lambda k: (-log_odds[k], pools[n].records[k]))
        rows.append(confidence_features([log_odds[k] for k in order])[:-1])
        right.append(registry.ids[pools[n].records[order[0]]] in examples[n].ids)
    model = LogisticRegression(C=10.0, max_iter=1000).fit(np.array(rows), np.array(right))
    return (*(float(w) for w in model.coef_[0]), float(model.intercept_[0]))


def _threshold(outcomes: Sequence[Outcome], linked: Sequence[bool]) -> float:
    """Return the confidence from which on a link is kept.

    So that most mentions come out right, "no match" included, among the values at which "no match" is said rightly often
    enough; where there is none, among all.
    """
    sure = np.array([one.confidence for one in outcomes])
    right = np.array([one.right for one in outcomes])
    some = np.array(linked)
    steps = np.arange(0.05, 0.8, 0.025)
    values = [float(np.where(some, right & (sure >= step), sure < step).mean()) for step in steps]
    honest = [float((~some)[sure < step].mean()) >= NIL_PRECISION if (sure < step).any() else False for step in steps]
    allowed = [n for n in range(len(steps)) if honest[n]] or list(range(len(steps)))
    return round(float(steps[max(allowed, key=lambda n: values[n])]), 3)

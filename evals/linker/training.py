"""Fitting a ranker, and the confidence in the first of what it ranks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.linker.gold import FOLDS, HELD_OUT, Example
from tools.linking.features import Pool
from tools.linking.ranker import FIRST, confidence_rows, sigmoid
from tools.linking.registry import Registry

PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.06, "min_data_in_leaf": 40, "bagging_fraction": 0.8,
    "bagging_freq": 1, "feature_fraction": 0.4, "lambda_l2": 2.0, "verbose": -1, "deterministic": True, "force_col_wise": True,
}  # fmt: skip
ROUNDS = 300
# Confidence grows with the first one's log odds and lead, and falls with what the others have.
CONFIDENCE: dict[str, Any] = {
    "objective": "binary", "num_leaves": 7, "learning_rate": 0.04, "min_data_in_leaf": 60, "bagging_fraction": 0.7,
    "bagging_freq": 1, "feature_fraction": 0.5, "lambda_l2": 5.0, "verbose": -1, "deterministic": True, "force_col_wise": True,
}  # fmt: skip
CONFIDENCE_ROUNDS = 150
# Mentions made of the registry's own names.
MADE_UP = frozenset(("invented", "left out"))
# Those that teach no confidence: all names left out have a record, and publishers do not write funders in short. Invented
# short mentions of organizations make theirs fit both kinds; those of funders took 0.011 from what is right in the end.
SILENT: dict[str, frozenset[str]] = {"organization": frozenset(("left out",)), "funder": MADE_UP}
# Invented mentions teach what labelled ones lack, short forms and typos, but are not what is asked.
INVENTED_WEIGHT = 0.3
# The least share of "no match" that is to be right.
NIL_PRECISION = 0.62


@dataclass(frozen=True)
class Fitted:
    """A ranker as trained, the confidence in the first of what it ranks, and from which confidence on a link is kept."""

    booster: Any
    confidence: Any
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
    silent: frozenset[str] = MADE_UP, columns: Sequence[int] | None = None, say: Callable[[str], None] = lambda _: None,
) -> Fitted:  # fmt: skip
    """Train on all folds but the held-out one.

    The confidence sees only mentions that its ranker was not trained on, and none from the sources that are `silent`.
    """
    learned = [n for n, example in enumerate(examples) if example.fold != HELD_OUT]
    unseen: dict[int, list[float]] = {}
    for fold in range(1, FOLDS):
        booster = _train(
            [n for n in learned if examples[n].fold != fold], examples, pools, registry, seed, threads, columns
        )
        for n in (n for n in learned if examples[n].fold == fold and examples[n].source not in silent):
            unseen[n] = scored(booster, pools[n], columns)
        say(f"confidence, part {fold} of {FOLDS - 1}")
    parts = {n: examples[n].fold for n in unseen}
    confidence, credible = _confidence(unseen, parts, examples, pools, registry, seed, threads, columns)
    return Fitted(_train(learned, examples, pools, registry, seed, threads, columns), confidence, credible)


def fit_once(
    examples: Sequence[Example], pools: Sequence[Pool], registry: Registry, *, seed: int, threads: int,
    silent: frozenset[str] = MADE_UP, columns: Sequence[int] | None = None,
) -> Fitted:  # fmt: skip
    """Train on three fifths, and the confidence on the fourth: a fifth of the work of `fit`, to compare rankers."""
    learned = [n for n, example in enumerate(examples) if example.fold not in {HELD_OUT, 1}]
    booster = _train(learned, examples, pools, registry, seed, threads, columns)
    rest = [n for n, example in enumerate(examples) if example.fold == 1 and example.source not in silent]
    unseen = {n: scored(booster, pools[n], columns) for n in rest}
    parts = {n: place % (FOLDS - 1) for place, n in enumerate(rest)}
    confidence, credible = _confidence(unseen, parts, examples, pools, registry, seed, threads, columns)
    return Fitted(booster, confidence, credible)


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
    return INVENTED_WEIGHT if example.source in MADE_UP else 1.0


def truth(example: Example, pool: Pool, registry: Registry) -> NDArray[np.float32]:
    """Return for each candidate whether it is right."""
    return np.array([registry.ids[record] in example.ids for record in pool.records], np.float32)


def scored(booster: Any, pool: Pool, columns: Sequence[int] | None = None) -> list[float]:
    """Return the log odds of the candidates."""
    if not pool.records:
        return []
    matrix = pool.matrix if columns is None else pool.matrix[:, columns]
    return [float(value) for value in np.clip(booster.predict(matrix, raw_score=True, num_threads=1), -12, 12)]


def outcomes(
    log_odds: Mapping[int, Sequence[float]], examples: Sequence[Example], pools: Sequence[Pool], registry: Registry,
    confidence: Any, columns: Sequence[int] | None = None,
) -> dict[int, Outcome]:  # fmt: skip
    """Return what came out for mentions, by their place, given the log odds of their candidates."""
    some = [n for n, own in log_odds.items() if own]
    rows = _first_rows(some, log_odds, pools, columns)
    raw = confidence.predict(rows, raw_score=True, num_threads=1) if some else ()
    sure = {n: sigmoid(float(value)) for n, value in zip(some, raw, strict=True)}
    found = {}
    for n, own in log_odds.items():
        ids = [registry.ids[pools[n].records[place]] for place in pools[n].order(own)]
        rank = next((place for place, id_ in enumerate(ids) if id_ in examples[n].ids), None)
        found[n] = Outcome(ids[0] if ids else None, rank == 0, sure.get(n, 0.0), rank)
    return found


def _first_rows(
    chosen: Iterable[int], log_odds: Mapping[int, Sequence[float]], pools: Sequence[Pool], columns: Sequence[int] | None
) -> NDArray[np.float32]:
    ranked = []
    for n in chosen:
        order = pools[n].order(log_odds[n])
        row = pools[n].matrix[order[0]]
        ranked.append(([log_odds[n][place] for place in order], row if columns is None else row[list(columns)]))
    return confidence_rows(ranked)


def _confidence(
    unseen: Mapping[int, Sequence[float]], parts: Mapping[int, int], examples: Sequence[Example], pools: Sequence[Pool],
    registry: Registry, seed: int, threads: int, columns: Sequence[int] | None,
) -> tuple[Any, float]:  # fmt: skip
    """Return the confidence in the first of what a ranker gave for unseen mentions, and from which one on a link is kept.

    That is chosen on labelled mentions that the confidence was not trained on, one of `parts` after the other.
    """
    import lightgbm

    def train(some: Sequence[int]) -> Any:
        chosen = [n for n in some if unseen[n]]
        rows = _first_rows(chosen, unseen, pools, columns)
        right = [registry.ids[pools[n].records[pools[n].order(unseen[n])[0]]] in examples[n].ids for n in chosen]
        grows = [1, 1, -1] + [0] * (rows.shape[1] - len(FIRST))
        parameters = {**CONFIDENCE, "seed": seed, "num_threads": threads, "monotone_constraints": grows}
        data = lightgbm.Dataset(rows, np.array(right, float), weight=[_weight(examples[n]) for n in chosen])
        return lightgbm.train(parameters, data, CONFIDENCE_ROUNDS)

    found: dict[int, Outcome] = {}
    for part in sorted(set(parts.values())):
        own = {n: unseen[n] for n in unseen if parts[n] == part and examples[n].source not in MADE_UP}
        found |= outcomes(own, examples, pools, registry, train([n for n in unseen if parts[n] != part]), columns)
    return train(list(unseen)), _threshold(list(found.values()), [bool(examples[n].ids) for n in found])


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

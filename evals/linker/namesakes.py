"""Training of what tells namesakes apart, and its figures on names that the tested weights never saw."""

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.linker.persons import Case, cases, labelled
from stores.catalogue import Catalogue
from stores.manifest import replace
from tools.linking.namesakes import FEATURES, NamesakeModel, Namesakes, collects

_PARTS = 5
# What else could choose, beside the weights: the person with most papers, and the one with most shared coauthors.
_SIMPLE = {"most papers": "papers", "most shared coauthors": "papers with them"}


def train_namesakes(
    catalogue: Catalogue, gold: Path, output: Path, seed: int, say: Callable[[str], None] = lambda _: None
) -> NamesakeModel:
    """Fit the weights on all cases and write them; the figures are of weights that never saw the tested name."""
    reader = Namesakes(catalogue)
    rows = [(case, reader.compare(case.works, case.context)) for case in cases(catalogue, seed)]
    say(f"{len(rows):,} cases of persons who share a name")
    path = output / "author.json"
    found: dict[str, list[Counter[str]]] = {"labelled": [], "catalogue": []}
    scored: list[tuple[bool, NDArray[np.float64], int]] = []
    tested = labelled(gold, catalogue)
    for name in sorted({case.name for case in tested}):
        _fit([row for row in rows if row[0].name != name], seed, path)
        part = [(case, reader.compare(case.works, case.context)) for case in tested if case.name == name]
        found["labelled"].append(_right(part, Namesakes(catalogue, path)))
    for number in range(_PARTS):
        part = [row for row in rows if row[0].name and zlib.crc32(row[0].name.encode()) % _PARTS == number]
        names = {case.name for case, _ in part}
        if part and len(names) < len({case.name for case, _ in rows}):
            _fit([row for row in rows if row[0].name not in names], seed, path)
            namesakes = Namesakes(catalogue, path)
            found["catalogue"].append(_right(part, namesakes))
            scored += [_scored(case, rows_, namesakes) for case, rows_ in part]
    figures = {group: _figures(sum(counts, Counter())) for group, counts in found.items()}
    heat = (_temperature([one for one in scored if not one[0]]), _temperature([one for one in scored if one[0]]))
    model = _fit(rows, seed, path).model_copy(update={"temperature": heat, "figures": figures})
    replace(path, model.model_dump_json(indent=1).encode() + b"\n")
    return model


def _fit(rows: Sequence[tuple[Case, list[list[float]]]], seed: int, path: Path) -> NamesakeModel:
    """Fit a logistic model on standardized features, and write it with the standardization folded in."""
    from sklearn.linear_model import LogisticRegression

    matrix = np.array([row for _, found in rows for row in found])
    target = [id_ in case.right for case, _ in rows for id_ in case.ids]
    weight = [case.weight for case, _ in rows for _ in case.ids]
    mean, spread = matrix.mean(axis=0), matrix.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=1.0, max_iter=2000).fit((matrix - mean) / spread, target, sample_weight=weight)
    weights = fitted.coef_[0] / spread
    model = NamesakeModel(
        features=FEATURES,
        weights=tuple(round(float(value), 5) for value in weights),
        constant=round(float(fitted.intercept_[0] - weights @ mean), 5),
        seed=seed,
        training={"cases": len(rows)},
    )
    replace(path, model.model_dump_json(indent=1).encode())
    return model


def _scored(case: Case, rows: Sequence[Sequence[float]], namesakes: Namesakes) -> tuple[bool, NDArray[np.float64], int]:
    """Return whether a record among the candidates collects, their log odds, and the place of the right one."""
    place = next(n for n, id_ in enumerate(case.ids) if id_ in case.right)
    return collects(rows), np.array(namesakes.weigh(rows)), place


def _temperature(scored: Sequence[tuple[bool, NDArray[np.float64], int]]) -> float:
    """Return by what to divide the log odds so that their softmax is most likely to give the right ones."""

    def loss(heat: float) -> float:
        return sum(float(np.logaddexp.reduce(odds / heat) - odds[place] / heat) for _, odds, place in scored)

    return min((round(float(heat), 2) for heat in np.arange(0.5, 6.0, 0.05)), key=loss) if scored else 1.0


def _right(tested: Sequence[tuple[Case, list[list[float]]]], namesakes: Namesakes) -> Counter[str]:
    """Return how often the first is right, beside what simple methods choose; and where a single person is meant."""
    right: Counter[str] = Counter()
    for case, rows in tested:
        scores = namesakes.weigh(rows)
        values = {"right": scores} | {
            name: [row[FEATURES.index(feature)] for row in rows] for name, feature in _SIMPLE.items()
        }
        right.update(name for name, found in values.items() if case.ids[int(np.argmax(found))] in case.right)
        right["mentions"] += 1
        if not case.collected:
            right["of single persons"] += 1
            single = [-np.inf if work.several else s for work, s in zip(case.works, scores, strict=True)]
            right["right among single persons"] += case.ids[int(np.argmax(single))] in case.right
    return right


def _figures(counts: Counter[str]) -> dict[str, float]:
    mentions, single = counts["mentions"], counts["of single persons"]
    shares = {name: counts[name] / max(1, mentions) for name in ("right", *_SIMPLE)}
    among = {"right among single persons": counts["right among single persons"] / max(1, single)}
    return {"mentions": mentions, **shares, "of single persons": single, **among}

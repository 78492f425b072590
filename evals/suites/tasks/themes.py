"""Whether themes are ranked rightly for a text, and whether 50 parts what is relevant from what is not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from evals.measures import ndcg
from evals.suites.bench import Bench
from evals.suites.task import Measure, Scores, Solved, Task, Ways, share, yes
from evals.themes.data import GradedText, read_graded
from evals.themes.main import by_chance, by_cosine
from tools.themes.base import ThemeScore

_BORDER = 50.0
_K = 5
Ranked = Sequence[ThemeScore]


def _rows(bench: Bench) -> list[GradedText]:
    return [graded for path in bench.files("questions/themes*.jsonl") for graded in read_graded(path)]


@contextmanager
def _solver(bench: Bench, rows: Sequence[GradedText]) -> Iterator[Ways[GradedText, Ranked]]:
    parts = bench.parts
    parts.themes.rank(rows[0].text, rows[0].themes)  # the first text loads the models
    places = {row.id: n for n, row in enumerate(rows)}
    yield Ways(
        lambda row: Solved(parts.themes.rank(row.text, row.themes)),
        {
            "cosine": lambda row: _unscored(by_cosine(row, parts.embedder)),
            "chance": lambda row: _unscored(by_chance(row, [bench.seed, places[row.id]])),
        },
    )


def _unscored(labels: Sequence[str]) -> Ranked:
    """Return themes in order with scores that say nothing."""
    return [ThemeScore(label=label, score=_BORDER) for label in labels]


def _score(row: GradedText, ranked: Ranked) -> Scores:
    relevant = {label for label, grade in row.relevant.items() if grade > 0}
    order = [one.label for one in ranked]
    scores: Scores = {
        "nDCG@5": (ndcg(order, row.relevant, _K), 1.0),
        "first relevant": yes(not relevant.isdisjoint(order[:1])),
    }
    if len({one.score for one in ranked}) != 1:  # simple methods score all themes the same, a failure none
        labels = [theme.label for theme in row.themes]
        above = {one.label for one in ranked if one.score >= _BORDER}
        below = {one.label for one in ranked if one.score < _BORDER}
        aside = {one.label for one in ranked if one.negated} & below
        scores["relevant at 50"] = share([label in above for label in labels if label in relevant])
        scores["others below 50"] = share([label in below for label in labels if label not in relevant])
        scores["set aside below 50"] = share([label in aside for label in labels if label in row.negated])
    return {name: score for name, score in scores.items() if score[1]}


def _shown(row: GradedText, ranked: Ranked) -> dict[str, Any]:
    return {
        "text": row.text,
        "wanted": {label: grade for label, grade in row.relevant.items() if grade > 0},
        "given": {one.label: round(one.score) for one in ranked[: 2 * _K]},
    }


TASK = Task(
    name="themes",
    about="Themes ranked for a text.",
    measures={
        "nDCG@5": Measure(about="order of the first five, grades 0 to 3"),
        "first relevant": Measure(about="the first theme is relevant"),
        "relevant at 50": Measure(about="relevant themes that score 50 or more"),
        "others below 50": Measure(about="other themes that score less"),
        "set aside below 50": Measure(about="themes that the text sets aside: marked, and below 50"),
    },
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda _: [],
)

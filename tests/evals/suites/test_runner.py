"""A failure counts as one in every suite, and what cannot be told apart is not run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from evals.suites.bench import Bench
from evals.suites.runner import read_items, run
from evals.suites.task import Measure, Solved, Task, Ways, measure_of, yes
from evals.suites.tasks import NAMES, task
from stores.errors import InputError, StoreError

SMALL = Path(__file__).resolve().parents[3] / "evals" / "small"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def bench(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(settings_.load(demo_home), SMALL, tmp_path_factory.mktemp("bench"))
    yield made
    made.close()


@contextmanager
def solver(_: Bench, __: Sequence[Row]) -> Iterator[Ways[Row, bool]]:
    def solve(row: Row) -> Solved[bool]:
        if row.get("breaks"):
            raise StoreError("the disk is gone")
        return Solved(True)

    yield Ways(solve, {"never": lambda _: False})


def made(rows: list[Row]) -> Task[Row, bool]:
    return Task(
        name="made",
        about="",
        measures={"right": Measure(about=""), "wrong": Measure(about="", better="lower")},
        dataset=lambda _: rows,
        solver=solver,
        scorer=lambda row, right: {f"right ({row['group']})": yes(right), "wrong": yes(not right)},
        shown=lambda row, _: {"question": row["id"]},
        failed=lambda _: False,
    )


def test_a_failed_item_counts_in_its_group_and_is_shown(bench: Bench, tmp_path: Path) -> None:
    rows = [{"id": 1, "group": "a"}, {"id": 2, "group": "a", "breaks": True}, {"id": 3, "group": "b"}]
    found = run(made(rows), bench, tmp_path / "made.jsonl")
    assert found.failed == 1
    assert {one.name: (one.figure.value, one.figure.n) for one in found.figures} == {
        "right (a)": (0.5, 2),
        "right (b)": (1, 1),
        "wrong": (pytest.approx(1 / 3), 3),
    }
    failed = read_items(tmp_path / "made.jsonl")[1]
    assert (failed.error, failed.shown) == ("the disk is gone", {"question": 2})
    assert failed.baselines["never"] == failed.scores


def test_items_of_one_id_are_said(bench: Bench, tmp_path: Path) -> None:
    rows = [{"id": id_, "group": "a"} for id_ in ("x", "y", "x")]
    with pytest.raises(InputError, match="holds 2 items 'x' for made"):
        run(made(rows), bench, tmp_path / "made.jsonl")


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_is_never_right(bench: Bench, name: str) -> None:
    suite = task(name)
    for row in suite.dataset(bench):
        output = suite.failed(row)
        scores = suite.scorer(row, output)
        assert scores
        for figure, (value, _) in scores.items():
            if suite.measures[measure_of(figure)].better == "higher":
                assert value == 0, (figure, row)
        assert suite.shown(row, output)

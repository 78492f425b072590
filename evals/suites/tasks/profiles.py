"""Whether the facts of profiles equal those that were recounted from the papers, every one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from evals.profiles import FieldResult, compare
from evals.rows import ProfileRow
from evals.suites.bench import Bench
from evals.suites.task import Measure, Scores, Solved, Task, Ways, share

Row = dict[str, Any]


def _rows(bench: Bench) -> list[Row]:
    rows = bench.rows(ProfileRow, "questions/profiles*.jsonl")
    return [
        {"id": f"{row['author_id']} {row['window']['year_from']}–{row['window']['year_to']}", **row} for row in rows
    ]


@contextmanager
def _solver(bench: Bench, _: Sequence[Row]) -> Iterator[Ways[Row, list[FieldResult]]]:
    catalogue = bench.parts.catalogue

    def nothing(row: Row) -> list[FieldResult]:
        return [
            FieldResult(author_id=row["author_id"], field=field, equal=not expected)
            for field, expected in row["facts"].items()
        ]

    yield Ways(lambda row: Solved(list(compare(catalogue, [row]))), {"no facts": nothing})


def _score(_: Row, fields: list[FieldResult]) -> Scores:
    return {"facts equal": share([field.equal for field in fields])}


def _shown(row: Row, fields: list[FieldResult]) -> dict[str, Any]:
    wrong = {one.field: {"wanted": one.expected, "given": one.found} for one in fields if not one.equal}
    return {"author": row["author_id"], "wrong": wrong}


TASK = Task(
    name="profiles",
    about="Facts of author profiles against a recount.",
    measures={"facts equal": Measure(about="fields that equal the recount")},
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda row: [FieldResult(author_id=row["author_id"], field=field, equal=False) for field in row["facts"]],
)

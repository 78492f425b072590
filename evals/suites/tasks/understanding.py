"""Whether questions are understood: intent, entities with their offsets, filters, and the records that are linked."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from evals.questions import Item, counted, judged
from evals.rows import UnderstoodRow
from evals.suites.bench import Bench
from evals.suites.spending import Spending
from evals.suites.task import Measure, Scores, Solved, Task, Ways, share, yes
from tools.linking.resolve import ResolvedMention, resolve
from tools.ner.base import Message, Understanding

Row = dict[str, Any]


class Understood(NamedTuple):
    """A question understood (None: that failed), its own mentions linked, and the milliseconds of understanding alone."""

    understanding: Understanding | None
    mentions: Sequence[ResolvedMention]
    milliseconds: float | None


def _rows(bench: Bench) -> list[Row]:
    return bench.rows(UnderstoodRow, "questions/questions*.jsonl")


@contextmanager
def _solver(bench: Bench, rows: Sequence[Row]) -> Iterator[Ways[Row, Understood]]:
    parts = bench.parts
    # The first question loads the models and the records.
    resolve(parts.understander.understand(rows[0]["question"]), parts.linker, parts.catalogue)
    spending = Spending(parts)

    def solve(row: Row) -> Solved[Understood]:
        history = [Message(role=turn["role"], content=turn["content"]) for turn in row.get("history") or ()]
        started = time.perf_counter()
        understanding = parts.understander.understand(row["question"], history)
        spent = 1000 * (time.perf_counter() - started)
        found = resolve(understanding, parts.linker, parts.catalogue)
        seconds = time.perf_counter() - started
        understood = Understood(understanding, [one for one in found.mentions if not one.from_history], spent)
        used, cost = spending.since()  # no reply tells what understanding asked the chat model
        return Solved(understood, used, seconds, cost)

    yield Ways(solve, {"always find papers": lambda row: _cheat(row, "find_papers")})


def _cheat(row: Row, intent: Any) -> Understood:
    return Understood(Understanding(question=row["question"], intent=intent), (), None)


def _score(row: Row, found: Understood) -> Scores:
    item, known = _judged(row, found), found.understanding is not None
    scores = {
        "intent": yes(known and item.intent),
        "filters": yes(known and item.filters),
        "entities": counted(item.counts),
    }
    for type_ in sorted({type_ for type_, _ in item.counts}):
        scores[f"entities ({type_})"] = counted(item.counts, type_)
    if item.links:
        scores["links"] = share([right for _, right in item.links])
    if found.milliseconds is not None:
        scores["milliseconds"] = (found.milliseconds, 1.0)
    return scores


def _shown(row: Row, found: Understood) -> dict[str, Any]:
    return {"question": row["question"], "wrong": _judged(row, found).wrong}


def _judged(row: Row, found: Understood) -> Item:
    none: dict[str, Any] = {"question": row["question"], "intent": None}
    return judged(row, found.understanding or Understanding.model_construct(**none), found.mentions, 0.0)


TASK = Task(
    name="understanding",
    about="Questions understood: intent, entities by offsets (topics by overlap), filters, and records linked.",
    measures={
        "intent": Measure(about="intent right"),
        "entities": Measure(about="entities, micro-averaged F1"),
        "filters": Measure(about="all filters right"),
        "links": Measure(about="first record right, of mentions that were found"),
        "milliseconds": Measure(about="time to understand, warm", better="lower"),
    },
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda _: Understood(None, (), None),
)

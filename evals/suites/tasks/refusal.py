"""Whether a question is refused where the papers that answer it are not there, and answered where they are.

The papers that answer the questions are dealt into two halves, each kept out of a library of its own that holds all the
rest, and every question is asked in both: the library without its papers should refuse it. PubMedQA brings its papers,
with numbers for titles, because there a paper has its question for a title; other questions are asked of the home
folder's papers, where these are few enough to be ingested twice.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import orjson

from agent import settings as settings_
from agent.session import Session
from agent.wiring import Parts, session_over
from evals.refusals import paper_id, papers_of
from evals.rows import AnsweredRow, PubMedRow, read_rows
from evals.suites.bench import Bench
from evals.suites.spending import Spending
from evals.suites.task import Measure, Scores, Solved, Task, Ways, yes
from evals.suites.tasks.answers import wanted

_PUBMEDQA = "pubmedqa"
_MOST_PAPERS = 5000  # of a home folder that is ingested twice
_ANSWERS = "questions/answers*.jsonl"


class Row(NamedTuple):
    """A question asked in one of two libraries: which, and whether the papers that answer it are there."""

    id: str
    group: str
    half: int
    question: str
    present: bool


class Asked(NamedTuple):
    """What became of it."""

    outcome: str
    text: str


class _Dealt(NamedTuple):
    """Questions with the papers that answer them, and all papers as JSON objects."""

    group: str
    questions: list[tuple[str, str, frozenset[str]]]
    papers: list[dict[str, Any]]

    def left_out(self, half: int) -> set[str]:
        """Return the papers that a half does without: those of every other question."""
        return {id_ for n, (_, _, papers) in enumerate(self.questions) if n % 2 != half for id_ in papers}


def _dealt(bench: Bench) -> Iterator[_Dealt]:
    answers = [row for path in bench.found(_ANSWERS) for row in read_rows(path, AnsweredRow) if row["answerable"]]
    if answers and bench.parts.catalogue.papers.count() <= _MOST_PAPERS:
        papers = [
            paper.model_dump(mode="json", exclude_defaults=True) for paper, _ in bench.parts.catalogue.papers.all()
        ]
        held = {paper["id"] for paper in papers}
        questions = [(str(row["id"]), row["question"], frozenset(wanted(row))) for row in answers]
        # A question whose papers are not here, or not known, cannot be asked with them.
        if questions := [one for one in questions if one[2] and one[2] <= held]:
            yield _Dealt("questions", questions, papers)
    if rows := [row for path in bench.found("qa/pubmedqa*") for row in read_rows(path, PubMedRow)]:
        of_rows = [orjson.loads(line) for line in papers_of(rows).splitlines()]
        yield _Dealt(
            _PUBMEDQA, [(str(row["id"]), row["question"], frozenset([paper_id(row)])) for row in rows], of_rows
        )


def _rows(bench: Bench) -> list[Row]:
    rows = []
    for dealt in _dealt(bench):
        for half in (0, 1):
            gone = dealt.left_out(half)
            for id_, question, papers in dealt.questions:
                present = not papers & gone
                if present or papers <= gone:  # a question that keeps one of its papers is neither
                    name = f"{dealt.group}:{id_}:{'present' if present else 'absent'}"
                    rows.append(Row(name, dealt.group, half, question, present))
    if not rows:
        bench.files("qa/pubmedqa*")
    return rows


@contextmanager
def _solver(bench: Bench, _: Sequence[Row]) -> Iterator[Ways[Row, Asked]]:
    with ExitStack() as closing:
        sessions: dict[tuple[str, int], tuple[Session, Spending]] = {}
        for dealt in _dealt(bench):
            for half in (0, 1):
                parts = Parts(_library(bench, dealt, half))
                closing.callback(parts.close)
                session = session_over(parts)
                session.ask(dealt.questions[0][1])  # the first question loads the models
                sessions[dealt.group, half] = session, Spending(parts)

        def solve(row: Row) -> Solved[Asked]:
            session, spending = sessions[row.group, row.half]
            started = time.perf_counter()
            reply = session.ask(row.question)
            spent = time.perf_counter() - started
            asked = Asked(reply.outcome, reply.answer or reply.reason or "")
            return Solved(asked, reply.usage, spent, spending.cost_of(reply.usage))

        yield Ways(
            solve,
            {
                "always refuses": lambda _: Asked("refused", ""),
                "never refuses": lambda _: Asked("answered", ""),
            },
        )


def _library(bench: Bench, dealt: _Dealt, half: int) -> Any:
    """Return the settings of a home folder that holds what a half holds."""
    bench.work.mkdir(parents=True, exist_ok=True)
    name = f"{dealt.group}-{half}"
    gone = dealt.left_out(half)
    written = bench.work / f"{name}.jsonl"
    written.write_bytes(b"".join(orjson.dumps(paper) + b"\n" for paper in dealt.papers if paper["id"] not in gone))
    home = bench.home_of(name, [written])
    return settings_.load(home)


def _score(row: Row, found: Asked) -> Scores:
    name = "false refusals" if row.present else "refusal recall"
    return {f"{name} ({row.group})": yes(found.outcome == "refused"), "failed": yes(found.outcome == "failed")}


def _shown(row: Row, found: Asked) -> dict[str, Any]:
    wanted_ = "an answer" if row.present else "a refusal"
    return {"question": row.question, "wanted": wanted_, "outcome": found.outcome, "given": found.text}


TASK = Task(
    name="refusal",
    about="Questions asked with the papers that answer them, and without: refused where they should be, and only there.",
    measures={
        "refusal recall": Measure(about="refused, their papers absent"),
        "false refusals": Measure(about="refused, their papers present", better="lower"),
        "failed": Measure(about="ended in a failure", better="lower"),
    },
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda _: Asked("failed", ""),
)

"""Whether answers hold every required element and cite the right papers, and whether refusals are right.

Mode "oracle" hands retrieval the right papers alone, which parts what retrieval loses from what answering loses.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from agent.wiring import session_over
from evals.answers import first_sentence, holds_all, timed_reply, unfaithful
from evals.rows import AnsweredRow
from evals.suites.bench import Bench
from evals.suites.given import LimitedParts
from evals.suites.spending import Spending
from evals.suites.task import Measure, Scores, Solved, Task, Ways, share, yes

Row = dict[str, Any]
_FIRST = 10
_CHARACTERS = 1000


class Answered(NamedTuple):
    """What was answered.

    Attributes:
        outcome: of the question.
        text: its sentences and their quotations.
        papers: that it rests on or lists, best first.
        cited: papers of its quotations, one each.
        unfaithful: quotations that are not what stands at their place.
        first_words: seconds to the first sentence.
        reason: why there is no answer.
    """

    outcome: str
    text: str
    papers: Sequence[str] = ()
    cited: Sequence[str] = ()
    unfaithful: int = 0
    first_words: float | None = None
    reason: str = ""


def _rows(bench: Bench) -> list[Row]:
    rows = bench.rows(AnsweredRow, "questions/answers*.jsonl")
    return [row for row in rows if row["answerable"] and wanted(row)] if bench.mode == "oracle" else rows


def wanted(row: Row) -> set[str]:
    """Return the papers that answer a question."""
    return {*row.get("paper_ids", ()), *row.get("alt_paper_ids", ())}


@contextmanager
def _solver(bench: Bench, rows: Sequence[Row]) -> Iterator[Ways[Row, Answered]]:
    parts = LimitedParts(bench.settings)
    session = session_over(parts)
    session.ask(rows[0]["question"])  # the first question loads the models
    spending = Spending(parts)
    found: dict[str, list[str]] = {}  # papers of each reply; none of a question that failed

    def solve(row: Row) -> Solved[Answered]:
        parts.retriever.papers = wanted(row) if bench.mode == "oracle" else None
        reply, first_words, seconds = timed_reply(session, row["question"])
        found[row["id"]] = papers = [paper.paper_id for paper in reply.papers]
        quotes = [citation for sentence in reply.sentences for citation in sentence.citations]
        said = [*(sentence.text for sentence in reply.sentences), *(one.quote for one in quotes)]
        answered = Answered(
            outcome=reply.outcome,
            text=" ".join(said),
            papers=papers,
            cited=[one.paper_id for one in quotes],
            unfaithful=unfaithful(parts.catalogue, reply),
            first_words=first_words,
            reason=reply.reason or "",
        )
        return Solved(answered, reply.usage, seconds, spending.cost_of(reply.usage))

    def first(row: Row) -> Answered:
        papers = found.get(row["id"], [])
        return Answered("answered", first_sentence(parts.catalogue, papers), papers[:1], papers[:1])

    def everything(row: Row) -> Answered:
        papers = parts.catalogue.papers.get(found.get(row["id"], []))
        ids = [paper.id for paper in papers]
        return Answered("answered", " ".join(paper.body for paper in papers), ids, ids)

    try:
        yield Ways(
            solve,
            {
                "first sentence": first,
                "papers whole": everything,
                "question again": lambda row: Answered("answered", row["question"]),
                "always refuses": lambda _: Answered("refused", ""),
            },
        )
    finally:
        parts.close()


def _score(row: Row, found: Answered) -> Scores:
    refused = found.outcome == "refused"
    scores: Scores = {"failed": yes(found.outcome == "failed"), "unfaithful quotations": (float(found.unfaithful), 1.0)}
    if found.first_words is not None:
        scores["first words"] = (found.first_words, 1.0)
    if not row["answerable"]:
        return {**scores, "refusal recall": yes(refused)}
    papers, answered = wanted(row), found.outcome == "answered"
    scores["false refusals"] = yes(refused)
    if required := row.get("must_include"):
        scores["complete"] = yes(answered and holds_all(required, found.text))
    if papers:
        scores["right paper in ten"] = yes(bool(papers & set(found.papers[:_FIRST])))
    if answered and papers:
        scores["citations of a right paper"] = share([id_ in papers for id_ in found.cited] or [False])
    if answered:
        scores["length"] = (len(found.text) / _CHARACTERS, 1.0)
    return scores


def _shown(row: Row, found: Answered) -> dict[str, Any]:
    return {
        "question": row["question"],
        "wanted": row.get("must_include") if row["answerable"] else "a refusal",
        "outcome": found.outcome,
        "given": found.text or found.reason,
        "papers": list(found.papers[:_FIRST]),
        "right papers": sorted(wanted(row)),
    }


TASK = Task(
    name="answers",
    about="Questions answered from papers: complete, rightly cited, and refused where nothing here answers.",
    measures={
        "complete": Measure(about="answers that hold every required element"),
        "right paper in ten": Measure(about="a right paper among the first ten"),
        "citations of a right paper": Measure(about="quotations from a right paper"),
        "refusal recall": Measure(about="refused, of what cannot be answered here"),
        "false refusals": Measure(about="refused, of what can be answered", better="lower"),
        "unfaithful quotations": Measure(about="quotations an answer that are not their source's", better="lower"),
        "failed": Measure(about="ended in a failure", better="lower"),
        "length": Measure(about="thousands of characters, quotations included", better="lower"),
        "first words": Measure(about="seconds to the first sentence", better="lower"),
    },
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda _: Answered("failed", ""),
    modes=("full", "oracle"),
)

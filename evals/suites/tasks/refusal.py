"""Whether a question is refused once the papers that answer it are kept from it, and answered while they are there.

Each question is asked twice over the same library, with its papers and without. PubMedQA brings its own library: the
abstracts of all its questions, with numbers for titles, because there a paper has its question for a title.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from agent import settings as settings_
from agent.wiring import session_over
from evals.refusals import paper_id, papers_of
from evals.suites.bench import Bench, read_rows
from evals.suites.given import LimitedParts
from evals.suites.task import Measure, Scores, Solved, Task, Ways, yes
from evals.suites.tasks.answers import NEEDS, wanted

_PUBMEDQA = "pubmedqa"
_PUBMEDQA_NEEDS = ("id", "question", "contexts")


class Row(NamedTuple):
    """A question, the papers that answer it, and whether they are there."""

    id: str
    library: str
    question: str
    papers: frozenset[str]
    present: bool


class Asked(NamedTuple):
    """What became of it."""

    outcome: str
    text: str


def _rows(bench: Bench) -> list[Row]:
    rows = []
    for path in bench.found("questions/answers*.jsonl"):
        for row in read_rows(path, NEEDS):
            if row["answerable"]:
                rows += _both(f"{path.stem}:{row['id']}", "", row["question"], wanted(row))
    for path in bench.found("qa/pubmedqa*"):
        for row in read_rows(path, _PUBMEDQA_NEEDS):
            rows += _both(f"{_PUBMEDQA}:{row['id']}", str(path), row["question"], {paper_id(row)})
    if not rows:
        bench.files("questions/answers*.jsonl", "qa/pubmedqa*")
    return rows


def _both(id_: str, library: str, question: str, papers: set[str]) -> list[Row]:
    return [
        Row(f"{id_}:{'present' if present else 'absent'}", library, question, frozenset(papers), present)
        for present in (True, False)
    ]


@contextmanager
def _solver(bench: Bench, rows: Sequence[Row]) -> Iterator[Ways[Row, Asked]]:
    with ExitStack() as closing:
        opened = {}
        for library in dict.fromkeys(row.library for row in rows):
            settings = bench.settings
            if library:
                home = bench.home_of(_PUBMEDQA, [_papers(bench, Path(library))])
                settings = settings_.load(home, chat=bench.settings.chat.model_dump())
            parts = LimitedParts(settings)
            closing.callback(parts.close)
            opened[library] = (parts, session_over(parts), parts.every())
            opened[library][1].ask(rows[0].question)  # the first question loads the models

        def solve(row: Row) -> Solved[Asked]:
            parts, session, every = opened[row.library]
            parts.retriever.papers = None if row.present else every - row.papers
            reply = session.ask(row.question)
            return Solved(Asked(reply.outcome, reply.answer or reply.reason or ""), reply.usage)

        yield Ways(
            solve,
            {
                "always refuses": lambda _: Asked("refused", ""),
                "never refuses": lambda _: Asked("answered", ""),
            },
        )


def _papers(bench: Bench, path: Path) -> Path:
    bench.work.mkdir(parents=True, exist_ok=True)
    written = bench.work / f"{_PUBMEDQA}.jsonl"
    written.write_bytes(papers_of(read_rows(path)))
    return written


def _score(row: Row, found: Asked) -> Scores:
    group = _PUBMEDQA if row.library else "questions"
    name = "false refusals" if row.present else "refusal recall"
    return {f"{name} ({group})": yes(found.outcome == "refused"), "failed": yes(found.outcome == "failed")}


def _shown(row: Row, found: Asked) -> dict[str, Any]:
    return {
        "question": row.question,
        "wanted": "an answer" if row.present else "a refusal",
        "outcome": found.outcome,
        "given": found.text,
    }


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
)

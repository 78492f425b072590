"""How often a question is refused whose paper is not there, and how often one whose paper is there.

The PubMedQA questions are dealt into two halves, each with a home folder of its own that holds the abstracts of that half. A
question is asked in both: with its abstract present it should be answered, without it refused. Titles are numbers,
because a paper of PubMedQA has its question for a title. Other papers can stand beside in both homes.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from agent import settings as settings_
from agent.loading import ingest_files
from agent.wiring import open_session
from evals.measures import line
from evals.rows import PubMedRow, read_rows
from graphs.question.state import Reply
from stores.records import Record


class Asked(Record):
    """One question in one home: whether its abstract was there, and what became of it."""

    id: str
    question: str
    present: bool
    outcome: str
    intent: str | None
    reason: str
    own_paper_cited: bool
    text: str


def deal(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return two halves of the questions, every other one in each."""
    return list(rows[::2]), list(rows[1::2])


def paper_id(row: dict[str, Any]) -> str:
    """Return the id of a question's abstract as a paper."""
    return f"pubmed:{row['id']}"


def papers_of(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return the abstracts of these questions as papers, JSON Lines."""
    return b"".join(
        orjson.dumps(
            {
                "id": paper_id(row),
                "title": f"PubMed {row['id']}",
                "abstract": " ".join(row["contexts"]),
                "year": row.get("year"),
            }
        )
        + b"\n"
        for row in rows
    )


def evaluate(rows: Sequence[dict[str, Any]], folder: Path, others: Sequence[Path], model: str) -> Iterator[Asked]:
    """Yield what becomes of every question in both homes, which are made in `folder` unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, half in zip(("even", "odd"), deal(rows), strict=True):
        home = folder / name
        papers = folder / f"{name}.jsonl"
        papers.write_bytes(papers_of(half))
        ingest_files(home, [papers, *others], None, None)
        settings = settings_.with_chat(settings_.load(home), model=model)
        session, close = open_session(settings)
        here = {row["id"] for row in half}
        for row in rows:
            yield _asked(row, session.ask(row["question"]), present=row["id"] in here)
        close()


def _asked(row: dict[str, Any], reply: Reply, *, present: bool) -> Asked:
    cited = {citation.paper_id for sentence in reply.sentences for citation in sentence.citations}
    return Asked(
        id=str(row["id"]),
        question=row["question"],
        present=present,
        outcome=reply.outcome,
        intent=reply.intent,
        reason=reply.reason or "",
        own_paper_cited=paper_id(row) in cited,
        text=reply.answer,
    )


def report(asked: Sequence[Asked]) -> str:
    """Return recall of refusals, false refusals, and whether the right paper was quoted, with intervals."""
    absent = [float(each.outcome == "refused") for each in asked if not each.present]
    present = [each for each in asked if each.present]
    return "\n".join(
        (
            line("refused, its abstract absent", absent),
            line("refused, its abstract present", [float(each.outcome == "refused") for each in present]),
            line("its own abstract quoted", [float(each.own_paper_cited) for each in present]),
            line("failed", [float(each.outcome == "failed") for each in asked]),
        )
    )


def main() -> None:
    """Ask every question with and without its abstract, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="PubMedQA as JSON Lines, gzip or not, as in the shared data")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="files of papers that stand beside them")
    parser.add_argument("--homes", type=Path, default=None, help="where the two homes are kept; removed by default")
    parser.add_argument("--limit", type=int, default=None, help="only the first questions")
    parser.add_argument("--model", default="none", help="the chat model; refusals do not depend on it")
    parser.add_argument("--output", type=Path, default=None, help="write each outcome there, as JSON Lines")
    options = parser.parse_args()
    rows = read_rows(options.questions, PubMedRow)[: options.limit]
    with tempfile.TemporaryDirectory() as temporary:
        asked = list(evaluate(rows, options.homes or Path(temporary), options.others, options.model))
    if options.output is not None:
        options.output.write_bytes(b"".join(each.model_dump_json().encode() + b"\n" for each in asked))
    print(report(asked))

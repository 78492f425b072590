"""How often answers hold every required element and refusals are right, over questions about the shared papers.

Every question takes the whole way of `quodvide ask`: understood, linked, routed, retrieved, answered and checked. Three
cheaters run beside: one shows the first sentence of the first paper, one repeats the question, one always refuses.
"""

import argparse
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import settings as settings_
from agent.session import Done, Said
from agent.wiring import open_session
from evals.measures import line, quantile
from evals.rows import AnsweredRow, read_rows
from graphs.question.state import Reply
from stores.catalogue import Catalogue
from stores.home import Home
from stores.records import Record
from tools.grounding.sentences import split

if TYPE_CHECKING:
    from agent.session import Session

_SHORT = 3  # characters; shorter elements must stand alone
_FIRST = 10  # papers among which the right one must be


class Outcome(Record):
    """One question: what was answered and how it compares with what was required; times in seconds."""

    id: str
    question: str
    answerable: bool
    outcome: str
    intent: str | None
    reason: str
    text: str
    quotes: tuple[str, ...]
    wordings: tuple[str, ...]
    unfaithful: int
    complete: bool
    gold_rank: int | None
    first_sentence_complete: bool
    question_complete: bool
    seconds: float
    first_words: float
    calls: int
    input_tokens: int

    @property
    def refused(self) -> bool:
        """Return whether it was refused for want of evidence; a failure is no refusal."""
        return self.outcome == "refused"


def evaluate(session: "Session", catalogue: Catalogue, rows: Sequence[dict[str, Any]]) -> Iterator[Outcome]:
    """Yield an outcome for each question."""
    for row in rows:
        reply, first_words, seconds = timed_reply(session, row["question"])
        quotes = tuple(c.quote for sentence in reply.sentences for c in sentence.citations)
        required = row.get("must_include", [])
        complete = row["answerable"] and reply.outcome == "answered" and holds_all(required, _joined(reply, quotes))
        wanted = {*row.get("paper_ids", ()), *row.get("alt_paper_ids", ())}
        first = first_sentence(catalogue, [paper.paper_id for paper in reply.papers])
        ranks = [n for n, paper in enumerate(reply.papers, 1) if paper.paper_id in wanted]
        yield Outcome(
            id=str(row["id"]),
            question=row["question"],
            answerable=row["answerable"],
            outcome=reply.outcome,
            intent=reply.intent,
            reason=reply.reason or "",
            text=reply.answer,
            quotes=quotes,
            wordings=tuple(sentence.wording for sentence in reply.sentences),
            unfaithful=unfaithful(catalogue, reply),
            complete=complete,
            gold_rank=min(ranks, default=None),
            first_sentence_complete=row["answerable"] and holds_all(required, first),
            question_complete=row["answerable"] and holds_all(required, row["question"]),
            seconds=seconds,
            first_words=first_words,
            calls=reply.usage.calls,
            input_tokens=reply.usage.input_tokens,
        )


def timed_reply(session: "Session", question: str) -> tuple[Reply, float, float]:
    """Return the reply, the seconds to its first sentence (to its end without one), and to its end."""
    started = time.perf_counter()
    first: float | None = None
    reply: Reply | None = None
    for event in session.stream(question):
        if isinstance(event, Said) and first is None:
            first = time.perf_counter() - started
        elif isinstance(event, Done):
            reply = event.reply
    seconds = time.perf_counter() - started
    assert reply is not None, "a turn ends with a reply"  # noqa: S101
    return reply, seconds if first is None else first, seconds


def unfaithful(catalogue: Catalogue, reply: Reply) -> int:
    """Return how many quotations are not what stands in their paper at their place; it must be none."""
    wrong = 0
    for citation in (c for sentence in reply.sentences for c in sentence.citations):
        papers = catalogue.papers.get([citation.paper_id])
        wrong += not papers or papers[0].section(citation.section)[citation.start : citation.end] != citation.quote
    return wrong


def _joined(reply: Reply, quotes: Sequence[str]) -> str:
    return " ".join((*(sentence.text for sentence in reply.sentences), *quotes))


def first_sentence(catalogue: Catalogue, papers_found: Sequence[str]) -> str:
    """Return the first sentence of the first paper, whatever was asked: a cheater."""
    papers = catalogue.papers.get(papers_found[:1])
    body = papers[0].body if papers else ""
    return body[slice(*split(body)[0])] if body.strip() else ""


def holds_all(required: Sequence[str | list[str]], text: str) -> bool:
    """Return whether each required element (a list is a choice) occurs, without case, short ones on word borders."""
    return all(any(_holds(text.lower(), one.lower()) for one in _choice(element)) for element in required)


def _choice(element: str | list[str]) -> list[str]:
    return [element] if isinstance(element, str) else element


def _holds(text: str, element: str) -> bool:
    if len(element) > _SHORT:
        return element in text
    border = r"[\d.,]" if element[0].isdigit() else r"\w"
    return re.search(rf"(?<!{border}){re.escape(element)}(?!{border.replace('.,', '')})", text) is not None


def report(outcomes: Sequence[Outcome]) -> str:
    """Return the figures with their intervals, the cheaters' last."""
    yes = [o for o in outcomes if o.answerable]
    no = [o for o in outcomes if not o.answerable]
    figures: list[tuple[str, Sequence[Outcome], Callable[[Outcome], bool]]] = [
        ("a gold paper within the first 10", yes, lambda o: o.gold_rank is not None and o.gold_rank <= _FIRST),
        ("complete answers", yes, lambda o: o.complete),
        ("refusal recall", no, lambda o: o.refused),
        ("false refusals", yes, lambda o: o.refused),
        ("failed", outcomes, lambda o: o.outcome == "failed"),
        ("with a sentence worded by the model", yes, lambda o: "model" in o.wordings),
        ("with a quotation that is not its source's", outcomes, lambda o: o.unfaithful > 0),
        ("cheater: complete by first sentence", yes, lambda o: o.first_sentence_complete),
        ("cheater: complete by the question", yes, lambda o: o.question_complete),
        ("cheater: complete by always refusing", yes, lambda _: False),
    ]
    lines = [line(name, [float(test(o)) for o in group]) for name, group, test in figures if group]
    if outcomes:
        answered = [len(o.text) for o in outcomes if o.outcome == "answered"] or [0]
        lines.append(
            f"p50: {quantile([o.seconds for o in outcomes], 0.5):.3f} s a question, first words"
            f" {quantile([o.first_words for o in outcomes], 0.5):.3f} s, {quantile([o.calls for o in outcomes], 0.5):.0f} model calls,"
            f" {quantile([o.input_tokens for o in outcomes], 0.5):.0f} prompt tokens, {quantile(answered, 0.5):.0f} characters an answer"
        )
    return "\n".join(lines)


def main() -> None:
    """Answer questions over a home folder into which their papers were ingested, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="questions as JSON Lines, as in the shared answers.jsonl")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--output", type=Path, default=None, help="write each outcome there, as JSON Lines")
    parser.add_argument("--extractive", action="store_true", help="without the chat model")
    options = parser.parse_args()
    settings = settings_.load(options.home)
    if options.extractive:
        settings = settings_.with_chat(settings, model="none")
    session, close = open_session(settings)
    catalogue = Catalogue(Home(settings.home).catalogue)
    outcomes = list(evaluate(session, catalogue, read_rows(options.questions, AnsweredRow)))
    if options.output is not None:
        options.output.write_bytes(b"".join(outcome.model_dump_json().encode() + b"\n" for outcome in outcomes))
    catalogue.close()
    close()
    print(report(outcomes))

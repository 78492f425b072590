"""How often answers hold every required element and refusals are right, over questions about the shared papers.

Two cheaters run beside: one always shows the first sentence of the first paper, one always refuses.
"""

import argparse
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from agent import settings as settings_
from agent.wiring import Parts, chat_model
from evals.measures import line
from stores.catalogue import Catalogue
from stores.records import Record
from tools.grounding.answer import answer
from tools.grounding.answerable import decide
from tools.grounding.select import select
from tools.grounding.sentences import split
from tools.retrieval.base import Hit
from tools.retrieval.hybrid import HybridRetriever, best_per_document

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.embedding.base import Embedder

_PASSAGES = 30
_SHORT = 3  # characters; shorter elements must stand alone


class Outcome(Record):
    """One question: what was answered and how it compares with what was required."""

    id: str
    answerable: bool
    refused: bool
    reason: str
    text: str
    wordings: tuple[str, ...]
    complete: bool
    complete_if_never_refused: bool
    gold_rank: int | None
    first_sentence_complete: bool
    seconds: float


def evaluate(
    catalogue: Catalogue,
    retriever: HybridRetriever,
    embedder: "Embedder",
    rows: Sequence[dict[str, Any]],
    chat: "BaseChatModel | None" = None,
) -> Iterator[Outcome]:
    """Yield an outcome for each question."""
    for row in rows:
        started = time.perf_counter()
        hits = retriever.retrieve(row["question"], k=_PASSAGES)
        evidence = select(row["question"], hits, catalogue, embedder)
        decision = decide(row["question"], evidence, hits, catalogue)
        sentences = list(answer(row["question"], evidence, chat, embedder=embedder))
        seconds = time.perf_counter() - started
        quotes = " ".join(c.quote for sentence in sentences for c in sentence.citations)
        text = " ".join(sentence.text for sentence in sentences)
        complete = row["answerable"] and holds_all(row["must_include"], f"{text} {quotes}")
        wanted = {*row["paper_ids"], *row.get("alt_paper_ids", ())}
        ranks = [n for n, hit in enumerate(best_per_document(hits), 1) if hit.paper_id in wanted]
        yield Outcome(
            id=row["id"],
            answerable=row["answerable"],
            refused=not decision.answerable,
            reason=decision.reason,
            text=text,
            wordings=tuple(sentence.wording for sentence in sentences),
            complete=complete and decision.answerable,
            complete_if_never_refused=complete,
            gold_rank=min(ranks, default=None),
            first_sentence_complete=row["answerable"] and holds_all(row["must_include"], _cheat(catalogue, hits)),
            seconds=seconds,
        )


def _cheat(catalogue: Catalogue, hits: Sequence[Hit]) -> str:
    """Return the first sentence of the first paper, whatever was asked."""
    if not hits:
        return ""
    body = catalogue.papers.get([hits[0].paper_id])[0].body
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
        ("a gold paper within the first 10", yes, lambda o: o.gold_rank is not None and o.gold_rank <= 10),  # noqa: PLR2004
        ("complete answers", yes, lambda o: o.complete),
        ("complete, were nothing refused", yes, lambda o: o.complete_if_never_refused),
        ("refusal recall", no, lambda o: o.refused),
        ("false refusals", yes, lambda o: o.refused),
        ("with a sentence worded by the model", yes, lambda o: "model" in o.wordings),
        ("cheater: complete by first sentence", yes, lambda o: o.first_sentence_complete),
        ("cheater: complete by always refusing", yes, lambda _: False),
    ]
    lines = [line(name, [float(test(o)) for o in group]) for name, group, test in figures]
    times = sorted(o.seconds for o in outcomes)
    return "\n".join([*lines, f"seconds a question: p50 {times[len(times) // 2]:.3f}" if times else ""])


def main() -> None:
    """Answer questions over a home folder into which their papers were ingested, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="questions as JSON Lines, as in the shared answers.jsonl")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--output", type=Path, default=None, help="write each outcome there, as JSON Lines")
    parser.add_argument("--extractive", action="store_true", help="without the chat model")
    options = parser.parse_args()
    settings = settings_.load(options.home)
    parts = Parts(settings)
    chat = None if options.extractive else chat_model(settings)
    rows = [orjson.loads(text) for text in options.questions.read_bytes().splitlines() if text.strip()]
    outcomes = list(evaluate(parts.catalogue, parts.retriever, parts.embedder, rows, chat))
    if options.output is not None:
        options.output.write_bytes(b"".join(outcome.model_dump_json().encode() + b"\n" for outcome in outcomes))
    parts.close()
    print(report(outcomes))

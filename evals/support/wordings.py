"""What the chat model words from a quotation, and what each check lets pass of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from evals.support.pairs import sentences
from stores.records import Record
from tools.grounding.answer import propose, settle
from tools.grounding.base import Citation, Evidence

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier

_LONGEST = 400  # characters of a quotation
_SHORTEST = 40


class Wording(Record):
    """A question, the sentence of its abstract that is nearest to it, and what the model made of that."""

    id: str
    question: str
    quote: str
    draft: str


def drafts(
    rows: Sequence[dict[str, Any]],
    chat: "BaseChatModel",
    embedder: "Embedder",
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Wording]:
    """Yield what the model words for each question of PubMedQA from the nearest sentence of its abstract."""
    for n, row in enumerate(rows, 1):
        texts = [text for part in row["contexts"] for text in sentences(part) if _SHORTEST < len(text) < _LONGEST]
        if not texts:
            continue
        near = embedder.embed(texts) @ embedder.embed_query(row["question"])
        quote = texts[int(near.argmax())]
        draft, _ = propose(row["question"], evidence(row["id"], quote), chat)
        say(f"{n} of {len(rows)} questions worded")
        yield Wording(id=row["id"], question=row["question"], quote=quote, draft=draft)


def accepted(wordings: Sequence[Wording], embedder: "Embedder", verifier: "Verifier | None") -> list[Wording]:
    """Return the wordings that an answer would show with this verifier, or without one."""
    return [
        one
        for one in wordings
        if one.draft
        and settle(one.question, evidence(one.id, one.quote), one.draft, embedder, verifier).wording == "model"
    ]


def evidence(id_: str, quote: str) -> Evidence:
    """Return a quotation as an answer cites it."""
    citation = Citation(paper_id=id_, passage_id=f"{id_}#0", section="body", start=0, end=len(quote), quote=quote)
    return Evidence(citation=citation, title="", year=None, score=1.0)

"""Have a second model word a finished answer better, and keep it only when every sentence passes the check of a draft.

The answer is already true and complete; what the model may add is how it reads. So all or nothing: one sentence that its
quotation does not support, or one source of the draft that is lost, and the draft stands.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import prompts
from prompts.characters import printable
from prompts.fence import fenced
from stores.errors import ModelError
from tools.grounding.answer import says_enough
from tools.grounding.base import Citation, Refinement, Sentence, TokenUsage
from tools.grounding.check import check
from tools.grounding.word import pieces

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier

_MARKS = re.compile(r"((?:\[\d{1,3}\][ ,]*)+)(\.?)")
_NUMBER = re.compile(r"\d+")
_LONGEST = 2_000  # characters; an answer has a few sentences
_TOKENS = 500
_ENDS = ".!?"
_CANCELLED = "cancelled"  # nobody waits for the answer any more


class Refined(NamedTuple):
    """The sentences that are shown: the model's or the draft's, which, and what the call used."""

    sentences: list[Sentence]
    refinement: Refinement
    usage: TokenUsage


def refine(
    question: str,
    draft: Sequence[Sentence],
    titles: Sequence[str],
    chat: "BaseChatModel",
    *,
    embedder: "Embedder | None" = None,
    verifier: "Verifier | None" = None,
    on_text: Callable[[str], None] | None = None,
) -> Refined:
    """Return the answer in better words, or the draft with the reason why.

    Args:
        question: as the user asked it.
        draft: the answer's sentences, each with one quotation at least.
        titles: of the papers that the quotations are from, for each sentence of the draft.
        chat: words it; whatever goes wrong with it, the draft stands.
        embedder: adds a test of similarity to the check.
        verifier: decides on a wording with words of its own.
        on_text: called with the text so far, as it grows.

    Raises:
        ModelError: nobody waits for the answer any more.
    """
    sources = [citation for sentence in draft for citation in sentence.citations]
    of_titles = [title for sentence, title in zip(draft, titles, strict=True) for _ in sentence.citations]
    text, usage = "", TokenUsage(calls=1)
    try:
        with closing(chat.stream(messages(question, draft), max_tokens=_TOKENS, temperature=0.0)) as chunks:  # type: ignore[type-var]
            for piece, used in pieces(chunks):
                text, usage = text + piece, used
                if on_text is not None and piece:
                    on_text(text)
                if len(text) > _LONGEST:
                    break
        found, fault = read(text, sources) if len(text) <= _LONGEST else [], ""
        if found:
            fault = _fault(question, found, sources, of_titles, embedder, verifier)
        else:
            fault = "it is no answer whose sentences name their sources"
    except ModelError as error:
        if error.code == _CANCELLED:
            raise
        found, fault = [], str(error)
    kept = list(draft) if fault else [sentence for sentence, _ in found]
    return Refined(kept, Refinement(accepted=not fault, reason=fault), usage)


def messages(question: str, draft: Sequence[Sentence]) -> "list[BaseMessage]":
    """Return what the model is asked."""
    from langchain_core.messages import HumanMessage, SystemMessage

    numbered, said, n = [], [], 0
    for sentence in draft:
        marks = ""
        for citation in sentence.citations:
            n += 1
            marks += f"[{n}]"
            numbered.append(f"[{n}] {fenced(citation.quote)}")
        said.append(f"{fenced(sentence.text)} {marks}")
    filled = prompts.load("refine_answer").fill(
        question=fenced(question), sources="\n".join(numbered), draft=" ".join(said)
    )
    return [SystemMessage(filled.system), HumanMessage(filled.user)]


def read(text: str, sources: Sequence[Citation]) -> list[tuple[Sentence, tuple[int, ...]]]:
    """Return the sentences of an answer with the positions of their sources; nothing when one names none that exists."""
    found, end = [], 0
    text = " ".join(printable(text).split())
    for marks in _MARKS.finditer(text):
        said = text[end : marks.start()].strip()
        end = marks.end()
        cited = tuple(dict.fromkeys(int(number) - 1 for number in _NUMBER.findall(marks.group(1))))
        # A mark in the midst of a sentence would make two pieces of it.
        ended = said[-1:] in _ENDS or marks.group(2) or end == len(text)
        if not said.strip(_ENDS) or not ended or not all(0 <= n < len(sources) for n in cited):
            return []
        said = said if said[-1:] in _ENDS else f"{said}."
        found.append((Sentence(text=said, citations=tuple(sources[n] for n in cited), wording="model"), cited))
    return [] if text[end:] else found


def _fault(
    question: str,
    found: Sequence[tuple[Sentence, tuple[int, ...]]],
    sources: Sequence[Citation],
    titles: Sequence[str],
    embedder: "Embedder | None",
    verifier: "Verifier | None",
) -> str:
    """Return what speaks against an answer; nothing when it may be shown."""
    for sentence, cited in found:
        quotes = [sources[n].quote for n in cited]
        verdict = check(sentence.text, quotes, titles=[titles[n] for n in cited], embedder=embedder, verifier=verifier)
        if not verdict.supported:
            return f"“{sentence.text}”: {'; '.join(verdict.reasons)}"
    return next(_lost(question, found, sources), "")


def _lost(
    question: str, found: Sequence[tuple[Sentence, tuple[int, ...]]], sources: Sequence[Citation]
) -> Iterator[str]:
    """Yield the sources of which too little is left."""
    for n, source in enumerate(sources):
        said = " ".join(sentence.text for sentence, cited in found if n in cited)
        if not says_enough(said, source.quote, question):
            yield f"too little is left of source {n + 1}"

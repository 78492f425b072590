"""Have the chat model word one sentence from one or two sentences of evidence that were chosen before.

The model does not choose what to cite: a grammar admits one sentence and then the number of one of the sentences given.
Reading stops as soon as a number or a name appears that no evidence holds, because the check would reject it anyway.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import prompts
from prompts.fence import fenced
from stores.errors import OutputTruncated, StreamBroken
from tools.grounding.base import Evidence, TokenUsage
from tools.grounding.words import numbers

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage, BaseMessageChunk

MAX_TOKENS = 70
_CHAR = r"[^.\[\]{}<>|\\\n\r]"
_MARK = re.compile(r"\s*\[(\d+)\]\s*\.?\s*$")
_MARK_SO_FAR = re.compile(r"\s*(?:\[\d*\]?\.?\s*)?$")


class Wording(NamedTuple):
    """What the model wrote: a sentence, the index of the evidence it cites, and what it cost; empty text when unusable."""

    text: str
    cited: int
    usage: TokenUsage


def grammar(count: int) -> str:
    """Return the GBNF grammar of one sentence that ends in the number of one of `count` sentences."""
    ids = " | ".join(f'"{n + 1}"' for n in range(count))
    return f'root ::= [A-Z0-9] ({_CHAR} | "." [^ \\n\\r.<>|{{}}\\\\])+ ". [" id "]"\nid ::= {ids}\n'


def messages(question: str, evidence: Sequence[Evidence]) -> "list[BaseMessage]":
    """Return what the model is asked; the system message never changes, so that its reading can be reused."""
    from langchain_core.messages import HumanMessage, SystemMessage

    lines = [f"[{n}] {fenced(item.citation.quote)}" for n, item in enumerate(evidence, 1)]
    filled = prompts.load("word").fill(question=fenced(question), evidence="\n".join(lines))
    return [SystemMessage(filled.system), HumanMessage(filled.user)]


def word(
    question: str,
    evidence: Sequence[Evidence],
    chat: "BaseChatModel",
    *,
    on_text: Callable[[str], None] | None = None,
) -> Wording:
    """Return one sentence that answers the question.

    Args:
        question: as the user asked it.
        evidence: one or two sentences.
        chat: any chat model; one that takes no grammar is held to the form afterwards.
        on_text: called with the sentence so far, without the number that it cites, as it grows.
    """
    try:
        text, usage = _written(question, evidence, chat, on_text)
    except StreamBroken:
        # What came so far is lost, and the one who broke off is not asked again.
        text, usage = _written(question, evidence, chat, on_text)
    mark = _MARK.search(text)
    cited = int(mark.group(1)) - 1 if mark else -1
    if not mark or not 0 <= cited < len(evidence):
        return Wording("", 0, usage)
    return Wording(_finished(text[: mark.start()]), cited, usage)


def _written(
    question: str, evidence: Sequence[Evidence], chat: "BaseChatModel", on_text: Callable[[str], None] | None
) -> tuple[str, TokenUsage]:
    """Return what the model writes, nothing when it goes astray or is cut off, and what it used."""
    stream = chat.stream(
        messages(question, evidence), max_tokens=MAX_TOKENS, grammar=grammar(len(evidence)), temperature=0.0
    )
    allowed = numbers(" ".join(item.citation.quote for item in evidence))
    text, usage = "", TokenUsage(calls=1)
    try:
        with closing(stream) as chunks:  # type: ignore[type-var]
            for piece, usage in pieces(chunks):
                text += piece
                if on_text is not None and piece:
                    on_text(_MARK_SO_FAR.sub("", text))
                if _goes_astray(text, allowed):
                    return "", usage
    except OutputTruncated:
        return "", usage
    return text, usage


def pieces(chunks: "Iterator[BaseMessageChunk]") -> Iterator[tuple[str, TokenUsage]]:
    """Yield each piece of text with what was used up to it."""
    read = written = 0
    for chunk in chunks:
        metadata = getattr(chunk, "usage_metadata", None) or {}
        read += metadata.get("input_tokens", 0)
        written += metadata.get("output_tokens", 0)
        yield chunk.text, TokenUsage(calls=1, input_tokens=read, output_tokens=written)


def _goes_astray(text: str, allowed: set[float]) -> bool:
    """Return whether the text so far, its unfinished last word left out, holds a number that no evidence holds."""
    done = text[: text.rfind(" ")] if " " in text else ""
    return bool(numbers(done) - allowed) and "[" not in done[-4:]


def _finished(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."

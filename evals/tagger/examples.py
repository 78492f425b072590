"""A labelled question, and how it is put together from pieces of text."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stores.records import EntityType
from tools.ner.base import Intent


@dataclass(frozen=True)
class Part:
    """A piece of a question: a mention of a type, or text that names nothing.

    Attributes:
        text: as written.
        type: what it names; None for other text.
        kind: for text that fills a slot but is no entity, the slot's name.
    """

    text: str
    type: EntityType | None = None
    kind: str = ""

    @property
    def filled(self) -> bool:
        """Return whether it fills a slot, or is an entity written into the form."""
        return self.type is not None or bool(self.kind)


@dataclass(frozen=True)
class Span:
    """A mention; offsets are code points."""

    start: int
    end: int
    type: EntityType


@dataclass(frozen=True)
class Example:
    """A question with its labels.

    Attributes:
        text: the question.
        spans: its mentions.
        intent: what it wants; None where nothing is known of it.
        hidden: stretches of the text whose labels are not known.
        tagged: whether the labels of words are known at all.
        source: form, annotated text or intent alone; for reports.
    """

    text: str
    spans: tuple[Span, ...] = ()
    intent: Intent | None = None
    hidden: tuple[tuple[int, int], ...] = ()
    tagged: bool = True
    source: str = "form"


def assemble(parts: Iterable[Part], intent: Intent | None) -> Example:
    """Return the question that the parts make; spans leave out blanks at their ends."""
    text = ""
    spans = []
    for part in parts:
        if part.type is not None and part.text.strip():
            blanks = len(part.text) - len(part.text.lstrip())
            start = len(text) + blanks
            spans.append(Span(start, start + len(part.text.strip()), part.type))
        text += part.text
    begin = len(text) - len(text.lstrip())
    return Example(text.strip(), tuple(Span(span.start - begin, span.end - begin, span.type) for span in spans), intent)


def share(key: str, salt: int | None = None) -> int:
    """Return a number from 0 to 99 that depends on the text alone, and on the salt."""
    return zlib.crc32(key.encode() if salt is None else f"{salt}\t{key}".encode()) % 100


def held_out(id_: str) -> bool:
    """Return whether a record is kept out of training."""
    return zlib.crc32(id_.encode()) % 5 in (0, 1)


def entry_held_out(entry: str) -> bool:
    """Return whether an entry of a word list is kept out of training."""
    return zlib.crc32(entry.lower().encode()) % 5 == 0


def texts(example: Example) -> Sequence[str]:
    """Return the texts of its mentions."""
    return [example.text[span.start : span.end] for span in example.spans]

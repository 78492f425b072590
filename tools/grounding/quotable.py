"""The sentences of a passage that may be quoted.

A paper may hold orders for whatever reads it. The model is no danger here, as it chooses nothing and its wording is checked;
but a quotation shown to a person should not be an order either, nor hide the sentence that answers. So a sentence with an
order is left out, and what stands before the order, or between signs that no sentence holds, is kept.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from prompts.characters import HIDDEN, TERMINAL
from tools.grounding.disguises import BASE64, HEX
from tools.grounding.orders import may_belong, order
from tools.grounding.sentences import split

_LEAST_WORDS = 6  # of a part that stands alone
_NEAR = 12  # characters; an order that begins later in a part begins in a later part
_CUT = re.compile(r"\s*(?:[;:(\[{<|“\"]|\s[–—-]+\s|,)")
# Signs that no sentence holds: markup, JSON, tags, turned or isolated runs, codes, orders to terminals, odd line ends.
_FOREIGN = re.compile(
    r"!?\[[^\[\]]*\]\([^)]*\)|</?[^<>]{1,400}>|\{[^{}]*\}|\[(?![\d\s,–-]+\])[^\[\]]*\]|[\U000e0000-\U000e0fff]+|[\u202d\u202e][^\u202c\n]*\u202c?"
    rf"|[\u202a-\u202e\u2066-\u2069]|[\r\x0b\x0c\x85\u2028\u2029]|{TERMINAL.pattern}|{BASE64.pattern}|{HEX.pattern}"
    r"|(?<=[a-z])\s(?=(?:The|A|An|At|In|It|We|Our|On|By|For|From|They|This|These|With|To) [a-z\d])"
)
# What comes after these is a turn of a made-up conversation.
_OPENING = re.compile(
    r"<\|?\s?(?:user|assistant|system|im_start|start_header_id|end_header_id|start_of_turn|s>|tool|script|a )|\[/?INST|<<",
    re.IGNORECASE,
)
# The beginning of a field before its value, as a part may end.
_OPEN_END = re.compile(r"""\s["'{\[(]+[\w ]{0,20}["']?\s*:\s*$""")
# What is left of them at the ends of a part.
_LOOSE = " \t\n\"'}]{[,\\"


class Quotable(NamedTuple):
    """A sentence that may be quoted; `before` is where the one before it begins, or its own start when none may join it."""

    start: int
    end: int
    before: int


@lru_cache(maxsize=2048)
def quotable(text: str) -> tuple[Quotable, ...]:
    """Return the sentences of a passage that may be quoted, in order, as offsets into it."""
    # Hidden characters must not keep one sentence from ending before the next; a blank for each keeps the offsets.
    spans = split(HIDDEN.sub(" ", TERMINAL.sub(lambda found: " " * len(found.group()), text)))
    leads = [_lead(text, start) for start, _ in spans]
    orders = [order(text[lead:end]) is not None for lead, (_, end) in zip(leads, spans, strict=True)]
    found: list[Quotable] = []
    before: int | None = None
    for (start, end), lead, ordering in zip(spans, leads, orders, strict=True):
        if ordering:
            found += [Quotable(lead + a, lead + b, lead + a) for a, b in _harmless(text[lead:end])]
            before = None
        elif any(orders) and may_belong(text[start:end]):
            before = None
        else:
            found.append(Quotable(start, end, start if before is None else before))
            before = start
    return tuple(found)


def _lead(text: str, start: int) -> int:
    """Return where the hidden characters directly before a sentence begin: they may turn its direction."""
    while start and HIDDEN.match(text[start - 1]):
        start -= 1
    return start


def _harmless(sentence: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of an ordering sentence that order nothing: between foreign signs, or else before the order."""
    any_foreign, start, opened = False, 0, False
    for sign in (*_FOREIGN.finditer(sentence), None):
        any_foreign = any_foreign or sign is not None
        a, b = _trimmed(sentence, start, sign.start() if sign else len(sentence))
        if any_foreign and not opened and _says_something(sentence[a:b]):
            yield a, b
        if sign:
            start = sign.end()
            turn = _OPENING.match(sign.group()) is not None or sentence.startswith(":", start)
            opened = turn or (opened and sign.group().isspace())
    if not any_foreign and (end := _beginning(sentence)):
        yield _trimmed(sentence, 0, end)


def _beginning(sentence: str) -> int:
    """Return where the sentence's part before its order ends, or 0 when there is none worth quoting."""
    for cut in _CUT.finditer(sentence):
        rest = order(sentence[cut.start() :])
        if rest and rest.start <= _NEAR and _says_something(sentence[: cut.start()]):
            return cut.start()
    return 0


def _says_something(part: str) -> bool:
    return len(part.split()) >= _LEAST_WORDS and order(part) is None and not may_belong(part)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = _OPEN_END.sub("", text[start:end])
    return start + len(piece) - len(piece.lstrip(_LOOSE)), start + len(piece.rstrip(_LOOSE))

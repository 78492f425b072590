"""What a question for a ranking brings with it: the themes that it names, and the text that they are to be ranked for.

It reads what people write: a text after a colon, in quotation marks or in lines of its own, themes after "themes:", after
"rank" or between "which of" and "fits". What it does not find is left to the caller, who may ask for it.
"""

import re
from itertools import islice
from typing import NamedTuple

from tools.grounding.sentences import split
from tools.themes.base import Theme
from tools.themes.named import (
    ASKS,
    KINDS,
    QUOTED,
    RANK,
    TEXTS,
    THEMES_MARK,
    VERB,
    colons,
    count_words,
    items_of,
    listed_item,
    named_themes,
)
from tools.themes.read import merged

# Where the text begins that is ranked for, after what says so.
_TEXT_MARK = re.compile(
    rf"(?:\b(?:for|to|of|against|with|by|in)\s+)?(?:\b(?:the|my|our|your|this|that|a|following|here is|here's)\s+)*\b{TEXTS}\b"
    r"(?:\s+(?:below|is|here|best|follows|above)){0,2}\s*:\s*",
    re.IGNORECASE,
)
_THESE = re.compile(rf"\b(?:these|the following|following|among|between)\b|\b{KINDS}\s*$", re.IGNORECASE)
_QUOTED_END = re.compile(r":\s*[\"“«„'‘](.+)[\"”“»'’]\s*[.?!]?\s*$", re.DOTALL)
_SOMEBODY = re.compile(
    rf"\b{KINDS}\b.{{0,40}}?\b(?:fits?|suits?|match(?:es)?|describes?|for|to)\b\s+((?:a|an|some|any|one|someone|somebody|people|research|work)\b"
    r".{0,40}?\b(?:who|that|which|whose|on|about)\b.+)",
    re.IGNORECASE | re.DOTALL,
)
_THIS_PAPER = re.compile(
    r"\b(?:this|that|the (?:first|last|same|above)) (?:paper|article|study|work|publication|preprint|one)\b"
    rf"|\b(?:it|this|that)\b(?=\W*$|\s+{VERB}\b|\s+(?:best|most)\b)",
    re.IGNORECASE,
)
_TEXT_WORDS = 6  # of a quotation or of sentences that are the text; what follows a colon may be shorter
_SHORT = 3
_MARKS = 20  # places where a text may begin that are looked at


class Asked(NamedTuple):
    """What a question brings.

    Attributes:
        themes: those that it names; empty when it names none.
        text: what they are to be ranked for; empty when it brings none.
        points_back: whether it speaks of a paper of before, as in "this paper".
    """

    themes: tuple[Theme, ...]
    text: str
    points_back: bool


def asked_of(question: str) -> Asked:
    """Return the themes and the text of a question.

    Raises:
        InputError: one label has two descriptions.
    """
    text, rest = _text(question)
    themes = named_themes(rest)
    return Asked(merged(themes) if themes else (), text, not text and _THIS_PAPER.search(question) is not None)


def without_text(question: str) -> str | None:
    """Return a question that asks for a ranking without the text that it brings; None when it brings none, or asks another thing."""
    text, rest = _text(question)
    return rest if count_words(text) > _TEXT_WORDS and ASKS.search(rest) else None


def _text(question: str) -> tuple[str, str]:
    """Return the text that is ranked for, and the rest of the question with a stop in its place."""
    marks = islice(_TEXT_MARK.finditer(question), _MARKS)
    if mark := next((mark for mark in marks if _is_mark(question, mark)), None):
        quoted = QUOTED.match(question, mark.end())
        end = quoted.end() if quoted else _end_of_text(question, mark.end())
        return _bare(question[mark.end() : end]), f"{question[: mark.start()]} . {question[end:]}"
    if apart := _below(question) or _after_question(question):
        return apart
    if (whole := _QUOTED_END.search(question)) and count_words(whole[1]) >= _TEXT_WORDS and not QUOTED.search(whole[1]):
        return whole[1].strip(), f"{question[: whole.start()]} . "
    quotes = [(m, next(filter(None, m.groups()))) for m in QUOTED.finditer(question)]
    if quotes:
        longest, words = max(quotes, key=lambda quote: len(quote[1]))
        if count_words(words) >= _TEXT_WORDS:
            return words.strip(), f"{question[: longest.start()]} . {question[longest.end() :]}"
    return _after_colon(question) or _apart(question) or _of_somebody(question) or ("", question)


def _is_mark(question: str, mark: re.Match[str]) -> bool:
    """Return whether the text follows here, and not a list of themes: "rank these themes for my text: A, B, C"."""
    after = question[mark.end() :]
    if not after.strip():
        return False
    before = question[: mark.start()]
    if not before.strip() or before.rstrip()[-1] in ".?!" or before.endswith("\n"):
        return True
    listed = _THESE.search(before) is not None and THEMES_MARK.search(before) is None
    return not (listed and len(items_of(re.split(r"[.?!\n](?:\s|$)", after)[0])) > 1)


def _end_of_text(question: str, start: int) -> int:
    """Return where a text that begins at `start` ends: where themes are listed after it, or at the end."""
    themes = re.compile(rf"(?:\n|(?<=[.?!\"”]) )\s*(?:the |my |our |possible )*{KINDS}\s*:", re.IGNORECASE).search(
        question, start
    )
    return themes.start() if themes else len(question)


def _below(question: str) -> tuple[str, str] | None:
    """Return the paragraphs below the one that asks, but for a list of themes between them."""
    blank = re.search(r"\n\s*\n", question)
    while blank and ASKS.search(question[: blank.start()]):
        text = question[blank.end() :]
        if count_words(text) > _TEXT_WORDS and not listed_item(text.lstrip()) and not THEMES_MARK.match(text.lstrip()):
            return text.strip(), f"{question[: blank.start()]} . "
        blank = re.compile(r"\n\s*\n").search(question, blank.end())
    return None


def _after_question(question: str) -> tuple[str, str] | None:
    """Return what follows a first sentence that asks, when nothing later asks again."""
    spans = split(question)
    if len(spans) < 2 or question[spans[0][1] - 1] != "?":  # noqa: PLR2004
        return None
    head, tail = question[: spans[0][1]], question[spans[1][0] :]
    asks_again = re.search(
        rf"(?:^|[\n.?!]\s*)(?:the |my )?{KINDS}\s*:|\b(?:themes|topics)\b[^.]*\?|^\W*(?:please )?{RANK}\b",
        tail,
        re.IGNORECASE,
    )
    brings = re.search(r":\s|[\"“«„‘]|\s'", head)
    if brings or asks_again or not ASKS.search(head) or listed_item(tail) or count_words(tail) <= _TEXT_WORDS:
        return None
    return tail, f"{head} . "


def _after_colon(question: str) -> tuple[str, str] | None:
    for head, tail in colons(question):
        if not ASKS.search(head) or count_words(tail) < _SHORT:
            continue
        listed = len(items_of(re.split(r"[.?!](?:\s|$)", tail)[0])) > 1
        if (THEMES_MARK.search(head + ":") and head.rstrip().lower().endswith(("s", "y"))) or (listed and _lists(head)):
            continue
        return _bare(tail), f"{head} . "
    return None


def _lists(head: str) -> bool:
    """Return whether what stands before a colon announces themes and not a text."""
    return bool(_THESE.search(head)) or bool(
        re.search(rf"\b{RANK}\b", head, re.IGNORECASE) and not re.search(r"\bthis\b|\bbest\b", head)
    )


def _apart(question: str) -> tuple[str, str] | None:
    """Return the longest run of sentences that ask nothing, when it is long enough to be a text."""
    best: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for start, end in split(question):
        sentence = question[start:end]
        if (
            sentence.endswith("?")
            or THEMES_MARK.search(sentence)
            or re.match(rf"\W*(?:please |now |then |can you |could you )*{RANK}\b", sentence, re.IGNORECASE)
            or listed_item(sentence)
        ):
            run = []
        else:
            run.append((start, end))
            best = max(best, run, key=lambda each: each[-1][1] - each[0][0] if each else 0)
    if not best or len(best) == len(split(question)):
        return None
    start, end = best[0][0], best[-1][1]
    text = question[start:end]
    return (text, f"{question[:start]} . {question[end:]}") if count_words(text) > _TEXT_WORDS else None


def _of_somebody(question: str) -> tuple[str, str] | None:
    found = _SOMEBODY.search(question)
    if found is None or count_words(found[1]) < _TEXT_WORDS:
        return None
    return found[1].rstrip(" ?"), f"{question[: found.start(1)]} . "


def _bare(text: str) -> str:
    """Return a text without the quotation marks around it."""
    text = text.strip()
    pairs = {'"': '"', "“": "”", "«": "»", "„": "“", "'": "'", "‘": "’"}
    closed = len(text) > 1 and pairs.get(text[0]) == text[-1] and text[-1] not in text[1:-1]
    return text[1:-1].strip() if closed else text

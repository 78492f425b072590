"""Two spans of years that a question sets against each other."""

import re

from tools.profiling.base import Window

_NUMBER = r"(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)"
_WORDS = {
    word: n for n, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], start=2)
}
_VERSUS = r"\s*(?:,\s*)?(?:with|to|and|versus|vs\.?|against|than|from)\s+(?:what came\s+)?"
_YEAR = r"((?:19|20)\d\d)"
_DASH = r"\s*(?:[-–—]|to|until|and|through)\s*"
_LAST = re.compile(
    rf"\b(?:last|past|latest|recent|most recent)\s+{_NUMBER}\s+years?\b.{{0,40}}?"
    rf"\b(?:the\s+)?(?:{_NUMBER}\s+)?(?:years?\s+)?(?:before|previous|preceding|prior|earlier)\b(?!\s+{_YEAR})",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    rf"\b(?:last|past|latest|recent|most recent)\s+{_NUMBER}\s+years?\b.{{0,40}}?"
    rf"\b(?:previous|preceding|prior|earlier)\s+{_NUMBER}\b",
    re.IGNORECASE,
)
_SPANS = re.compile(
    rf"\b(?:from\s+|between\s+)?{_YEAR}{_DASH}{_YEAR}{_VERSUS}(?:from\s+|between\s+)?{_YEAR}{_DASH}{_YEAR}\b",
    re.IGNORECASE,
)
_AROUND = re.compile(
    rf"\bbefore\s+(?:and|versus|vs\.?|with|against)\s+(?:after|since)\s+{_YEAR}\b"
    rf"|\b(?:before|until)\s+{_YEAR}\b.{{0,30}}?\b(?:after(?:wards|\s+(?:that|it))?|since(?:\s+then)?|later|now)\b",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    rf"\b(?:compare|between|difference|changed?)\b.{{0,80}}?\b{_YEAR}{_VERSUS}{_YEAR}\b", re.IGNORECASE
)
_LENGTH = 30


def two_periods(question: str, newest: int) -> tuple[Window, Window] | None:
    """Return the earlier and the later of two spans that a question compares, or None when it compares none.

    Args:
        question: as asked, such as "compare the last two years with the three before".
        newest: the year that "the last two years" end with.
    """
    if match := _PREVIOUS.search(question) or _LAST.search(question):
        recent = _number(match.group(1))
        before = _number(match.group(2)) if match.group(2) else recent
        first = newest - recent + 1
        return Window(year_from=first - before, year_to=first - 1), Window(year_from=first, year_to=newest)
    if match := _SPANS.search(question):
        a, b, c, d = map(int, match.groups())
        return _ordered((a, b), (c, d))
    if match := _AROUND.search(question):
        year = int(match.group(1) or match.group(2))
        return Window(year_to=year - 1), Window(year_from=year, year_to=newest)
    if match := _SINGLE.search(question):
        a, b = map(int, match.groups())
        return _ordered((a, a), (b, b)) if a != b else None
    return None


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _WORDS[word.lower()]


def _ordered(one: tuple[int, int], other: tuple[int, int]) -> tuple[Window, Window] | None:
    """Return two spans as windows, the earlier first; None where one ends before it begins or they are the same."""
    first, second = sorted((one, other))
    if first == second or any(b < a or b - a > _LENGTH for a, b in (first, second)):
        return None
    return Window(year_from=first[0], year_to=first[1]), Window(year_from=second[0], year_to=second[1])

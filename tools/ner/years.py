"""Years, ranges of years and spans of time relative to today, by rules.

A span leaves out the preposition that governs it: in "since 2019" it is "2019".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tools.ner.numbers import NUMBERS, number


@dataclass(frozen=True)
class Period:
    """A span of time in a question; years are inclusive.

    Attributes:
        start: where its text starts.
        end: where its text ends.
        year_from: first year.
        year_to: last year.
        last_n_years: number of years back from today.
    """

    start: int
    end: int
    year_from: int | None = None
    year_to: int | None = None
    last_n_years: int | None = None


_VAGUE = {"couple of": 2, "few": 3, "several": 5}

# Pieces that the rules below are put together from; ~Y~ is a year on its own, ~O~ one that something may be tied to.
_PIECES = {
    "~O~": r"(?<![\w./#$€£])(?:1[5-9]|20|21)\d\d",
    "~Y~": r"(?<![\w./#$€£\-])(?:1[5-9]|20|21)\d\d(?![\w%\-/]|[.,]\w)",
    "~DASH~": r"\s?[-\u2010-\u2015/]\s?",
    "~TO~": r"\s+(?:up\s+)?(?:to|till|until|through|thru|and)\s+(?:the\s+end\s+of\s+)?",
    "~NOW~": r"(?:the\s+)?(?:present|now|today|date)\b",
    "~LAST~": r"(?:last|past|previous|recent)",
    "~N~": r"(?P<n>\d{1,2}|" + "|".join(sorted({**NUMBERS, **_VAGUE}, key=len, reverse=True)) + ")",
    # A month or part of a year before a year belongs to the way of dating, not to the span.
    "~M~": r"(?:(?:early|mid|late|the\s+(?:start|beginning|end)\s+of|spring|summer|autumn|fall|winter|january|february|march"
    r"|april|may|june|july|august|september|october|november|december)[\s\-])?",
}
_Match = re.Match[str]


def _between(m: _Match, _: date) -> dict[str, int]:
    first, last = int(m["a"]), int(m["b"])
    if last < 100:  # noqa: PLR2004
        last += first // 100 * 100
    return {"year_from": min(first, last), "year_to": max(first, last)}


def _decade(m: _Match, today: date) -> dict[str, int]:
    first = int(m["a"])
    if first < 100:  # noqa: PLR2004
        first += today.year // 100 * 100
        first -= 100 if first > today.year else 0
    return {"year_from": first, "year_to": first + 9}


def _part(m: _Match, _: date) -> dict[str, int]:
    first = int(m["a"])
    low, high = {"e": (0, 3), "m": (4, 6), "l": (6, 9)}[m["part"][0].lower()]
    return {"year_from": first + low, "year_to": first + high}


def _years_back(m: _Match, _: date) -> dict[str, int]:
    return {"last_n_years": number(m["n"], _VAGUE)}


def _this_year(_: _Match, today: date) -> dict[str, int]:
    return {"year_from": today.year, "year_to": today.year}


# (pattern with the span in <span>, what it means); at one place the first that matches wins.
_TABLE: tuple[tuple[str, Callable[[_Match, date], dict[str, int]]], ...] = (
    (r"\bbetween\s+~M~(?P<span>(?P<a>~Y~)\s+(?:and|to|-)\s+~M~(?P<b>~Y~))", _between),
    (r"(?P<span>(?P<a>~O~)~DASH~(?P<b>(?:1[5-9]|20|21)\d\d|\d\d)(?![\w%\-/]|[.,]\w))", _between),
    (r"\bfrom\s+~M~(?P<span>(?P<a>~Y~)~TO~~M~(?P<b>~Y~))", _between),
    (r"(?P<span>(?P<a>~Y~)\s+(?:to|till|until|through|thru)\s+~M~(?P<b>~Y~))", _between),
    ((r"(?P<span>(?P<a>~O~))(?:\s?\+|\s+onwards?\b|\s+(?:and|or)\s+(?:later|after|newer|onwards?|up|beyond)\b"
     r"|(?:~TO~|~DASH~)~NOW~)"), lambda m, _: {"year_from": int(m["a"])}),
    (r"(?P<span>(?P<a>~Y~))\s+(?:and|or)\s+(?:earlier|before(?!\s*\d)|older)\b", lambda m, _: {"year_to": int(m["a"])}),
    ((r"\b(?:before|prior\s+to|earlier\s+than|older\s+than|preceding|predating|pre[-\s]?)\s*~M~"
     r"(?P<span>(?P<a>(?:1[5-9]|20|21)\d\d))(?![\w%/]|[.,]\w)"), lambda m, _: {"year_to": int(m["a"]) - 1}),
    ((r"\b(?:until|till|up\s+to|through|no\s+later\s+than|not\s+(?:later\s+than|after)|by(?:\s+the\s+end\s+of)?)\s+~M~"
     r"(?P<span>(?P<a>~Y~))"), lambda m, _: {"year_to": int(m["a"])}),
    ((r"\b(?:since|starting(?:\s+(?:in|from|with))?|beginning(?:\s+(?:in|with))?|as\s+of|from|no\s+earlier\s+than"
     r"|not\s+(?:before|earlier\s+than))\s+~M~(?P<span>(?P<a>~Y~))"), lambda m, _: {"year_from": int(m["a"])}),
    ((r"\b(?:after|later\s+than|newer\s+than|younger\s+than|more\s+recent\s+than|post[-\s]?)\s*~M~"
     r"(?P<span>(?P<a>(?:1[5-9]|20|21)\d\d))(?![\w%/]|[.,]\w)"), lambda m, _: {"year_from": int(m["a"]) + 1}),
    (r"\b(?P<span>(?P<part>early|mid|late)[-\s](?:the\s+)?(?P<a>(?:1[5-9]|20)\d0)['’]?s)\b", _part),
    (r"\bsince\s+the\s+(?P<span>(?P<a>(?:1[5-9]|20)\d0)['’]?s)\b", lambda m, _: {"year_from": int(m["a"])}),
    (r"(?<![\w.])(?P<span>(?P<a>(?:1[5-9]|20)\d0)['’]?s)\b", _decade),
    (r"\b(?:the|early|mid|late)\s(?P<span>['’]?(?P<a>\d0)s)\b", _decade),
    (r"\b(?P<span>~LAST~\s+~N~\s+years?)\b", _years_back),
    (r"\b(?P<span>~N~\s+~LAST~\s+years?)\b", _years_back),
    (r"\b(?P<span>(?:last|past|previous)\s+decade)\b", lambda _m, _t: {"last_n_years": 10}),
    (r"\b(?P<span>(?:this|(?:the\s+)?current)\s+decade)\b", lambda _, t: {"year_from": t.year // 10 * 10}),
    (r"\b(?P<span>(?:this|(?:the\s+)?current)\s+century)\b", lambda _, t: {"year_from": t.year // 100 * 100}),
    (r"\b(?P<span>(?:this|(?:the\s+)?current)\s+year)\b", _this_year),
    (r"\b(?P<span>(?:last|past|previous)\s+year)\b", lambda _m, _t: {"last_n_years": 1}),
    (r"\b(?P<span>~LAST~\s+years)\b", lambda _m, _t: {"last_n_years": 5}),
    (r"(?P<span>(?P<a>~Y~))", lambda m, _: {"year_from": int(m["a"]), "year_to": int(m["a"])}),
)  # fmt: skip


def _compiled(pattern: str) -> re.Pattern[str]:
    for name, piece in _PIECES.items():
        pattern = pattern.replace(name, piece)
    return re.compile(pattern, re.IGNORECASE)


_RULES = tuple((_compiled(pattern), meaning) for pattern, meaning in _TABLE)


def find_periods(text: str, today: date) -> list[Period]:
    """Return the spans of time in `text`, in order and without overlap."""
    if not any(ch.isdecimal() for ch in text) and not re.search(r"year|decade|century", text, re.IGNORECASE):
        return []
    found: list[Period] = []
    taken: list[tuple[int, int]] = []
    for pattern, meaning in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span("span")
            if all(end <= a or b <= start for a, b in taken) and start < end:
                taken.append((start, end))
                found.append(Period(start, end, **meaning(match, today)))
    return sorted(found, key=lambda period: period.start)


def combined(periods: list[Period]) -> dict[str, int]:
    """Return the one condition that several spans of time make together: the widest, or both open ends."""
    lasts = [p.last_n_years for p in periods if p.last_n_years]
    froms = [p.year_from for p in periods if p.year_from is not None]
    tos = [p.year_to for p in periods if p.year_to is not None]
    single = [p for p in periods if p.year_from is not None and p.year_from == p.year_to]
    result: dict[str, int] = {}
    if froms:
        result["year_from"] = min(froms)
    if tos and (len(single) == len(periods) or len(tos) == len(periods) or len(froms) < len(periods)):
        result["year_to"] = max(tos)
    if lasts and not result:
        result["last_n_years"] = max(lasts)
    return result

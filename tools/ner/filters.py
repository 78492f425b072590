"""What a question asks beyond its entities: years, order, number, exclusions."""

import re
from collections.abc import Sequence
from datetime import date

from stores.records import Sort
from tools.ner.base import Intent, Mention, QuestionFilters
from tools.ner.countries import country_names
from tools.ner.numbers import NUMBERS, number
from tools.ner.years import combined, find_periods

_SORTS: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    ("most_cited", re.compile(
        r"\b(?:most|highly|best|top|heavily|often|frequently|widely)[-\s]+(?:often[-\s]+)?cited\b"
        r"|\bmost (?:influential|impactful|citations)\b|\bby (?:number of )?citations?\b|\bcitation counts?\b|\bhighest impact\b", re.IGNORECASE)),
    ("oldest", re.compile(
        r"\b(?:oldest|earliest|first (?:papers?|articles?|publications?|works?)|chronological(?:ly)?|oldest first)\b", re.IGNORECASE)),
    ("newest", re.compile(
        r"\b(?:newest|latest|most recent(?:ly)?|recent|recently|up[-\s]to[-\s]date|newest first|last (?:papers?|articles?|publications?))\b"
        r"|\b(?:what(?:['’]s| is)|anything|something) new\b|\bnew (?:papers?|articles?|publications?|work|research|studies)\b", re.IGNORECASE)),
)  # fmt: skip
_NUMBER = r"(?P<n>\d{1,4}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_QUALITIES = r"(?:(?:most|best|highly|newest|latest|recent|oldest|earliest|top|first|main|cited|relevant|key|important|good|other|different|influential|similar|closest)[-\s]+)*"
_COUNTED = (
    r"(?:papers?|articles?|publications?|studies|works?|results?|hits?|examples?|preprints?|surveys?|reviews?|references?|themes?|topics?"
    r"|co-?authors?|collaborators?|authors?|venues?|items?|titles?|of them)"
)
_LIMITS = (
    re.compile(rf"\b(?:top|first|best|latest|newest|last|at most|up to|no more than|max(?:imum)?(?: of)?|only|just)[-\s]+{_NUMBER}\b(?!\s+(?:years?|decades?|months?|%))", re.IGNORECASE),
    re.compile(rf"\b{_NUMBER}\s+{_QUALITIES}(?:[\w-]+\s+){{0,3}}?{_COUNTED}\b", re.IGNORECASE),
    re.compile(rf"\blimit(?:ed)?(?:\s+(?:it|them|to|the list|results))*\s+(?:to\s+)?{_NUMBER}\b", re.IGNORECASE),
)  # fmt: skip
_HIGHEST = 1000
_UNFILTERED: frozenset[Intent] = frozenset(("out_of_scope", "chitchat"))


def find_filters(question: str, mentions: Sequence[Mention], intent: Intent, today: date) -> QuestionFilters:
    """Return the filters of a question.

    An exclusion is written "type:id or text": countries by code; other types by their text, which who links the mentions
    replaces by an id. A namesake told apart by what is negated ("not the Cambridge one") excludes nothing.
    """
    if intent in _UNFILTERED:
        return QuestionFilters()
    years = [m for m in mentions if m.type == "year" and not m.negated]
    periods = [p for p in find_periods(question, today) if any(p.start == m.start for m in years)]
    if intent == "paper_question":
        # "the ACL 2020 paper" says which paper is meant, not which years to search.
        periods = [p for p in periods if p.year_from is None or p.year_from != p.year_to]
    rest = list(question)
    for m in mentions:
        rest[m.start : m.end] = " " * (m.end - m.start)
    bare = "".join(rest)
    return QuestionFilters(
        **combined(periods), sort=_sort(bare), limit=_limit(bare), exclude=_exclusions(question, mentions)
    )


def _sort(text: str) -> Sort | None:
    return next((sort for sort, pattern in _SORTS if pattern.search(text)), None)


def _limit(text: str) -> int | None:
    for pattern in _LIMITS:
        if match := pattern.search(text):
            limit = number(match["n"])
            if 0 < limit <= _HIGHEST:
                return limit
    return None


def _exclusions(question: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    found = []
    for m in mentions:
        if m.negated and m.type != "year" and not re.match(r"\s+ones?\b", question[m.end :]):
            value = country_names().code(m.text) if m.type == "country" else None
            found.append(f"{m.type}:{value or m.text}")
    return tuple(found)

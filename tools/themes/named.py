"""The themes that a question names: after "themes:", after "rank", between "which of" and "fits", in quotation marks or lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from stores.errors import InputError
from tools.themes.base import Theme
from tools.themes.read import plain

KINDS = r"(?:themes?|topics?|labels?|categories|category|subjects?|areas?|fields?|keywords?|candidates?)"
TEXTS = r"(?:text|abstract|paragraph|passage|summary|proposal|description|draft|note|statement|project|sentence)"
RANK = r"(?:rank|order|sort|score|rate|weigh|prioriti[sz]e|compare|assign|tag|classify|label|categori[sz]e|match)"
THEMES_MARK = re.compile(rf"\b{KINDS}\b(?:\s+(?:are|below|here|to rank))?\s*:\s*", re.IGNORECASE)
ASKS = re.compile(rf"\b{KINDS}\b|\b{RANK}\b|\b(?:fits?|suits?|best)\b", re.IGNORECASE)
VERB = (
    r"(?:fits?|suits?|match(?:es)?|describes?|apply|applies|best|is|are|does|do|would|characteri[sz]es?|belongs?|come)"
)
_WHICH_OF = re.compile(
    rf"\b(?:which|what)(?:\s+one)?\s+of\s+(?:(?:these|the|the following)\s+)?(?:{KINDS}\b[:,]?\s*)?(?P<list>\S.{{0,800}}?)\s+{VERB}\b",
    re.IGNORECASE | re.DOTALL,
)
_AFTER_VERB = re.compile(
    rf"\b{RANK}\b\s+(?:(?:these|the|the following|my|our)\s+)*(?:{KINDS}\b[:,]?\s*)?(?P<list>\S.{{0,800}}?)"
    r"\s*(?:\b(?:for|by|against|with|in|according|to|how|as)\b|[.?!:]|$)",
    re.IGNORECASE | re.DOTALL,
)
_NOT_THEMES = re.compile(
    rf"^(?:your|our|my|all|the|this|that|these|those|it|them|him|her|following|main|top|best)?\s*(?:{KINDS}|{TEXTS}|papers?|articles?|this|that|it|them|these|those)?\b\W*$"
    r"|^(?:your|our|my|its|their|all|how|what|which|main|top)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(
    r"\"([^\"]{2,})\"|“([^“”]{2,})”|«([^«»]{2,})»|„([^„“”]{2,})[“”]|(?<!\w)'(\S[^\n]{0,3000}?)'(?!\w)|‘([^\n]{1,3000}?)’(?!\w)"
)
_LISTED = re.compile(r"\n(?=[ \t]*(?:[-–•*]|\d{1,3}[.)])\s+\S)")
_BETWEEN = re.compile(r"[ \t]*\n\s*|\s*;\s*")
_COMMA = re.compile(r"\s*,(?![^()]{0,200}\))\s*")
_AND = re.compile(r"\s+(?:and|or|&)\s+", re.IGNORECASE)
_TRIM = " \t\n.,;:?!\"'“”‘’«»„"
_LABEL_WORDS = 8
_COLONS = 20  # of a question that are looked at


def named_themes(rest: str) -> list[Theme]:
    """Return the themes that the question without its text names."""
    for found in (THEMES_MARK.search(rest), _LISTED.search(rest)):
        if found and len(labels := items_of(_until_blank(rest[found.end() :]))) >= 1:
            return _as_themes(labels)
    quoted = [next(filter(None, m.groups())) for m in QUOTED.finditer(rest)]
    quoted = quoted if all(count_words(label) <= _LABEL_WORDS for label in quoted) else []
    if len(quoted) > 1:
        return _as_themes(quoted)
    for pattern in (_WHICH_OF, _AFTER_VERB):
        for match in pattern.finditer(rest):
            labels = [label for label in items_of(match["list"]) if not _NOT_THEMES.match(label)]
            if len(labels) > 1:
                return _as_themes(labels)
    for head, tail in colons(rest):
        labels = items_of(_until_blank(tail))
        if len(labels) > 1 and ASKS.search(head):
            return _as_themes(labels)
    return _as_themes(quoted)


def _until_blank(listed: str) -> str:
    """Return a list up to the blank line or the end of the sentence that ends it."""
    listed = re.split(r"\n\s*\n|\s\.\s", listed.lstrip("\n"))[0]
    return listed if "\n" in listed.strip() else re.split(r"[.?!](?:\s|$)", listed)[0]


def items_of(listed: str) -> list[str]:
    """Return the items of a list by lines, semicolons or commas; none when they are too long to be labels."""
    listed = listed.strip()
    if _BETWEEN.search(listed):
        items = _BETWEEN.split(listed)
    else:
        *items, last = _COMMA.split(listed)
        last = re.sub(r"^(?:and|or|&)\s+", "", last, flags=re.IGNORECASE)
        items += [last] if items and _starts_with_and(listed) else _AND.split(last)
    items = [item.strip(_TRIM) for item in items]
    items = [item for item in items if any(ch.isalnum() for ch in item)]
    short = all(count_words(item.partition(": ")[0]) <= _LABEL_WORDS for item in items)
    return items if short else []


def _starts_with_and(listed: str) -> bool:
    return re.search(r",\s*(?:and|or|&)\s+[^,]*$", listed, re.IGNORECASE) is not None


def _as_themes(labels: Sequence[str]) -> list[Theme]:
    found: dict[str, Theme] = {}
    for label in labels:
        try:
            theme = plain(label)
        except InputError:
            continue
        found.setdefault(theme.label.casefold(), theme)
    return list(found.values())


def listed_item(sentence: str) -> bool:
    """Return whether a sentence is an item of a list by its bullet or number."""
    return re.match(r"(?:[-–•*]|\d{1,3}[.)])\s+\S", sentence) is not None


def colons(question: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each of the first colons that a blank follows."""
    for colon in islice(re.finditer(r":\s+", question), _COLONS):
        yield question[: colon.start()], question[colon.end() :]


def count_words(text: str) -> int:
    """Return how many words there are."""
    return len(text.split())

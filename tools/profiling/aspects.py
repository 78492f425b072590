"""Which parts of a profile a question asks for."""

import re
from collections.abc import Iterable

AREAS, EMERGING, COLLABORATION, FUNDING, CITATIONS, TRAJECTORY = (
    "Main research areas and trends",
    "Emerging topics or new directions",
    "Collaboration and institutions",
    "Grants and funding",
    "Citations and influence",
    "Overall trajectory",
)
PLACES = "Institutions"  # a part of the section on collaboration

_WORDS: dict[str, tuple[str, ...]] = {
    AREAS: (
        r"(?:areas?|topics?|interests?|subjects?|fields?|themes?)\b", "working on", r"works? (?:on|about)\b", "speciali[sz]",
        "given up", "gave up", "stopped", "abandon", "no longer", "dropped", "fad(?:ing|ed)", "turned away",
    ),
    EMERGING: (
        r"new\b(?! york)", "newest", "newly", "emerg", "novel", "these days", "nowadays", "right now", "currently", "lately",
        "recently (?:started|turned|begun|moved)", "latest (?:topic|interest|direction)", r"up to\b",
    ),
    COLLABORATION: (r"collaborat", r"co-?authors?\b", r"works? with\b"),
    PLACES: (
        "affiliat", r"institutions?\b", "universit", "employ", r"work(?:s|ed|ing)? (?:at|for)\b", r"based\b",
        r"where (?:does|did|has|is|was|do|have)\b", r"which countr", r"moved\b",
    ),
    FUNDING: (r"fund(?:s|ed|ers?|ing)?\b", r"grants?\b", r"money\b", "sponsor", r"(?:paid|pays?) for\b", "financ"),
    CITATIONS: (r"cit(?:ed|es?|ations?)\b", r"h-?index", r"impact\b", "influen"),
    TRAJECTORY: (
        "trajector", "career", "over (?:the years|time)", "evol", "developed", "productiv", r"output\b",
        r"papers (?:a|per|each|every) year", "busiest",
    ),
}  # fmt: skip
_SIGNS = {part: re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) for part, words in _WORDS.items()}
_ALL = re.compile(r"\b(?:profile|summar|overview|portrait|biograph|everything|tell me about|who is)\w*", re.IGNORECASE)


def aspects(question: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the sections, or the part of one, that are asked for, in the order of a profile; none for a whole profile.

    Args:
        question: as asked.
        names: names in it, which are no words of the question: an author may be called Grant.
    """
    for name in names:
        question = question.replace(name, " ")
    if _ALL.search(question):
        return ()
    return tuple(part for part, sign in _SIGNS.items() if sign.search(question))

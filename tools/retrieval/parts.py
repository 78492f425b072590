"""Cut a question that asks for several things into its parts."""

import re

from tools.retrieval.terms import query_terms

_ASKING = r"(?:who|whom|whose|what|which|how|where|when|why|does|do|did|is|are|was|were|has|have|can|could|should)"
_FIRST = re.compile(rf"(?:and |so |but )?{_ASKING}\b", re.IGNORECASE)
_CUT = re.compile(rf"(?:[,;]\s*|\s+)(?:and|or|but)\s+(?={_ASKING}\b)|[?;]\s+(?={_ASKING}\b)", re.IGNORECASE)
# "For Quechua, who ...": what stands before the first part belongs to every part.
_FRAME = re.compile(
    rf"^((?:for|in|on|of|with|regarding|concerning|about|among)\s[^,?]+),\s+(?={_ASKING}\b)", re.IGNORECASE
)
_LEAST_TERMS = 2
_REFERS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|his|her|each|both|that|this|those|these|one)\b", re.IGNORECASE
)


def parts(question: str) -> list[str]:
    """Return the parts of a question, each with the words that frame all of them; empty when it asks one thing.

    A part too short to be asked alone ("and why?") stays with the one before it.
    """
    frame = _FRAME.match(question)
    head, rest = (frame.group(1) + " ", question[frame.end() :]) if frame else ("", question.strip())
    if not _FIRST.match(rest):
        return []
    pieces: list[str] = []
    for piece in _CUT.split(rest):
        if pieces and len(query_terms(piece)) < _LEAST_TERMS:
            pieces[-1] = f"{pieces[-1]} {piece}"
        elif piece.strip():
            pieces.append(piece.strip())
    if len(pieces) > 1 and len(query_terms(pieces[0])) < _LEAST_TERMS:
        pieces[:2] = [f"{pieces[0]} {pieces[1]}"]
    return [head + piece for piece in pieces] if len(pieces) > 1 else []


def stands_alone(part: str) -> bool:
    """Return whether a part can be looked up by itself: it refers to nothing that another part names."""
    return not _REFERS_BACK.search(part)

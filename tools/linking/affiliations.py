"""Organizations inside a longer string: "Department of Physics, Stanford University, Stanford, CA, USA"."""

import re

from stores.keys import name_key
from tools.linking.candidates import Candidates, Hit, best_of_each
from tools.linking.similarity import distinctive

_PARTS = re.compile(r"[,;\n|]+")
_PARTS_AT_MOST = 8
_WORDS_AT_MOST = 60
_NAME_WORDS = 9
_SHORTEST = 4
# A name inside a string fits less than the whole string would: the string may mean a part of what the name names. A longer
# name says more.
_INSIDE_FIT, _INSIDE_WORD = 0.86, 0.015
_PART_FIT = 0.97


def inside(text: str, whole: list[Hit], candidates: Candidates) -> list[Hit]:
    """Return candidates of the whole string and of the names inside it, each record once with its best fit."""
    hits = list(whole) + _names_inside(text, candidates)
    parts = [part.strip() for part in _PARTS.split(text)]
    for part in [part for part in parts if len(part) >= _SHORTEST][:_PARTS_AT_MOST]:
        exact = candidates.exact("organization", part)
        if not exact and max((hit.fit for hit in hits), default=0.0) < _INSIDE_FIT:
            exact = candidates.alike("organization", part)
        hits += [Hit(hit.authority, _PART_FIT * hit.fit, hit.method) for hit in exact]
    return best_of_each(hits)


def _names_inside(text: str, candidates: Candidates) -> list[Hit]:
    words = name_key(text).split()[:_WORDS_AT_MOST]
    found = candidates.sequences("organization", words, _NAME_WORDS)
    hits = []
    for first, last, records in found:
        if not distinctive(words[first:last]) or any(
            a <= first and last <= b and (a, b) != (first, last) for a, b, _ in found
        ):
            continue
        fit = min(0.95, _INSIDE_FIT + _INSIDE_WORD * (last - first))
        hits += [Hit(hit.authority, fit * hit.fit, hit.method) for hit in records]
    return hits

"""What the words around a span say about its type."""

from collections.abc import Sequence
from functools import cache

from stores.keys import name_key
from tools.ner.lexicon import lexicon, table, word_set
from tools.ner.tokens import Token

Weights = dict[str, float]

_DETERMINERS = word_set("the a an any some all his her its their our your this that these those other most")
_BREAKS = frozenset(".?!;\n")
_COORDINATORS = frozenset(("and", "or", "nor", "plus", "versus", "vs"))
_LONGEST = 4
_REACH = 14
_LIST_DECAY = 0.8
_POSSESSIVE: Weights = {"author": 1.4, "organization": 0.6, "funder": 0.4, "country": 0.3}
_DENIALS = frozenset(
    (
        "not",
        "nothing",
        "none",
        "except",
        "excluding",
        "without",
        "besides",
        "never",
        "no",
        "non",
        "exclude",
        "minus",
        "nor",
        "ignore",
        "omit",
    )
)
_DENYING_PAIRS = frozenset(
    (("other", "than"), ("rather", "than"), ("instead", "of"), ("apart", "from"), ("leave", "out"))
)
_AFTER_DENIAL = word_set(
    "the a an any in on at by from of for about with papers paper work those ones anything coming funded to"
)


@cache
def _tables() -> tuple[dict[tuple[str, ...], Weights], dict[tuple[str, ...], Weights]]:
    data = table("cues")
    sides = []
    for side in ("left", "right"):
        entries = data[side]
        sides.append({tuple(name_key(phrase).split()): weights for phrase, weights in entries.items()})
    return sides[0], sides[1]


def left(tokens: Sequence[Token], first: int) -> Weights:
    """Return what stands before a span says of its type; members of a list share the cue before the list."""
    own = _left_own(tokens, first)
    if own is not None:
        return own
    if not _in_list(tokens, first):
        return {}
    for place in range(first - 1, max(-1, first - _REACH), -1):
        if breaks(tokens[place + 1].gap) and ":" not in tokens[place + 1].gap:
            return {}
        found = _left_own(tokens, place)
        if found is not None:
            return {type_: weight * _LIST_DECAY for type_, weight in found.items()}
        if tokens[place].key in lexicon().verb:
            return {}
    return {}


def _left_own(tokens: Sequence[Token], first: int) -> Weights | None:
    if first and (breaks(tokens[first].gap) or "," in tokens[first].gap):
        return None
    place = first
    while place and tokens[place - 1].key in _DETERMINERS and first - place < 2 and not breaks(tokens[place].gap):  # noqa: PLR2004
        place -= 1
    phrases, _ = _tables()
    for length in range(min(_LONGEST, place), 0, -1):
        words = tuple(token.key for token in tokens[place - length : place])
        if words in phrases:
            return phrases[words]
    return None


def _in_list(tokens: Sequence[Token], first: int) -> bool:
    if not first:
        return False
    place = first
    while place and tokens[place - 1].key in _DETERMINERS:
        place -= 1
    return "," in tokens[place].gap or bool(place and tokens[place - 1].key in _COORDINATORS)


def right(tokens: Sequence[Token], last: int) -> Weights:
    """Return what stands after a span says of its type."""
    weights: Weights = {}
    if last < len(tokens) and tokens[last].possessive:
        weights = dict(_POSSESSIVE)
        last += 1
    if last >= len(tokens) or breaks(tokens[last].gap) or any(ch in tokens[last].gap for ch in ",:("):
        return weights
    _, phrases = _tables()
    for length in range(min(_LONGEST, len(tokens) - last), 0, -1):
        words = tuple(token.key for token in tokens[last : last + length])
        if words in phrases:
            for type_, weight in phrases[words].items():
                weights[type_] = weights.get(type_, 0.0) + weight
            break
    return weights


def negated(tokens: Sequence[Token], first: int) -> bool:
    """Return whether a span is what the question does not want."""
    for place in range(first - 1, max(-1, first - 5), -1):
        if breaks(tokens[place + 1].gap):
            return False
        key = tokens[place].key
        if place and (tokens[place - 1].key, key) in _DENYING_PAIRS:
            return True
        if key in _DENIALS:
            return tokens[place + 1].key not in {"only", "just", "yet", "sure", "later", "before", "after"}
        if key == "outside":
            return True
        if key not in _AFTER_DENIAL:
            return False
    return False


def breaks(gap: str) -> bool:
    """Return whether a gap ends a sentence or a clause."""
    return any(ch in _BREAKS for ch in gap) and gap not in {". ", "."}

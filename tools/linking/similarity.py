"""How alike two names of institutions or topics are."""

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from tools.ner.lexicon import word_set

# Words that many names share weigh little; what is left tells names apart.
_COMMON = word_set(
    "university universite universita universidad universidade universitat universiteit universitet institute institut instituto"
    " institution college school faculty department center centre laboratory lab hospital foundation fund council agency ministry"
    " national international state research science sciences technology academy association society organization program office"
    " programme company inc ltd gmbh corporation studies applications analysis systems methods"
)
_SMALL = word_set("of the for and de la le des du di da do del della der die das fur und et in at on a an y e i to s")
_SMALL_WEIGHT, _COMMON_WEIGHT, _WEIGHT = 0.08, 0.4, 1.0
_SAME_WORD = 86.0
_SHORT_WORD = 4


@lru_cache(maxsize=20_000)
def _weight(word: str) -> float:
    if word in _SMALL:
        return _SMALL_WEIGHT
    return _COMMON_WEIGHT if word in _COMMON else _WEIGHT


def overlap(mention: Sequence[str], name: Sequence[str]) -> tuple[float, float]:
    """Return which weighted share of a mention's words a name holds, and which share of the name's the mention holds.

    Words count as the same when their spelling differs by a letter or so, and, for a fraction, when one begins with
    the other (Univ, University). The words are those of `name_key`.
    """
    if not mention or not name:
        return 0.0, 0.0
    free = list(name)
    shared_mention = shared_name = 0.0
    for word in mention:
        best, likeness = None, 0.0
        for other in free:
            found = _alike(word, other)
            if found > likeness:
                best, likeness = other, found
        if best is not None:
            free.remove(best)
            shared_mention += likeness * _weight(word)
            shared_name += likeness * _weight(best)
    return shared_mention / sum(map(_weight, mention)), shared_name / sum(map(_weight, name))


def _alike(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if len(word) < _SHORT_WORD or len(other) < _SHORT_WORD:
        short, long = sorted((word, other), key=len)
        return 0.7 if len(short) > 2 and long.startswith(short) and _weight(long) < _WEIGHT else 0.0  # noqa: PLR2004
    if ratio(word, other) >= _SAME_WORD:
        return 0.95
    return 0.85 if word.startswith(other) or other.startswith(word) else 0.0


def likeness(mention: Sequence[str], name: Sequence[str]) -> float:
    """Return how alike two names are, 0 to 1: the harmonic mean of both shares, a little less for another order."""
    precision, recall = overlap(mention, name)
    if not precision or not recall:
        return 0.0
    mean = 2 * precision * recall / (precision + recall)
    return mean * (0.96 + 0.04 * ratio(" ".join(mention), " ".join(name)) / 100)

"""The second tier: another tagger, slow and broad, is asked only about what the first one is unsure of."""

import logging
from collections.abc import Sequence

from tools.ner.base import Mention, Tagger
from tools.ner.lexicon import lexicon
from tools.ner.paper_refs import find_references
from tools.ner.tokens import tokenize

logger = logging.getLogger(__name__)

UNSURE_BELOW = 0.75
# Earlier turns of a conversation are tagged as well; of long ones nobody waits for a chat model's opinion.
_LONGEST = 600

Place = tuple[int, int]


class SecondTier:
    """Implements `Tagger` with two; whatever happens to the second, the mentions of the first stand.

    Args:
        first: asked for every question.
        second: asked where the first is unsure.
        below: mentions of the first with less confidence are unsure.
    """

    def __init__(self, first: Tagger, second: Tagger, below: float = UNSURE_BELOW) -> None:
        self._first = first
        self._second = second
        self._below = below

    def tag(self, question: str) -> Sequence[Mention]:
        """Return non-overlapping mentions in order; `source` tells which tier found each."""
        mentions = self._first.tag(question)
        doubts = doubtful(question, mentions, self._below)
        if not doubts or len(question) > _LONGEST:
            return mentions
        try:
            more = self._second.tag(question)
        except Exception as error:  # noqa: BLE001 - any chat model may be configured, and each fails in its own way
            logger.warning("The second tier failed, so the first alone counts: %s", error)
            return mentions
        return _merged(mentions, more, doubts, self._below)


def doubtful(question: str, mentions: Sequence[Mention], below: float = UNSURE_BELOW) -> list[Place]:
    """Return the places where a first tier is unsure: weak mentions, and words in capitals that it left alone."""
    places = [(m.start, m.end) for m in mentions if m.confidence < below]
    known = [(m.start, m.end) for m in mentions]
    known += [(ref.start, ref.end) for ref in find_references(question)]
    opens = True
    for token in tokenize(question):
        # A capital at the beginning of a sentence says nothing, unless more of them follow.
        opens = opens or any(ch in token.gap for ch in '.?!:\n"“')
        telling = token.capital and len(token.text) > 1 and (not opens or token.acronym or token.mixed)
        opens = False
        if telling and not lexicon().plain(token.key) and not any(_overlap((token.start, token.end), k) for k in known):
            places.append((token.start, token.end))
    return sorted(places)


def _merged(
    first: Sequence[Mention], second: Sequence[Mention], doubts: Sequence[Place], below: float
) -> list[Mention]:
    """Return the mentions of the first, and at the doubtful places what the second found there instead."""
    merged = [m for m in first if m.confidence >= below]
    for m in second:
        place = (m.start, m.end)
        if any(_overlap(place, d) for d in doubts) and not any(_overlap(place, (k.start, k.end)) for k in merged):
            weak = next((w for w in first if _overlap(place, (w.start, w.end)) and w.type == m.type), None)
            # Where both see the same type, the first keeps its borders.
            if weak is None or not any(_overlap((weak.start, weak.end), (k.start, k.end)) for k in merged):
                merged.append(weak or m)
    merged += [m for m in first if not any(_overlap((m.start, m.end), (k.start, k.end)) for k in merged)]
    return sorted(merged, key=lambda m: m.start)


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]

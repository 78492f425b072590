"""Candidate spans, and the choice of the best ones that do not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from stores.records import EntityType
from tools.ner.base import Mention, MentionSource

# What a span must reach to count as a mention, and what each further word of a longer span adds.
THRESHOLD = 1.5
_WORD_BONUS = 0.35


@dataclass(frozen=True)
class Span:
    """A possible mention: words `first` to `last` (exclusive) as one type.

    Attributes:
        first: index of its first word.
        last: index after its last word.
        type: what it would name.
        score: evidence for it.
        source: where the evidence comes from.
        cut: characters at the end of its last word that are not part of it (a plural s).
    """

    first: int
    last: int
    type: EntityType
    score: float
    source: MentionSource
    cut: int = 0

    @property
    def confidence(self) -> float:
        """Return the evidence as a number from 0 to 1."""
        return round(1 / (1 + exp(THRESHOLD - 1 - self.score)), 3)


def choose(spans: Sequence[Span], words: int, blocked: Sequence[bool]) -> list[Span]:
    """Return the spans without overlap whose evidence together is greatest (weighted interval scheduling).

    Args:
        spans: candidates.
        words: number of words of the text.
        blocked: for each word, whether it is taken already.
    """
    ending: list[list[Span]] = [[] for _ in range(words + 1)]
    for span in spans:
        if span.score >= THRESHOLD and not any(blocked[span.first : span.last]):
            ending[span.last].append(span)
    best: list[tuple[float, Span | None, int]] = [(0.0, None, 0)]
    for last in range(1, words + 1):
        choice: tuple[float, Span | None, int] = (best[last - 1][0], None, last - 1)
        for span in ending[last]:
            value = best[span.first][0] + span.score - 1 + _WORD_BONUS * (span.last - span.first)
            if value > choice[0]:
                choice = (value, span, span.first)
        best.append(choice)
    chosen: list[Span] = []
    place = words
    while place:
        _, chosen_span, before = best[place]
        if chosen_span is not None:
            chosen.append(chosen_span)
        place = before
    return chosen[::-1]


def mention(
    text: str,
    start: int,
    end: int,
    type_: EntityType,
    confidence: float,
    source: MentionSource,
    *,
    negated: bool = False,
) -> Mention:
    """Return a mention whose text is exactly what stands at its offsets."""
    return Mention(
        start=start, end=end, text=text[start:end], type=type_, confidence=confidence, source=source, negated=negated
    )

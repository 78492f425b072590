"""The words of a sentence and of its evidence as the trained verifier compares them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from tools.grounding.lexicon import known_stems, unknown_words
from tools.grounding.words import stem, tokens
from tools.retrieval.terms import STOP_WORDS

_CLAUSE = re.compile(r"[;:()]|,\s|\b(?:and|but|while|whereas|because|although|though|which|that|who)\b")
_LEAST_CLAUSE = 3
_MOST_CLAUSES = 3
_MOST_WORDS = 60


class Sides(NamedTuple):
    """A sentence and its evidence, taken apart.

    Attributes:
        ours, theirs: content words in lower case, in order.
        our_stems, their_stems: their stems, in the same order.
        unknown: words of the sentence, in lower case, that neither evidence nor title has.
        unnamed: words of the sentence that only the title has.
        clauses: parts of the evidence that can be compared alone; the evidence itself when it has none.
    """

    ours: list[str]
    theirs: list[str]
    our_stems: list[str]
    their_stems: list[str]
    unknown: list[str]
    unnamed: list[str]
    clauses: list[str]


def sides(sentence: str, evidence: str, title: str) -> Sides:
    """Take a sentence and its evidence apart."""
    ours, theirs = content(sentence), content(evidence)
    unknown = [word.lower() for word in unknown_words(sentence, known_stems(f"{evidence} {title}"))]
    here = [word.lower() for word in unknown_words(sentence, known_stems(evidence))]
    clauses = [part.strip() for part in _CLAUSE.split(evidence) if len(part.split()) >= _LEAST_CLAUSE]
    return Sides(
        ours=ours,
        theirs=theirs,
        our_stems=[stem(word) for word in ours],
        their_stems=[stem(word) for word in theirs],
        unknown=unknown,
        unnamed=[word for word in here if word not in unknown],
        clauses=clauses[:_MOST_CLAUSES] or [evidence],
    )


def content(text: str) -> list[str]:
    """Return the words of a text that are no function words, in lower case, in order, the first sixty."""
    return [word.lower() for word in tokens(text) if word.lower() not in STOP_WORDS][:_MOST_WORDS]


def alike(word: str, others: list[str]) -> float:
    """Return how alike in letters a word is to the most similar of others, 0 to 1."""
    return max((JaroWinkler.similarity(word, other) for other in others), default=0.0)


def weight(word: str, rarity: Mapping[str, float], unseen: float) -> float:
    """Return the rarity of a word by its stem; of a compound, that of its rarest part."""
    found = rarity.get(stem(word))
    if found is not None:
        return found
    parts = [part for part in re.split(r"[-'’./]", word) if part]
    return max((rarity.get(stem(part), unseen) for part in parts), default=unseen) if len(parts) > 1 else unseen

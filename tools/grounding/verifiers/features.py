"""What the trained verifier looks at: vectors, words with their rarity, their order, and what rules read off."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.grounding.directions import directions
from tools.grounding.polarity import negation_scopes
from tools.grounding.quantities import quantities
from tools.grounding.reserve import reserved_words
from tools.grounding.verifiers.base import Claim
from tools.grounding.verifiers.words_of import Sides, alike, weight
from tools.grounding.words import numbers, stem

FEATURES = (
    "cosine", "cosine of best clause", "cosine with title", "cosine of unknown words", "cosine lead of best clause",
    "weight known", "weight known with title", "weight of evidence kept", "pairs of words kept", "longest run",
    "order kept", "density", "unknown words", "share unknown", "unknown weight", "rarest unknown", "mean neighbour",
    "least neighbour", "mean likeness", "least likeness", "greatest loss", "share of loss", "rarity of least neighbour",
    "only in title", "numbers", "share of numbers kept", "denials", "denials of evidence", "directions", "directions of evidence",
    "directions unknown", "reserve", "reserve of evidence", "content words", "length ratio", "evidence content words",
)  # fmt: skip
UNSEEN = 10.0  # rarity of a word that the table does not have

Vectors = Mapping[str, NDArray[np.float32]]


def texts_of(claim: Claim, parts: Sides) -> list[str]:
    """Return the texts whose vectors the features need, longer than a word."""
    return [claim.sentence, claim.evidence, claim.title, " ".join(parts.unknown), *parts.clauses]


def words_of(parts: Sides) -> list[str]:
    """Return the words whose vectors the features need: none when the evidence has all words."""
    return [*parts.unknown, *parts.theirs] if parts.unknown else []


def features(claim: Claim, parts: Sides, texts: Vectors, words: Vectors, rarity: Mapping[str, float]) -> list[float]:
    """Return the values of FEATURES.

    Args:
        claim: sentence, quotation and title.
        parts: the same, taken apart.
        texts: unit vectors of `texts_of`.
        words: unit vectors of `words_of`.
        rarity: stem of a word to the logarithm of how seldom texts have it.
    """
    return [
        *_of_vectors(claim, parts, texts),
        *_of_words(parts, rarity),
        *_of_unknown(parts, words, rarity),
        *_of_rules(claim.sentence, claim.evidence, parts),
    ]


def _of_vectors(claim: Claim, parts: Sides, vectors: Vectors) -> list[float]:
    own, whole = vectors[claim.sentence], vectors[claim.evidence]
    near = float(own @ whole)
    best = max(float(own @ vectors[clause]) for clause in parts.clauses)
    titled = float(own @ vectors[claim.title]) if claim.title else near
    unknown = float(vectors[" ".join(parts.unknown)] @ whole) if parts.unknown else 1.0
    return [near, best, titled, unknown, best - near]


def _of_words(parts: Sides, rarity: Mapping[str, float]) -> list[float]:
    ours = {stemmed: weight(word, rarity, UNSEEN) for word, stemmed in zip(parts.ours, parts.our_stems, strict=True)}
    theirs = {s: weight(word, rarity, UNSEEN) for word, s in zip(parts.theirs, parts.their_stems, strict=True)}
    total, other_total = sum(ours.values()) or 1.0, sum(theirs.values()) or 1.0
    shared = set(ours) & set(theirs)
    unknown = {stem(word) for word in parts.unknown}
    known_here = sum(value for s, value in ours.items() if s in shared)
    known = sum(value for s, value in ours.items() if s not in unknown)
    kept = sum(value for s, value in theirs.items() if s in shared)
    pairs = set(pairwise(parts.our_stems))
    their_pairs = set(pairwise(parts.their_stems))
    places = [parts.their_stems.index(s) for s in dict.fromkeys(parts.our_stems) if s in shared]
    span = max(places) - min(places) + 1 if places else 1
    return [
        known_here / total,
        known / total,
        kept / other_total,
        len(pairs & their_pairs) / max(1, len(pairs)),
        _longest_run(parts.our_stems, parts.their_stems) / max(1, len(parts.our_stems)),
        _ordered(places),
        len(places) / span,
    ]


def _of_unknown(parts: Sides, vectors: Vectors, rarity: Mapping[str, float]) -> list[float]:
    """Return what there is to say on the words that the evidence has not: how rare, and how near to those it has."""
    total = sum(weight(word, rarity, UNSEEN) for word in parts.ours) or 1.0
    if not parts.unknown:
        return [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, float(len(parts.unnamed))]
    near = [0.0] * len(parts.unknown)
    if parts.theirs:
        rows, columns = (np.array([vectors[word] for word in side]) for side in (parts.unknown, parts.theirs))
        near = (rows @ columns.T).max(axis=1).tolist()
    likeness = [alike(word, parts.theirs) for word in parts.unknown]
    rare = [weight(word, rarity, UNSEEN) for word in parts.unknown]
    lost = [value * (1 - max(0.0, closeness)) for value, closeness in zip(rare, near, strict=True)]
    worst = int(np.argmin(near))
    return [
        float(len(parts.unknown)), len(parts.unknown) / max(1, len(parts.ours)), sum(rare) / total, max(rare),
        sum(near) / len(near), min(near), sum(likeness) / len(likeness), min(likeness), max(lost), sum(lost) / total,
        rare[worst], float(len(parts.unnamed)),
    ]  # fmt: skip


def _of_rules(sentence: str, evidence: str, parts: Sides) -> list[float]:
    ours, theirs = numbers(sentence), numbers(evidence)
    said, there = directions(sentence), directions(evidence)
    known = {stem(one.word) for one in there}
    return [
        float(len(quantities(sentence))),
        len(ours & theirs) / len(theirs) if theirs else 1.0,
        float(len(negation_scopes(sentence))),
        float(len(negation_scopes(evidence))),
        float(len(said)),
        float(len(there)),
        float(sum(stem(one.word) not in known for one in said)),
        float(reserved_words(sentence)),
        float(reserved_words(evidence)),
        float(len(parts.ours)),
        len(parts.ours) / max(1, len(parts.theirs)),
        float(len(parts.theirs)),
    ]


def _longest_run(ours: list[str], theirs: list[str]) -> int:
    """Return the length of the longest run of words that both have."""
    best, row = 0, [0] * (len(theirs) + 1)
    for word in ours:
        row = [0] + [before + 1 if word == other else 0 for before, other in zip(row, theirs, strict=False)]
        best = max(best, *row)
    return best


def _ordered(places: list[int]) -> float:
    """Return the share of neighbouring shared words that stand in the order of the evidence."""
    steps = [after > before for before, after in pairwise(places)]
    return sum(steps) / len(steps) if steps else 1.0

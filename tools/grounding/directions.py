"""Which way a text says that something goes: up or down, better or worse, earlier or later, and who does it to whom."""

import re
from typing import NamedTuple

from tools.grounding.rules import rules
from tools.grounding.words import stem
from tools.retrieval.terms import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_BREAK = re.compile(r"[,;:()]|\.\s|\b(?:and|but|while|whereas|although|though|or)\b", re.IGNORECASE)
_REACH = 6  # content words on each side of a word of direction that it may be about
_SIDE = 12
_BE = frozenset("is are was were be been being gets got".split())  # noqa: SIM905


class Direction(NamedTuple):
    """A word of direction: as written, its class, and how far the content words of its clause are from it, by stem."""

    word: str
    kind: str
    about: dict[str, int]


def directions(text: str) -> list[Direction]:
    """Return the words of direction of a text, in order."""
    kinds = rules().directions
    found = []
    for clause in _BREAK.split(text):
        words = [word for word in _WORD.findall(clause) if word.lower() not in STOP_WORDS or _kind(word)]
        stems = [stem(word) for word in words]
        for n, word in enumerate(words):
            kind = kinds.get(stems[n])
            if kind is None:
                continue
            about: dict[str, int] = {}
            for at in range(max(0, n - _REACH), min(len(words), n + _REACH + 1)):
                if at != n and stems[at] not in kinds:
                    about[stems[at]] = min(about.get(stems[at], _REACH), abs(at - n))
            found.append(Direction(word, kind, about))
    return found


def direction_faults(sentence: str, evidence: str) -> list[str]:
    """Return the words of direction of a sentence that the evidence has not, or has the other way round.

    A direction is kept when the evidence has a word of the same class, and no word of the opposite class is nearer to
    the words that it is about.
    """
    theirs = directions(evidence)
    faults = []
    for said in directions(sentence):
        same = [other for other in theirs if other.kind == said.kind]
        turned = [other for other in theirs if other.kind == rules().opposite[said.kind]]
        if said in theirs:
            continue
        against = max((_fit(said, other) for other in turned), default=0.0)
        if not same or against > max(_fit(said, other) for other in same):
            faults.append(said.word)
    return faults


def sides_exchanged(sentence: str, evidence: str) -> list[str]:
    """Return the verbs whose subject and object changed places, the passive taken into account."""
    theirs = _relations(evidence)
    faults = []
    for verb, doer, done in _relations(sentence):
        for other, their_doer, their_done in theirs:
            if stem(other) != stem(verb):
                continue
            straight = len(doer & their_doer) + len(done & their_done)
            crossed = len(doer & their_done) + len(done & their_doer)
            if crossed > straight and doer & their_done and done & their_doer:
                faults.append(verb)
                break
    return faults


def _kind(word: str) -> str | None:
    return rules().directions.get(stem(word))


def _fit(one: Direction, other: Direction) -> float:
    """Return how much two words of direction are about the same, nearer words counting more."""
    return sum(1 / (distance + other.about[word]) for word, distance in one.about.items() if word in other.about)


def _relations(text: str) -> list[tuple[str, set[str], set[str]]]:
    """Return each verb that has sides, with the stems of who does it and of what it is done to."""
    found = []
    words = [match.group().lower() for match in _WORD.finditer(text)]
    for n, word in enumerate(words):
        if word not in rules().relations:
            continue
        before, after = _content(words[max(0, n - _SIDE) : n]), _content(words[n + 1 : n + 1 + _SIDE])
        both = before & after
        before, after = before - both, after - both
        passive = n > 0 and bool(_BE & set(words[max(0, n - 2) : n])) and "by" in words[n + 1 : n + 4]
        found.append((word, after, before) if passive else (word, before, after))
    return found


def _content(words: list[str]) -> set[str]:
    return {stem(word) for word in words if word not in STOP_WORDS}

"""Checks that a rewording says what the program's sentences say."""

import itertools
import re
from collections.abc import Sequence

from stores.keys import name_key
from tools.profiling.atoms import Atom, atoms
from tools.profiling.base import Violation
from tools.profiling.check import spellings
from tools.profiling.stopwords import GENERIC

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")
_NEGATION = re.compile(r"\b(?:no|not|none|never|neither|nor|without|nobody|nothing|hardly|\w+n[’']t)\b", re.IGNORECASE)
_CHANGE = re.compile(r"\b(?:rose|fell|grown?|stayed|only|most|largest|first|last|alone|before|since|until)\b")
_KEPT = 0.6
_NEW_WORDS = 0.15
_NEUTRAL = """
appear appears appeared author authors work works include includes including published publication publications
researcher research collaborate collaborated collaborator collaborators frequent frequently also along alongside
followed following number total years period time record records recorded catalogue respectively topic topics area
"""
_PLAIN = frozenset(_NEUTRAL.split())


def unfaithful(section: str, text: str, sentences: Sequence[str]) -> list[Violation]:
    """Return what a rewording changed; nothing when it may stand.

    Each of its sentences must draw its numbers and names, in their order, from one sentence of the program or from two
    that follow each other; most of them must still be there; negations and words of change must agree; hardly any word
    may be new.

    Args:
        section: the section's title.
        text: the rewording.
        sentences: the program's sentences.
    """
    found = [_violation(section, part) for part in sentences_of(text) if not drawn(atoms(part), sentences)]
    source = " ".join(sentences)
    if len(atoms(text)) < _KEPT * len(atoms(source)):
        found.append(Violation(section=section, kind="meaning", text="leaves out most of the facts"))
    if len(_NEGATION.findall(text)) != len(_NEGATION.findall(source)):
        found.append(Violation(section=section, kind="meaning", text="says no where the facts do not, or the reverse"))
    if not set(_CHANGE.findall(text)) <= set(_CHANGE.findall(source)):
        found.append(Violation(section=section, kind="meaning", text="adds a comparison"))
    words, known = _content(text), _content(source)
    new = [word for word in words if word not in known and word not in _PLAIN]
    if len(new) > _NEW_WORDS * len(words):
        found.append(Violation(section=section, kind="meaning", text=f"adds words: {', '.join(dict.fromkeys(new))}"))
    return found


def _violation(section: str, part: str) -> Violation:
    return Violation(section=section, kind="meaning", text=f"numbers or names not as in the facts: {part}")


def sentences_of(text: str) -> list[str]:
    """Return a rewording in sentences."""
    return _SENTENCE.split(text)


def drawn(part: Sequence[Atom], sentences: Sequence[str]) -> bool:
    """Return whether numbers and names are, in their order, those of one sentence or of two that follow each other."""
    of = [atoms(sentence) for sentence in sentences]
    pairs = [a + b for a, b in itertools.pairwise(of)]
    return any(_subsequence(part, source) for source in (*of, *pairs)) or not part


def _subsequence(part: Sequence[Atom], source: Sequence[Atom]) -> bool:
    rest = iter(source)
    return all(any(same(atom, candidate) for candidate in rest) for atom in part if not _empty(atom))


def _empty(atom: Atom) -> bool:
    return atom.kind == "name" and "" in spellings(atom)


def same(atom: Atom, candidate: Atom) -> bool:
    """Return whether a number or name is another one, or a name is a part of it."""
    if atom.kind != candidate.kind:
        return False
    if atom.kind == "number":
        return atom.key == candidate.key
    return any(f" {key} " in f" {candidate.key} " for key in spellings(atom))


def _content(text: str) -> list[str]:
    return [word for word in name_key(text).split() if len(word) > 3 and word not in GENERIC and word.isalpha()]  # noqa: PLR2004

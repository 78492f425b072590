"""Checks a text against facts: every number and every name in it must occur in them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from tools.profiling.atoms import Atom, atoms, words
from tools.profiling.base import Violation

_OPENING = (
    "a about according after all almost also although among an and another as at authored because before besides between both"
    " but by citation citations coauthors collaboration collaborations collaborators common countries during each early"
    " earlier every few finally for frequent from funders funding further given however in including instead it its keywords"
    " later most much nearly no none not number of on one only other others our output over overall papers publications"
    " research several she he since so some still such that the their then there these they this those through throughout"
    " to together topics trends typical under until venues what when where which while who with within work works years"
    " affiliations appeared terms busiest"
)
_OPENERS = frozenset(_OPENING.split())


class Allowed:
    """The numbers and names that a text may use.

    Args:
        facts: values, nested in any way; numbers count as values, strings as names and for the numbers within.
    """

    def __init__(self, *facts: Any) -> None:
        texts: list[str] = []
        self._numbers: set[str] = set()
        for fact in facts:
            self._collect(fact, texts)
        for text in texts:
            self._numbers.update(atom.key for atom in atoms(text) if atom.kind == "number")
        self._names = " | ".join(["", *dict.fromkeys(map(words, texts)), ""])

    def _collect(self, fact: Any, texts: list[str]) -> None:
        if isinstance(fact, BaseModel):
            fact = fact.model_dump()
        if isinstance(fact, str):
            texts.append(fact)
        elif isinstance(fact, bool) or fact is None:
            return
        elif isinstance(fact, int | float):
            self._numbers.update(atom.key for atom in atoms(str(abs(fact))))
        elif isinstance(fact, Mapping):
            for key, value in fact.items():
                self._collect(key if isinstance(key, int) else None, texts)
                self._collect(value, texts)
        elif isinstance(fact, Iterable):
            for value in fact:
                self._collect(value, texts)

    def holds(self, atom: Atom) -> bool:
        """Return whether a number or name occurs."""
        if atom.kind == "number":
            return atom.key in self._numbers
        return any(self._has(key) for key in spellings(atom))

    def _has(self, key: str) -> bool:
        return not key or f" {key} " in self._names


def spellings(atom: Atom) -> list[str]:
    """Return the keys that a name may have in its facts: as written, without 's, without a word opening a sentence."""
    keys = [atom.key]
    if atom.text.endswith(("'s", "’s")):
        keys.append(words(atom.text[:-2]))
    if atom.opens:
        for key in list(keys):
            first, _, rest = key.partition(" ")
            if first in _OPENERS:
                keys.append(re.sub(r"^(?:(?:of|for|the) )+", "", rest))
    return keys


def violations(section: str, text: str, allowed: Allowed) -> list[Violation]:
    """Return the numbers and names of a section's text that its facts do not hold, in order."""
    return [Violation(section=section, kind=a.kind, text=a.text) for a in atoms(text) if not allowed.holds(a)]


def counts(texts: Sequence[str]) -> tuple[int, int]:
    """Return how many numbers and how many names were checked in these texts."""
    kinds = [atom.kind for text in texts for atom in atoms(text)]
    return kinds.count("number"), kinds.count("name")

"""Words that may stand for each other, words that must not, and words that say nothing about the subject."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

from tools.grounding.words import is_number_word, stem, tokens
from tools.retrieval.terms import STOP_WORDS

_PREFIX = 5  # letters that two inflected forms of a word share at least
SWEEPING = frozenset(
    {"all", "every", "always", "never", "only", "most", "none", "entirely", "completely", "must", "any"}
)


class Lexicon(NamedTuple):
    """Stems: those that may be added, those that each may stand for, and those that each must not."""

    plain: frozenset[str]
    groups: dict[str, frozenset[str]]
    opposites: dict[str, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    """Return the lists of check.toml."""
    content = tomllib.loads(resources.files(__package__ or "").joinpath("check.toml").read_text("utf-8"))
    groups: dict[str, frozenset[str]] = {}
    for row in content["groups"]:
        members = frozenset(map(stem, row.split()))
        for member in members:
            groups[member] = groups.get(member, frozenset()) | members
    opposites: dict[str, frozenset[str]] = {}
    for one, other in content["opposites"]:
        for a, b in ((one, other), (other, one)):
            opposites[stem(a)] = opposites.get(stem(a), frozenset()) | {stem(b)}
    return Lexicon(frozenset(map(stem, content["plain"].split())), groups, opposites)


def known_stems(text: str) -> set[str]:
    """Return the stems of all words, of compounds whole, joined and in parts."""
    found: set[str] = set()
    for token in tokens(text):
        parts = re.split(r"[-'’./]", token)
        found.update(stem(part) for part in (token, "".join(parts), *parts) if part)
    return found


def unknown_words(sentence: str, known: set[str]) -> list[str]:
    """Return the words of the sentence that come from nowhere: not known, and neither plain nor a stand-in."""
    return [
        word
        for n, word in enumerate(tokens(sentence))
        if not _is_known(word, known) and not (_is_common(word, first=n == 0) and _may_be_added(word, known))
    ]


def opposites(sentence: str, evidence: str) -> list[str]:
    """Return words of the sentence whose opposites, and not they themselves, stand in the evidence."""
    said, known = {stem(word): word for word in tokens(sentence)}, known_stems(evidence)
    turned = lexicon().opposites
    return [word for stemmed, word in said.items() if stemmed not in known and turned.get(stemmed, frozenset()) & known]


def _is_known(word: str, known: set[str]) -> bool:
    if word.lower() in SWEEPING:
        return stem(word) in known
    if word.lower() in STOP_WORDS or word[0].isdigit() or is_number_word(word.lower()):
        return True  # numbers are checked by their values
    parts = [part for part in re.split(r"[-'’./]", word) if part]
    return _in(stem(word), known) or _in(stem("".join(parts)), known) or all(_in(stem(p), known) for p in parts)


def _in(word: str, known: set[str]) -> bool:
    if word in known:
        return True
    return len(word) >= _PREFIX and any(
        len(other) >= _PREFIX and (other.startswith(word) or word.startswith(other)) for other in known
    )


def _is_common(word: str, *, first: bool) -> bool:
    """Return whether a word is no name: lower case, or the first of its sentence and otherwise lower case."""
    return word.islower() or (first and word[1:].islower())


def _may_be_added(word: str, known: set[str]) -> bool:
    if word.lower() in SWEEPING:
        return False
    words, stemmed = lexicon(), stem(word)
    return stemmed in words.plain or bool(words.groups.get(stemmed, frozenset()) & known)

"""Check a sentence of an answer against the evidence that it cites.

The check would rather reject a true sentence than pass a false one: what fails is replaced by the quotation, which
costs style and never truth. A sentence passes when its numbers, names and other words occur in the evidence (or, for
words, in the cited paper's title), nothing is denied or asserted the other way round, no comparison is turned, and each
number stands with the name that it stands with there. Words of the question are no evidence: a model that repeats what
the question supposes must not pass.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from tools.grounding.polarity import comparison_reversed, polarity_differs
from tools.grounding.words import is_number_word, numbers, stem, tokens
from tools.retrieval.terms import STOP_WORDS

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

_LEAST_SIMILARITY = 0.4
_PREFIX = 5  # letters that two inflected forms of a word share at least
_SWEEPING = frozenset(
    {"all", "every", "always", "never", "only", "most", "none", "entirely", "completely", "must", "any"}
)
_PART = re.compile(r"[;()]|,(?!\d)|\b(?:and|while|whereas|but|against|versus|vs)\b")
_CONTROL = re.compile(r"<\||\|>|</?s>|\[INST\]|```|https?://(?=\s|$)")


class Verdict(NamedTuple):
    """Whether a sentence is supported, and if not, everything that speaks against it."""

    supported: bool
    reasons: tuple[str, ...]


class _Lexicon(NamedTuple):
    plain: frozenset[str]
    groups: dict[str, frozenset[str]]
    opposites: dict[str, frozenset[str]]


@cache
def _lexicon() -> _Lexicon:
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
    return _Lexicon(frozenset(map(stem, content["plain"].split())), groups, opposites)


def check(
    sentence: str,
    quotes: Sequence[str],
    *,
    titles: Sequence[str] = (),
    embedder: "Embedder | None" = None,
) -> Verdict:
    """Return whether the quotations support the sentence.

    Args:
        sentence: without its citation marks.
        quotes: what it cites.
        titles: titles of the cited papers; words may come from them, numbers may not.
        embedder: adds a test of overall similarity.
    """
    evidence = " ".join(quotes)
    known = _stems(" ".join((evidence, *titles)))
    reasons = []
    if not tokens(sentence) or _CONTROL.search(sentence):
        reasons.append("it is no plain sentence")
    if wrong := sorted(numbers(sentence) - numbers(evidence)):
        reasons.append(f"numbers not in the evidence: {', '.join(f'{n:g}' for n in wrong)}")
    if strange := _unknown(sentence, known):
        reasons.append(f"words not in the evidence: {', '.join(strange)}")
    if turned := _opposites(sentence, evidence):
        reasons.append(f"the opposite is said: {', '.join(turned)}")
    if polarity_differs(sentence, evidence):
        reasons.append("it denies what the evidence asserts, or the reverse")
    if comparison_reversed(sentence, evidence):
        reasons.append("the sides of a comparison are exchanged")
    if moved := _moved_numbers(sentence, evidence):
        reasons.append(f"numbers stand with other names: {', '.join(moved)}")
    if embedder is not None and not reasons:
        ours, *theirs = embedder.embed([sentence, evidence, *quotes])
        if max(float(ours @ row) for row in theirs) < _LEAST_SIMILARITY:
            reasons.append("it is about something else")
    return Verdict(not reasons, tuple(reasons))


def _stems(text: str) -> set[str]:
    """Return the stems of all words, of compounds whole, joined and in parts."""
    found: set[str] = set()
    for token in tokens(text):
        parts = re.split(r"[-'’./]", token)
        found.update(stem(part) for part in (token, "".join(parts), *parts) if part)
    return found


def _unknown(sentence: str, known: set[str]) -> list[str]:
    """Return the words of the sentence that come from nowhere."""
    return [
        word
        for n, word in enumerate(tokens(sentence))
        if not _is_known(word, known) and not (_is_common(word, first=n == 0) and _may_be_added(word, known))
    ]


def _is_known(word: str, known: set[str]) -> bool:
    if word.lower() in _SWEEPING:
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
    if word.lower() in _SWEEPING:
        return False
    lexicon, stemmed = _lexicon(), stem(word)
    return stemmed in lexicon.plain or bool(lexicon.groups.get(stemmed, frozenset()) & known)


def _opposites(sentence: str, evidence: str) -> list[str]:
    """Return words of the sentence whose opposites, and not they themselves, stand in the evidence."""
    said, known = {stem(word): word for word in tokens(sentence)}, _stems(evidence)
    opposites = _lexicon().opposites
    return [
        word for stemmed, word in said.items() if stemmed not in known and opposites.get(stemmed, frozenset()) & known
    ]


def _moved_numbers(sentence: str, evidence: str) -> list[str]:
    """Return the names of a part of the sentence none of which has one of that part's numbers in the evidence."""
    there: dict[str, set[float]] = {}
    for names, values in _parts(evidence):
        for name in names:
            there.setdefault(name, set()).update(values)
    moved: list[str] = []
    for names, values in _parts(sentence):
        placed = [name for name in names if name in there]
        if not any(values & there[name] for name in placed):
            moved += placed
    return moved


def _parts(text: str) -> list[tuple[list[str], set[float]]]:
    """Return the names and numbers of each part of a text that has numbers."""
    found = []
    for part in _PART.split(text):
        if values := numbers(part):
            names = [
                word
                for n, word in enumerate(tokens(part))
                if word[0].isupper() and not any(ch.isdigit() for ch in word) and (n > 0 or not word[1:].islower())
            ]
            found.append((names, values))
    return found

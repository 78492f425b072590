"""Names of a sentence: words with capitals or digits inside, and acronyms, which must be the evidence's own."""

import re
import unicodedata
from collections.abc import Sequence

from tools.grounding.words import is_number_word, tokens

_PARTS = re.compile(r"[^\W_]+")
_LONGEST = 3  # parts of a name that may be written together: "IL-6" and "IL 6" and "IL6"
_ACRONYM = re.compile(r"[A-Z][A-Za-z]*[A-Z]s?$")
_MOST_LETTERS = 6


def is_name(word: str, *, first: bool) -> bool:
    """Return whether a word is written as a name; the first of a sentence only with a capital or digit further on."""
    inside = word[1:]
    if any(ch.isdigit() for ch in word) and any(ch.isalpha() for ch in word):
        return not word[0].isdigit()
    return any(ch.isupper() for ch in inside) or (word[0].isupper() and not first)


def name_faults(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the names of a sentence that no source holds, neither as written nor as what their letters stand for.

    Args:
        sentence: what is checked.
        sources: the quotations and titles.
    """
    text = " \n ".join(sources)
    known = _joined(text) | frozenset(map(_plain, tokens(text)))
    return [
        word
        for n, word in enumerate(tokens(sentence))
        if is_name(word, first=n == 0) and not is_number_word(word.lower()) and not _held(word, known, text)
    ]


def _held(word: str, known: frozenset[str], text: str) -> bool:
    whole = _plain("".join(_PARTS.findall(word)))
    if _plain(word) in known or whole in known or whole.removesuffix("s") in known or whole + "s" in known:
        return True
    if _ACRONYM.match(word) and len(word) <= _MOST_LETTERS and spelled_out(word, text):
        return True
    if any(ch.isdigit() for ch in word):
        return False
    parts = [part for part in re.split(r"[-'’./]", word) if part]
    return all(_inflected(_plain(part), known) for part in parts)


def _inflected(part: str, known: frozenset[str]) -> bool:
    """Return whether a word is known but for a common ending: "Bayesian" and "Bayes", "Germany's" and "Germany"."""
    least = 4
    return part in known or any(
        min(len(part), len(other)) >= least and abs(len(part) - len(other)) <= least
        and (part.startswith(other) or other.startswith(part))
        for other in known
    )  # fmt: skip


def spelled_out(acronym: str, text: str) -> bool:
    """Return whether neighbouring words of a text begin with the letters of an acronym: "neural machine translation"."""
    letters = acronym.rstrip("s").lower()
    initials = [word[0].lower() for word in _PARTS.findall(text)]
    return any("".join(initials[n : n + len(letters)]) == letters for n in range(len(initials) - len(letters) + 1))


def _joined(text: str) -> frozenset[str]:
    """Return neighbouring words of a text written together, up to three."""
    parts = [_plain(part) for part in _PARTS.findall(text)]
    return frozenset("".join(parts[n : n + size]) for size in range(1, _LONGEST + 1) for n in range(len(parts)))


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(ch for ch in folded if not unicodedata.combining(ch))

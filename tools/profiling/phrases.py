"""Phrases of a text that can name a topic, and how to write them."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from tools.profiling.stopwords import ADVERBIAL, GENERIC, HEADS, LEADS, PROPER

_TOKEN = re.compile(r"[^\W_]\w*(?:[-’'][\w]+)*")
_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”«»/|<>=+*&]|\s[-–—]+\s|--")
_POSSESSIVE = re.compile(r"[’']s?$")
_EDITION = re.compile(r"(?:19|20)\d\d$|^\d")  # "SemEval-2024", "3D" and plain numbers
# A title such as “TEAM at SemEval-2024 Task 4” or “TEAM’s Submission to the Shared Task”.
_SYSTEM = re.compile(
    r"^(?P<team>[^:]{2,60}?)(?: at | @ ?)[^:]*(?:\d{2}|\b[Tt]ask\b|@)[^:]*(?P<end>:|$)"
    r"|^(?P<owner>[^:]{2,60}?)[’']s? (?:\w+ ){0,3}?(?:Submissions?|Participation|Systems?|Entry|Entries)\b",
    re.IGNORECASE,
)
_LONGEST = 4
_READ = 2500  # characters of an abstract; full texts that pass for abstracts say nothing more
_ENDINGS = re.compile(r"(?:tion|sion|ment|ity|ness|ance|ence|sis|ial|ical|ive|ous|ism|ology)s?$")
_SAMPLE = 200  # characters that tell whether a text is set in capitals
_CAPITALS = 0.7  # share of capitals from which on a text is set in capitals


class Casing:
    """How words are written inside sentences, so that a label is not In Title Case."""

    def __init__(self) -> None:
        self._lower: set[str] = set()
        self._upper: Counter[str] = Counter()

    def read(self, text: str) -> None:
        """Take in a running text; the words that open a clause tell nothing."""
        for piece in _BREAK.split(text[:_READ]):
            for word in _TOKEN.findall(piece)[1:]:
                parts = word.split("-") if "-" in word else (word,)
                if word[:1].islower():
                    self._lower.update(parts)
                else:
                    self._upper.update(parts)

    def written(self, form: str) -> str:
        """Return a phrase with the capitals that belong to its words alone; one that ends in a name stays as it is."""
        words = form.split()
        if len(words) > 1 and all(word[:1].isupper() for word in words) and self._word(words[-1]) == words[-1]:
            return form
        return " ".join("-".join(map(self._word, word.split("-"))) for word in words)

    def _word(self, word: str) -> str:
        low = word[:1].lower() + word[1:]
        if not word[:1].isupper() or not word[1:].islower() or word in PROPER:
            return word
        if low in self._lower or low + "s" in self._lower or low.removesuffix("s") in self._lower:
            return low
        return low if _ENDINGS.search(low) or not self._upper[word] else word


def phrases(text: str) -> Iterator[tuple[str, str]]:
    """Yield (key, form) of every run of one to four words that can stand as a noun phrase.

    A run ends with a word of content, or with a general noun after one ("entity recognition system"); before it there are
    only such words and those that lead in names of topics ("large language models", "question answering"). The key is the
    same for singular and plural and for blank and hyphen.
    """
    if sum(map(str.isupper, text[:_SAMPLE])) > _CAPITALS * sum(map(str.isalpha, text[:_SAMPLE])):
        text = text.lower()
    for piece in _BREAK.split(text[:_READ]):
        run: list[tuple[str, str]] = []  # the key and form of the last words that may stand in a phrase
        noun = False  # whether the last of them is a word of content
        for word in _TOKEN.findall(piece):
            key, part, closes = _look(word)
            if part == "content" or (closes and noun):
                words = [*run[1 - _LONGEST :], (key, _POSSESSIVE.sub("", word))]
                for start in range(len(words)):
                    yield " ".join([one for one, _ in words[start:]]), " ".join([form for _, form in words[start:]])
                    if closes and start == len(words) - 2:
                        break
            if part == "none":
                run.clear()
            else:
                run.append((key, word))
            noun = part == "content"


def team(title: str) -> str:
    """Return who a title says describes its system for a shared task, or an empty string for other titles."""
    found = _SYSTEM.search(title)
    return (found["team"] or found["owner"] or "") if found else ""


def key_of(phrase: str) -> str:
    """Return the key of a phrase as written."""
    return " ".join(_look(word).key for word in _TOKEN.findall(phrase))


def initials(key: str) -> str:
    """Return the first letters of the words of a key."""
    return "".join(word[0] for word in key.split())


class _Look(NamedTuple):
    """A word: its key, its part in a phrase (a lead never ends one), and whether it may close one though general."""

    key: str
    part: Literal["none", "content", "lead"]
    closes: bool = False


@lru_cache(maxsize=50_000)
def _look(word: str) -> _Look:
    low = word.casefold().replace("’", "'").removesuffix("'s")
    one = singular(low)
    key = one.replace("-", " ")
    closes = low in HEADS or one in HEADS
    if low in LEADS or one in LEADS:
        return _Look(key, "lead", closes)
    general = len(one) == 1 or _EDITION.search(low) or low in GENERIC or one in GENERIC or low in ADVERBIAL
    return _Look(key, "none" if general or closes else "content", closes)


def singular(word: str) -> str:
    """Return an English word in lower case without the ending of a plural."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")):  # noqa: PLR2004
        return word[:-1]
    return word

"""Words, stems and numbers of a text, in the forms in which question, evidence and answer are compared."""

import re
import unicodedata
from functools import lru_cache

from tools.retrieval.terms import STOP_WORDS


def _listed(text: str) -> list[str]:
    return text.split()


_TOKEN = re.compile(r"[^\W_]+(?:[-'’./][^\W_]+)*")
_SUFFIXES = _listed(
    "izations ization isations isation ations ation ating ated ates ate ators ator itions ition fully ments ment nesses ness ingly ings ing "
    "edly ers er ors or ies ied ive ed es ly al s e y"
)
_SHORTEST_STEM = 3
_UNITS = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS = _listed("zeroth first second third fourth fifth sixth seventh eighth ninth tenth")
_MULTIPLES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "twice": 2.0, "half": 0.5}
_WORD_NUMBERS: dict[str, float] = {
    **{word: float(n) for n, word in enumerate(_UNITS)},
    **{word: float(n) for word, n in _TENS.items()},
    **{word: float(n) for n, word in enumerate(_ORDINALS)},
    **_MULTIPLES,
}
_DIGITS = re.compile(
    r"(?<![\w.])(?<![A-Za-z]-)(?:[$€£])?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s?(k|m|b|million|billion|thousand)\b|(?:st|nd|rd|th)\b)?(?![\d])",
    re.IGNORECASE,
)
_SCALE = {"k": 1e3, "m": 1e6, "b": 1e9, "thousand": 1e3, "million": 1e6, "billion": 1e9}


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return a word without case, accents and the commonest English endings."""
    word = unicodedata.normalize("NFKD", word.casefold())
    word = "".join(ch for ch in word if not unicodedata.combining(ch))
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            word = word[: -len(suffix)]
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def tokens(text: str) -> list[str]:
    """Return the words of a text as written, compounds whole."""
    return _TOKEN.findall(text)


@lru_cache(maxsize=100_000)
def _stems_of(token: str) -> frozenset[str]:
    return frozenset((stem(token), *(stem(part) for part in re.split(r"[-'’./]", token) if part)))


def stems(text: str) -> set[str]:
    """Return the stems of all words, of compounds both whole and in parts."""
    return set().union(*map(_stems_of, tokens(text)))


def content_stems(text: str) -> set[str]:
    """Return the stems of the words that are no function words."""
    found = set()
    for token in tokens(text):
        for part in re.split(r"[-'’./]", token):
            if part and part.lower() not in STOP_WORDS:
                found.add(stem(part))
    return found


def numbers(text: str) -> set[float]:
    """Return the values of the numbers in a text, in digits or in words; "one" alone is no number.

    "44,075" and "44075", "eight" and "8", "50k" and "50 thousand", "57th" and "57" are the same.
    """
    found = {_value(match) for match in _DIGITS.finditer(text)}
    rest = _DIGITS.sub(" ", text).lower()
    found.update(_WORD_NUMBERS[word] for word in re.findall(r"[a-z]+", rest) if is_number_word(word))
    return found


def is_number_word(word: str) -> bool:
    """Return whether a word by itself says a number: "eight", "eighth", "million"."""
    return word in _WORD_NUMBERS and word not in {"one", "zero", "half", "second"}


def _value(match: re.Match[str]) -> float:
    value = float(match.group(1).replace(",", ""))
    return value * _SCALE.get((match.group(2) or "").lower(), 1.0)

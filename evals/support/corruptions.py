"""False variants of a sentence, made by program: one change each, named after what it changes."""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from tools.retrieval.terms import STOP_WORDS

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
_UNIT = re.compile(
    r"(?<=\d)\s?(%|ms|percent|points|million|billion|mg|kg|hours|days|weeks|months|years|seconds|minutes)(?=[\s.,;)])"
)
_OTHER_UNIT = {
    "%": " points", "percent": "points", "points": "%", "ms": "s", "million": "billion", "billion": "million", "mg": "g", "kg": "g",
    "hours": "days", "days": "weeks", "weeks": "months", "months": "years", "years": "months", "seconds": "minutes",
    "minutes": "seconds",
}  # fmt: skip
_AUXILIARY = re.compile(r"\b(is|are|was|were|can|does|do|did|has|have|will|could)\b(?! not| n't)")
_DENIAL = re.compile(r"\b((?:is|are|was|were|can|does|do|did|has|have|will|could) )not |\b(can)not\b")
_TURNS = {
    "higher": "lower", "lower": "higher", "better": "worse", "worse": "better", "more": "less", "less": "more", "fewer": "more",
    "improves": "worsens", "improve": "worsen", "improved": "worsened", "increases": "decreases", "best": "worst",
    "increase": "decrease", "increased": "decreased", "decrease": "increase", "decreased": "increased", "larger": "smaller",
    "reduces": "raises", "reduced": "raised", "reduce": "raise", "greater": "smaller", "highest": "lowest", "lowest": "highest",
    "outperforms": "falls behind", "outperform": "fall behind", "outperformed": "fell behind", "faster": "slower",
    "before": "after", "after": "before", "inhibits": "promotes", "promotes": "inhibits", "positive": "negative", "negative": "positive",
    "positively": "negatively", "effective": "useless", "first": "last", "strong": "feeble", "low": "high", "high": "low",
    "enhances": "weakens", "enhanced": "weakened", "enhance": "weaken", "associated with": "unrelated to", "gain": "loss",
    "gains": "losses", "rise": "fall", "superior": "inferior", "small": "big", "large": "tiny", "significant": "negligible",
    "significantly": "slightly", "robust": "fragile", "simple": "complicated", "easy": "hard", "successfully": "unsuccessfully",
}  # fmt: skip
_TURN = re.compile(r"\b(?:" + "|".join(_TURNS) + r")\b")
_QUANTIFIERS = {
    "some": "all", "several": "all", "many": "all", "most": "all", "few": "many", "often": "always", "sometimes": "always",
    "all": "few", "a few": "all", "rarely": "often", "both": "neither of the", "usually": "always", "various": "all",
}  # fmt: skip
_QUANTIFIER = re.compile(r"\b(?:" + "|".join(sorted(_QUANTIFIERS, key=len, reverse=True)) + r")\b")
_RESERVES = {
    "may": "does", "might": "does", "could": "does", "can": "always does", "suggest that": "prove that", "likely": "certainly",
    "potentially": "certainly", "possibly": "certainly", "should": "does",
}  # fmt: skip
_RESERVE = re.compile(r"\b(?:" + "|".join(sorted(_RESERVES, key=len, reverse=True)) + r")\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z-]*[A-Za-z](?=[ ,.])")
_CONTENT = re.compile(r"(?<=\s)[a-z][a-z-]{3,}(?=[\s,.;])")
_SIDES = re.compile(
    r"^(.{8,90}?)\b(outperforms?|than|causes?|induces?|increases|reduces|inhibits|improves|predicts?)\b(.{8,120}?)([.;].*)?$"
)


class Abstract(NamedTuple):
    """What a corruption may draw on: the other sentences of the abstract, and names and words of other papers."""

    others: Sequence[str]
    names: Sequence[str]
    words: Callable[[str, Random], str | None]


def corrupted(text: str, kind: str, abstract: Abstract, random: Random) -> str | None:
    """Return the sentence with one change of a kind of KINDS, or None when it has nothing to change."""
    made = KINDS[kind](text, abstract, random)
    return made if made is not None and made != text else None


def _number(text: str, _: Abstract, random: Random) -> str | None:
    if not (found := list(_NUMBER.finditer(text))):
        return None
    match = random.choice(found)
    digits = match.group()
    at = random.choice([n for n, ch in enumerate(digits) if ch.isdigit()])
    other = random.choice([d for d in "123456789" if d != digits[at]])
    return text[: match.start()] + digits[:at] + other + digits[at + 1 :] + text[match.end() :]


def _unit(text: str, _: Abstract, random: Random) -> str | None:
    if not (found := list(_UNIT.finditer(text))):
        return None
    match = random.choice(found)
    return text[: match.start(1)] + _OTHER_UNIT[match.group(1)] + text[match.end() :]


def _negated(text: str, _: Abstract, random: Random) -> str | None:
    if denial := _DENIAL.search(text):
        return text[: denial.start()] + (denial.group(1) or denial.group(2)) + text[denial.end() :]
    if not (found := list(_AUXILIARY.finditer(text))):
        return None
    match = random.choice(found)
    return text[: match.end()] + " not" + text[match.end() :]


def _mapped(pattern: re.Pattern[str], table: dict[str, str]) -> Callable[[str, Abstract, Random], str | None]:
    def change(text: str, _: Abstract, random: Random) -> str | None:
        if not (found := list(pattern.finditer(text))):
            return None
        match = random.choice(found)
        return text[: match.start()] + table[match.group()] + text[match.end() :]

    return change


def _name(text: str, abstract: Abstract, random: Random) -> str | None:
    found = list(_NAME.finditer(text))
    own: list[str] = [name for other in abstract.others for name in _NAME.findall(other) if name not in text]
    names = own or [name for name in abstract.names if name not in text]
    if not found or not names:
        return None
    match = random.choice(found)
    return text[: match.start()] + random.choice(names) + text[match.end() :]


def _entity(text: str, abstract: Abstract, random: Random) -> str | None:
    """Exchange a content word for one of another sentence of the abstract."""
    return _exchange(text, [word for other in abstract.others for word in _CONTENT.findall(other)], random)


def _neighbour(text: str, abstract: Abstract, random: Random) -> str | None:
    """Exchange a content word for one of like meaning that is not the same thing: "recall" for "precision"."""
    places = [match for match in _CONTENT.finditer(text) if match.group() not in STOP_WORDS]
    random.shuffle(places)
    for match in places[:4]:
        if other := abstract.words(match.group(), random):
            return text[: match.start()] + other + text[match.end() :]
    return None


def _exchange(text: str, words: Sequence[str], random: Random) -> str | None:
    found = [match for match in _CONTENT.finditer(text) if match.group() not in STOP_WORDS]
    others = [word for word in words if word not in STOP_WORDS and word[:5] not in text]
    if not found or not others:
        return None
    match = random.choice(found)
    return text[: match.start()] + random.choice(others) + text[match.end() :]


def _clause(text: str, abstract: Abstract, random: Random) -> str | None:
    """Put the end of another sentence in the place of its own."""
    words, least = text.split(), 8
    tails = [other.split() for other in abstract.others if len(other.split()) > least]
    if len(words) <= least or not tails:
        return None
    tail = random.choice(tails)
    return " ".join(words[: len(words) // 2] + tail[len(tail) // 2 :])


def _added(text: str, abstract: Abstract, random: Random) -> str | None:
    """Add a few words of another sentence."""
    tails = [other.rstrip(".").split() for other in abstract.others if len(other.split()) > 6]  # noqa: PLR2004
    if not tails:
        return None
    return text.rstrip(". ") + ", " + " ".join(random.choice(tails)[-random.randint(3, 6) :]) + "."


def _sides(text: str, _: Abstract, random: Random) -> str | None:  # noqa: ARG001
    if not (match := _SIDES.match(text)):
        return None
    left, verb, right, rest = match.groups()
    return f"{right.strip().rstrip('.')} {verb} {left.strip()}{rest or '.'}"


KINDS: dict[str, Callable[[str, Abstract, Random], str | None]] = {
    "number changed": _number,
    "unit changed": _unit,
    "negated": _negated,
    "direction turned": _mapped(_TURN, _TURNS),
    "quantifier changed": _mapped(_QUANTIFIER, _QUANTIFIERS),
    "reserve dropped": _mapped(_RESERVE, _RESERVES),
    "name exchanged": _name,
    "word of the abstract": _entity,
    "near word": _neighbour,
    "end of a neighbour": _clause,
    "words added": _added,
    "sides exchanged": _sides,
}

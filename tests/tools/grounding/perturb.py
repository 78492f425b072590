"""Makes false sentences out of true ones, each by one change that turns what is said."""

import random
import re

_ANTONYMS = {
    "higher": "lower", "lower": "higher", "better": "worse", "worse": "better", "more": "fewer", "less": "more",
    "improves": "degrades", "improve": "degrade", "improved": "degraded", "increases": "decreases", "best": "worst",
    "increase": "decrease", "increased": "decreased", "decrease": "increase", "large": "small", "larger": "smaller",
    "small": "large", "significantly": "insignificantly", "positive": "negative", "negative": "positive",
    "effective": "useless", "fast": "slow", "faster": "slower", "strong": "weak", "supervised": "unsupervised",
    "unsupervised": "supervised", "monolingual": "multilingual", "robust": "fragile", "easy": "difficult", "new": "old",
    "first": "last", "high": "low", "low": "high", "simple": "complicated", "able": "unable", "reduces": "raises",
    "outperforms": "underperforms", "outperform": "underperform",
}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z-]*[A-Za-z](?=[ ,.])")
_AUXILIARY = re.compile(r"\b(is|are|was|were|can|does|do|has|have|will)\b(?! not| n't)")
_DENIAL = re.compile(r"\b((?:is|are|was|were|can|does|do|did|has|have|will|could) )not |\bcan(not)\b")


def changed_number(text: str, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    digits = match.group()
    at = rng.choice([n for n, ch in enumerate(digits) if ch.isdigit()])
    other = rng.choice([d for d in "123456789" if d != digits[at]])
    return text[: match.start()] + digits[:at] + other + digits[at + 1 :] + text[match.end() :]


def added_negation(text: str, rng: random.Random) -> str | None:
    found = list(_AUXILIARY.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.end()] + " not" + text[match.end() :]


def removed_negation(text: str, rng: random.Random) -> str | None:
    found = list(_DENIAL.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + (match.group(1) or "can") + text[match.end() :]


def swapped_name(text: str, rng: random.Random, others: list[str]) -> str | None:
    found = list(_NAME.finditer(text))
    names = [name for name in others if name.lower() not in text.lower()]
    if not found or not names:
        return None
    match = rng.choice(found)
    return text[: match.start()] + rng.choice(names) + text[match.end() :]


def antonym(text: str, rng: random.Random) -> str | None:
    found = [match for match in re.finditer(r"[a-z]+", text) if match.group() in _ANTONYMS]
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + _ANTONYMS[match.group()] + text[match.end() :]


def names_in(text: str) -> list[str]:
    return _NAME.findall(text)

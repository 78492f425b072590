"""Tell sentences that speak to the reader's software: "ignore previous instructions", made-up transcripts, calls of tools.

What is said about such orders may be quoted: an order in quotation marks, in a sentence on attacks or prompts.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

from tools.grounding.disguises import bare, readings

_LONGEST = 2000  # characters of one sentence that are read; what goes on for longer is no sentence
_QUOTED = re.compile(r"[\"“”‘’'`«»]+([^\"“”«»`]{3,200}?)[\"“”‘’'`«»]+")
_ABOUT = re.compile(
    r"\b(?:attack\w*|injection\w*|inject(?:s|ed|ing)|jailbreak\w*|adversar\w*|prompt(?:s|ed|ing)?|instruction[- ](?:tun|follow)\w*"
    r"|utterances?|dialogues?|phrases?|expressions?|templates?|tokens?|we (?:study|show|find|propose|present|introduce)"
    r"|such as|e\.g|for example|for instance|corpus|dataset|annotat\w+)\b"
)


class Order(NamedTuple):
    """What kind of order a sentence is, and where it begins in the sentence's plain reading; 0 when it is disguised."""

    name: str
    start: int


class _Pattern(NamedTuple):
    name: str
    needs: tuple[str, ...]
    beyond: str
    pattern: re.Pattern[str]


@cache
def _patterns() -> tuple[tuple[_Pattern, ...], re.Pattern[str]]:
    content = tomllib.loads(resources.files(__package__ or "").joinpath("orders.toml").read_text("utf-8"))

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, words in content["words"].items():
            pattern = pattern.replace(f"{{{name}}}", words)
        return re.compile(pattern)

    strong = tuple(
        _Pattern(
            row["name"],
            tuple(word.replace("_", " ") if len(word) > 1 else word for word in row.get("needs", "").split()),
            chr(row.get("beyond", 0)),
            compiled(row["pattern"]),
        )
        for row in content["strong"]
    )
    return strong, compiled("|".join(row["pattern"] for row in content["weak"]))


def order(sentence: str) -> Order | None:
    """Return what order to software a sentence holds, or None for one that may be quoted."""
    strong, _ = _patterns()
    for n, text in enumerate(readings(sentence[:_LONGEST])):
        last = max(text, default="")
        for one in strong:
            if last < one.beyond or (one.needs and not any(word in text for word in one.needs)):
                continue
            found = one.pattern.search(text)
            if found and not _is_mention(text, one.pattern):
                return Order(one.name, 0 if n else found.start())
    return None


def may_belong(sentence: str) -> bool:
    """Return whether a sentence is suspect beside an order: it says "you", "the answer", or how to answer."""
    return _patterns()[1].search(bare(sentence)) is not None


def _is_mention(text: str, pattern: re.Pattern[str]) -> bool:
    """Return whether the order stands in quotation marks alone, within a sentence on such texts."""
    rest = _QUOTED.sub(" ", text)
    return (
        rest != text
        and _ABOUT.search(rest) is not None
        and pattern.search(rest) is None
        and any(pattern.search(quoted) for quoted in _QUOTED.findall(text))
    )

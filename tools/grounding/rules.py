"""The lists of the rules that a wording is checked by, read once."""

import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

from tools.grounding.words import stem

_OPPOSITE = {"up": "down", "good": "bad", "earlier": "later"}


class Rules(NamedTuple):
    """Words by what they say.

    Attributes:
        directions: stem to "up", "down", "good", "bad", "earlier" or "later".
        opposite: each of those to the one that turns it.
        denials: word in lower case to the words that deny the same.
        relations: verbs, in lower case, whose sides may not be exchanged.
        quantifiers: word in lower case to its class.
        weaker: class of a quantifier to the classes that say no more than it.
        unsure: words that leave open whether something holds.
        reserve: words that keep such a reserve, those among them.
    """

    directions: dict[str, str]
    opposite: dict[str, str]
    denials: dict[str, frozenset[str]]
    relations: frozenset[str]
    quantifiers: dict[str, str]
    weaker: dict[str, frozenset[str]]
    unsure: frozenset[str]
    reserve: frozenset[str]


@cache
def rules() -> Rules:
    """Return the lists."""
    content = tomllib.loads(resources.files(__package__ or "").joinpath("rules.toml").read_text("utf-8"))
    unsure = frozenset(content["modality"]["unsure"].split())
    return Rules(
        directions={stem(word): name for name, words in content["directions"].items() for word in words.split()},
        opposite=_OPPOSITE | {other: one for one, other in _OPPOSITE.items()},
        denials={word: frozenset(row.split()) for row in content["denials"]["rows"] for word in row.split()},
        relations=frozenset(content["relations"]["verbs"].split()),
        quantifiers={word: name for name, words in content["quantifiers"].items() for word in words.split()},
        weaker={name: frozenset(classes) for name, classes in content["weaker"].items()},
        unsure=unsure,
        reserve=unsure | frozenset(content["modality"]["reserve"].split()),
    )

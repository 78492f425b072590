"""A sentence, its evidence, and whether the one bears the other; and which fifth of the data it belongs to."""

import gzip
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from stores.errors import InputError
from tools.grounding.sentences import split
from tools.grounding.verifiers.base import Claim

FOLDS = 5
HELD_OUT = 0


class Pair(NamedTuple):
    """A labelled pair.

    Attributes:
        claim: sentence, evidence and title.
        true: whether the evidence bears the sentence.
        kind: how the pair came about: "supported", "contradicted", "number changed" ...
        source: "scifact", "papers" or "pubmedqa".
        fold: 0 is held out; all pairs of a document, and of a claim, are in one.
    """

    claim: Claim
    true: bool
    kind: str
    source: str
    fold: int


def fold_of(key: str) -> int:
    """Return the fold of a document, the same on every machine."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) % FOLDS


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [text[start:end] for start, end in split(text)]


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON Lines, gzip by its extension.

    Raises:
        InputError: it cannot be read.
    """
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as lines:
            for line in lines:
                yield orjson.loads(line)
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path)) from error


def joined(groups: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each key a name that all keys share that some pair, or a chain of pairs, joins."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for one, other in groups:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return {key: root(key) for key in parent}

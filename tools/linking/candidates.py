"""Records that a mention may mean, with how well their names fit it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Authority, AuthorityType, NameKind
from tools.linking import people
from tools.linking.base import Method
from tools.linking.similarity import likeness, overlap

_METHODS: dict[NameKind, Method] = {
    "name": "exact", "label": "alias", "alias": "alias", "variant": "alias", "asserted": "alias", "acronym": "acronym",
}  # fmt: skip
_EXACT: dict[NameKind, float] = {
    "name": 1.0, "label": 0.99, "alias": 0.98, "variant": 0.98, "asserted": 0.96, "acronym": 0.95,
}  # fmt: skip
_WORDS_LOOKED_AT = 60
_VECTORS_LOOKED_AT = 20
_SUBJECTS = re.compile(r",|&|\band\b|/", re.IGNORECASE)


class QueryEmbedder(Protocol):
    """What embeds a name."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text, float32 of shape (dimension,)."""
        ...


class NameIndex(Protocol):
    """What finds the vectors next to one; ids are rows of the name table, as text."""

    def search(self, vectors: NDArray[np.float32], k: int) -> list[list[tuple[str, float]]]:
        """Return for each row of `vectors` up to `k` (id, inner product), best first."""
        ...


@dataclass(frozen=True)
class Hit:
    """A record, how well one of its names fits (0 to 1), and how it was found."""

    authority: Authority
    fit: float
    method: Method


class Candidates:
    """Finds candidates by key, words, shape of names and, where there is an index, vectors."""

    def __init__(
        self, catalogue: Catalogue, names: NameIndex | None = None, embedder: QueryEmbedder | None = None
    ) -> None:
        self._authorities = catalogue.authorities
        self._names = names
        self._embedder = embedder

    def find(self, type_: AuthorityType, text: str) -> list[Hit]:
        """Return the candidates of one mention, each record once with its best fit."""
        hits = self.exact(type_, text)
        if type_ == "author":
            if not hits or any(len(word) == 1 for word in name_key(text).split()):
                hits += self._persons(text)
        elif max((hit.fit for hit in hits), default=0.0) < _EXACT["acronym"]:
            hits += self.alike(type_, text)
            hits += self._near(type_, text)
        return best_of_each(hits)

    def exact(self, type_: AuthorityType, text: str) -> list[Hit]:
        """Return the records one of whose names is this text but for case, accents and punctuation."""
        found = self._authorities.named(type_, text)
        key = name_key(text)
        if not found and key.startswith("the "):
            found = self._authorities.named(type_, key.removeprefix("the "))
        return [Hit(record, _EXACT[kind] * _case(kind, text), _METHODS[kind]) for record, _, kind in found]

    def alike(self, type_: AuthorityType, text: str) -> list[Hit]:
        """Return the records that have words in common with a text."""
        words = name_key(text).split()
        found = self._authorities.with_words(type_, text, _WORDS_LOOKED_AT)
        hits = []
        for record, name, kind in found:
            hits.append(Hit(record, _fit(type_, words, name, kind), "words"))
        return hits

    def _persons(self, text: str) -> list[Hit]:
        mention = people.parse(text)
        found = self._authorities.with_words("author", text, _WORDS_LOOKED_AT)
        family = [word for word in mention.family if len(word) > 1]
        if family:
            found += self._authorities.with_all_words("author", family, _WORDS_LOOKED_AT * 3)
        folded = people.plain(mention.family[-1]) if mention.family else ""
        if folded and folded != mention.family[-1]:
            found += self._authorities.with_all_words("author", [folded], _WORDS_LOOKED_AT)
        return [
            Hit(record, fit, "fuzzy")
            for record, name, _ in found
            if (fit := 0.97 * people.compatibility(mention, people.parse(name)))
        ]

    def _near(self, type_: AuthorityType, text: str) -> list[Hit]:
        if self._names is None or self._embedder is None:
            return []
        vector = self._embedder.embed_query(text)
        rows = {int(id_): score for id_, score in self._names.search(vector[None, :], _VECTORS_LOOKED_AT)[0]}
        words = name_key(text).split()
        hits = []
        for row, record, name, kind in self._authorities.of_names(type_, list(rows)):
            fit = max(_fit(type_, words, name, kind), 0.85 * max(0.0, rows[row]) ** 2)
            hits.append(Hit(record, fit, "embedding"))
        return hits


def _case(kind: NameKind, text: str) -> float:
    """Return less than 1 for an acronym that is not written like one."""
    return 1.0 if kind != "acronym" or text.upper() == text or not text.islower() else 0.95


def _fit(type_: AuthorityType, words: Sequence[str], name: str, kind: NameKind) -> float:
    other = name_key(name).split()
    if type_ == "topic":
        return _topic_fit(words, name)
    return likeness(words, other) * (0.8 if kind == "acronym" else 0.97)


def _topic_fit(words: Sequence[str], name: str) -> float:
    """Return how well a mention fits a topic, whose name is a list of subjects: it may be one of them, or its beginning."""
    subjects = [part for text in _SUBJECTS.split(name) if (part := name_key(text).split())]
    fits = [0.0]
    for n, subject in enumerate((name_key(name).split(), *subjects)):
        precision, recall = overlap(words, subject)
        first = n < 2 and bool(subject) and subject[0] == words[0]  # noqa: PLR2004
        fits.append(precision * precision * (0.74 + 0.17 * recall + (0.06 if first else 0.0)))
    return max(fits)


def best_of_each(hits: Iterable[Hit]) -> list[Hit]:
    """Return each record once, with its best fit, best first."""
    best: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        key = (hit.authority.type, hit.authority.id)
        if key not in best or hit.fit > best[key].fit:
            best[key] = hit
    return sorted(best.values(), key=lambda hit: (-hit.fit, -hit.authority.prior, hit.authority.id))

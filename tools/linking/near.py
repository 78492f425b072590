"""Names that are near a mention in meaning: vectors of names in FAISS."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tools.linking.candidates import NameIndex
from tools.linking.registry import Registry

_LOOKED_AT = 40
_KEPT = 12


class TextEmbedder(Protocol):
    """What embeds names."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector a text, float32 of shape (texts, dimension)."""
        ...


class NearNames:
    """Finds the names of one type that are near a text in meaning.

    Args:
        registry: the names of that type.
        index: vectors of names of all types.
        embedder: what made them.
    """

    def __init__(self, registry: Registry, index: NameIndex, embedder: TextEmbedder) -> None:
        self._index = index
        self._embedder = embedder
        self._place: dict[str, int] = {}
        for place, row in enumerate(registry.row.tolist()):
            self._place.setdefault(str(row), place)

    def search(self, texts: Sequence[str]) -> list[list[tuple[int, float]]]:
        """Return for each text up to twelve names, as places in the registry, with their cosine similarity."""
        if not texts:
            return []
        found = self._index.search(self._embedder.embed(texts), _LOOKED_AT)
        return [[(self._place[row], score) for row, score in line if row in self._place][:_KEPT] for line in found]

"""Score themes by how well they fit a text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tools.grounding.sentences import split
from tools.themes.base import Theme, ThemeScore

if TYPE_CHECKING:
    from tools.embedding.base import Embedder


class ThemeRanker:
    """Ranks themes.

    Args:
        embedder: encodes texts and themes.
    """

    def __init__(self, embedder: "Embedder") -> None:
        self._embedder = embedder

    def rank(self, text: str, themes: Sequence[Theme]) -> list[ThemeScore]:
        """Return a score for each theme, best first, ties in the order given.

        Args:
            text: any text with at least one word; of a long one only its beginning and some sentences throughout count.
            themes: at least one, their labels all different.
        """
        spans = split(text)
        query = self._embedder.embed_query(text)
        parts = self._embedder.embed([text[start:end] for start, end in spans])
        found = []
        for theme in themes:
            vector = self._embedder.embed_query(
                f"{theme.label}: {theme.description}" if theme.description else theme.label
            )
            start, end = spans[int(np.argmax(parts @ vector))]
            score = float(np.clip(100 * (query @ vector), 0, 100))
            found.append(ThemeScore(label=theme.label, score=score, start=start, end=end))
        return sorted(found, key=lambda one: -one.score)

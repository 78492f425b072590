"""An embedder that is opened when it is first asked, so that a question that needs none does not wait for it."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder


class OnDemandEmbedder:
    """Implements `Embedder` over another that it opens once.

    Args:
        open_: returns the other; its errors reach the caller that asked.
    """

    def __init__(self, open_: "Callable[[], Embedder]") -> None:
        self._open = open_
        self._lock = Lock()
        self._found: Embedder | None = None

    @property
    def name(self) -> str:
        """Return the other's name."""
        return self._embedder().name

    @property
    def dimension(self) -> int:
        """Return the other's dimension."""
        return self._embedder().dimension

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return what the other returns."""
        return self._embedder().embed(texts)

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return what the other returns."""
        return self._embedder().embed_query(text)

    def _embedder(self) -> "Embedder":
        with self._lock:
            if self._found is None:
                self._found = self._open()
            return self._found

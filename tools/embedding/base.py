"""What an embedder is: texts in, unit vectors out."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

QUERY_CACHE = 512
_NOTHING = 1e-12


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose inner product is their cosine similarity; safe to call from several threads.

    Attributes:
        name: model, digest of its weights, backend and settings; equal names mean comparable vectors.
        dimension: length of one vector.
    """

    @property
    def name(self) -> str:
        """Return what identifies the vectors; manifests keep it."""
        ...

    @property
    def dimension(self) -> int:
        """Return the length of one vector."""
        ...

    def embed(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Return one L2-normalised row for each text, in the order given: float32 of shape (n, dimension)."""
        ...

    def embed_query(self, text: str) -> "NDArray[np.float32]":
        """Return the read-only vector of one text, float32 of shape (dimension,); frequent texts are remembered."""
        ...


def remembered_queries(
    embed: "Callable[[Sequence[str]], NDArray[np.float32]]", size: int = QUERY_CACHE
) -> "Callable[[str], NDArray[np.float32]]":
    """Return an `embed_query` over `embed` that keeps the last `size` answers; two threads may at worst compute one twice."""

    @lru_cache(maxsize=size)
    def embed_query(text: str) -> "NDArray[np.float32]":
        vector: NDArray[np.float32] = embed([text])[0]
        vector.flags.writeable = False
        return vector

    return embed_query


def unit_rows(rows: "NDArray[np.floating[Any]]") -> "NDArray[np.float32]":
    """Return the rows (n, dimension) in single precision, each of length 1.

    A row of zeros, which models without a sentence's frame make of a text without a known word, has no direction: it
    becomes the first axis, which is near to nothing.
    """
    import numpy as np

    found: NDArray[np.float32] = np.array(rows, dtype=np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    empty = lengths[:, 0] < _NOTHING
    found /= lengths.clip(min=_NOTHING)
    found[empty] = 0
    found[empty, 0] = 1
    return found


def encodable(text: str) -> str:
    """Return the text with lone surrogates, which no tokenizer accepts, replaced by question marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text

"""Model2Vec's static models as embedders: a vector a token, looked up and averaged, with no network to run.

Some hundred times as fast as an encoder, at a cost in quality that `quodvide bench embeddings` shows.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from stores.errors import ConfigError, ModelError
from tools.embedding.base import encodable, remembered_queries, unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 1024
# The library measures texts by the middle length of its words; more than this is not read in any case.
CHARACTERS_A_TOKEN = 16


class Model2VecEmbedder:
    """Implements `Embedder`; calls take turns, because the library sets its tokenizer anew for each.

    Args:
        folder: the model, as Model2Vec or sentence-transformers saves it.
        name: to be known by.
        max_tokens: longer texts are cut.

    Raises:
        ConfigError: the library is not installed.
        ModelError: the folder cannot be loaded.
    """

    def __init__(self, folder: Path, name: str, *, max_tokens: int = 256) -> None:
        try:
            from model2vec import StaticModel
        except ImportError as error:
            raise ConfigError(
                "the embedding backend model2vec is not installed", hint="Run `pip install quodvide[model2vec]`"
            ) from error
        try:
            self._model: Any = StaticModel.from_pretrained(folder)
        except Exception as error:  # the tokenizer's library raises nothing narrower
            reason = (str(error) or type(error).__name__).partition("\n")[0]
            raise ModelError(f"model2vec cannot load it ({reason})", where=str(folder)) from error
        self._max_tokens = max_tokens
        self._lock = Lock()
        self.dimension = int(self._model.dim)
        self.name = f"{name}@{_digest(self._model)} model2vec max_tokens={max_tokens}"
        self.embed_query = remembered_queries(self.embed)

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one L2-normalised row for each text, in the order given: float32 of shape (n, dimension)."""
        import numpy as np

        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        clean = [encodable(text[: self._max_tokens * CHARACTERS_A_TOKEN]) for text in texts]
        with self._lock:
            rows = self._model.encode(
                clean, max_length=self._max_tokens, batch_size=BATCH, show_progress_bar=False, use_multiprocessing=False
            )
        return unit_rows(rows)


def _digest(model: Any) -> str:
    """Return eight hexadecimal digits of all that decides a vector: tokens, their vectors, and what maps and weighs them."""
    import numpy as np

    state = hashlib.sha256("\n".join(model.tokens).encode(errors="replace"))
    for array in (model.embedding, model.weights, model.token_mapping):
        if array is not None:
            state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()[:8]

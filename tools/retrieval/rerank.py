"""Put the best passages in order by a cross-encoder, which reads question and passage together.

Optional, because the good ones do not come with the installation and take some 20 ms a passage on two cores.
"""

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from stores.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 16


class Reranker(Protocol):
    """Scores passages for a question."""

    def score(self, question: str, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return how well each text answers the question, of shape (n,); higher is better."""
        ...


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder with one output; calls take turns, because tokenizers are not thread-safe.

    Args:
        model: a folder, or a name on the Hugging Face hub whose files are on this machine.
        device: torch device; None for the best there is.
        setting: that named it, for errors.

    Raises:
        ConfigError: the model cannot be found or loaded, or has several outputs.
    """

    def __init__(self, model: str, *, device: str | None = None, setting: str = "retrieval.reranker") -> None:
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(model, device=device, local_files_only=True)
        except (OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            hint = f"Name a folder or a model that was fetched before, or set {setting} to 'none'"
            raise ConfigError(f"the cross-encoder cannot be loaded ({reason})", where=model, hint=hint) from error
        if self._model.num_labels != 1:
            raise ConfigError(
                f"the cross-encoder has {self._model.num_labels} outputs, and one is needed to rank by", where=model
            )
        self._lock = Lock()

    def score(self, question: str, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return how well each text answers the question, of shape (n,); higher is better."""
        import numpy as np

        if not texts:
            return np.empty(0, dtype=np.float32)
        pairs = [(question, text) for text in texts]
        with self._lock:
            scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(scores, dtype=np.float32).reshape(-1)

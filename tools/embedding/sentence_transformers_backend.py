"""Any sentence-transformers model as an embedder, on torch: for models that the ONNX backend cannot run, and for GPUs."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from stores.errors import ConfigError
from tools.embedding.base import encodable, remembered_queries, unit_rows
from tools.embedding.bottleneck import add_bottlenecks
from tools.embedding.model_folder import fetch
from tools.embedding.passes import Passes
from tools.embedding.weights import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

# SPECTER and SPECTER2 are plain encoders, for which the library would take the mean of all tokens.
_SPECTER = "specter"
BATCH_CPU = 16
UNBOUNDED = 1 << 20


class SentenceTransformersEmbedder:
    """Implements `Embedder`; calls take turns, because the library is not safe under threads.

    On a GPU the model runs in half precision, with as many texts in a pass as its memory holds, see `passes`.

    Args:
        folder: the model.
        name: to be known by; that of a SPECTER encoder decides how its tokens become a vector.
        max_tokens: longer texts are cut.
        threads: torch threads, for the whole process; None leaves them as they are.
        device: torch device; None for the best there is.
        bottlenecks: the folder of an adapter of AdapterHub that is put into the model.

    Raises:
        ConfigError: the model cannot be loaded, or takes fewer tokens; the adapter is of another form.
        ModelError: the adapter does not fit.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        max_tokens: int = 256,
        threads: int | None = None,
        device: str | None = None,
        bottlenecks: Path | None = None,
    ) -> None:
        import torch

        if threads:
            torch.set_num_threads(threads)
        self._model = _load(folder, name, device)
        longest = _positions(self._model)
        if not 3 <= max_tokens <= longest:  # noqa: PLR2004 - [CLS], one token, [SEP]
            raise ConfigError(f"max_tokens is {max_tokens}, it must be from 3 to {longest}", where=name)
        self._model.max_seq_length = max_tokens
        if bottlenecks is not None:
            add_bottlenecks(self._model[0].auto_model, bottlenecks)
            self._model.to(self._model.device)
        weights = {key: value.detach().float().cpu().numpy() for key, value in self._model.state_dict().items()}
        on_gpu = self._model.device.type != "cpu"
        if on_gpu:
            self._model.half()
        self._passes = Passes(str(self._model.device), max_tokens, name) if on_gpu else None
        self._lock = Lock()
        precision = "fp16" if on_gpu else "fp32"
        self.name = f"{name}@{digest(weights)} sentence-transformers {precision} max_tokens={max_tokens}"
        self.dimension: int = self._model.get_embedding_dimension()
        self.embed_query = remembered_queries(lambda texts: self._encode(self._model.encode_query, texts))

    def embed(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Return one L2-normalised row for each text, in the order given: float32 of shape (n, dimension).

        A model that has different prompts for documents and queries takes these as documents.
        """
        return self._encode(self._model.encode_document, texts)

    def _encode(self, encode: "Callable[..., Any]", texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Run the model."""
        import numpy as np

        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        clean = [encodable(text) for text in texts]

        def run(some: list[str], batch: int | None = None) -> Any:
            return encode(some, batch_size=batch or len(some), convert_to_numpy=True, show_progress_bar=False)

        with self._lock:
            rows = self._passes.run(run, clean, self.dimension) if self._passes else run(clean, BATCH_CPU)
        # Normalised here, in single precision: half precision leaves lengths a thousandth off.
        return unit_rows(rows)


def _load(folder: Path, name: str, device: str | None) -> Any:
    """Return the loaded model; ConfigError, in one line, where there is none."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        # Not by the folder: the hub's own cache calls it by its revision.
        own = name.partition("+")[0].rpartition("/")[2].lower()
        modules = _first_token(str(folder)) if own.startswith(_SPECTER) else None
        return SentenceTransformer(
            None if modules else str(folder), modules=modules, device=device, local_files_only=True
        )
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"sentence-transformers cannot load it ({reason})", where=name, hint=fetch(name)) from error


def _first_token(folder: str) -> list[Any] | None:
    """Return the modules of a bare encoder whose first token stands for the text; None where the model says itself."""
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from sentence_transformers.util import is_sentence_transformer_model

    if is_sentence_transformer_model(folder, local_files_only=True):
        return None
    encoder = Transformer(folder, model_kwargs={"local_files_only": True})
    return [encoder, Pooling(encoder.get_embedding_dimension(), pooling_mode="cls")]


def _positions(model: Any) -> int:
    """Return how many tokens the model has positions for; RoBERTa's tables hold two rows more than that."""
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    positions = getattr(config, "max_position_embeddings", None) or UNBOUNDED
    return int(positions) // 8 * 8

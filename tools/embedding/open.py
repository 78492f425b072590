"""Opens the embedder that the settings name."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from stores.errors import ConfigError
from tools.embedding.model_folder import BUNDLED, fetch, locate, read_folder

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

Backend = Literal["onnx", "sentence-transformers", "fastembed", "model2vec"]


def open_embedder(
    backend: Backend = "onnx",
    model: str = BUNDLED,
    *,
    max_tokens: int = 256,
    threads: int | None = None,
    device: str | None = None,
    precision: Literal["fp32", "int8"] = "fp32",
    adapter: Path | None = None,
) -> "Embedder":
    """Return the embedder, loaded and ready.

    Args:
        backend: `onnx` for BERT encoders with mean pooling, `sentence-transformers` for any model it can load, `fastembed`
            for its models and ONNX exports, `model2vec` for static ones; the last two are extras.
        model: the bundled model's name, a folder, or a name on the Hugging Face hub; for sentence-transformers also two of
            them with a plus between, a model and an adapter of AdapterHub (allenai/specter2_base+allenai/specter2).
        max_tokens: longer texts are cut.
        threads: processor threads; None or 0 for one a core.
        device: torch device of the sentence-transformers backend; None for the best there is.
        precision: of the onnx backend; the others run a model as it is.
        adapter: a file of differences to the weights, for the onnx backend.

    Raises:
        ConfigError: no such backend or model, the backend cannot run it or is not installed.
        ModelError: the model's files are damaged.
    """
    if backend not in get_args(Backend):
        raise ConfigError(f"unknown embedding backend {backend!r}", hint=f"Known: {', '.join(get_args(Backend))}")
    if backend == "fastembed":
        from tools.embedding.fastembed_backend import FastEmbedEmbedder

        return FastEmbedEmbedder(model, max_tokens=max_tokens, threads=threads)
    if backend == "sentence-transformers":
        return _open_torch(model, max_tokens, threads, device)
    folder, name = _here(model)
    if backend == "model2vec":
        from tools.embedding.model2vec_backend import Model2VecEmbedder

        return Model2VecEmbedder(folder, name, max_tokens=max_tokens)
    from tools.embedding.onnx_minilm import OnnxEmbedder

    return OnnxEmbedder(
        read_folder(folder, name), max_tokens=max_tokens, threads=threads, precision=precision, adapter=adapter
    )


def _open_torch(model: str, max_tokens: int, threads: int | None, device: str | None) -> "Embedder":
    """Return the embedder of a sentence-transformers model, with an adapter where one is named after a plus."""
    base, plus, named = model.partition("+")
    adapted = bool(plus) and not Path(model).expanduser().is_dir()
    folder, name = _here(base if adapted else model)
    bottlenecks, of_adapter = _here(named) if adapted else (None, "")
    # Imported only for a model that is here, because it takes seconds.
    from tools.embedding.sentence_transformers_backend import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(
        folder, f"{name}{plus}{of_adapter}" if adapted else name,
        max_tokens=max_tokens, threads=threads, device=device, bottlenecks=bottlenecks,
    )  # fmt: skip


def _here(model: str) -> tuple[Path, str]:
    """Return a model's folder and its name.

    Raises:
        ConfigError: it is not on this machine.
    """
    folder, name = locate(model)
    if folder is None:
        raise ConfigError("the embedding model is not on this machine", where=name, hint=fetch(name))
    return folder, name

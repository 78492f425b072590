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
    offline: bool = True,
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
        offline: whether the sentence-transformers backend may only use models that are on this machine.
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
        return _open_torch(model, max_tokens, threads, device, offline=offline)
    folder, name = locate(model)
    if folder is None:
        raise ConfigError("the embedding model is not on this machine", where=name, hint=fetch(name))
    if backend == "model2vec":
        from tools.embedding.model2vec_backend import Model2VecEmbedder

        return Model2VecEmbedder(folder, name, max_tokens=max_tokens)
    from tools.embedding.onnx_minilm import OnnxEmbedder

    return OnnxEmbedder(
        read_folder(folder, name), max_tokens=max_tokens, threads=threads, precision=precision, adapter=adapter
    )


def _open_torch(model: str, max_tokens: int, threads: int | None, device: str | None, *, offline: bool) -> "Embedder":
    """Return the embedder of a sentence-transformers model, with an adapter where one is named after a plus."""
    from tools.embedding.sentence_transformers_backend import SentenceTransformersEmbedder

    base, plus, named = model.partition("+")
    if not plus or Path(model).expanduser().is_dir():
        folder, name = locate(model)
        return SentenceTransformersEmbedder(
            name, folder, max_tokens=max_tokens, threads=threads, device=device, offline=offline
        )
    found = [locate(part) for part in (base, named)]
    for folder, name in found:
        if folder is None:
            raise ConfigError("is not on this machine", where=name, hint=fetch(name))
    (folder, name), (bottlenecks, of_adapter) = found
    return SentenceTransformersEmbedder(
        f"{name}+{of_adapter}", folder, max_tokens=max_tokens, threads=threads, device=device, bottlenecks=bottlenecks
    )

"""Any model that FastEmbed knows, or an ONNX export in a folder, as an embedder."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from stores.errors import ConfigError, ModelError
from tools.embedding.base import encodable, remembered_queries, unit_rows
from tools.embedding.model_folder import fetch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 16
CHARACTERS_A_TOKEN = 16
# Where exports keep their graph, the best one first.
_GRAPHS = ("onnx/model.onnx", "model.onnx", "model_optimized.onnx", "onnx/model_quantized.onnx")


class FastEmbedEmbedder:
    """Implements `Embedder`; threads share the tokenizer and the session, which only read.

    Args:
        model: a name that FastEmbed lists, such as BAAI/bge-small-en-v1.5, or a folder with an ONNX graph, config.json
            and a tokenizer; such a folder's 1_Pooling/config.json says how tokens are pooled, the mean where it says
            nothing.
        max_tokens: longer texts are cut.
        threads: of one pass; None or 0 for what ONNX Runtime takes.

    Raises:
        ConfigError: the library is not installed, does not know the model, or the model is not on this machine.
        ModelError: its files are damaged.
    """

    def __init__(self, model: str, *, max_tokens: int = 256, threads: int | None = None) -> None:
        try:
            from fastembed import TextEmbedding
            from loguru import logger
        except ImportError as error:
            raise ConfigError(
                "the embedding backend fastembed is not installed", hint="Run `pip install quodvide[fastembed]`"
            ) from error
        logger.disable("fastembed")  # it logs what it raises
        folder = Path(model).expanduser()
        if folder.is_dir():
            known, options = _register(TextEmbedding, folder), {"specific_model_path": str(folder)}
        else:
            known, options = model, _cached(TextEmbedding, model)
        self._model: Any = _load(TextEmbedding, known, threads or None, options)
        inner = self._model.model
        longest = inner.tokenizer.truncation["max_length"]
        if not 3 <= max_tokens <= longest:  # noqa: PLR2004 - a token and the two of its frame
            raise ConfigError(f"max_tokens is {max_tokens}, it must be from 3 to {longest}", where=model)
        inner.tokenizer.enable_truncation(max_tokens)
        self._characters = max_tokens * CHARACTERS_A_TOKEN
        self.dimension = int(self._model.embedding_size)
        name = folder.resolve().name if folder.is_dir() else model
        digest = _digest(inner._model_dir / inner.model_description.model_file)  # noqa: SLF001 - said nowhere else
        self.name = f"{name}@{digest} fastembed max_tokens={max_tokens}"
        self.embed_query = remembered_queries(lambda texts: self._embed(self._model.query_embed, texts))

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one L2-normalised row for each text, in the order given: float32 of shape (n, dimension).

        A model that treats documents and queries apart takes these as documents.
        """
        return self._embed(self._model.passage_embed, texts)

    def _embed(self, embed: "Callable[..., Iterable[Any]]", texts: Sequence[str]) -> "NDArray[np.float32]":
        """Run the model, texts of like length together."""
        import numpy as np

        found = np.empty((len(texts), self.dimension), dtype=np.float32)
        if len(texts):
            clean = [encodable(text[: self._characters]) for text in texts]
            order = sorted(range(len(clean)), key=lambda n: -len(clean[n]))
            found[order] = np.stack(list(embed([clean[n] for n in order], batch_size=BATCH)))
        return unit_rows(found)


def _load(kind: Any, name: str, threads: int | None, options: dict[str, Any]) -> Any:
    """Return the opened model."""
    try:
        return kind(name, threads=threads, providers=["CPUExecutionProvider"], **options)
    except Exception as error:  # the libraries below raise nothing narrower
        reason = (str(error) or type(error).__name__).partition("\n")[0]
        where = options.get("specific_model_path")
        if where is not None:
            raise ModelError(f"fastembed cannot load it ({reason})", where=where) from error
        source = next(one["sources"]["hf"] for one in kind.list_supported_models() if one["model"] == name)
        raise ConfigError(
            "the embedding model is not on this machine", where=name, hint=fetch(source or name)
        ) from error


def _cached(kind: Any, model: str) -> dict[str, Any]:
    """Return the options for a model that FastEmbed knows by name: from the hub's own cache, never fetched."""
    import os

    from huggingface_hub.constants import HF_HUB_CACHE

    if model not in {one["model"] for one in kind.list_supported_models()}:
        raise ConfigError("fastembed knows no such model", where=model, hint="Name one that it lists, or a folder")
    return {"local_files_only": True, "cache_dir": os.environ.get("FASTEMBED_CACHE_PATH", HF_HUB_CACHE)}


def _register(kind: Any, folder: Path) -> str:
    """Let FastEmbed know the model of a folder, once a process; return the name that it is known by."""
    from fastembed.common.model_description import ModelSource, PoolingType

    graph = next((name for name in _GRAPHS if (folder / name).is_file()), None)
    if graph is None:
        raise ConfigError(
            "the model folder has no ONNX graph", where=str(folder), hint=f"Looked for {', '.join(_GRAPHS)}"
        )
    try:
        dimension = int(orjson.loads((folder / "config.json").read_bytes())["hidden_size"])
        pooling_file = folder / "1_Pooling" / "config.json"
        pooling = orjson.loads(pooling_file.read_bytes()) if pooling_file.is_file() else {}
        first = pooling.get("pooling_mode") == "cls" or bool(pooling.get("pooling_mode_cls_token"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError("config.json is missing or malformed", where=str(folder)) from error
    name = f"{folder.resolve()}#{graph}#{'cls' if first else 'mean'}"
    if name.lower() not in {one["model"].lower() for one in kind.list_supported_models()}:
        kind.add_custom_model(
            model=name,
            pooling=PoolingType.CLS if first else PoolingType.MEAN,
            normalization=False,
            sources=ModelSource(url="file:"),
            dim=dimension,
            model_file=graph,
        )
    return name


def _digest(path: Path) -> str:
    """Return eight hexadecimal digits of the graph's file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]

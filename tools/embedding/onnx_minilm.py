"""The default embedder: a BERT sentence encoder, MiniLM as bundled, on ONNX Runtime.

Nothing is converted or copied: the graph is written at start (`bert_graph`), the weights are a memory map of the model's
own file. Each pass uses one thread and several passes run at once, so no thread ever spins while waiting for others
and small batches stay in the processor's cache.
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stores.errors import ConfigError, ModelError
from tools.embedding.adapter import adapted
from tools.embedding.base import encodable, remembered_queries
from tools.embedding.batching import TOKEN_BUDGET, pack, pad
from tools.embedding.bert_graph import build_graph, graph_weights
from tools.embedding.quantized import QuantizedWriter, quantize
from tools.embedding.weights import digest, read_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.embedding.model_folder import ModelFolder

Precision = Literal["fp32", "int8"]

# Texts tokenized at a time: their offsets and strings are large, the ids kept of them are not.
TOKENIZED_AT_ONCE = 256
# The tokenizer reads a text to its end before it cuts; of long texts it is given only the head.
CHARACTERS_A_TOKEN = 16
# Texts sorted by length at a time; it bounds the token ids held.
WINDOW = 16_384


class OnnxEmbedder:
    """Implements `Embedder` for BERT folders with mean pooling.

    Args:
        folder: the model, as `read_folder` describes it.
        max_tokens: longer texts are cut; [CLS] and [SEP] count.
        threads: passes that run at once; None or 0 for one a core.
        token_budget: most tokens of one pass, padding included.
        precision: `int8` is three times as fast for short texts, and near the exact vectors; see `quantized`.
        adapter: differences to the weights, see `adapter`; None for the model as it is.

    Raises:
        ConfigError: `max_tokens` is more than the model has positions for.
        ModelError: the model's files are damaged.
    """

    def __init__(
        self,
        folder: "ModelFolder",
        *,
        max_tokens: int = 256,
        threads: int | None = None,
        token_budget: int = TOKEN_BUDGET,
        precision: Precision = "fp32",
        adapter: Path | None = None,
    ) -> None:
        positions = folder.config.max_position_embeddings
        if not 3 <= max_tokens <= positions:  # noqa: PLR2004 - [CLS], one token, [SEP]
            raise ConfigError(f"max_tokens is {max_tokens}, it must be from 3 to {positions}", where=folder.name)
        weights = read_weights(folder.weights)
        if adapter is not None:
            weights = adapted(weights, adapter)
        self.dimension = folder.config.hidden_size
        kind = "onnx" if precision == "fp32" else f"onnx {precision}"
        self.name = f"{folder.name}@{digest(weights)} {kind} max_tokens={max_tokens}"
        self._tokenizer = _open_tokenizer(folder, max_tokens)
        self._session, self._weights = _open_session(folder, weights, precision)
        self._threads = threads or usable_cores()
        self._max_tokens = max_tokens
        # Quantized texts do not share a pass: their scale, and so their vectors, would depend on each other.
        self._budget = token_budget if precision == "fp32" else 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="embed")
        self.embed_query = remembered_queries(self.embed)

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one L2-normalised row for each text, in the order given: float32 of shape (n, dimension)."""
        import numpy as np

        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), WINDOW):
            self._embed_window(texts[start : start + WINDOW], vectors[start : start + WINDOW])
        return vectors

    def _embed_window(self, texts: Sequence[str], out: "NDArray[np.float32]") -> None:
        """Fill `out`, one row a text."""
        tokens = self._tokenize(texts)
        batches = list(pack([len(ids) for ids in tokens], self._budget, self._threads))

        def fill(rows: "NDArray[np.intp]") -> None:
            ids, mask = pad([tokens[row] for row in rows])
            out[rows] = self._session.run(None, {"ids": ids, "mask": mask})[0]

        if len(batches) == 1 or self._threads == 1:
            for rows in batches:
                fill(rows)
        else:
            for _ in self._pool.map(fill, batches):
                pass

    def _tokenize(self, texts: Sequence[str]) -> "list[NDArray[np.int32]]":
        """Return the token ids of each text; encoding only reads the tokenizer, so threads may share it."""
        import numpy as np

        tokens = []
        for start in range(0, len(texts), TOKENIZED_AT_ONCE):
            whole = [encodable(text) for text in texts[start : start + TOKENIZED_AT_ONCE]]
            heads = [head(text, CHARACTERS_A_TOKEN * self._max_tokens) for text in whole]
            for text, begin, found in zip(whole, heads, self._encode(heads), strict=True):
                enough = len(begin) == len(text) or len(found.ids) == self._max_tokens
                ids = found.ids if enough else self._tokenizer.encode(text).ids
                tokens.append(np.array(ids, dtype=np.int32))
        return tokens

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        """Return one encoding a text; a single one is not worth the tokenizer's own threads."""
        if len(texts) == 1:
            return [self._tokenizer.encode(texts[0])]
        encodings: list[Any] = self._tokenizer.encode_batch_fast(texts)
        return encodings


def head(text: str, characters: int) -> str:
    """Return the text up to its last space before that many characters, so that no word of it is broken."""
    if len(text) <= characters:
        return text
    end = text.rfind(" ", 0, characters)
    return text[:end] if end > 0 else text


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _open_tokenizer(folder: "ModelFolder", max_tokens: int) -> Any:
    """Return the tokenizer, cut and padding set once and for all: changing them while threads encode would fail."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder.tokenizer))
    except Exception as error:  # the library raises nothing narrower
        raise ModelError(
            "the tokenizer is damaged", where=str(folder.tokenizer), hint="Install the model again"
        ) from error
    if tokenizer.get_vocab_size() > folder.config.vocab_size:
        raise ModelError("the tokenizer has more words than the model", where=str(folder.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _open_session(
    folder: "ModelFolder", weights: "dict[str, NDArray[np.float32]]", precision: Precision
) -> tuple[Any, list[Any]]:
    """Return a session, and the weights that must live as long."""
    import onnxruntime

    try:
        used: dict[str, NDArray[Any]] = dict(graph_weights(folder.config, weights))
    except KeyError as error:
        raise ModelError(f"the weights lack {error.args[0]}", where=str(folder.weights)) from error
    except ValueError as error:
        raise ModelError(str(error), where=str(folder.weights)) from error
    writer = None
    if precision == "int8":
        used, writer = quantize(used), QuantizedWriter()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # shapes vary, so remembered patterns only cost
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in used.values()]
    options.add_external_initializers(list(used), values)
    blob = build_graph(folder.config, used, writer)
    return onnxruntime.InferenceSession(blob, options, providers=["CPUExecutionProvider"]), values

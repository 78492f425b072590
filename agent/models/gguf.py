"""Read a GGUF model file's header strictly, and say whether the model fits in memory.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Only what is needed is read, every length is
checked against the file before it is used, and nothing is allocated by a length that the file claims.
"""

import mmap
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from stores.errors import ModelError, ModelTooLarge

T = TypeVar("T")
MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_PAIRS = 4096
MAX_TENSORS = 1_000_000
MAX_NAME = 65_536
MAX_TEXT = 4096
MAX_STRINGS = 2_000_000
STRING, ARRAY = 8, 9
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
WANTED = ("block_count", "context_length", "embedding_length", "attention.head_count")
TOKENS = "tokenizer.ggml.tokens"
GIB = 2**30
# The interpreter's share of llama.cpp: code, vocabulary, templates, graph metadata.
OVERHEAD = 96 * 2**20
KV_BYTES = 2


class Header(NamedTuple):
    """What the header says of a model; lengths in tokens, elements or bytes."""

    architecture: str
    name: str
    n_layers: int
    n_heads: int
    n_head_kv: tuple[int, ...]
    key_dim: int
    value_dim: int
    context_length: int
    embedding_length: int
    vocab_size: int
    file_size: int


class _Cursor:
    """A bounds-checked reading position in the mapped file."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at, self.size = data, 0, len(data)

    def skip(self, length: int) -> int:
        """Advance and return where the skipped bytes began."""
        start = self.at
        if length < 0 or length > self.size - start:
            raise ModelError("the model file ends within its header: it is truncated or damaged")
        self.at = start + length
        return start

    def scalar(self, code: str) -> Any:
        """Read one little-endian value."""
        return struct.unpack_from(code, self.data, self.skip(struct.calcsize(code)))[0]

    def text(self, limit: int) -> str:
        """Read a string of at most `limit` bytes."""
        length = self.scalar("<Q")
        start = self.skip(length)
        if length > limit:
            raise ModelError(f"the model file's header is damaged: a name of {length} bytes")
        return self.data[start : self.at].decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        """Read a value: a scalar, a short string, a list of integers, or for other arrays their length."""
        if kind == STRING:
            length = self.scalar("<Q")
            start = self.skip(length)
            return self.data[start : start + min(length, MAX_TEXT)].decode("utf-8", "replace")
        if kind == ARRAY:
            return self.array()
        if kind not in SCALARS:
            raise ModelError(f"the model file's header is damaged: a value of unknown type {kind}")
        return self.scalar(SCALARS[kind])

    def array(self) -> Any:
        """Read an array of integers as a list when it is short, else return the number of elements."""
        kind, count = self.scalar("<I"), self.scalar("<Q")
        if kind == STRING:
            if count > MAX_STRINGS:
                raise ModelError(f"the model file's header is damaged: an array of {count} strings")
            for _ in range(count):
                self.skip(self.scalar("<Q"))
            return int(count)
        if kind not in SCALARS:
            raise ModelError(f"the model file's header is damaged: an array of unknown type {kind}")
        start = self.skip(count * struct.calcsize(SCALARS[kind]))
        if count > MAX_TEXT or kind in {6, 12}:
            return int(count)
        return list(struct.unpack_from(f"<{count}{SCALARS[kind][1]}", self.data, start))


def read_header(path: Path) -> Header:
    """Read the header of a GGUF file.

    Raises:
        ModelError: the file is missing, empty, not GGUF, truncated or damaged.
    """
    return _reading(path, _header)


def read_metadata(path: Path) -> dict[str, Any]:
    """Read all that a GGUF file says of itself: scalars and short texts by their keys, of long arrays the length.

    Raises:
        ModelError: as with `read_header`.
    """

    def metadata(cursor: _Cursor, _size: int) -> dict[str, Any]:
        return {cursor.text(MAX_NAME): cursor.value(cursor.scalar("<I")) for _ in range(_n_pairs(cursor))}

    return _reading(path, metadata)


def _reading(path: Path, read: Callable[["_Cursor", int], T]) -> T:
    """Return what `read` makes of a file, every failure as one clear error that names the file."""
    try:
        return _mapped(path, read)
    except ModelError as error:
        raise type(error)(error.what, where=str(path), hint=error.hint or "Download it again") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        hint = "See `quodvide models list`" if isinstance(error, FileNotFoundError) else ""
        raise ModelError(f"cannot read the model file: {reason}", where=str(path), hint=hint) from error


def _mapped(path: Path, read: Callable[["_Cursor", int], T]) -> T:
    size = path.stat().st_size
    if path.is_file() and not size:
        raise ModelError("the model file is empty", hint="Download it again")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return read(_Cursor(data), size)


def _n_pairs(cursor: _Cursor) -> int:
    """Read the beginning of a file; return how many pairs of a key and a value follow."""
    if cursor.data[: len(MAGIC)] != MAGIC:
        raise ModelError("this is not a GGUF model file", hint="Give the path of a .gguf file")
    cursor.skip(len(MAGIC))
    version = cursor.scalar("<I")
    if version not in VERSIONS:
        raise ModelError(f"GGUF version {version} is not supported (2 or 3 is)", hint="Convert the model again")
    n_tensors, n_pairs = cursor.scalar("<Q"), cursor.scalar("<Q")
    if n_pairs > MAX_PAIRS or n_tensors > MAX_TENSORS:
        raise ModelError(f"the model file's header is damaged: it claims {n_tensors} tensors and {n_pairs} values")
    return int(n_pairs)


def _header(cursor: _Cursor, size: int) -> Header:
    found: dict[str, Any] = {}
    for _ in range(_n_pairs(cursor)):
        key, kind = cursor.text(MAX_NAME), cursor.scalar("<I")
        if key == TOKENS:
            mark = cursor.at
            cursor.scalar("<I")
            found[key] = cursor.scalar("<Q")
            if _complete(found):
                break
            cursor.at = mark
        value = cursor.value(kind)
        found.setdefault(key, value)
    return _built(found, size)


def _complete(found: dict[str, Any]) -> bool:
    return all(f"{found.get('general.architecture')}.{key}" in found for key in WANTED)


def _built(found: dict[str, Any], size: int) -> Header:
    architecture = found.get("general.architecture")
    if not isinstance(architecture, str):
        raise ModelError("the model file's header names no architecture", hint="Give a GGUF chat model")

    def number(key: str, default: int | None = None) -> int:
        value = found.get(f"{architecture}.{key}", default)
        value = max(value) if isinstance(value, list) and value else value
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**32:
            raise ModelError(
                f"the model file's header has no usable {architecture}.{key}", hint="Give a GGUF chat model"
            )
        return value

    layers, heads, embedding = number("block_count"), number("attention.head_count"), number("embedding_length")
    if layers > MAX_TEXT:
        raise ModelError(f"the model file's header is damaged: it claims {layers} layers")
    head_kv = found.get(f"{architecture}.attention.head_count_kv", heads)
    if not isinstance(head_kv, list):
        head_kv = [number("attention.head_count_kv", heads)] * layers
    return Header(
        architecture=architecture,
        name=str(found.get("general.name", "")),
        n_layers=layers,
        n_heads=heads,
        n_head_kv=tuple(max(0, int(count)) for count in head_kv),
        key_dim=number("attention.key_length", max(1, embedding // heads)),
        value_dim=number("attention.value_length", max(1, embedding // heads)),
        context_length=number("context_length"),
        embedding_length=embedding,
        vocab_size=found[TOKENS] if TOKENS in found else number("vocab_size"),
        file_size=size,
    )


def memory_needed(header: Header, n_ctx: int, kv_bytes: int = KV_BYTES, batch: int = 512) -> int:
    """Return the bytes that a loaded model takes, an upper estimate.

    weights (the file) + cache (n_ctx * sum over layers of kv heads * (key + value dims) * kv_bytes)
    + computing (batch * 4 bytes * (vocabulary + heads * n_ctx + 16 * embedding)) + a fixed overhead.
    """
    cache = n_ctx * sum(header.n_head_kv) * (header.key_dim + header.value_dim) * kv_bytes
    computing = batch * 4 * (header.vocab_size + header.n_heads * n_ctx + 16 * header.embedding_length)
    return header.file_size + cache + computing + OVERHEAD


def memory_available() -> int:
    """Return the bytes of memory free for use now: the system's, or a container's limit when that is lower."""
    import psutil

    free = int(psutil.virtual_memory().available)
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        group = Path("/sys/fs/cgroup")
        try:
            free = min(free, int((group / limit).read_text("ascii")) - int((group / used).read_text("ascii")))
        except (OSError, ValueError):
            continue
    return max(0, free)


def check_fits(header: Header, n_ctx: int, *, batch: int = 512, where: str = "", available: int | None = None) -> None:
    """Refuse a model that would not fit.

    Raises:
        ModelTooLarge: says what is needed, what is there, and what to do.
    """
    available = memory_available() if available is None else available
    needed = memory_needed(header, n_ctx, batch=batch)
    if needed > available:
        raise ModelTooLarge(
            f"the model needs {needed / GIB:.2f} GiB with a context of {n_ctx} tokens, {available / GIB:.2f} GiB is available",
            where=where,
            hint="Use a smaller n_ctx, a smaller quantization or a smaller model",
        )

"""Reads a safetensors file as arrays over a memory map: nothing is copied, nothing in it is executed.

The format is eight bytes of header length, a JSON header with the type, shape and byte range of each tensor, then the
bytes of all tensors, little-endian and in C order.
"""

import hashlib
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from stores.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_HEADER = 100_000_000
_REMEDY = "Install the model again"


def read_weights(path: Path) -> "dict[str, NDArray[np.float32]]":
    """Return every floating-point tensor by name, as float32.

    float32 tensors are read-only views of the file; float16 and bfloat16 are converted. Integer tensors (position ids)
    are left out.

    Raises:
        ModelError: the file cannot be read or is not a whole safetensors file.
    """
    import numpy as np

    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if not 0 < size <= LARGEST_HEADER:
                raise ModelError("not a safetensors file", where=str(path), hint=_REMEDY)
            header = orjson.loads(file.read(size))
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
        tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
        arrays = {name: _tensor(data, entry) for name, entry in tensors.items()}
    except OSError as error:
        raise ModelError(f"cannot be read ({error.strerror})", where=str(path), hint=_REMEDY) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError("the safetensors file is damaged or cut short", where=str(path), hint=_REMEDY) from error
    return {name: array for name, array in arrays.items() if array is not None}


def _tensor(data: "NDArray[np.uint8]", entry: dict[str, Any]) -> "NDArray[np.float32] | None":
    """Return one tensor; ValueError where its byte range and shape disagree or lie outside the file."""
    import numpy as np

    kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    width = {"F32": 4, "F16": 2, "BF16": 2}.get(kind)
    if width is None:
        return None
    if not 0 <= start <= end <= len(data) or end - start != width * prod(shape):
        raise ValueError(shape)
    raw = np.asarray(data[start:end])
    if kind == "BF16":
        return (raw.view("<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if kind == "F16":
        return raw.view("<f2").astype(np.float32).reshape(shape)
    return raw.view("<f4").reshape(shape)


def digest(weights: "dict[str, NDArray[np.float32]]") -> str:
    """Return eight hexadecimal digits that tell models apart: names, shapes, and all biases and norms.

    Every training step changes the vectors, which are a thousandth of the bytes, so the matrices need not be read.
    """
    state = hashlib.sha256()
    for name in sorted(weights):
        state.update(f"{name}{weights[name].shape}".encode())
        if weights[name].ndim == 1:
            state.update(weights[name].tobytes())
    return state.hexdigest()[:8]

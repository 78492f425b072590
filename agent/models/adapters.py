"""A LoRA adapter upon a model: what it must be, and how llama.cpp is given it; the model stays mapped as it is."""

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.models.gguf import Header, read_metadata
from stores.errors import ModelError

if TYPE_CHECKING:
    from llama_cpp import Llama

_HINT = "Set chat.adapter to a LoRA adapter that was trained for this model and converted to GGUF, or take it out"


class Adapter(NamedTuple):
    """A LoRA adapter in GGUF form, and how strongly it counts; 0 is without it."""

    path: Path
    scale: float = 1.0


def is_adapter(path: Path) -> bool:
    """Return whether a GGUF file is a LoRA adapter.

    Raises:
        ModelError: it is missing, damaged, or no GGUF file.
    """
    return _is_lora(read_metadata(path))


def check(adapter: Adapter, header: Header) -> int:
    """Return how many bytes an adapter takes beside its model.

    Raises:
        ModelError: the file is missing or damaged, no LoRA adapter, or one for another kind of model.
    """
    try:
        about = read_metadata(adapter.path)
    except ModelError as error:
        raise ModelError(f"the adapter cannot be used: {error.what}", where=str(adapter.path), hint=_HINT) from error
    if not _is_lora(about):
        raise ModelError("is no LoRA adapter", where=str(adapter.path), hint=_HINT)
    if (kind := about.get("general.architecture")) != header.architecture:
        raise ModelError(
            f"the adapter is for a {kind} model, this one is a {header.architecture}",
            where=str(adapter.path),
            hint=_HINT,
        )
    return adapter.path.stat().st_size


def _is_lora(about: dict[str, Any]) -> bool:
    return about.get("general.type") == "adapter" and about.get("adapter.type") == "lora"


def put_on(llama: "Llama", adapter: Adapter, llama_cpp: Any) -> None:
    """Apply an adapter to an open model, which frees it with itself.

    Raises:
        ModelError: llama.cpp refuses it; it logs why.
    """
    loaded = llama_cpp.llama_adapter_lora_init(llama.model, str(adapter.path).encode())
    if not loaded:
        raise ModelError("llama.cpp cannot use this adapter", where=str(adapter.path), hint=_HINT)
    one = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(ctypes.cast(loaded, llama_cpp.llama_adapter_lora_p_ctypes))
    if llama_cpp.llama_set_adapters_lora(llama.ctx, one, 1, (ctypes.c_float * 1)(adapter.scale)):
        raise ModelError("llama.cpp cannot put this adapter on", where=str(adapter.path), hint=_HINT)

"""What models hold once they have read some instructions, kept on the disk so that the next process need not read them.

Only instructions that come with Quodvide are kept so: what users write stays in memory.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.cached_files import CachedFiles, key_of
from agent.models.adapters import Adapter
from agent.models.load import BATCH, native

_MOST = 8
_TOGETHER = 512 * 2**20  # bytes


class KeptInstructions:
    """The states of one model; another model's, another build's or another processor's are never taken for them.

    Args:
        folder: where they lie.
        path: of the GGUF file; size and time of change stand for its content.
        adapter: upon the model.
    """

    def __init__(self, folder: Path, path: Path, adapter: Adapter | None = None) -> None:
        self._files = CachedFiles(folder, _MOST, largest=_TOGETHER // 2, together=_TOGETHER)
        self._path, self._adapter = path, adapter

    def get(self, tokens: Sequence[int]) -> bytes | None:
        """Return the state after these tokens, if it is kept."""
        return self._files.get(self._key(tokens))

    def put(self, tokens: Sequence[int], state: bytes) -> None:
        """Keep the state after these tokens."""
        self._files.put(self._key(tokens), state)

    def _key(self, tokens: Sequence[int]) -> str:
        return key_of(tokens=list(tokens), **self._made_by)

    @cached_property
    def _made_by(self) -> dict[str, Any]:
        library = native()
        return {
            "model": _identity(self._path),
            "adapter": [_identity(self._adapter.path), self._adapter.scale] if self._adapter else None,
            # Which kernels computed it decides its last bits, and the cuts do.
            "library": library.__version__,
            "processor": library.llama_print_system_info().decode(),
            "batch": BATCH,
        }


def _identity(path: Path) -> list[Any]:
    path = path.resolve()
    about = path.stat()
    return [str(path), about.st_size, about.st_mtime_ns]

"""Results kept by what they were made from, as JSON."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from agent.cached_files import CachedFiles

R = TypeVar("R", bound=BaseModel)
_LARGEST = 1_000_000  # bytes of a result
_ALL = 100_000_000  # bytes of all together


class CachedResults:
    """Keeps results of one kind; see `CachedFiles`.

    Args:
        folder: where they lie; None to keep none.
        most: how many are kept, the latest used; 0 keeps none.
    """

    def __init__(self, folder: Path | None, most: int) -> None:
        self._files = CachedFiles(folder, most, largest=_LARGEST, together=_ALL)

    @property
    def kept(self) -> bool:
        """Return whether any result is kept at all."""
        return self._files.kept

    def get(self, key: str, kind: type[R]) -> R | None:
        """Return the result of this key, or None when there is none that can be trusted."""
        try:
            return None if (raw := self._files.get(key)) is None else kind.model_validate_json(raw)
        except ValidationError:
            return None

    def put(self, key: str, result: BaseModel) -> None:
        """Keep a result; where it cannot be written, or is too large, it is not kept."""
        self._files.put(key, result.model_dump_json(exclude_defaults=True).encode())

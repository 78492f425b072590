"""Results kept by what they were made from, a file each in the home folder's cache; a bad file costs only time."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

R = TypeVar("R", bound=BaseModel)
_LARGEST = 1_000_000  # bytes of a result; a larger one is made again
_ALL = 100_000_000  # bytes of all together
_KEPT = 0.9  # share of the bounds that is left when they are passed


def key_of(**made_from: Any) -> str:
    """Return the SHA-256 of what a result is made from, as compact sorted JSON."""
    return hashlib.sha256(orjson.dumps(made_from, option=orjson.OPT_SORT_KEYS)).hexdigest()


class CachedResults:
    """Keeps results of one kind.

    Args:
        folder: where they lie; None to keep none.
        most: how many are kept, the latest used; 0 keeps none.
    """

    def __init__(self, folder: Path | None, most: int) -> None:
        self._folder = folder if most else None
        self._most = most

    @property
    def kept(self) -> bool:
        """Return whether any result is kept at all."""
        return self._folder is not None

    def get(self, key: str, kind: type[R]) -> R | None:
        """Return the result of this key, or None when there is none that can be trusted."""
        if self._folder is None:
            return None
        path = self._folder / f"{key}.json"
        try:
            raw = path.read_bytes()
            found = orjson.loads(raw)
            if not isinstance(found, Mapping) or found.get("digest") != _digest(key, found.get("result")):
                return None
            result = kind.model_validate(found["result"])
        except (OSError, ValueError, ValidationError):
            return None
        with suppress(OSError):
            path.touch()
        return result

    def put(self, key: str, result: BaseModel) -> None:
        """Keep a result; where it cannot be written, or is too large, it is not kept."""
        if self._folder is None:
            return
        held = result.model_dump(mode="json", exclude_defaults=True)
        raw = orjson.dumps({"digest": _digest(key, held), "result": held})
        if len(raw) > _LARGEST:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, suffix=".new", delete=False) as file:
                file.write(raw)
            Path(file.name).replace(self._folder / f"{key}.json")
            self._prune(self._folder)

    def _prune(self, folder: Path) -> None:
        """Remove those longest unused when there are too many or they are too large together."""
        files = []
        for path in folder.iterdir():
            with suppress(OSError):
                about = path.stat()
                files.append((about.st_mtime_ns, about.st_size, path))
        size = sum(each for _, each, _ in files)
        if len(files) <= self._most and size <= _ALL:
            return
        left = len(files)
        for _, each, path in sorted(files):
            if left <= self._most * _KEPT and size <= _ALL * _KEPT:
                return
            with suppress(OSError):
                path.unlink()
            left, size = left - 1, size - each


def _digest(key: str, result: Any) -> str:
    return hashlib.sha256(key.encode() + orjson.dumps(result, option=orjson.OPT_SORT_KEYS)).hexdigest()

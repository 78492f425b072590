"""Bytes kept by what they were made from, a file each in a folder of the home folder's cache; a bad file costs only time."""

import hashlib
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import orjson

_LEFT = 0.9  # share of the bounds that is left when they are passed
_DIGEST_BYTES = hashlib.sha256().digest_size


def key_of(**made_from: Any) -> str:
    """Return the SHA-256 of what something is made from, as compact sorted JSON."""
    return hashlib.sha256(orjson.dumps(made_from, option=orjson.OPT_SORT_KEYS)).hexdigest()


class CachedFiles:
    """Keeps contents of one kind.

    Args:
        folder: where they lie; None to keep none.
        most: how many are kept, the latest used; 0 keeps none.
        largest: bytes of one; a larger one is made again.
        together: bytes of all.
    """

    def __init__(self, folder: Path | None, most: int, *, largest: int, together: int) -> None:
        self._folder = folder if most else None
        self._most, self._largest, self._together = most, largest, together

    @property
    def kept(self) -> bool:
        """Return whether anything is kept at all."""
        return self._folder is not None

    def get(self, key: str) -> bytes | None:
        """Return the content of this key, or None when there is none that is as it was written."""
        if self._folder is None:
            return None
        path = self._folder / key
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        content = raw[_DIGEST_BYTES:]
        if raw[:_DIGEST_BYTES] != _digest(key, content):
            return None
        with suppress(OSError):
            path.touch()
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep a content; where it cannot be written, or is too large, it is not kept."""
        if self._folder is None or len(content) > self._largest:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, suffix=".new", delete=False) as file:
                file.write(_digest(key, content))
                file.write(content)
            Path(file.name).replace(self._folder / key)
            self._prune(self._folder)

    def _prune(self, folder: Path) -> None:
        """Remove those longest unused when there are too many or they are too large together."""
        files = []
        for path in folder.iterdir():
            with suppress(OSError):
                about = path.stat()
                files.append((about.st_mtime_ns, about.st_size, path))
        size = sum(each for _, each, _ in files)
        if len(files) <= self._most and size <= self._together:
            return
        left = len(files)
        for _, each, path in sorted(files):
            if left <= self._most * _LEFT and size <= self._together * _LEFT:
                return
            with suppress(OSError):
                path.unlink()
            left, size = left - 1, size - each


def _digest(key: str, content: bytes) -> bytes:
    digest = hashlib.sha256(key.encode())
    digest.update(content)
    return digest.digest()

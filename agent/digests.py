"""Digests of what is too large to read for every answer, kept in the home folder until the thing itself changes."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from stores.catalogue import Catalogue

_KEPT = 64


class Digests:
    """SHA-256 digests of files and of catalogues.

    Args:
        path: the file that remembers them; one that is damaged or cannot be written costs only time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] | None = None

    def file(self, path: Path) -> str | None:
        """Return the digest of a file, or None when it cannot be read; path, size and time of change stand for it."""
        try:
            path = path.resolve()
            about = path.stat()
            return self._kept(f"{path} {about.st_size} {about.st_mtime_ns}", lambda: _of_file(path))
        except OSError:
            return None

    def catalogue(self, catalogue: Catalogue) -> str:
        """Return the digest of a catalogue's contents; its mark stands for them, or its file where it has none yet.

        Raises:
            StoreError: the catalogue cannot be read.
        """
        mark = catalogue.changes.mark() or _written(catalogue.database.path)
        return self._kept(f"catalogue {mark}", catalogue.changes.digest)

    def _kept(self, key: str, compute: Callable[[], str]) -> str:
        if self._known is None:
            self._known = _read(self._path)
        if key not in self._known:
            self._known[key] = compute()
            self._known = dict(list(self._known.items())[-_KEPT:])
            with suppress(OSError):
                self._write(self._known)
        return self._known[key]

    def _write(self, known: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
            file.write(orjson.dumps(known))
        Path(file.name).replace(self._path)


def _written(path: Path) -> str:
    """Return when and how large an SQLite file and its log were last written."""
    found = [file.stat() for file in (path, path.with_name(path.name + "-wal")) if file.exists()]
    return f"{path.resolve()} " + " ".join(f"{about.st_size} {about.st_mtime_ns}" for about in found)


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    whole = isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
    return found if whole else {}

"""The dense index: one vector a passage, in a Chroma collection of its own folder.

It is derived from the catalogue and can be rebuilt from it, so a damaged folder is refused, not repaired. Chroma must
have one writing process, and a process that reads sees another's new vectors only after opening the folder anew.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from stores.errors import StoreError, StoreMissing
from stores.hnsw import HINT, check_segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLLECTION = "passages"
_NEIGHBORS = 32
_EF_SEARCH = 400  # at least twice the number of results asked for, or recall falls
_SYNC = 1000  # Chroma writes its index files each time so many vectors were added; the rest waits in its SQLite file
_PAGE = 5000
_UNKNOWN = "finding id"  # in what Chroma says where it does not hold an id that it was asked for
# Chroma hands out one open state for each spelling of a path, however old it is.
_SPELLINGS: set[str] = set()
_SPELLING = Lock()


def _spelled(folder: Path) -> str:
    """Return the path of a folder as nobody spells it now: with dots that mean nothing, where it is open already."""
    with _SPELLING:
        dots = next(n for n in count() if _with_dots(folder, n) not in _SPELLINGS)
        found = _with_dots(folder, dots)
        _SPELLINGS.add(found)
    return found


def _with_dots(folder: Path, dots: int) -> str:
    return os.path.join(folder.parent, *dots * ["."], folder.name)  # noqa: PTH118 - a Path would take the dots out


def look_for(folder: Path) -> None:
    """See whether there is an index, without the half second that opening it takes.

    Raises:
        StoreMissing: there is none.
    """
    if not (folder / "chroma.sqlite3").is_file():
        raise StoreMissing("there is no passage index", where=str(folder), hint=HINT)


class PassageIndex:
    """Vectors of passages, searched by cosine similarity; what another process adds is seen by who opens it afterwards.

    Args:
        folder: Chroma's own folder.
        create: whether to make it when it is missing.

    Raises:
        StoreMissing: there is no index and `create` is false.
        StoreError: the folder cannot be used or is damaged.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        if not create:
            look_for(folder)
        self._path = _spelled(folder)
        self._client: Any = None
        try:
            with self._translated():
                self._open(create=create)
            self._check()
        except BaseException:
            self.close()
            raise

    def _open(self, *, create: bool) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(self._path, settings=Settings(anonymized_telemetry=False))
        if create:
            self._collection = self._client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration={
                    "hnsw": {"space": "cosine", "max_neighbors": _NEIGHBORS, "ef_search": _EF_SEARCH,
                             "sync_threshold": _SYNC}
                },
            )  # fmt: skip
        else:
            self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
        self._batch: int = self._client.get_max_batch_size()

    def _check(self) -> None:
        held = sum(check_segment(part) for part in sorted(self.folder.iterdir()) if part.is_dir())
        if self.count() > held + self._batch + _SYNC:
            raise StoreError("most of the passage index is missing", where=str(self.folder), hint=HINT)

    def upsert(self, ids: Sequence[str], matrix: "NDArray[np.float32]", paper_ids: Sequence[str]) -> None:
        """Store the vectors of these passages in place of earlier ones.

        Args:
            ids: passage ids, all different.
            matrix: one row a passage, of unit length.
            paper_ids: the paper of each passage.
        """
        with self._translated():
            for start in range(0, len(ids), self._batch):
                part = slice(start, start + self._batch)
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=matrix[part],
                    metadatas=[{"paper_id": paper_id} for paper_id in paper_ids[part]],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Forget these passages; ids that are not stored are passed over."""
        with self._translated():
            for start in range(0, len(ids), self._batch):
                self._collection.delete(ids=list(ids[start : start + self._batch]))

    def search(
        self, vector: "NDArray[np.float32]", k: int, among: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to `k` (passage id, cosine similarity), best first, ties by id.

        Args:
            vector: of shape (dimension,).
            k: how many.
            among: ids of the passages to search in; None for all. Ids that are not stored are passed over.
        """
        from chromadb.errors import InternalError

        if k <= 0 or (among is not None and not among):
            return []
        with self._translated():
            wanted = None if among is None else list(dict.fromkeys(among))
            try:
                found = self._query(vector, k, wanted)
            except InternalError as error:
                if wanted is None or _UNKNOWN not in str(error):
                    raise
                held = [id_ for got in self._got(wanted) for id_ in got["ids"]]
                found = self._query(vector, k, held) if held else []
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _query(self, vector: "NDArray[np.float32]", k: int, ids: list[str] | None) -> list[tuple[str, float]]:
        found = self._collection.query(
            query_embeddings=vector.reshape(1, -1), n_results=k, ids=ids, include=["distances"]
        )
        distances: Any = found["distances"]
        return [(id_, 1.0 - float(distance)) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def _got(self, ids: Sequence[str]) -> Iterator[Any]:
        """Yield what Chroma gives for these ids, in parts; those that it does not hold are left out.

        It fails over an id whose paper is still due in a search, and everywhere over one that another process has added
        since this folder was opened: its SQLite file tells of it, what was read into memory does not hold it.
        """
        from chromadb.errors import InternalError

        waiting = [list(ids[start : start + _PAGE]) for start in range(0, len(ids), _PAGE)]
        while waiting:
            part = waiting.pop()
            try:
                yield self._collection.get(ids=part, include=["embeddings"])
            except InternalError as error:
                if _UNKNOWN not in str(error):
                    raise
                half = len(part) // 2
                waiting += [piece for piece in (part[:half], part[half:]) if half]

    def count(self) -> int:
        """Return the number of vectors."""
        with self._translated():
            return int(self._collection.count())

    def dimension(self) -> int | None:
        """Return the length of its vectors, or None while there are none."""
        with self._translated():
            found: Any = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
        return len(found[0]) if len(found) else None

    def ids(self) -> Iterator[str]:
        """Yield the ids of all passages that have a vector."""
        offset = 0
        while True:
            with self._translated():
                page = self._collection.get(limit=_PAGE, offset=offset, include=[])["ids"]
            yield from page
            if len(page) < _PAGE:
                return
            offset += _PAGE

    def vectors(self, ids: Sequence[str]) -> dict[str, "NDArray[np.float32]"]:
        """Return the vectors of these passages, leaving out those without."""
        import numpy as np

        found: dict[str, NDArray[np.float32]] = {}
        with self._translated():
            for got in self._got(ids):
                matrix = np.asarray(got["embeddings"], dtype=np.float32)
                found.update(zip(got["ids"], matrix, strict=True))
        return found

    def close(self) -> None:
        """Let go of the folder."""
        from chromadb.api.shared_system_client import SharedSystemClient

        if self._client is not None:
            self._client.close()
        # Chroma keeps what failed to start and would hand it out again for this path; its own way clears all paths.
        SharedSystemClient._identifier_to_system.pop(self._path, None)  # noqa: SLF001
        _SPELLINGS.discard(self._path)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise Chroma's failures as StoreError, in one line."""
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            said = str(error).splitlines()[0][:200]
            raise StoreError(f"the passage index cannot be used ({said})", where=str(self.folder), hint=HINT) from error
        except OSError as error:
            raise StoreError(f"cannot be used ({error.strerror})", where=str(self.folder), hint=HINT) from error

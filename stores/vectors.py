"""Unit vectors under string ids in FAISS, searched by inner product, that is by cosine similarity.

A loaded index maps its files and is what was on disk when it was opened; `stale` says when there is a newer one. That
only one process writes is the home folder's lock's business.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from stores.errors import StoreError
from stores.faiss_kinds import Kind, empty_index, kind_for, one_thread, owned
from stores.manifest import REMEDY, Manifest, Setting
from stores.vector_files import export_arrays, generation, read_index, write_index

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# Rows decoded at a time for an export; it bounds memory.
ROWS_AT_ONCE = 8192


class VectorIndex:
    """Vectors by id; `build` or `load` one.

    Searching is safe from several threads; changing is for one thread that nobody searches beside.

    Attributes:
        kind: the sort of FAISS index.
        dimension: length of one vector.
        manifest: what was written, or None for an index that is new or was changed since.
    """

    def __init__(self, index: Any, ids: list[str], kind: Kind) -> None:
        self.kind = kind
        self.dimension: int = index.d
        self.manifest: Manifest | None = None
        self._index = index
        self._ids = ids
        self._row = {id_: row for row, id_ in enumerate(ids)}
        self._folder: Path | None = None
        self._mapped = False
        if len(self._row) != len(ids):
            raise ValueError("an id occurs twice")

    @classmethod
    def build(cls, ids: Sequence[str], matrix: "Matrix", kind: Kind | Literal["auto"] = "auto") -> Self:
        """Return an index of these unit vectors.

        Args:
            ids: one a row, all different.
            matrix: shape (len(ids), dimension).
            kind: see `faiss_kinds`; `auto` chooses by number.
        """
        rows = _matrix(matrix, matrix.shape[1], len(ids))
        chosen = kind_for(len(ids)) if kind == "auto" else kind
        if chosen == "flat-int8" and not len(ids):
            chosen = "flat"  # there is nothing to learn the value range from
        one_thread()
        index = empty_index(chosen, rows.shape[1])
        if not index.is_trained:
            index.train(rows)
        index.add(rows)
        return cls(index, list(ids), chosen)

    @classmethod
    def load(cls, folder: Path, *, model: str | None = None) -> Self:
        """Open what was saved, mapped and not read; sizes, counts and dimension are checked, the digest is for `verify`.

        Args:
            folder: where it was saved.
            model: the embedder whose queries will be searched, if the index must be its.

        Raises:
            StoreMissing: nothing was saved there.
            StoreError: the files are damaged, or another model made them.
        """
        manifest, index, ids, kind = read_index(folder)
        if model is not None and manifest.model != model:
            what = f"the index was made with {manifest.model}, the settings name {model}"
            raise StoreError(what, where=str(folder), hint=REMEDY)
        loaded = cls(index, ids, kind)
        loaded.manifest, loaded._folder, loaded._mapped = manifest, folder, True
        return loaded

    def save(self, folder: Path, *, model: str, settings: Mapping[str, Setting] | None = None) -> Manifest:
        """Write the next generation into the folder and return its manifest.

        Args:
            folder: made where it is missing.
            model: name of the embedder that made the vectors.
            settings: whatever else changes the content.

        Raises:
            StoreError: the folder cannot be written.
        """
        self.manifest = write_index(folder, self._index, self._ids, self.kind, model, settings or {})
        self._folder = folder
        return self.manifest

    def verify(self) -> None:
        """Read every byte on disk and compare it with the manifest; StoreError where they differ."""
        if self.manifest is not None and self._folder is not None:
            self.manifest.check_digest(self._folder)

    def stale(self) -> bool:
        """Say whether another generation than this one is on disk."""
        if self.manifest is None or self._folder is None:
            return False
        return generation(self._folder) != self.manifest.generation

    def __len__(self) -> int:
        """Return the number of vectors."""
        return len(self._ids)

    def __contains__(self, id_: str) -> bool:
        """Say whether there is a vector under this id."""
        return id_ in self._row

    @property
    def ids(self) -> Sequence[str]:
        """The ids, in the order of rows."""
        return self._ids

    def search(self, matrix: "Matrix", k: int, among: Collection[str] | None = None) -> list[list[tuple[str, float]]]:
        """Return the nearest ids and their similarity for each row, best first, fewer than `k` where there are fewer.

        Args:
            matrix: unit vectors, shape (queries, dimension).
            k: how many.
            among: ids to choose from, unknown ones ignored; these are compared exactly whatever the kind.
        """
        queries = _matrix(matrix, self.dimension, None)
        k = min(k, len(self))
        if k <= 0:
            return [[] for _ in queries]
        one_thread()
        scores, found = self._search(queries, k) if among is None else self._search_among(queries, k, among)
        return [
            [(self._ids[row], float(score)) for row, score in zip(rows, line, strict=True) if row >= 0]
            for rows, line in zip(found.tolist(), scores, strict=True)
        ]

    def _search(self, queries: "Matrix", k: int) -> Any:
        """Return FAISS's scores and rows, each (queries, k); HNSW looks at no fewer than twice what is wanted."""
        if self.kind.startswith("hnsw") and 2 * k > self._index.hnsw.efSearch:
            return self._index.search(queries, k, params=_faiss().SearchParametersHNSW(efSearch=2 * k))
        return self._index.search(queries, k)

    def _search_among(self, queries: "Matrix", k: int, among: Collection[str]) -> Any:
        """Return the same for some rows; HNSW would miss most of a few rows, so what it stores is compared."""
        import numpy as np

        faiss = _faiss()
        chosen = np.zeros(len(self), dtype=bool)
        chosen[[self._row[id_] for id_ in among if id_ in self._row]] = True
        exact = faiss.downcast_index(self._index.storage) if self.kind.startswith("hnsw") else self._index
        bits = np.packbits(chosen, bitorder="little")
        return exact.search(queries, k, params=faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits)))

    def _rows(self, rows: Sequence[int]) -> "Matrix":
        """Return the vectors of these rows, (len(rows), dimension)."""
        import numpy as np

        found: Matrix = self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return found

    def vectors(self, ids: Iterable[str]) -> "dict[str, Matrix]":
        """Return the vector of each id that has one, as the kind keeps it."""
        known = [id_ for id_ in ids if id_ in self._row]
        one_thread()
        return dict(zip(known, self._rows([self._row[id_] for id_ in known]), strict=True)) if known else {}

    def reconstruct(self, id_: str) -> "Matrix":
        """Return the vector under an id, float32 of shape (dimension,); StoreError where there is none."""
        found = self.vectors([id_])
        if not found:
            raise StoreError(f"there is no vector for {id_!r}", where=str(self._folder or ""), hint=REMEDY)
        return found[id_]

    def add(self, ids: Sequence[str], matrix: "Matrix") -> None:
        """Append vectors under new ids."""
        rows = _matrix(matrix, self.dimension, len(ids))
        if len(set(ids)) != len(ids) or any(id_ in self._row for id_ in ids):
            raise ValueError("an id occurs twice")
        self._change()
        self._index.add(rows)
        self._row |= {id_: row for row, id_ in enumerate(ids, start=len(self._ids))}
        self._ids = [*self._ids, *ids]

    def remove(self, ids: Iterable[str]) -> int:
        """Take out vectors, unknown ids ignored, and return how many there were.

        Raises:
            StoreError: the kind is HNSW, which cannot forget.
        """
        import faiss
        import numpy as np

        if self.kind.startswith("hnsw"):
            raise StoreError("an HNSW index cannot forget vectors", where=str(self._folder or ""), hint=REMEDY)
        rows = {self._row[id_] for id_ in ids if id_ in self._row}
        if rows:
            self._change()
            self._index.remove_ids(faiss.IDSelectorBatch(np.fromiter(rows, dtype=np.int64)))
            self._ids = [id_ for row, id_ in enumerate(self._ids) if row not in rows]
            self._row = {id_: row for row, id_ in enumerate(self._ids)}
        return len(rows)

    def update(self, ids: Sequence[str], matrix: "Matrix") -> None:
        """Put vectors in place of those under the same ids; new ids are appended."""
        _matrix(matrix, self.dimension, len(ids))
        self.remove(ids)
        self.add(ids, matrix)

    def _change(self) -> None:
        """Prepare for a change."""
        one_thread()
        if self._mapped:
            self._index, self._mapped = owned(self._index), False
        self.manifest = None

    def export(self, folder: Path) -> None:
        """Write `vectors.npy` (float32, one row an id), `ids.json` and `metadata.json` for other programs.

        Raises:
            StoreError: the folder cannot be written.
        """
        blocks = (
            self._rows(range(start, min(start + ROWS_AT_ONCE, len(self))))
            for start in range(0, len(self), ROWS_AT_ONCE)
        )
        about = self.manifest.model_dump() if self.manifest else {"kind": self.kind, "dimension": self.dimension}
        export_arrays(folder, self._ids, self.dimension, blocks, about)


def _faiss() -> Any:
    """Return the library without its type hints, which know neither its search parameters nor its selectors."""
    import faiss

    return faiss


def _matrix(matrix: "Matrix", dimension: int, count: int | None) -> "Matrix":
    """Return the rows as FAISS needs them, contiguous float32; ValueError where they are not what was said."""
    import numpy as np

    rows = np.ascontiguousarray(matrix, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimension or count not in (None, len(rows)):  # noqa: PLR2004 - a matrix
        raise ValueError(f"vectors of shape {rows.shape}, wanted ({'any' if count is None else count}, {dimension})")
    if not np.isfinite(rows).all():
        raise ValueError("a vector holds values that are no numbers")
    return rows

"""The FAISS indexes that are made from the catalogue: one vector a document, one a name."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from stores.catalogue import Catalogue
from stores.errors import StoreMissing
from stores.records import AuthorityType, NameKind
from stores.vectors import VectorIndex
from tools.embedding.base import Embedder

# People are found by the parts of their names; a vector of a person's name says little. Countries are few, and by rule.
NAMED: tuple[AuthorityType, ...] = ("organization", "funder", "topic")
KINDS: frozenset[NameKind] = frozenset(("name", "alias", "asserted"))
_AT_ONCE = 4096


def build_documents(catalogue: Catalogue, folder: Path, model: str, dimension: int) -> int:
    """Write the index of document vectors from the catalogue; return how many there are.

    Args:
        catalogue: holds them.
        folder: of the index.
        model: name of the embedder that made them.
        dimension: of an index without any.
    """
    ids: list[str] = []
    rows: list[np.ndarray] = []
    for id_, vector in catalogue.indexing.document_vectors():
        ids.append(id_)
        rows.append(np.frombuffer(vector, dtype="<f4"))
    matrix = np.vstack(rows) if rows else np.zeros((0, dimension), dtype=np.float32)
    VectorIndex.build(ids, matrix).save(folder, model=model, settings={"revision": catalogue.indexing.revision()})
    return len(ids)


def build_names(
    catalogue: Catalogue,
    folder: Path,
    embedder: Embedder,
    tick: Callable[[int], None] = lambda _: None,
    *,
    anew: bool = False,
) -> int:
    """Write the index of names; a name that the index of before holds is not embedded again. Return how many are new.

    With `anew` the index of before is not looked at; readers have it until the new one is written.
    """
    wanted = wanted_names(catalogue)
    known = {} if anew else _known(folder, embedder.name, [id_ for id_, _ in wanted])
    fresh = [(id_, text) for id_, text in wanted if id_ not in known]
    for part in _parts(fresh):
        matrix = embedder.embed([text for _, text in part])
        known.update((id_, row) for (id_, _), row in zip(part, matrix, strict=True))
        tick(len(part))
    ids = [id_ for id_, _ in wanted]
    matrix = np.vstack([known[id_] for id_ in ids]) if ids else np.zeros((0, embedder.dimension), dtype=np.float32)
    if anew or fresh or not folder.is_dir() or list(VectorIndex.load(folder).ids) != ids:
        VectorIndex.build(ids, matrix).save(folder, model=embedder.name, settings={})
    return len(fresh)


def wanted_names(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return (row of the name table as text, name) of every name that has a vector, in the order of the index."""
    return [(str(row), text) for row, _, _, text, _, kind in catalogue.authorities.names(NAMED) if kind in KINDS]


def count_new_names(catalogue: Catalogue, folder: Path, model: str) -> int:
    """Return how many names `build_names` would embed."""
    ids = [id_ for id_, _ in wanted_names(catalogue)]
    return len(ids) - len(_known(folder, model, ids))


def _known(folder: Path, model: str, ids: list[str]) -> dict[str, np.ndarray]:
    """Return the vectors of an earlier index by the same model; rows of the name table are never used twice."""
    try:
        index = VectorIndex.load(folder)
    except StoreMissing:
        return {}
    if index.manifest is None or index.manifest.model != model:
        return {}
    return dict(index.vectors(ids))


def _parts(items: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]

"""The files of a vector index: a FAISS index, its ids as a JSON array, and the manifest that names both.

The names of the two carry their generation and the manifest is replaced last, so a writer killed at any moment leaves the
earlier generation whole, and nothing that a reader has mapped is ever written over.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stores.errors import StoreError
from stores.faiss_kinds import KINDS, Kind, empty_index
from stores.manifest import MANIFEST, REMEDY, Manifest, Setting, digest_of, replace, sync

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_IDS = 1 << 30
_ATTEMPTS = 3
_GENERATION = re.compile(r"(?:vectors|ids)-([0-9]{1,15})\..*")
_CANNOT_WRITE = "Check that you may write there and that the disk is not full"


def read_index(folder: Path) -> tuple[Manifest, Any, list[str], Kind]:
    """Return the manifest, the FAISS index mapped from its file, the ids and the kind.

    Raises:
        StoreMissing: nothing was saved there.
        StoreError: the files are damaged.
    """
    for _ in range(_ATTEMPTS):
        manifest = Manifest.read(folder / MANIFEST)
        try:
            return manifest, *_open(folder, manifest)
        except FileNotFoundError:
            continue  # a newer generation has just taken over
    raise StoreError("files of the index are missing", where=str(folder), hint=REMEDY)


def _open(folder: Path, manifest: Manifest) -> tuple[Any, list[str], Kind]:
    """Return what the manifest's files hold, checked against it."""
    import faiss

    damaged = StoreError("the index is damaged", where=str(folder), hint=REMEDY)
    kind = next((known for known in KINDS if known == manifest.kind), None)
    if kind is None or len(manifest.files) != 2:  # noqa: PLR2004 - vectors and ids
        raise damaged
    manifest.check_sizes(folder)
    vectors, ids_path = (folder / name for name in manifest.files)
    ids = _read_ids(ids_path)
    try:
        index = faiss.read_index(str(vectors), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as error:
        if not vectors.exists():
            raise FileNotFoundError(vectors) from error
        raise damaged from error
    wanted = empty_index(kind, manifest.dimension)
    alike = type(index) is type(wanted) and index.d == wanted.d and index.metric_type == wanted.metric_type
    if not (alike and index.ntotal == len(ids) == len(set(ids)) == manifest.count):
        raise damaged
    return index, ids, kind


def _read_ids(path: Path) -> list[str]:
    """Return the ids; StoreError where the file is anything but an array of strings."""
    import orjson

    if path.stat().st_size > LARGEST_IDS:
        raise StoreError("the file of ids is too large", where=str(path), hint=REMEDY)
    try:
        ids = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise StoreError("the file of ids is damaged", where=str(path), hint=REMEDY) from error
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise StoreError("the file of ids is damaged", where=str(path), hint=REMEDY)
    return ids


def write_index(
    folder: Path, index: Any, ids: Sequence[str], kind: Kind, model: str, settings: Mapping[str, Setting]
) -> Manifest:
    """Write the next generation, remove the earlier one, and return the manifest.

    Raises:
        StoreError: the folder cannot be written.
    """
    import orjson

    following = generation(folder) + 1
    paths = [folder / f"vectors-{following}.faiss", folder / f"ids-{following}.json"]
    replace(paths[1], orjson.dumps(list(ids)))
    _write_vectors(paths[0], index)
    manifest = Manifest(
        kind=kind,
        model=model,
        dimension=index.d,
        settings=dict(settings),
        count=len(ids),
        files={path.name: path.stat().st_size for path in paths},
        digest=digest_of(paths),
        generation=following,
    )
    manifest.write(folder / MANIFEST)
    for path in folder.iterdir():
        if _GENERATION.fullmatch(path.name) and path not in paths:
            try:
                path.unlink()
            except PermissionError:
                continue  # Windows keeps a file that a reader has mapped; the next generation removes it
    return manifest


def _write_vectors(path: Path, index: Any) -> None:
    """Write a FAISS index under a temporary name, then under its own."""
    import faiss

    part = path.with_name(f"{path.name}.part")
    try:
        faiss.write_index(index, str(part))
        sync(part)
        part.replace(path)
    except (RuntimeError, OSError) as error:
        with suppress(OSError):
            part.unlink()
        raise StoreError("the index cannot be written", where=str(path), hint=_CANNOT_WRITE) from error


def generation(folder: Path) -> int:
    """Return the generation in a folder; without a readable manifest, the highest that a file's name carries, or 0."""
    try:
        return Manifest.read(folder / MANIFEST).generation
    except StoreError:
        names = folder.iterdir() if folder.is_dir() else ()
        found = (_GENERATION.fullmatch(path.name) for path in names)
        return max((int(match[1]) for match in found if match), default=0)


def export_arrays(
    folder: Path, ids: Sequence[str], dimension: int, blocks: "Iterable[NDArray[np.float32]]", about: Mapping[str, Any]
) -> None:
    """Write `vectors.npy` (float32, one row an id), `ids.json` and `metadata.json` for other programs.

    Raises:
        StoreError: the folder cannot be written.
    """
    import numpy as np
    import orjson

    header = {"descr": "<f4", "fortran_order": False, "shape": (len(ids), dimension)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "vectors.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for block in blocks:
                file.write(block.astype("<f4", copy=False).tobytes())
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror})", where=str(folder), hint=_CANNOT_WRITE) from error
    replace(folder / "ids.json", orjson.dumps(list(ids)))
    replace(folder / "metadata.json", orjson.dumps(about, option=orjson.OPT_INDENT_2))

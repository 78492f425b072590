"""Look over the files of a persisted HNSW index before a native library trusts them.

Chroma answers from a truncated `data_level0.bin` as if nothing were wrong, and a link that points outside the index
ends the process. The layout is hnswlib's: a 100-byte header, then for each element the number of its links, room for
the links (unsigned 32-bit), the vector (float32) and a 64-bit label.
"""

import struct
from pathlib import Path

from stores.errors import StoreError

HINT = "Run `quodvide rebuild`"
_FILES = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin")
# Until Chroma first writes elements, they all are in its SQLite file and this one does not exist.
_WRITTEN_WITH_ELEMENTS = "index_metadata.pickle"
# persistence version, offset of level 0, capacity, elements, bytes an element, offsets of label and vector
_HEADER = struct.Struct("<iQQQQQQ")
_BLOCK = 4096


def check_segment(folder: Path) -> int:
    """Return how many elements the index in this folder holds, deleted ones included.

    Raises:
        StoreError: a file is missing, cut short, or holds links that lead nowhere.
    """
    try:
        for name in _FILES:
            if not (folder / name).is_file():
                raise StoreError(f"{name} of the passage index is missing", where=str(folder), hint=HINT)
        header = (folder / "header.bin").read_bytes()
        size = (folder / "data_level0.bin").stat().st_size
    except OSError as error:
        raise StoreError(f"cannot be read ({error.strerror})", where=str(folder), hint=HINT) from error
    if len(header) < _HEADER.size:
        raise StoreError("header.bin of the passage index is cut short", where=str(folder), hint=HINT)
    _, links_at, capacity, count, stride, _, vector_at = _HEADER.unpack_from(header)
    sound = links_at == 0 and 4 < vector_at < stride and stride % 4 == vector_at % 4 == 0 and count <= capacity  # noqa: PLR2004
    if count and not (folder / _WRITTEN_WITH_ELEMENTS).is_file():
        raise StoreError(f"{_WRITTEN_WITH_ELEMENTS} of the passage index is missing", where=str(folder), hint=HINT)
    if not sound or size < count * stride:
        raise StoreError("the files of the passage index do not fit together", where=str(folder), hint=HINT)
    if not _links_are_sound(folder / "data_level0.bin", count, stride // 4, vector_at // 4 - 1):
        raise StoreError("data_level0.bin of the passage index is damaged", where=str(folder), hint=HINT)
    return int(count)


def _links_are_sound(path: Path, count: int, stride: int, most_links: int) -> bool:
    """Return whether every element has a possible number of links and each leads to an element.

    `stride` is in 32-bit words.
    """
    import numpy as np

    if count == 0:
        return True
    words = np.memmap(path, dtype="<u4", mode="r", shape=(count, stride))
    for start in range(0, count, _BLOCK):
        block = np.asarray(words[start : min(start + _BLOCK, count), : 1 + most_links])
        numbers = block[:, :1] & 0xFFFF  # the upper half holds flags, such as "deleted"
        used = np.arange(most_links, dtype=np.uint32) < numbers
        if (numbers > most_links).any() or (block[:, 1:][used] >= count).any():
            return False
    return True

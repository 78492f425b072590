"""Open a file of the user's as a stream of bytes, gzip or plain, with every expected fault as one clear line."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from typing_extensions import Buffer

from stores.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
UTF8_BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 65_536
_BUFFER_BYTES = 1 << 20
_OTHER_ARCHIVES = {
    ZIP_MAGIC: "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
}


class _Gzip(gzip.GzipFile):
    """Hands out what was decompressed before it complains: `readinto` of gzip itself drops all it read before a cut."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__(fileobj=raw, mode="rb")

    def readinto(self, buffer: Buffer) -> int:
        """Fill what is at hand into the buffer."""
        view = memoryview(buffer)
        data = self.read1(len(view))
        view[: len(data)] = data
        return len(data)


@contextmanager
def open_stream(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for buffered reading, decompressed where its first bytes are those of gzip.

    Raises:
        InputError: the file is missing, empty, a directory or unreadable, or its gzip data is cut or damaged; also
            while reading, inside the `with` block.
    """
    try:
        _check_is_file(path)
        with path.open("rb") as raw:
            magic = raw.peek(2)[:2]
            stream = _Gzip(raw) if magic == GZIP_MAGIC else raw
            yield cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", stream), _BUFFER_BYTES))
    except EOFError as error:
        raise InputError("the gzip file is cut short", where=str(path), hint="Download or copy it again.") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError("the gzip data is damaged", where=str(path), hint="Download or copy it again.") from error
    except OSError as error:
        raise InputError(f"cannot read the file ({error.strerror or error})", where=str(path)) from error


Opener = Callable[[Path], AbstractContextManager[BinaryIO]]


def read_head(path: Path, opener: Opener = open_stream) -> bytes:
    """Return the first 64 KiB of the (decompressed) content without a byte order mark.

    Raises:
        InputError: as `open_stream`; also for an archive, UTF-16, binary data and a file without content.
    """
    with opener(path) as stream:
        head = stream.read(HEAD_BYTES)
    for magic, what in _OTHER_ARCHIVES.items():
        if head.startswith(magic):
            raise InputError(f"this is {what}", where=str(path), hint="Unpack it and give the file inside.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the text is UTF-16", where=str(path), hint="Save it as UTF-8.")
    head = head.removeprefix(UTF8_BOM)
    if not head.strip():
        raise InputError("the file is empty", where=str(path))
    if b"\x00" in head and b"%PDF-" not in head[:1024]:
        raise InputError("this is binary data, not text", where=str(path))
    return head


def _check_is_file(path: Path) -> None:
    if "\x00" in str(path):
        raise InputError("a path cannot hold a NUL character", where=str(path).replace("\x00", "\ufffd"))
    if path.is_dir():
        raise InputError("this is a folder", where=str(path), hint="Name the files in it.")
    if not path.exists():
        raise InputError("there is no such file", where=str(path), hint="Check the path.")
    if not path.is_file():
        raise InputError("this is not a regular file", where=str(path))
    if path.stat().st_size == 0:
        raise InputError("the file is empty", where=str(path))

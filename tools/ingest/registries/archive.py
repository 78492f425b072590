"""Read the one data file inside a zip archive, as the ROR dump is published."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from stores.errors import InputError
from tools.ingest.formats.source import ZIP_MAGIC, open_stream

_BUFFER_BYTES = 1 << 20


def is_zip(path: Path) -> bool:
    """Tell by its first bytes whether a file is a zip archive.

    Raises:
        InputError: the file cannot be read.
    """
    with open_stream(path) as stream:
        return stream.read(len(ZIP_MAGIC)) == ZIP_MAGIC


@contextmanager
def open_member(path: Path) -> Iterator[BinaryIO]:
    """Open the JSON file of a zip archive; of several, the one of the newest schema, then the largest.

    Raises:
        InputError: the archive is damaged, encrypted or holds no JSON file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.lower().endswith((".json", ".jsonl"))]
            members = [m for m in members if not Path(m.filename).name.startswith(".")]
            if not members:
                raise InputError("the zip archive holds no JSON file", where=str(path))
            chosen = max(members, key=lambda m: ("v2" in Path(m.filename).stem.split("_"), m.file_size))
            with _open(archive, chosen, path) as member:
                yield cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", member), _BUFFER_BYTES))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError("the zip archive is damaged", where=str(path), hint="Download it again.") from error
    except OSError as error:
        raise InputError(f"cannot read the file ({error.strerror or error})", where=str(path)) from error


def _open(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> IO[bytes]:
    try:
        return archive.open(member)
    except (NotImplementedError, RuntimeError) as error:
        raise InputError(f"the zip archive is encrypted or of an unknown kind ({error})", where=str(path)) from error

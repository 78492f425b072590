"""The small file beside every derived index that says what made it and what it holds.

It is written last, in one step, so that an index without a whole manifest was never finished, and a newer generation
number tells readers to open the index anew.
"""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import StoreError, StoreMissing

MANIFEST = "manifest.json"
LARGEST = 1_000_000
REMEDY = "Run `quodvide rebuild`"
_BLOCK = 1 << 20

Setting = str | int | float | bool | None
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$", max_length=200)]


def now() -> str:
    """Return the time as an ISO 8601 string in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def tool_version() -> str:
    """Return the version of Quodvide, or `unknown` where it runs without being installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("quodvide")
    except PackageNotFoundError:
        return "unknown"


class Manifest(BaseModel):
    """What an index holds.

    Attributes:
        kind: what sort of index it is.
        model: name of the embedder, as `Embedder.name` gives it.
        dimension: length of one vector.
        settings: whatever else changes the content.
        count: number of vectors.
        files: names and sizes in bytes of the files beside the manifest.
        digest: sha256 of those files, one after another in the order of `files`.
        generation: 1 for the first, one more each time the index is written.
        created: when it was written, in UTC.
        version: of Quodvide.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(max_length=100)
    model: str = Field(max_length=1000)
    dimension: int = Field(ge=1, le=65_536)
    settings: dict[str, Setting] = Field(default_factory=dict)
    count: int = Field(ge=0)
    files: dict[FileName, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    digest: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    generation: int = Field(default=1, ge=1)
    created: str = Field(default_factory=now, max_length=40)
    version: str = Field(default_factory=tool_version, max_length=40)

    def write(self, path: Path) -> None:
        """Put the manifest in place of the one there, in one step that survives a power cut.

        Raises:
            StoreError: the file cannot be written.
        """
        replace(path, self.model_dump_json(indent=1).encode() + b"\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the manifest.

        Raises:
            StoreMissing: there is none.
            StoreError: it cannot be read, is cut short or holds something else.
        """
        try:
            with path.open("rb") as file:
                text = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise StoreMissing("the index was not built yet or not finished", where=str(path), hint=REMEDY) from None
        except OSError as error:
            raise StoreError(f"the manifest cannot be read ({error.strerror})", where=str(path), hint=REMEDY) from error
        if len(text) > LARGEST:
            raise StoreError("the manifest is larger than any manifest can be", where=str(path), hint=REMEDY)
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)[0]
            at = ".".join(str(part) for part in found["loc"])
            what = f"the manifest is damaged ({at + ': ' if at else ''}{found['msg'][:200]})"
            raise StoreError(what, where=str(path), hint=REMEDY) from error

    def check_sizes(self, folder: Path) -> None:
        """Compare the sizes of the files with what was written.

        Raises:
            FileNotFoundError: a file is gone, which happens to a reader while a newer generation takes over.
            StoreError: a size differs.
        """
        for name, size in self.files.items():
            if (folder / name).stat().st_size != size:
                raise StoreError(f"{name} is cut short or was changed", where=str(folder), hint=REMEDY)

    def check_digest(self, folder: Path) -> None:
        """Read every byte of the files and compare the digest.

        Raises:
            StoreError: a file is gone, cannot be read or differs.
        """
        try:
            differs = digest_of(folder / name for name in self.files) != self.digest
        except OSError as error:
            raise StoreError(f"cannot be read ({error.strerror})", where=str(error.filename), hint=REMEDY) from error
        if differs:
            raise StoreError("the files differ from what was written", where=str(folder), hint=REMEDY)


def digest_of(paths: Iterable[Path]) -> str:
    """Return the sha256 of the files' bytes, one after another, in hexadecimal."""
    state = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                state.update(block)
    return state.hexdigest()


def replace(path: Path, content: bytes) -> None:
    """Write a file through a temporary one, so that readers see the old content or the new and nothing between.

    Raises:
        StoreError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        sync(part)
        part.replace(path)
        sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        hint = "Check that you may write there and that the disk is not full"
        raise StoreError(f"cannot be written ({error.strerror})", where=str(path), hint=hint) from error


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows cannot open folders, and orders renames itself
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

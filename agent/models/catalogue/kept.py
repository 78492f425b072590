"""The models that were fetched, each under its repository's name in one folder, with a manifest of where it is from."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.models.catalogue.download import digest, parts_of
from agent.models.catalogue.entries import BUNDLED, entries
from agent.models.catalogue.names import Source, here, is_path, of_entry
from stores.errors import ConfigError, ModelError, StoreError


class Origin(BaseModel):
    """Where a file is from, and what it was when it came."""

    model_config = ConfigDict(frozen=True)

    name: str
    repository: str
    file: str
    hub: str
    revision: str
    sha256: str
    bytes: int
    fetched: datetime


class Kept(NamedTuple):
    """A model file in the folder; `origin` is None where its manifest is missing or damaged."""

    name: str
    path: Path
    origin: Origin | None


def model_file(name: str, folder: Path) -> Path:
    """Return the GGUF file that the setting `chat.model` names; whether it is there is seen when it is opened.

    Args:
        name: "bundled", a name as `names` describes them, or a path.
        folder: of the models that were fetched.

    Raises:
        ConfigError: there is no such name.
        ModelError: the bundled model is not installed.
    """
    if is_path(name):
        return Path(name).expanduser()
    if name == BUNDLED:
        from agent.models.bundled import bundled_model

        return bundled_model()
    return here(name, folder).path(folder)


def kept(folder: Path) -> list[Kept]:
    """Return the models of a folder, in the order of their names."""
    known = {
        source.path(folder): source.name
        for entry in entries().values()
        for source in (of_entry(entry, quantization) for quantization in entry.files)
        if entry.name != BUNDLED
    }
    paths = sorted(path for path in folder.rglob("*.gguf") if path.is_file())
    found = [Kept(known.get(path, f"hf:{path.relative_to(folder).as_posix()}"), path, origin(path)) for path in paths]
    return sorted(found, key=lambda one: one.name)


def origin(path: Path) -> Origin | None:
    """Return what is recorded of a file."""
    try:
        return Origin.model_validate_json(_manifest(path).read_bytes())
    except (OSError, ValidationError):
        return None


def record(path: Path, about: Origin) -> None:
    """Write what is to be recorded of a file.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        _manifest(path).write_text(about.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot be written ({error.strerror})", where=str(_manifest(path))) from error


def remove(source: Source, folder: Path) -> int:
    """Remove a model, whole or begun, with all that belongs to it; return the bytes that this frees.

    Raises:
        ConfigError: there is nothing of it.
        StoreError: it cannot be removed.
    """
    path = source.path(folder)
    freed = [each for each in (path, *parts_of(path)) if each.is_file()]
    if not freed:
        raise ConfigError(f"{source.name} is not here", hint="`quodvide models list` says what is")
    size = sum(each.stat().st_size for each in freed)
    try:
        for each in (*freed, _manifest(path), _lock(path)):
            each.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot be removed ({error.strerror})", where=str(path)) from error
    with suppress(OSError):  # other models may be beside it
        for parent in path.relative_to(folder).parents:
            (folder / parent).rmdir()
    return size


def check(model: Kept, tick: Callable[[int], None] = lambda _: None) -> None:
    """Compare a file with the checksum that it came with.

    Raises:
        ModelError: it is another, or there is none to compare with.
    """
    about = model.origin
    if about is None:
        raise ModelError(
            "no checksum was kept of it", where=str(model.path), hint=f"Run `quodvide models pull {model.name}`"
        )
    if digest(model.path, tick) != about.sha256:
        hint = f"Run `quodvide models remove {model.name}` and pull it again"
        raise ModelError("has another checksum than when it was fetched", where=str(model.path), hint=hint)


def begun(folder: Path) -> Iterator[Path]:
    """Yield the files of which a part only was fetched, as they will be called."""
    for part in sorted(folder.rglob("*.gguf.*.part")):
        yield part.with_name(part.name.rsplit(".", 2)[0])


def _manifest(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _lock(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")

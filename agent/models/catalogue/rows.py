"""What there is to choose from: every file of the catalogue and every one that was fetched, and whether it is and fits here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.models.adapters import is_adapter
from agent.models.catalogue.entries import BUNDLED, GB, Entry, entries
from agent.models.catalogue.kept import begun, kept, model_file
from agent.models.catalogue.names import of_entry
from agent.models.catalogue.needs import memory_of
from agent.models.gguf import Header, read_header
from stores.errors import QuodvideError

if TYPE_CHECKING:
    from agent.settings import ChatSettings


class Row(NamedTuple):
    """A model file.

    Attributes:
        name: by which it is pulled and used.
        entry: of the catalogue, where it has one.
        quantization: of the catalogue's, else empty.
        bytes: exact where the file is here, else about.
        memory: bytes that it takes with the settings in force; None for a file that cannot be read.
        state: bundled, here, part here (it was begun), not here; or adapter or damaged, for files that are no models.
        in_use: whether the settings name it.
        fits: whether the memory is there now, as far as it is known.
        path: where it is or would be.
    """

    name: str
    entry: Entry | None
    quantization: str
    bytes: int
    memory: int | None
    state: str
    in_use: bool
    fits: bool
    path: Path


def rows(folder: Path, chat: "ChatSettings", available: int) -> list[Row]:
    """Return all files, those of the catalogue first, smallest first.

    Args:
        folder: of the models that were fetched.
        chat: settings of the chat model.
        available: bytes of memory for a model.
    """
    used = _used(folder, chat)
    partly = set(begun(folder))
    here = {model.path: model.name for model in kept(folder)}
    found = list(_of_catalogue(folder, here, partly, chat, used, available))
    listed = {row.path for row in found}
    others = [(name, path, _kind(path)) for path, name in here.items() if path not in listed]
    others += [
        (f"hf:{path.relative_to(folder).as_posix()}", path, "part here") for path in partly - listed - here.keys()
    ]
    if used is not None and used not in listed and used not in here:
        others.append((str(used), used, "here" if used.is_file() else "not here"))
    for name, path, state in others:
        header = _header(path)
        memory = memory_of(header, chat) if header else None
        fits = memory is None or memory <= available
        size = path.stat().st_size if path.is_file() else 0
        found.append(Row(name, None, "", size, memory, state, path == used, fits, path))
    return found


def _of_catalogue(
    folder: Path, here: dict[Path, str], partly: set[Path], chat: "ChatSettings", used: Path | None, available: int
) -> Iterator[Row]:
    for entry in entries().values():
        for quantization, file in entry.files.items():
            source = of_entry(entry, quantization)
            path = _bundled() if entry.name == BUNDLED else source.path(folder)
            state = "not here"
            if entry.name == BUNDLED:
                state = "bundled"
            elif path in here or path in partly:
                state = "here" if path in here else "part here"
            there = _header(path) if state in {"here", "bundled"} else None
            memory = memory_of(there or entry.header(quantization), chat)
            size = there.file_size if there else int(file.gb * GB)
            yield Row(source.name, entry, quantization, size, memory, state, path == used, memory <= available, path)


def shown(found: Sequence[Row]) -> list[Row]:
    """Return the rows that matter at a glance: of each model the default file, and all that are here or in use."""
    return [
        row
        for row in found
        if row.entry is None or row.quantization == row.entry.default or row.in_use or row.state != "not here"
    ]


def _used(folder: Path, chat: "ChatSettings") -> Path | None:
    try:
        return None if chat.model == "none" else model_file(chat.model, folder)
    except QuodvideError:
        return None


def _bundled() -> Path:
    try:
        return model_file(BUNDLED, Path())
    except QuodvideError:
        return Path(BUNDLED)


def _kind(path: Path) -> str:
    try:
        return "adapter" if is_adapter(path) else "here" if _header(path) else "damaged"
    except QuodvideError:
        return "damaged"


def _header(path: Path) -> Header | None:
    try:
        return read_header(path)
    except QuodvideError:
        return None

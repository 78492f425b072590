"""How a model is named: a name of the catalogue, a file of the hub, or any GGUF file.

qwen2.5-1.5b                       the catalogue's default quantization, or the one that is here
qwen2.5-1.5b:Q8_0                  another quantization
hf:OWNER/REPOSITORY/FILE.gguf      any file of the hub
/models/FILE.gguf                  any file of this machine
"""

import re
from pathlib import Path
from typing import NamedTuple

from agent.models.catalogue.entries import BUNDLED, Entry, entries
from stores.errors import ConfigError

HUB = "hf:"
_SEGMENT = re.compile(r"(?!\.)[A-Za-z0-9._-]+")
_OWNER_AND_REPOSITORY = 2
_ALIKE = 50  # of 100; what is less like a name is no suggestion
_NEAR = 8  # what is so much less like it than the best neither


class Source(NamedTuple):
    """A file of the hub.

    Attributes:
        name: as `chat.model` names it.
        repository: owner and repository.
        file: its path there.
        entry: of the catalogue; None for a file that the catalogue does not have.
        quantization: of an entry; empty for other files.
    """

    name: str
    repository: str
    file: str
    entry: Entry | None = None
    quantization: str = ""

    def path(self, folder: Path) -> Path:
        """Return where the file is kept under a folder of models."""
        return folder / self.repository / self.file


def is_path(name: str) -> bool:
    """Return whether a name is that of a file of this machine."""
    if name.startswith(HUB):
        return False
    return "/" in name or "\\" in name or name.lower().endswith(".gguf") or Path(name).is_file()


def is_known(name: str) -> bool:
    """Return whether a name is one of the catalogue or of a file of the hub, whether that is here or not."""
    return name.startswith(HUB) or name.partition(":")[0].lower() in entries()


def source(name: str) -> Source:
    """Return which file of the hub a name means, for a name of the catalogue without quantization the default one.

    Raises:
        ConfigError: there is no such name; says which is meant.
    """
    if name.startswith(HUB):
        return _of_hub(name)
    base, _, quantization = name.partition(":")
    entry = entries().get(base.lower())
    if entry is None:
        raise ConfigError(f"no model is named {base!r}", hint=_meant(base, [*entries()]))
    chosen = quantization.upper() or entry.default
    if chosen not in entry.files:
        raise ConfigError(f"{entry.name} has no quantization {quantization!r}", hint=f"It has {', '.join(entry.files)}")
    return of_entry(entry, chosen)


def of_entry(entry: Entry, quantization: str) -> Source:
    """Return the file of a quantization of a model of the catalogue."""
    name = entry.name if entry.name == BUNDLED else f"{entry.name}:{quantization}"
    return Source(name, entry.repository, entry.files[quantization].file, entry, quantization)


def here(name: str, folder: Path) -> Source:
    """Return the file of a name as `source` does, but where only another quantization is kept in `folder`, that one.

    Raises:
        ConfigError: there is no such name.
    """
    found = source(name)
    if found.entry is None or ":" in name or found.path(folder).is_file():
        return found
    others = (of_entry(found.entry, quantization) for quantization in found.entry.files)
    return next((other for other in others if other.path(folder).is_file()), found)


def _of_hub(name: str) -> Source:
    parts = name.removeprefix(HUB).split("/")
    sound = all(_SEGMENT.fullmatch(part) for part in parts)
    if not sound or len(parts) <= _OWNER_AND_REPOSITORY or not parts[-1].lower().endswith(".gguf"):
        raise ConfigError(
            f"{name!r} is not a file of the hub",
            hint="Write hf:OWNER/REPOSITORY/FILE.gguf, such as hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf",
        )
    return Source(name, "/".join(parts[:_OWNER_AND_REPOSITORY]), "/".join(parts[_OWNER_AND_REPOSITORY:]))


def _meant(name: str, known: list[str]) -> str:
    from rapidfuzz import fuzz, process

    alike = process.extract(name.lower(), known, scorer=fuzz.WRatio, limit=3, score_cutoff=_ALIKE)
    if close := [found for found, score, _ in alike if score >= alike[0][1] - _NEAR]:
        return f"Did you mean {' or '.join(close)}? `quodvide models list` shows all"
    return "`quodvide models list` shows all; a file is named with its path, a file of the hub hf:OWNER/REPOSITORY/FILE.gguf"

"""What suites run on: a home folder, a folder of data in the shared form, and room for homes of other corpora."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.loading import ingest_files
from agent.settings import Settings
from agent.wiring import Parts
from evals.rows import Form, read_rows
from stores.errors import InputError


class DataMissing(InputError):
    """The folder of data has no file that a suite could use."""


@dataclass
class Bench:
    """One run's surroundings.

    Attributes:
        settings: of the home folder that is measured.
        data: folder with questions/, gold/, retrieval/ and qa/, as far as the suites need them.
        work: where homes of other corpora are made, and found again.
        mode: "full", or "oracle" for the right papers as context.
        limit: items of each suite at most; None for all.
        seed: of whatever is drawn.
    """

    settings: Settings
    data: Path
    work: Path
    mode: str = "full"
    limit: int | None = None
    seed: int = 13
    read: set[Path] = field(default_factory=set)

    @cached_property
    def parts(self) -> Parts:
        """The parts of the home folder."""
        return Parts(self.settings)

    def found(self, *patterns: str) -> list[Path]:
        """Return the files of the data folder that fit any pattern, gzip or not, in order; there may be none."""
        either = [pattern + end for pattern in patterns for end in ("", ".gz")]
        found = sorted({path for pattern in either for path in self.data.glob(pattern) if path.is_file()})
        self.read.update(found)
        return found

    def files(self, *patterns: str) -> list[Path]:
        """Return the files of the data folder that fit any pattern, in order.

        Raises:
            DataMissing: there is none.
        """
        if found := self.found(*patterns):
            return found
        raise DataMissing(f"holds no {' or '.join(patterns)}", where=str(self.data))

    def rows(self, form: type[Form], *patterns: str) -> list[dict[str, Any]]:
        """Return the rows of the files that fit, JSON Lines, gzip or not.

        Raises:
            InputError: there is no such file, or a line is not a JSON object of the form.
        """
        return [row for path in self.files(*patterns) for row in read_rows(path, form)]

    def cut(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return as many rows as are wanted, from all over."""
        if self.limit is None or self.limit >= len(rows):
            return rows
        return [rows[n * len(rows) // self.limit] for n in range(self.limit)]

    def home_of(self, name: str, files: Sequence[Path]) -> Path:
        """Return a home folder with the settings of the one that is measured, which holds these papers alone.

        It is made when it is not there; other contents or settings make another.

        Raises:
            InputError: a file could not be read whole.
        """
        contents = "".join(map(digest, [*self._chosen(), *files]))
        home = self.set_up(self.work / f"{name}-{hashlib.sha256(contents.encode()).hexdigest()[:12]}")
        self.read.update(files)
        if ingest_files(home, list(files), None, None):
            raise InputError("could not be read whole", where=", ".join(map(str, files)))
        return home

    def set_up(self, home: Path) -> Path:
        """Give a new home folder the settings of the one that is measured, and return it."""
        home.mkdir(parents=True, exist_ok=True)
        for path in self._chosen():
            shutil.copyfile(path, home / path.name)
        return home

    def _chosen(self) -> list[Path]:
        return [path for path in (self.settings.home / "settings.toml",) if path.is_file()]

    def close(self) -> None:
        """Close what was opened."""
        if (parts := self.__dict__.pop("parts", None)) is not None:
            parts.close()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

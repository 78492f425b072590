"""A run on disk: `run.json` says what was measured with what, and each suite has its items beside it."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.suites.bench import Bench, digest
from evals.suites.runner import Summary
from stores.errors import InputError
from stores.manifest import now, replace
from stores.records import Record

FILE = "run.json"


class Machine(Record):
    """What it ran on."""

    processor: str
    cores: int
    system: str
    python: str


class Run(Record):
    """A run of some suites.

    Attributes:
        at: when it ended, in UTC.
        seed: of whatever was drawn.
        mode: full or oracle.
        environment: models, prompts, settings and corpus, as answers are recorded with.
        data: SHA-256 of each file that was read, by its name in the data folder.
        machine: what it ran on.
        suites: what came of each.
    """

    at: str
    seed: int
    mode: str
    environment: dict[str, Any]
    data: dict[str, str]
    machine: Machine
    suites: tuple[Summary, ...]


def made(bench: Bench, suites: Sequence[Summary], environment: Mapping[str, Any]) -> Run:
    """Return the record of a run that has just ended."""
    return Run(
        at=now(),
        seed=bench.seed,
        mode=bench.mode,
        environment=dict(environment),
        data={_name(path, bench.data): digest(path) for path in sorted(bench.read)},
        machine=Machine(
            processor=platform.machine(),
            cores=os.cpu_count() or 1,
            system=platform.system(),
            python=platform.python_version(),
        ),
        suites=tuple(suites),
    )


def write_run(folder: Path, run: Run) -> None:
    """Write the record of a run into its folder."""
    replace(folder / FILE, run.model_dump_json(indent=1).encode() + b"\n")


def read_run(folder: Path) -> Run:
    """Return the run of a folder.

    Raises:
        InputError: it holds none.
    """
    try:
        return Run.model_validate_json((folder / FILE).read_bytes())
    except OSError as error:
        raise InputError(
            f"holds no {FILE}", where=str(folder), hint="Name the --output of `quodvide eval run`"
        ) from error
    except ValidationError as error:
        raise InputError("is not the record of a run", where=str(folder / FILE)) from error


def _name(path: Path, data: Path) -> str:
    return str(path.relative_to(data)) if path.is_relative_to(data) else path.name

"""How fast institutions are linked, and what their index costs when it is loaded from disk by a fresh process."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tools.linking.base import LinkContext
from tools.linking.institutions import InstitutionLinker
from tools.linking.registry import Registry

_WARMING, _ONE_BY_ONE, _BATCH, _BATCHES = 20, 300, 256, 4
LOADS = 3


@dataclass(frozen=True)
class Speed:
    """What was timed.

    Attributes:
        milliseconds: of each mention that was linked on its own.
        together: links a second, in batches.
        seconds: to load the index; the best of some fresh processes.
        megabytes: by which the process grew, and how far it grew meanwhile at most.
        disk: megabytes of the file.
    """

    milliseconds: tuple[float, ...]
    together: float
    seconds: float
    megabytes: tuple[float, float]
    disk: float


def measure(linker: InstitutionLinker, registry: Registry, texts: Sequence[str]) -> Speed:
    """Time a linker on mentions, none twice while there are enough, and the loading of its registry."""
    for text in texts[:_WARMING]:
        linker.link(text, LinkContext())
    milliseconds = []
    for text in texts[_WARMING : _WARMING + _ONE_BY_ONE] or texts:
        start = perf_counter()
        linker.link(text, LinkContext())
        milliseconds.append(1000 * (perf_counter() - start))
    rest = texts[_WARMING + _ONE_BY_ONE :][: _BATCH * _BATCHES] or texts
    linker.link_all(texts[:_WARMING], [LinkContext()] * len(texts[:_WARMING]))
    start = perf_counter()
    for first in range(0, len(rest), _BATCH):
        part = rest[first : first + _BATCH]
        linker.link_all(part, [LinkContext()] * len(part))
    together = len(rest) / (perf_counter() - start)
    with tempfile.TemporaryDirectory() as folder:
        registry.index.save(Path(folder))
        disk = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        loads = [_child(Path(folder)) for _ in range(LOADS)]
    best = min(loads, key=lambda load: load["seconds"])
    return Speed(tuple(milliseconds), together, best["seconds"], (best["grown"], best["peak"]), disk)


def _child(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "evals.linker.speed", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _load(folder: Path) -> dict[str, float]:
    """Load the index of a folder in this process."""
    import psutil
    import safetensors.numpy  # noqa: F401 - its import is not what is measured

    from stores.words import WordIndex

    process = psutil.Process()
    before = process.memory_info().rss
    start = perf_counter()
    registry = Registry(WordIndex.load(folder))
    seconds = perf_counter() - start
    grown = process.memory_info().rss - before
    peak = max(0.0, _peak() - before)
    return {"seconds": seconds, "grown": grown / 1e6, "peak": peak / 1e6, "records": len(registry.ids)}


def _peak() -> float:
    """Return the most memory, in bytes, that this process had; 0 where the system does not say.

    What `getrusage` says counts the memory of the process that started this one as well.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * float(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    print(json.dumps(_load(Path(sys.argv[1]))))

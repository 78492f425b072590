"""How many threads a decode may use, chosen by the load of the moment.

OpenMP threads of llama.cpp meet at a barrier after every operation and spin there: with a busy neighbour on one core
the whole team waits for the thread that lost its core, and generation falls to a tenth of what one thread alone makes.
So the count follows the number of cores that nobody else wants: down at once, up only after a calm while.
"""

import os
import time
from pathlib import Path
from typing import Protocol

# A neighbour counts after about this long, and a single burst does not.
SMOOTHING_S = 0.06
# A wrong step up costs several tokens, a late one only a few.
CALM_S = 0.15
# A caller that has just handed over its call, or a pool that still spins, is seen as a neighbour for so long.
GLANCES, GLANCE_S = 4, 0.002
CPU_WINDOW_S = 0.08


class Load(Protocol):
    """A way to see how many cores others want; `own` is the number of threads that the lane runs."""

    def others(self, own: int) -> float | None:
        """Return the number of cores wanted by others now, or None when there is nothing new to say."""


class RunQueue:
    """The scheduler's count of runnable threads (Linux), which includes other threads of this process."""

    def __init__(self, path: Path = Path("/proc/loadavg")) -> None:
        self._path = str(path)
        self.available = self._running() is not None

    def _running(self) -> int | None:
        try:
            with open(self._path, "rb") as file:  # noqa: PTH123  (read before every token: Path.open costs twice)
                return int(file.read(64).split()[3].split(b"/")[0])
        except (OSError, ValueError, IndexError):
            return None

    def others(self, own: int) -> float | None:
        """Return the runnable threads less the lane's own, which may be spinning."""
        running = self._running()
        return None if running is None else float(max(0, running - own))


class CpuTimes:
    """The machine's busy time less this process's, for systems without a run queue to read."""

    def __init__(self) -> None:
        self._at, self._busy, self._own = time.perf_counter(), self._machine(), time.process_time()

    @staticmethod
    def _machine() -> float:
        import psutil

        times = psutil.cpu_times()
        return float(times.user + times.system + getattr(times, "nice", 0.0) + getattr(times, "steal", 0.0))

    def others(self, own: int) -> float | None:  # noqa: ARG002  (the process's own time already covers the lane)
        """Return the mean over the last window, None while the window is too short for the clock's 10 ms ticks."""
        now = time.perf_counter()
        if now - self._at < CPU_WINDOW_S:
            return None
        busy, mine = self._machine(), time.process_time()
        wanted = max(0.0, (busy - self._busy) - (mine - self._own)) / (now - self._at)
        self._at, self._busy, self._own = now, busy, mine
        return wanted


def usable_cores() -> int:
    """Return the cores this process may run on: affinity, and a container's quota when it is lower."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        cores = min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return max(1, cores)


def default_load() -> Load:
    """Return the best reading this system offers."""
    queue = RunQueue()
    return queue if queue.available else CpuTimes()


class ThreadGovernor:
    """Chooses the thread count before each decode.

    Args:
        most: the highest count to use; 0 means the cores this process may run on.
        load: where the load is read.
        cores: cores of the machine, that is of what `load` describes.
    """

    def __init__(self, most: int = 0, load: Load | None = None, cores: int | None = None) -> None:
        self.most = max(1, min(most or usable_cores(), 64))
        self.current = self.most
        self._load = load or default_load()
        self._cores = cores or os.cpu_count() or 1
        self._others = 0.0
        self._read_at = float("-inf")
        self._calm_since: float | None = None

    def _room(self, margin: float) -> int:
        return max(1, min(self.most, int(self._cores - self._others + margin)))

    def start(self) -> int:
        """Choose for the first decode of a call, from the calmest of a few glances: the last call may be long ago."""
        if self.most == 1:
            return 1
        calmest = float("inf")
        for _ in range(GLANCES):
            seen = self._load.others(1)
            calmest = min(calmest, self._others if seen is None else seen)
            if not calmest:
                break
            time.sleep(GLANCE_S)
        self._others, self._read_at, self._calm_since = calmest, time.perf_counter(), None
        self.current = self._room(0.5)
        return self.current

    def choose(self) -> int:
        """Return the count for the next decode."""
        if self.most == 1:
            return 1
        seen, now = self._load.others(self.current), time.perf_counter()
        if seen is None:
            return self.current
        weight = min(0.5, (now - self._read_at) / SMOOTHING_S)
        self._others += weight * (seen - self._others)
        self._read_at = now
        if (room := self._room(0.5)) < self.current:
            self.current, self._calm_since = room, None
        elif (room := self._room(0.2)) > self.current:
            self._calm_since = self._calm_since or now
            if now - self._calm_since >= CALM_S:
                self.current, self._calm_since = room, None
        else:
            self._calm_since = None
        return self.current

"""The choice of the thread count, driven by loads written down."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.models import threads
from agent.models.threads import CpuTimes, RunQueue, ThreadGovernor, default_load, usable_cores


class Scripted:
    """A load that the test sets."""

    def __init__(self) -> None:
        self.now: float | None = 0.0

    def others(self, own: int) -> float | None:  # noqa: ARG002
        return self.now


class Clock:
    """A clock that the test advances."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 100.0
        monkeypatch.setattr(threads.time, "perf_counter", lambda: self.time)
        monkeypatch.setattr(threads.time, "sleep", lambda _: None)


def run(governor: ThreadGovernor, clock: Clock, seconds: float, step: float = 0.01) -> int:
    for _ in range(round(seconds / step)):
        clock.time += step
        governor.choose()
    return governor.current


def test_follows_the_load_down_and_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, load = Clock(monkeypatch), Scripted()
    governor = ThreadGovernor(2, load, cores=2)
    assert governor.start() == 2
    load.now = 1.0
    assert run(governor, clock, 0.1) == 1
    load.now = 0.0
    assert run(governor, clock, 0.05) == 1
    assert run(governor, clock, 0.6) == 2


def test_one_short_burst_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, load = Clock(monkeypatch), Scripted()
    governor = ThreadGovernor(2, load, cores=2)
    governor.start()
    run(governor, clock, 0.2)
    load.now = 1.0
    assert run(governor, clock, 0.02) == 2


def test_starts_low_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    load = Scripted()
    load.now = 2.0
    assert ThreadGovernor(2, load, cores=2).start() == 1


@pytest.mark.parametrize(("others", "count"), [(0, 6), (1, 6), (2, 6), (4, 4), (7, 1), (20, 1)])
def test_many_cores(monkeypatch: pytest.MonkeyPatch, others: float, count: int) -> None:
    clock, load = Clock(monkeypatch), Scripted()
    load.now = others
    governor = ThreadGovernor(6, load, cores=8)
    governor.start()
    assert run(governor, clock, 1.0) == count


def test_no_news_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, load = Clock(monkeypatch), Scripted()
    load.now = None
    governor = ThreadGovernor(2, load, cores=2)
    assert governor.start() == 2
    assert run(governor, clock, 0.5) == 2


def test_one_core_reads_nothing() -> None:
    class Broken:
        def others(self, own: int) -> float | None:  # noqa: ARG002
            raise AssertionError

    governor = ThreadGovernor(1, Broken(), cores=1)
    assert (governor.start(), governor.choose()) == (1, 1)


def test_run_queue(tmp_path: Path) -> None:
    path = tmp_path / "loadavg"
    path.write_text("0.10 0.20 0.30 4/120 999\n")
    assert RunQueue(path).others(1) == 3
    assert RunQueue(path).others(6) == 0
    path.write_text("nonsense")
    assert not RunQueue(path).available
    assert not RunQueue(tmp_path / "none").available


def test_real_readings_see_a_busy_neighbour() -> None:
    times = CpuTimes()
    assert times.others(1) is None
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.6)
        seen = times.others(1)
        assert seen is not None
        assert seen > 0.3
        assert default_load().others(1) is not None
    finally:
        neighbour.kill()
        neighbour.wait()
    assert usable_cores() >= 1

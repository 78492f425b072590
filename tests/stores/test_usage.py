"""The log of calls: added up, bounded, shared by processes, and never in anybody's way."""

import logging
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from stores.conversations import Conversations
from stores.errors import StoreError
from stores.usage import Call, UsageLog

MANY = 300
WRITER = f"""
import sys
from pathlib import Path
from stores.usage import Call, UsageLog
log = UsageLog(Path(sys.argv[1]))
for n in range({MANY}):
    log.add(Call(at=f"2026-01-01T00:00:00.{{n:03}}", model=sys.argv[2], role="word", route="word", seconds=1))
log.close()
"""


def call(**changes: object) -> Call:
    usual = {"at": "2026-03-01T10:00:00.000+00:00", "model": "m", "role": "word", "route": "paper_question"}
    return Call.model_validate({**usual, "seconds": 0.5, "cost": 0.0, **changes})


@pytest.fixture
def log(tmp_path: Path):
    with closing(UsageLog(tmp_path / "usage.sqlite")) as opened:
        yield opened


def test_calls_are_added_up_and_what_is_unknown_is_said(log: UsageLog):
    log.add(call(input_tokens=100, cached_tokens=60, output_tokens=10))
    log.add(call(at="2026-03-02T00:00:00.000+00:00", model="far", input_tokens=50, output_tokens=5, cost=0.25))
    log.add(call(at="2026-03-02T09:00:00.000+00:00", model="far", code="model", cost=None, fallback_reason="down"))
    log.add(call(at="2026-03-02T09:00:00.000+00:00", model="far", thread="t", code="cancelled", cost=None))
    near, far = sorted(log.sums(("model",)), key=lambda each: each.calls)
    assert (near.group, near.input_tokens, near.cached_tokens, near.output_tokens) == (("m",), 100, 60, 10)
    assert (far.group, far.calls, far.failed, far.cancelled, far.stood_in, far.unpriced) == (("far",), 3, 1, 1, 1, 2)
    assert far.cost == pytest.approx(0.25)
    assert [each.group for each in log.sums(("day", "thread"))] == [
        ("2026-03-01", None),
        ("2026-03-02", None),
        ("2026-03-02", "t"),
    ]
    assert log.total(since=date(2026, 3, 2)).calls == 3
    assert log.total(thread="t").calls == 1
    assert log.total(thread="of nobody").calls == 0


def test_reading_makes_no_file(tmp_path: Path):
    with closing(UsageLog(tmp_path / "usage.sqlite")) as log:
        assert log.sums(("model",)) == []
        assert log.calls() == []
        log.forget("nobody")
    assert not list(tmp_path.iterdir())


def test_old_calls_go_where_a_bound_is_set(tmp_path: Path):
    file = tmp_path / "usage.sqlite"
    now = datetime.now(UTC)
    with closing(UsageLog(file)) as log:
        for days in (40, 20, 0):
            log.add(call(at=(now - timedelta(days=days)).isoformat(timespec="milliseconds")))
        assert log.total().calls == 3
    with closing(UsageLog(file, days=30)) as log:
        log.add(call(at=now.isoformat(timespec="milliseconds")))
        assert log.total().calls == 3


def test_two_processes_lose_nothing(tmp_path: Path):
    file = tmp_path / "usage.sqlite"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), name]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with closing(UsageLog(file)) as log:
        assert [(each.group, each.calls) for each in log.sums(("model",))] == [(("one",), MANY), (("two",), MANY)]


def test_a_log_that_cannot_be_written_is_said_once_and_slows_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    file = tmp_path / "usage.sqlite"
    file.write_bytes(b"no database at all, however long it may be" * 100)
    caplog.set_level(logging.DEBUG, logger="stores.usage")
    with closing(UsageLog(file)) as log:
        for _ in range(3):
            log.add(call())
        with pytest.raises(StoreError, match="Move the file away"):
            log.total()
    assert len(caplog.records) == 1
    log.add(call())  # after its end too


def test_a_writer_elsewhere_makes_nobody_wait(log: UsageLog, tmp_path: Path):
    log.add(call())
    assert log.total().calls == 1
    with closing(sqlite3.connect(tmp_path / "usage.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.perf_counter()
        log.add(call())
        assert time.perf_counter() - started < 0.05
        other.rollback()
    assert log.total().calls == 2


def test_a_deleted_conversation_is_forgotten(log: UsageLog, tmp_path: Path):
    for thread in ("mine", "mine", "other"):
        log.add(call(thread=thread))
    assert log.total(thread="mine").calls == 2
    with closing(Conversations(tmp_path / "conversations.sqlite")) as conversations:
        conversations.delete("mine")
    assert log.total(thread="mine").calls == 0
    assert log.total(thread="other").calls == 1
    assert log.total().calls == 3

"""The load on the server: a second of it, against a real one."""

import sys
from pathlib import Path

import httpx
import pytest

from evals.bench_serve import Load
from evals.cli import bench


def test_a_second_of_load(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", [])
    bench(["serve", "--home", str(demo_home), "--clients", "3", "--generating", "1", "--seconds", "2"])
    said = capsys.readouterr().out
    assert "{200:" in said
    assert "/similar" in said
    assert "/generate" in said
    assert "same request: 0" in said


def test_another_answer_is_noticed():
    load = Load()
    for answer in ("a", "a", "b"):
        load.note(0, 0.1, httpx.Response(200, json={"answer": answer, "timings": {"x": len(load.times)}}))
    load.note(0, 0.1, httpx.Response(429))
    assert load.wrong == 1
    assert load.statuses == {200: 3, 429: 1}
    assert "n=3" in load.report(1)

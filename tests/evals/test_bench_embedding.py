"""The benchmark of embedding backends runs and compares the same texts."""

import sys

import numpy as np
import pytest

from evals import bench_embedding


def test_the_backends_agree(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--limit", "6", "--threads", "1"])
    monkeypatch.setenv("COLUMNS", "240")
    bench_embedding.main()
    printed = capsys.readouterr().out
    rows = [line for line in printed.splitlines() if "all-MiniLM-L6-v2@" in line]
    assert ["onnx" in row for row in rows] == [True, False]
    assert "e-07" in rows[0] or "e-08" in rows[0]
    assert "0.0e+00" in rows[1]


def test_differences() -> None:
    rows = np.eye(4, dtype=np.float32)
    assert bench_embedding.differences(rows, rows).max() == 0
    assert bench_embedding.differences(rows, np.roll(rows, 1, axis=1) * 2).max() == pytest.approx(3)

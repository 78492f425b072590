"""The probe: a good model, a bad one, and what a dying child is said to have died of."""

import signal
from pathlib import Path

import pytest

from agent.models.bundled import bundled_model
from agent.models.probe import _judged, cpu_flags, probe_model


def test_bundled_model_runs() -> None:
    result = probe_model(bundled_model(), n_ctx=256)
    assert result.ok, result.line
    assert "tokens written" in result.line


def test_truncated_weights_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    with bundled_model().open("rb") as file:
        path.write_bytes(file.read(4_000_000))
    result = probe_model(path, n_ctx=256)
    assert not result.ok
    assert "llama.cpp cannot load this model" in result.line
    assert "\n" not in result.line


def test_not_a_model_and_timeout(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_text("hello")
    assert "not a GGUF model file" in probe_model(path).line
    assert "within 0.05 s" in probe_model(bundled_model(), timeout=0.05).line


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGILL, signal.SIGABRT])
def test_signals_point_to_the_build(number: signal.Signals) -> None:
    result = _judged(-number, "", "")
    assert not result.ok
    assert number.name in result.line
    assert "make llama" in result.line


def test_other_deaths() -> None:
    assert "memory" in _judged(-signal.SIGKILL, "", "").line
    assert "ImportError: x" in _judged(1, "", "Traceback\nImportError: x").line
    assert "signal 99" in _judged(-99, "", "").line


def test_cpu_flags_are_booleans() -> None:
    assert all(isinstance(value, bool) for value in cpu_flags().values())

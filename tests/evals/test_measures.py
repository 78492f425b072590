"""The measures that evaluations report."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from evals.answers import holds_all
from evals.measures import interval, line, ndcg, peak_megabytes


def test_ndcg() -> None:
    assert ndcg(["a", "b"], {"a": 1, "b": 1}) == pytest.approx(1.0)
    assert ndcg(["x", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))
    assert ndcg([*"bcdefghijk", "a"], {"a": 1}) == 0.0
    assert ndcg(["a"], {}) == 0.0


def test_interval_holds_the_mean_and_does_not_vary() -> None:
    mean, low, high = interval([1.0, 0.0, 1.0, 1.0])
    assert low <= mean == 0.75 <= high
    assert interval([1.0, 0.0, 1.0, 1.0]) == (mean, low, high)
    assert "n=2" in line("x", [1.0, 0.0])


def test_memory_is_that_of_the_process_alone() -> None:
    held = b"x" * 500_000_000
    program = "from evals.measures import peak_megabytes; print(peak_megabytes())"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert 5 < float(done.stdout) < 300 < len(held) / 1e6 < peak_megabytes()


@pytest.mark.parametrize(
    ("required", "text", "held"),
    [
        (["57", "78.9"], "placed 57th with 78.9%", True),
        (["57"], "in 1957 or 0.57", False),
        ([["not", "no"]], "nothing is known", False),
        ([["not", "no"]], "It is not.", True),
        ([["eight", "8"], "52"], "Eight and 52.", True),
        ([], "", True),
    ],
)
def test_required_elements(required: list[str | list[str]], text: str, held: bool) -> None:
    assert holds_all(required, text) is held

"""The measures that evaluations report."""

import math

import pytest

from evals.answers import holds_all
from evals.measures import interval, line, ndcg


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

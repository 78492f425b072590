import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from evals.measures import ndcg, recall
from evals.suites.figures import Figure, difference, figure, value
from evals.suites.runner import Reported

Marks = st.lists(st.booleans(), min_size=2, max_size=40)


def scores(marks: list[bool]) -> list[tuple[float, float]]:
    return [(float(mark), 1.0) for mark in marks]


@settings(max_examples=25, deadline=None)
@given(marks=Marks)
def test_a_share_lies_in_its_interval(marks: list[bool]) -> None:
    found = figure(scores(marks))
    assert found.value == pytest.approx(sum(marks) / len(marks))
    assert found.low <= found.value <= found.high
    assert found.n == len(marks)
    assert found == figure(scores(marks))


def test_counts_add_up_to_micro_f1() -> None:
    drawn = np.random.default_rng(1)
    gold, given_ = drawn.random(200) < 0.4, drawn.random(200) < 0.5
    pairs = [(2.0 * (g and a), 2.0 * (g and a) + (g != a)) for g, a in zip(gold, given_, strict=True)]
    assert figure(pairs).value == pytest.approx(f1_score(gold, given_))


def test_more_items_narrow_the_interval() -> None:
    few, many = figure(scores([True, False] * 10)), figure(scores([True, False] * 1000))
    assert many.high - many.low < (few.high - few.low) / 5


def test_calibration_is_the_gap_between_confidence_and_truth() -> None:
    assert figure([(0.95, 1.0)] * 95 + [(0.95, 0.0)] * 5, "calibration").value == pytest.approx(0.0, abs=1e-9)
    assert figure([(0.95, 0.0)] * 10, "calibration").value == pytest.approx(0.95)


@pytest.mark.parametrize("items", [[], [(0.0, 0.0)]])
def test_nothing_says_nothing_and_survives_a_file(items: list[Any]) -> None:
    found = figure(items)
    assert math.isnan(found.value)
    assert math.isnan(Figure.model_validate_json(found.model_dump_json()).low)


def test_a_difference_is_sure_only_where_chance_would_seldom_bring_it() -> None:
    before = scores([False, True] * 30)
    assert difference(before, before).p == 1
    better = difference(before, scores([True] * 60))
    assert better.value == pytest.approx(0.5)
    assert better.p < 0.01
    assert better.low > 0
    one_more = difference(before, scores([True, True] + [False, True] * 29))
    assert one_more.value > 0
    assert one_more.p > 0.3


def test_one_item_and_nothing_to_count_are_no_sign_of_a_difference() -> None:
    assert difference([(0.0, 1.0)], [(1.0, 1.0)]).p == 1
    none = difference([(0.0, 0.0)] * 2, [(1.0, 1.0)] * 2)
    assert math.isnan(none.value)
    assert none.p == 1
    # Of 8 ways to swap, 2 leave the first run nothing to count.
    assert difference([(0.0, 1.0), (0.0, 0.0), (0.0, 0.0)], [(1.0, 1.0), (0.0, 0.0), (0.0, 0.0)]).p == 1


def test_a_baseline_without_a_value_survives_a_file() -> None:
    one = Reported(name="x", about="", better="higher", figure=figure([]), baselines={"nothing": value([])})
    assert math.isnan(Reported.model_validate_json(one.model_dump_json()).baselines["nothing"])


def test_rankings_are_measured_by_trec_eval() -> None:
    grades = {"a": 3, "b": 1, "c": 0}
    assert ndcg(["a", "b", "c"], grades) == pytest.approx(1)
    swapped = (1 + 7 / math.log2(3)) / (7 + 1 / math.log2(3))
    assert ndcg(["b", "a"], grades) == pytest.approx(swapped)
    assert ndcg(["c", "a"], grades, 1) == 0
    assert recall(["a", "x"], grades) == pytest.approx(0.5)
    assert recall([], grades) == ndcg([], grades) == ndcg(["a"], {"a": 0}) == 0

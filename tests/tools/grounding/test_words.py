"""Numbers and stems as they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.grounding.words import content_stems, numbers, stem, stems


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("44,075 examples", {44075}),
        ("eight of 31 teams, 57th place", {8, 31, 57}),
        ("78.9% and 0.43", {78.9, 0.43}),
        ("50k, 16M words, 3 million", {50_000, 16e6, 3e6}),
        ("GPT-2 and F1", set()),
        ("one of the half", set()),
        ("first place", {1}),
    ],
)
def test_numbers(text: str, values: set[float]) -> None:
    assert numbers(text) == values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("models", "model"),
        ("improves", "improved"),
        ("parsing", "parser"),
        ("studies", "study"),
        ("Évaluation", "evaluate"),
    ],
)
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_compounds_are_known_whole_and_in_parts() -> None:
    assert stems("time-aware models") >= {stem("time-aware"), stem("time"), stem("aware")}
    assert content_stems("the of models") == {stem("models")}


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    numbers(text)
    assert all(stems(text))

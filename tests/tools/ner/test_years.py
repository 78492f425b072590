from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.ner.years import combined, find_periods

TODAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    ("text", "span", "meaning"),
    [
        ("papers since 2019", "2019", {"year_from": 2019}),
        ("2018-2021", "2018-2021", {"year_from": 2018, "year_to": 2021}),
        ("in 2018–20 only", "2018–20", {"year_from": 2018, "year_to": 2020}),
        ("between 2014 and 2019", "2014 and 2019", {"year_from": 2014, "year_to": 2019}),
        ("2017 to 2020", "2017 to 2020", {"year_from": 2017, "year_to": 2020}),
        ("from 2015 until 2018", "2015 until 2018", {"year_from": 2015, "year_to": 2018}),
        ("before 2019?", "2019", {"year_to": 2018}),
        ("pre-2015 work", "2015", {"year_to": 2014}),
        ("after 2019", "2019", {"year_from": 2020}),
        ("until 2017", "2017", {"year_to": 2017}),
        ("toxicity, 2020+", "2020", {"year_from": 2020}),
        ("2021 onwards", "2021", {"year_from": 2021}),
        ("2016 or later", "2016", {"year_from": 2016}),
        ("from 2018 to now", "2018", {"year_from": 2018}),
        ("the last five years", "last five years", {"last_n_years": 5}),
        ("past 3 years", "past 3 years", {"last_n_years": 3}),
        ("this decade", "this decade", {"year_from": 2020}),
        ("this year", "this year", {"year_from": 2025, "year_to": 2025}),
        ("in the 1990s", "1990s", {"year_from": 1990, "year_to": 1999}),
        ("the 90s", "90s", {"year_from": 1990, "year_to": 1999}),
        ("since the 1990s", "1990s", {"year_from": 1990}),
        ("late 2010s", "late 2010s", {"year_from": 2016, "year_to": 2019}),
        ("in 2021.", "2021", {"year_from": 2021, "year_to": 2021}),
    ],
)
def test_a_period_is_found_with_its_span_and_meaning(text: str, span: str, meaning: dict[str, int]) -> None:
    periods = find_periods(text, TODAY)
    assert [text[p.start : p.end] for p in periods] == [span]
    assert combined(periods) == meaning


def test_two_open_ends_make_one_range() -> None:
    assert combined(find_periods("after 2015 and before 2020", TODAY)) == {"year_from": 2016, "year_to": 2019}


@pytest.mark.parametrize(
    "text", ["2021.findings-emnlp.205", "W18-5622", "10.18653/v1/2020.acl-main.1", "3000 papers", "$2020"]
)
def test_numbers_that_are_no_years(text: str) -> None:
    assert find_periods(text, TODAY) == []


@given(st.text(alphabet="12 0-9–sabetwndorflyp.'/", max_size=60))
def test_spans_are_in_order_and_apart(text: str) -> None:
    last = 0
    for period in find_periods(text, TODAY):
        assert last <= period.start < period.end <= len(text)
        last = period.end

import pytest

from stores.catalogue import Catalogue
from stores.records import Condition
from tools.profiling.collaborators import collaborators, joint_papers


def ids(catalogue: Catalogue, *conditions: Condition) -> list[str]:
    return [one.id for one in collaborators(catalogue, "ada", conditions=conditions)]


def test_coauthors_with_counts_and_years(catalogue: Catalogue) -> None:
    found = collaborators(catalogue, "ada", 2019, 2022)
    assert [(one.id, one.papers, one.first_year, one.last_year) for one in found] == [
        ("cy", 3, 2019, 2022),
        ("bo", 1, 2019, 2019),
    ]
    assert found[1].organizations[0].name == "Bangkok Institute, Thailand"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(type="country", ids=("TH",), texts=("Thailand",)), ["bo"]),
        (Condition(type="country", ids=("TH",), texts=("Thailand",), negated=True), ["cy"]),
        (Condition(type="organization", texts=("Bangkok Institute",)), ["bo"]),
        (Condition(type="venue", texts=("TACL",)), ["cy"]),
        (Condition(type="topic", texts=("syntax",)), ["cy"]),
        (Condition(type="funder", ids=("ror:nsf",)), ["cy"]),
        (Condition(type="author", ids=("bo",)), ["bo"]),
        (Condition(type="year", texts=("2018",)), ["bo"]),
    ],
)
def test_conditions_restrict(catalogue: Catalogue, condition: Condition, expected: list[str]) -> None:
    assert ids(catalogue, condition) == expected


def test_joint_papers(catalogue: Catalogue) -> None:
    assert [one.id for one in joint_papers(catalogue, "ada", "bo", None, 2018)] == ["p1", "p2"]
    assert joint_papers(catalogue, "bo", "cy", None, 2018) == []

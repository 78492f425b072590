from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.catalogue import Catalogue
from stores.records import Affiliation, Author, Authority, Paper
from tools.lookup import count_namesakes, describe, describe_venue


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    found = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    author = Author(id="bo", name="Bo Lind", affiliations=(Affiliation(text="University of Turin, Italy"),))
    records = [
        Authority(
            id="ror:turin", type="organization", name="University of Turin", country_code="IT",
            names=(("UNITO", "acronym"), ("Università di Torino", "label")),
            facts={"city": "Turin", "types": ["education"], "established": 1404,
                   "relationships": [{"type": "parent", "id": "x", "label": "Republic of Letters"}]},
        ),
        Authority(id="f1", type="funder", name="University of Turin Fund", facts={"ror_id": "ror:turin", "crossref_works": 1}),
        Authority(id="bo", type="author", name="Bo Lind", facts={"n_papers": 1, "affiliations": [{"name": "Turin", "n": 1}]}),
        Authority(id="bo-2", type="author", name="Bo Lind"),
        Authority(id="T1", type="topic", name="Parsing", facts={"level": "topic", "field": "Computer Science"}),
        Authority(id="IT", type="country", name="Italy", country_code="IT"),
    ]  # fmt: skip
    with found.database.transaction() as connection:
        for one in records:
            found.authorities.put(connection, one)
        found.papers.put(connection, Paper(id="p", title="T", year=2020, venue="RANLP", authors=(author,)), [], "x")
    yield found
    found.close()


def text(catalogue: Catalogue, type_: str, id_: str) -> str:
    return describe(catalogue, catalogue.authorities.get(type_, [id_])[0]).text  # type: ignore[arg-type]


def test_an_organization(catalogue: Catalogue) -> None:
    assert text(catalogue, "organization", "ror:turin") == (
        "University of Turin is an educational institution in Turin, Italy, established in 1404."
        " The acronym is UNITO; it is also called Università di Torino. It is part of Republic of Letters."
        " The catalogue holds 1 paper with an affiliation naming it."
    )


def test_a_funder_takes_the_facts_of_its_organization(catalogue: Catalogue) -> None:
    found = text(catalogue, "funder", "f1")
    assert "in Turin" in found
    assert "UNITO" in found
    assert "counts 1 work that" in found


@pytest.mark.parametrize(
    ("type_", "id_", "expected"),
    [
        ("topic", "T1", "Parsing is a topic in the field Computer Science. The catalogue holds no paper carrying"),
        ("country", "IT", "Italy is a country with the ISO code IT."),
        ("author", "bo", "Bo Lind is an author affiliated with Turin. The catalogue holds 1 paper by this author."),
    ],
)
def test_other_records(catalogue: Catalogue, type_: str, id_: str, expected: str) -> None:
    assert text(catalogue, type_, id_).startswith(expected)


def test_counting_namesakes(catalogue: Catalogue) -> None:
    assert count_namesakes(catalogue, "author", "Bo Linds") == (
        "The catalogue knows 2 authors by the name Bo Lind. These are bo (Turin, 1 paper) and bo-2."
    )
    assert count_namesakes(catalogue, "author", "Nobody") == "No author called Nobody is in the catalogue."


def test_a_venue(catalogue: Catalogue) -> None:
    assert describe_venue(catalogue, "ranlp").text.startswith("RANLP is a venue of 1 paper in the catalogue in 2020.")
    assert describe_venue(catalogue, "*").papers == 0

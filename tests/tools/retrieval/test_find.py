"""How papers satisfy conditions, and what there is instead when none satisfies all."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.catalogue import Catalogue
from stores.catalogue.wording import spans
from stores.records import Affiliation, Author, Authority, Condition, Funding, Paper, PaperFilter, Topic
from tools.ingest.chunking import chunk
from tools.linking.affiliations import link_affiliations
from tools.linking.linker import CatalogueLinker
from tools.retrieval.matches import Match, Matcher
from tools.retrieval.relax import Relaxation, reason, relaxations, satisfied

SCHOOL = {"relationships": [{"type": "parent", "id": "system", "label": "Alder System"}]}
RECORDS = [
    Authority(id="alder", type="organization", name="Alder University", country_code="US", prior=9, facts=SCHOOL),
    Authority(id="system", type="organization", name="Alder System", country_code="US", prior=9),
    Authority(id="birch", type="organization", name="Birch Institute of Technology", country_code="US", facts=SCHOOL),
    Authority(id="fund", type="funder", name="Cedar Fund"),
    Authority(id="ann", type="author", name="Ann Bee"),
]


def paper(n: int, title: str, abstract: str, place: Affiliation, year: int, **more: object) -> Paper:
    author = Author(id="ann" if n % 2 else "bob", name="Ann Bee" if n % 2 else "Bob Cee", affiliations=(place,))
    return Paper.model_validate(
        {"id": f"p{n}", "title": title, "abstract": abstract, "authors": (author,), "year": year, **more}
    )


PAPERS = [
    paper(1, "Stemming words", "We parse. Neural parsers\x02 of café menus.", Affiliation(text="Alder University, USA"), 2015,
          funding=(Funding(name="Cedar Fund", funder_id="fund"),), venue="ACL"),
    paper(2, "Parsing", "Nothing else.", Affiliation(text="Birch", organization_id="birch", country_code="US"), 2018,
          topics=(Topic(name="Syntax", id="T1"),), venue="Nature"),
    paper(3, "Cells", "They divide in graphs. Some are neural.", Affiliation(text="Alder University"), 2021,
          keywords=("graph neural cells",)),
    paper(4, "Menus", "On cafés.", Affiliation(text="Dogwood Diner, Lyon, France"), 2020),
]  # fmt: skip


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path_factory.mktemp("find") / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for record in RECORDS:
            catalogue.authorities.put(connection, record)
        for one in PAPERS:
            catalogue.papers.put(connection, one, chunk(one, words=5, overlap=0), "-")
    linker = CatalogueLinker(catalogue)
    link_affiliations(catalogue, lambda: linker.institutions("organization"))
    yield catalogue
    catalogue.close()


def matches(catalogue: Catalogue, *conditions: Condition, **years: int) -> dict[str, tuple[Match, ...]]:
    wanted = PaperFilter.model_validate({"conditions": conditions, **years})
    found = catalogue.papers.get(catalogue.filters.find(wanted))
    return Matcher(catalogue, wanted, found).all()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(type="author", ids=("ann",)), {"p1": ("id", "author", "Ann Bee"), "p3": ("id", "author", "Ann Bee")}),
        (Condition(type="organization", ids=("alder",)), {"p1": ("link", "affiliation", "Alder University, USA"),
                                                          "p3": ("link", "affiliation", "Alder University")}),
        (Condition(type="organization", ids=("x",), texts=("Dogwood Diner",)),
         {"p4": ("words", "affiliation", "Dogwood Diner, Lyon, France")}),
        (Condition(type="country", ids=("FR",)), {"p4": ("link", "affiliation", "Dogwood Diner, Lyon, France")}),
        (Condition(type="funder", ids=("fund",)), {"p1": ("id", "funding", "Cedar Fund")}),
        (Condition(type="funder", texts=("cedar fund",)), {"p1": ("name", "funding", "Cedar Fund")}),
        (Condition(type="venue", ids=("ACL",)), {"p1": ("name", "venue", "ACL")}),
        (Condition(type="topic", ids=("T1",)), {"p2": ("id", "topic", "Syntax")}),
        (Condition(type="topic", texts=("graph neural",)), {"p3": ("words", "keyword", "graph neural cells")}),
        (Condition(type="topic", texts=("parse",)), {"p1": ("words", "body", "parse"), "p2": ("words", "title", "Parsing")}),
        (Condition(type="topic", texts=("cafe menu",)), {"p1": ("words", "body", "café menus")}),
        (Condition(type="year", texts=("2020",)), {"p4": ("year", "year", "2020")}),
    ],
)  # fmt: skip
def test_each_paper_says_what_of_it_satisfies_the_condition(
    catalogue: Catalogue, condition: Condition, expected: dict[str, tuple[str, str, str]]
) -> None:
    found = matches(catalogue, condition)
    assert {id_: (one.kind, one.source, one.text) for id_, (one,) in found.items()} == expected
    for id_, (one,) in found.items():
        if one.start is not None:
            (stored,) = catalogue.papers.get([id_])
            assert one.source in {"title", "body"}
            assert stored.section(one.source)[one.start : one.end] == one.text  # type: ignore[arg-type]


def test_every_listed_paper_has_a_match_for_every_condition(catalogue: Catalogue) -> None:
    found = matches(
        catalogue,
        Condition(type="organization", ids=("system",)),
        Condition(type="topic", texts=("parsing", "cells")),
        Condition(type="funder", ids=("fund",), negated=True),
        year_from=2016,
    )
    assert found.keys() == {"p2", "p3"}
    for of_paper in found.values():
        assert [one.type for one in of_paper] == ["organization", "topic", "year"]
        assert of_paper[0].condition == "organization Alder System"


def near(catalogue: Catalogue, *conditions: Condition, **years: int) -> tuple[PaperFilter, tuple[Relaxation, ...]]:
    wanted = PaperFilter.model_validate({"conditions": conditions, **years})
    assert catalogue.filters.find(wanted) == []
    found = relaxations(catalogue, wanted)
    for one in found:
        assert len(catalogue.filters.find(one.filter)) == one.total > 0
    return wanted, found


def test_the_condition_that_empties_the_list_is_named_with_what_there_is_without_it(catalogue: Catalogue) -> None:
    alder = Condition(type="organization", ids=("alder",), texts=("Alder University",))
    wanted, found = near(catalogue, alder, Condition(type="venue", ids=("Nature",)))
    assert [(one.kind, one.conditions, one.to, one.total) for one in found] == [
        ("changed", ("organization Alder University",), "Alder System instead", 1),
        ("changed", ("organization Alder University",), "any organization in US instead", 1),
        ("dropped", ("venue Nature",), None, 2),
        ("dropped", ("organization Alder University",), None, 1),
    ]
    assert reason(catalogue, wanted, found) == (
        "With Alder System instead there is 1; with any organization in US instead there is 1; without venue Nature there"
        " are 2; without organization Alder University there is 1."
    )
    assert [one.total for one in satisfied(catalogue, wanted)] == [2, 1]


def test_years_are_widened_to_the_nearest_year_with_papers(catalogue: Catalogue) -> None:
    ann = Condition(type="author", ids=("ann",))
    wanted, found = near(catalogue, ann, year_from=2016, year_to=2019)
    first = found[0]
    assert (first.to, first.total, first.filter.year_from, first.filter.year_to) == ("years 2015–2019", 1, 2015, 2019)
    assert found[1].conditions == ("years 2016–2019",)
    assert found[1].filter.year_from is None
    assert reason(catalogue, wanted, found).startswith("With years 2015–2019 there is 1; without years 2016–2019 there")


def test_the_smallest_sets_are_dropped_and_a_topic_is_taken_in_its_words(catalogue: Catalogue) -> None:
    graphs = Condition(type="topic", texts=("graph menus",))
    nobody = Condition(type="author", texts=("Zed Zee",))
    _, found = near(catalogue, graphs, nobody, Condition(type="country", ids=("FR",)))
    assert [set(one.conditions) for one in found] == [{"topic “graph menus”", "author “Zed Zee”"}]
    ann = Condition(type="author", ids=("ann",))
    _, found = near(catalogue, Condition(type="topic", texts=("graphs divide",)), ann)
    assert (found[0].to, found[0].total) == ("the words “graphs” and “divide” anywhere in a paper", 1)


def test_an_unknown_name_is_said_to_be_unknown(catalogue: Catalogue) -> None:
    wanted, found = near(
        catalogue, Condition(type="funder", texts=("Nordic Trust",)), Condition(type="author", ids=("ann",))
    )
    said = reason(catalogue, wanted, found)
    assert said.startswith("No funder is known here as “Nordic Trust”, and no paper carries that very name.")
    assert said.endswith("Without funder “Nordic Trust” there are 2.")


def test_one_condition_alone_leaves_nothing_to_drop(catalogue: Catalogue) -> None:
    _, found = near(catalogue, Condition(type="author", texts=("Zed Zee",)))
    assert found == ()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.text(max_size=60))
def test_a_phrase_is_found_where_it_stands(before: str, after: str) -> None:
    text = f"{before} Tree Banks {after}"
    (span,) = spans([text], ["tree bank"])
    assert span is not None
    assert text[span[0] : span[1]].casefold().startswith("tree bank")

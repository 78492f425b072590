"""Papers and authority records in a real SQLite file."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.catalogue import Catalogue
from stores.errors import StoreError, StoreMissing
from stores.keys import name_key
from stores.records import Affiliation, Author, Authority, Condition, Funding, Paper, PaperFilter, Passage, Topic

STANFORD = Affiliation(text="Stanford University, USA", organization_id="ror:stanford", country_code="US")
OXFORD = Affiliation(text="Dept. of Engineering, University of Oxford")
ATTENTION = Paper(
    id="p1",
    title="Attention for parsing",
    abstract="We parse sentences with attention. It reaches 40.6 points.",
    full_text="A longer text follows.",
    authors=(Author(id="jose", name="José Łukasz", affiliations=(STANFORD,)),),
    year=2020,
    venue="ACL",
    keywords=("natural language processing",),
    funding=(Funding(name="National Science Foundation", funder_id="ror:nsf", grants=("1",)),),
    topics=(Topic(name="Syntax", id="T1", score=0.5),),
    cited_by_count=7,
)
CELLS = Paper(
    id="p2",
    title="Cells",
    abstract="Cells divide.",
    authors=(Author(id="ann", name="Ann Bee", affiliations=(OXFORD,)), Author(id="jose", name="J. Łukasz")),
    year=2018,
    venue="Nature",
)


def whole(paper: Paper) -> list[Passage]:
    section = "body" if paper.body else "title"
    text = paper.section(section)
    return [
        Passage(id=f"{paper.id}#0", paper_id=paper.id, ordinal=0, section=section, start=0, end=len(text), text=text)
    ]


@pytest.fixture
def catalogue(tmp_path: Path):
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for paper in (ATTENTION, CELLS):
            catalogue.papers.put(connection, paper, whole(paper), "digest")
            catalogue.mentions.put(connection, paper)
        catalogue.mentions.refresh(connection)
    yield catalogue
    catalogue.close()


def test_a_paper_comes_back_exactly(catalogue: Catalogue):
    assert catalogue.papers.get(["p2", "absent", "p1"]) == [CELLS, ATTENTION]
    assert catalogue.papers.passages(["p1#0"]) == whole(ATTENTION)
    assert catalogue.papers.passages_of(["p1", "p2"]) == [*whole(ATTENTION), *whole(CELLS)]
    assert [paper.id for paper, _ in catalogue.papers.all()] == ["p1", "p2"]


def test_storing_again_replaces_and_leaves_nothing_behind(catalogue: Catalogue):
    changed = ATTENTION.model_copy(update={"abstract": "Entirely new words.", "full_text": "", "authors": ()})
    with catalogue.database.transaction() as connection:
        catalogue.papers.put(connection, changed, whole(changed), "other")
    assert catalogue.papers.counts()["papers"] == 2
    assert catalogue.search.passages(["attention"], 5) == [("p1#0", pytest.approx(0, abs=1))]  # still in the title
    assert catalogue.search.passages(["reaches"], 5) == []
    assert catalogue.search.passages(["entirely"], 5)[0][0] == "p1#0"
    assert (
        catalogue.filters.find(PaperFilter(conditions=(Condition(type="organization", ids=("ror:stanford",)),))) == []
    )
    assert catalogue.indexing.obsolete() == []
    assert catalogue.indexing.problems() == []


def test_removing_makes_passages_obsolete(catalogue: Catalogue):
    with catalogue.database.transaction() as connection:
        assert catalogue.papers.remove(connection, "p1")
        assert not catalogue.papers.remove(connection, "p1")
    assert catalogue.indexing.obsolete() == ["p1#0"]
    assert catalogue.search.passages(["attention"], 5) == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Condition(type="author", ids=("jose",)), ["p1", "p2"]),
        (Condition(type="author", texts=("Jose Lukasz",)), ["p1"]),
        (Condition(type="organization", ids=("ror:stanford",)), ["p1"]),
        (Condition(type="organization", ids=("ror:oxford",), texts=("University of Oxford",)), ["p2"]),
        (Condition(type="organization", texts=("Oxford University",)), []),
        (Condition(type="country", ids=("US",)), ["p1"]),
        (Condition(type="funder", ids=("ror:nsf",)), ["p1"]),
        (Condition(type="funder", texts=("national science foundation",)), ["p1"]),
        (Condition(type="topic", ids=("T1",)), ["p1"]),
        (Condition(type="topic", texts=("cell",)), ["p2"]),
        (Condition(type="venue", texts=("acl",)), ["p1"]),
        (Condition(type="year", texts=("2018",)), ["p2"]),
        (Condition(type="topic", texts=("cell",), negated=True), ["p1"]),
        (Condition(type="funder"), []),
    ],
)
def test_conditions(catalogue: Catalogue, condition: Condition, found: list[str]):
    wanted = PaperFilter(conditions=(condition,))
    assert catalogue.filters.find(wanted) == found
    assert catalogue.filters.count(wanted) == len(found)


def test_years_and_order(catalogue: Catalogue):
    assert catalogue.filters.find(PaperFilter(year_from=2019)) == ["p1"]
    assert catalogue.filters.find(PaperFilter(year_to=2019)) == ["p2"]
    assert catalogue.filters.find(PaperFilter(sort="oldest")) == ["p2", "p1"]
    assert catalogue.filters.find(PaperFilter(sort="most_cited")) == ["p1", "p2"]


def test_search_takes_any_text_for_words(catalogue: Catalogue):
    assert catalogue.search.passages(['" OR *', "NEAR(", "attention'", "--"], 5)[0][0] == "p1#0"
    assert catalogue.search.passages(["attention"], 5, among=["p2"]) == []
    assert catalogue.search.passages([], 5) == []
    assert catalogue.search.document_frequency(["attention", "cells divide", "zebra"]) == {
        "attention": 1,
        "cells divide": 1,
        "zebra": 0,
    }


def test_authors_of_papers_are_authorities(catalogue: Catalogue):
    (hit,) = catalogue.authorities.named("author", "jose lukasz")
    authority, text, kind = hit
    assert (authority.id, authority.prior, text, kind) == ("jose", 2.0, "José Łukasz", "name")
    assert authority.names == (("J. Łukasz", "variant"),)
    assert authority.facts["affiliations"] == [{"name": "Stanford University, USA", "n": 1}]
    assert authority.facts["first_year"] == 2018


def test_a_registry_wins_over_papers(catalogue: Catalogue):
    record = Authority(id="jose", type="author", name="José Łukasz Smith", prior=9)
    with catalogue.database.transaction() as connection:
        assert catalogue.authorities.put(connection, record) == "changed"
        assert catalogue.authorities.put(connection, record) == "unchanged"
        fresh = Catalogue(catalogue.database.path)
        fresh.close()
        catalogue.mentions.put(connection, ATTENTION)
        catalogue.mentions.refresh(connection)
    assert catalogue.authorities.get("author", ["jose"]) == [record]
    without_names = record.model_copy(update={"names": ()})
    assert catalogue.authorities.get("author", ["jose", "nobody"], names=False) == [without_names]


def test_words_of_a_name_find_it(catalogue: Catalogue):
    hits = catalogue.authorities.with_words("author", "lukas joze")
    assert [authority.id for authority, _, _ in hits] == ["jose", "jose"]


def fail_after_removing(catalogue: Catalogue) -> None:
    with catalogue.database.transaction() as connection:
        catalogue.papers.remove(connection, "p1")
        raise RuntimeError


def test_a_failed_transaction_leaves_nothing(catalogue: Catalogue):
    with pytest.raises(RuntimeError):
        fail_after_removing(catalogue)
    assert catalogue.papers.get(["p1"]) == [ATTENTION]


def test_no_file(tmp_path: Path):
    with pytest.raises(StoreMissing, match="quodvide ingest"):
        Catalogue(tmp_path / "catalogue.sqlite")


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be read as one" * 50, b"SQLite format 3\x00broken" * 90]
)
def test_a_damaged_file_is_one_line(tmp_path: Path, content: bytes):
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Catalogue(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_another_programs_file_is_left_alone(tmp_path: Path):
    path = tmp_path / "catalogue.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        Catalogue(path, create=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=200))
def test_any_text_keeps_its_offsets(catalogue: Catalogue, text: str):
    paper = Paper(id="any", title="t", abstract=text)
    passage = Passage(id="any#0", paper_id="any", ordinal=0, section="body", start=0, end=len(text), text=text)
    with catalogue.database.transaction() as connection:
        catalogue.papers.put(connection, paper, [passage], "d")
    assert catalogue.papers.passages(["any#0"]) == [passage]


@given(st.text(max_size=50))
def test_name_keys_are_stable(text: str):
    key = name_key(text)
    assert name_key(key) == key


def test_name_keys_meet():
    assert name_key("Universität  Łódź, O'Neil & Co.") == name_key("universitat lodz oneil and co")

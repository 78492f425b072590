"""Affiliation strings are linked once, outside the papers, and filters and questions go by it."""

import sqlite3
from pathlib import Path

import pytest

from stores.catalogue import Catalogue
from stores.records import Affiliation, Author, Authority, Condition, Paper, PaperFilter, Passage
from tools.linking.affiliations import affiliation_state, link_affiliations, link_strings
from tools.linking.base import Candidate, Link
from tools.linking.library import by_library
from tools.linking.linker import CatalogueLinker

MEDICINE = "School of Medicine, Stanford University, Stanford, CA 94305, USA"
STRINGS = {
    "p0": ("Stanford University",),
    "p1": (MEDICINE, "nobody knows this place"),
    "p2": ("Leland Clinic",),
    "p3": ("University of Edinburgh and Stanford University",),
    "p4": ("Someware Labs, Nairobi, Kenya",),
}
RECORDS = [
    Authority(id="stanford", type="organization", name="Stanford University", country_code="US", prior=40),
    Authority(id="clinic", type="organization", name="Leland Clinic", country_code="US",
              facts={"relationships": [{"type": "parent", "id": "medicine", "label": "Stanford Medicine"}]}),
    Authority(id="medicine", type="organization", name="Stanford Medicine", country_code="US",
              facts={"relationships": [{"type": "parent", "id": "stanford", "label": "Stanford University"},
                                       {"type": "child", "id": "clinic", "label": "Leland Clinic"}]}),
    Authority(id="edinburgh", type="organization", name="University of Edinburgh", country_code="GB", prior=40),
]  # fmt: skip


def put(catalogue: Catalogue, id_: str, strings: tuple[Affiliation, ...], year: int = 2020) -> None:
    paper = Paper(
        id=id_, title=f"Paper {id_}", year=year, authors=(Author(id=f"a-{id_}", name="A", affiliations=strings),)
    )
    passage = Passage(
        id=f"{id_}#0", paper_id=id_, ordinal=0, section="title", start=0, end=len(paper.title), text=paper.title
    )
    with catalogue.database.transaction() as connection:
        catalogue.papers.put(connection, paper, [passage], "digest")


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Among four records the ranker is a little less sure of a name than among all.
    monkeypatch.setattr("tools.linking.affiliations.LOWEST_PART", 0.85)
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for record in RECORDS:
            catalogue.authorities.put(connection, record)
    for id_, strings in STRINGS.items():
        put(catalogue, id_, tuple(Affiliation(text=text) for text in strings))
    put(catalogue, "given", (Affiliation(text="Leland Clinic", organization_id="clinic", country_code="US"),))
    yield catalogue
    catalogue.close()


def link(catalogue: Catalogue) -> int:
    linker = CatalogueLinker(catalogue)
    return link_affiliations(catalogue, lambda: linker.institutions("organization"))


def found(catalogue: Catalogue, type_: str, *ids: str, negated: bool = False) -> set[str]:
    condition = Condition.model_validate({"type": type_, "ids": ids, "negated": negated})
    return set(catalogue.filters.find(PaperFilter(conditions=(condition,))))


def test_filters_go_by_the_links_and_by_what_a_record_is_part_of(catalogue: Catalogue) -> None:
    before = catalogue.papers.get(["p1"]), catalogue.papers.digest("p1")
    assert found(catalogue, "organization", "stanford") == set()
    assert link(catalogue) == 6
    assert found(catalogue, "organization", "stanford") == {"p0", "p1", "p2", "p3", "given"}
    assert found(catalogue, "organization", "medicine") == {"p2", "given"}
    assert found(catalogue, "organization", "edinburgh") == {"p3"}
    assert found(catalogue, "country", "US") == {"p0", "p1", "p2", "p3", "given"}
    assert found(catalogue, "country", "KE") == {"p4"}
    assert found(catalogue, "organization", "stanford", negated=True) == {"p4"}
    assert found(catalogue, "organization", "edinburgh", "KE") == {"p3", "p4"}
    assert (catalogue.papers.get(["p1"]), catalogue.papers.digest("p1")) == before
    assert catalogue.affiliations.papers(["stanford", "edinburgh", "none"]) == {
        "stanford": 5, "edinburgh": 1, "none": 0,
    }  # fmt: skip


def test_only_new_strings_are_linked_and_all_of_them_when_the_organizations_change(catalogue: Catalogue) -> None:
    assert link(catalogue) == 6
    assert link(catalogue) == 0
    put(catalogue, "p0", (Affiliation(text="Edinburgh University, UK"),))
    assert link(catalogue) == 1
    assert {text for _, text in catalogue.database.rows("SELECT score, key FROM affiliation_link")} >= {
        "edinburgh university uk"
    }
    # "Stanford University" stands alone in no string any more.
    assert not catalogue.affiliations.links(["stanford university"])
    before = affiliation_state(catalogue)
    with catalogue.database.transaction() as connection:
        catalogue.authorities.put(
            connection, Authority(id="ke", type="organization", name="Someware Labs", country_code="KE")
        )
    assert affiliation_state(catalogue) != before
    assert link(catalogue) == 6
    assert found(catalogue, "organization", "ke") == {"p4"}


def test_an_interrupted_run_goes_on(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.linking.affiliations._AT_ONCE", 2)
    linker = CatalogueLinker(catalogue)
    calls = []

    def stop(done: int) -> None:
        calls.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        link_affiliations(catalogue, lambda: linker.institutions("organization"), stop)
    assert calls == [2]
    assert link(catalogue) == 4
    assert found(catalogue, "organization", "stanford") == {"p0", "p1", "p2", "p3", "given"}


def test_without_organizations_countries_are_read_from_the_strings(catalogue: Catalogue) -> None:
    (one, other) = link_strings(None, catalogue, ["Institute, Nairobi, Kenya", "somewhere"])
    assert [(x.organization_id, x.country_code) for x in one] == [(None, "KE")]
    assert other == ()


def test_a_home_of_an_earlier_version_opens_and_gets_the_tables_when_it_is_written(catalogue: Catalogue) -> None:
    path = catalogue.database.path
    link(catalogue)
    catalogue.close()
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "DROP TABLE affiliation_link; DROP TABLE organization_within; DROP INDEX affiliation_key;"
            "DELETE FROM meta WHERE key = 'affiliation links';"
        )
    connection.close()
    old = Catalogue(path)
    assert found(old, "organization", "stanford") == set()
    assert old.affiliations.links(["stanford university"]) == {}
    assert len(old.affiliations.pending()) == 6
    old.close()
    new = Catalogue(path, create=True)
    assert link(new) == 6
    assert found(new, "organization", "stanford") == {"p0", "p1", "p2", "p3", "given"}
    new.close()


def test_words_count_only_where_nothing_is_known_of_a_string(catalogue: Catalogue) -> None:
    def named(text: str) -> list[str]:
        condition = Condition(type="organization", ids=("other",), texts=(text,))
        return catalogue.filters.find(PaperFilter(conditions=(condition,)))

    assert named("Stanford University") == ["p0", "p1", "p3"]
    link(catalogue)
    assert named("Stanford University") == []
    assert named("Someware Labs") == ["p4"]


def test_a_name_that_several_bear_is_the_one_that_the_papers_come_from(catalogue: Catalogue) -> None:
    put(catalogue, "more", (Affiliation(text="Edinburgh", organization_id="edinburgh"),))
    for n in range(40):
        put(catalogue, f"many-{n}", (Affiliation(text="Stanford", organization_id="stanford"),))

    def unsure(score: float = 0.4, method: str = "acronym") -> Link:
        second = Candidate.model_validate({"id": "stanford", "name": "S", "score": score, "method": method})
        first = Candidate(id="edinburgh", name="E", score=0.5, method="acronym")
        return Link(candidates=(first, second), confidence=0.5, nil=False, ambiguous=True)

    settled = by_library(unsure(), catalogue)
    assert [one.id for one in settled.candidates] == ["stanford", "edinburgh"]
    assert not settled.ambiguous
    assert 0.5 < settled.confidence <= 0.9
    assert by_library(unsure(score=0.01), catalogue) == unsure(score=0.01)
    assert by_library(unsure(method="words"), catalogue) == unsure(method="words")
    sure = unsure().model_copy(update={"confidence": 0.9})
    assert by_library(sure, catalogue) == sure

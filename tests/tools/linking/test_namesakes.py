import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.catalogue import Catalogue
from stores.errors import ModelError
from stores.records import Affiliation, Author, Authority, Paper
from tools.linking.base import LinkContext
from tools.linking.linker import CatalogueLinker
from tools.linking.namesakes import FEATURES, Namesakes
from tools.linking.work import read_work, title_words

PAPERS = [
    ("p1", "mei-chen-uppsala", "Parsing Swedish treebanks with transition systems", "Nils Berg", 2018, "Uppsala University"),
    ("p2", "mei-chen-uppsala", "Swedish dependency treebanks for parsing", "Nils Berg", 2020, "Uppsala University"),
    ("p3", "mei-chen-osaka", "Protein folding by energy landscapes", "Aya Mori", 2019, "Osaka University"),
    ("p4", "mei-chen-osaka", "Folding landscapes of membrane proteins", "Aya Mori", 2021, "Osaka University"),
    ("p5", "nils-berg", "Annotation of Swedish treebanks", "Lena Holm", 2017, "Uppsala University"),
]  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for id_ in ("mei-chen-uppsala", "mei-chen-osaka", "mei-chen-new"):
            facts = {"top_coauthors": ["petra-novak"], "comment": "Brno"} if id_.endswith("new") else {}
            catalogue.authorities.put(connection, Authority(id=id_, type="author", name="Mei Chen", facts=facts))
        for id_, author, title, other, year, place in PAPERS:
            name = "Nils Berg" if author == "nils-berg" else "Mei Chen"
            authors = (
                Author(id=author, name=name, affiliations=(Affiliation(text=place),)),
                Author(id=other.lower().replace(" ", "-"), name=other),
            )
            paper = Paper(id=id_, title=title, year=year, venue="Venue", authors=authors)
            catalogue.papers.put(connection, paper, [], "-")
    yield catalogue
    catalogue.close()


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (LinkContext(coauthors=("Nils Berg",), text="Something else"), "mei-chen-uppsala"),
        (LinkContext(coauthors=("Aya Mori",), text="Something else"), "mei-chen-osaka"),
        (LinkContext(text="Energy landscapes of folding proteins"), "mei-chen-osaka"),
        (LinkContext(text="Parsing with Swedish treebanks"), "mei-chen-uppsala"),
        (LinkContext(coauthors=("Petra Novák",), text="Something else"), "mei-chen-new"),
    ],
)
def test_papers_tell_namesakes_apart(catalogue: Catalogue, context: LinkContext, expected: str) -> None:
    link = CatalogueLinker(catalogue).link("author", "Mei Chen", context)
    assert link.candidates[0].id == expected
    assert len(link.candidates) == 3
    assert sum(candidate.score for candidate in link.candidates) <= 1.001


def test_the_paper_itself_is_left_out(catalogue: Catalogue) -> None:
    persons = catalogue.authorities.get("author", ["mei-chen-osaka"])
    reader = Namesakes(catalogue)
    assert read_work(catalogue, persons[0]).coauthors == {"aya mori": 2}
    assert read_work(catalogue, persons[0], without="p3").coauthors == {"aya mori": 1}
    shared = FEATURES.index("papers with them")
    context = LinkContext(coauthors=("Aya Mori",), paper_id="p3")
    (with_it,) = reader.features(persons, context.model_copy(update={"paper_id": None}))
    (without_it,) = reader.features(persons, context)
    assert with_it[shared] > without_it[shared] > 0


def test_a_record_that_collects_several_is_meant_where_no_single_person_is(catalogue: Catalogue) -> None:
    several = Authority(id="mei-chen", type="author", name="Mei Chen", facts={"comment": "May refer to several people"})
    with catalogue.database.transaction() as connection:
        catalogue.authorities.put(connection, several)
        for number in range(4):
            authors = (Author(id="mei-chen", name="Mei Chen"), Author(id=f"other-{number}", name=f"Other {number}"))
            paper = Paper(id=f"q{number}", title=f"Matter {number}", year=2019, venue="Venue", authors=authors)
            catalogue.papers.put(connection, paper, [], "-")
    work = read_work(catalogue, several)
    assert work.several
    assert work.comment == ""
    linker = CatalogueLinker(catalogue)
    strange = LinkContext(coauthors=("Somebody Else",), text="Ocean currents", year=2019)
    assert linker.link("author", "Mei Chen", strange).candidates[0].id == "mei-chen"
    known = strange.model_copy(update={"coauthors": ("Nils Berg",)})
    assert linker.link("author", "Mei Chen", known).candidates[0].id == "mei-chen-uppsala"


def test_facts_of_the_registry_stand_in_for_papers_that_are_not_here(catalogue: Catalogue) -> None:
    (person,) = catalogue.authorities.get("author", ["mei-chen-new"])
    assert read_work(catalogue, person, without="p1").coauthors == {"petra novak": 2}


def test_log_odds_are_cooled_by_the_temperature(catalogue: Catalogue, tmp_path: Path) -> None:
    values = {"features": FEATURES, "weights": [1.0] * len(FEATURES), "constant": 2.0}
    persons = catalogue.authorities.get("author", ["mei-chen-uppsala", "mei-chen-osaka"])
    context = LinkContext(coauthors=("Aya Mori",))
    found = []
    for name, heat in (("plain", [1.0, 1.0]), ("cooled", [2.0, 1.0])):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(values | {"temperature": heat}))
        found.append(Namesakes(catalogue, path).log_odds(persons, context))
    assert [value / 2 for value in found[0]] == pytest.approx(found[1])


def test_a_coauthors_coauthor_counts(catalogue: Catalogue) -> None:
    persons = catalogue.authorities.get("author", ["mei-chen-uppsala", "mei-chen-osaka"])
    rows = Namesakes(catalogue).features(persons, LinkContext(coauthors=("Lena Holm",)))
    second = FEATURES.index("coauthors of coauthors")
    assert rows[0][second] > rows[1][second] == 0


def test_every_feature_has_a_value_whatever_the_context(catalogue: Catalogue) -> None:
    persons = catalogue.authorities.get("author", ["mei-chen-uppsala", "mei-chen-osaka", "mei-chen-new"])
    for context in (LinkContext(), LinkContext(coauthors=("", "\u202e"), text="\x00 😀", year=-3, venue="")):
        rows = Namesakes(catalogue).features(persons, context)
        assert [len(row) for row in rows] == [len(FEATURES)] * 3


def test_words_of_titles_leave_out_what_says_nothing() -> None:
    assert title_words("A Neural Model of Swedish Treebanks") == {"swedish", "treebanks"}


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"features": ["x"], "weights": [1], "constant": 0}'])
def test_weights_that_cannot_be_read(catalogue: Catalogue, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "author.json"
    if content is not None:
        path.write_bytes(content)
    persons = catalogue.authorities.get("author", ["mei-chen-uppsala"])
    with pytest.raises(ModelError):
        Namesakes(catalogue, path).log_odds(persons, LinkContext(text="x"))

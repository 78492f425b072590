from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.catalogue import Catalogue
from stores.errors import ModelError
from stores.records import Affiliation, Author, Authority, Paper
from tools.linking.base import LinkContext
from tools.linking.linker import CatalogueLinker
from tools.linking.namesakes import FEATURES, Namesakes, title_words

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
    assert reader.work(persons[0]).coauthors == {"aya mori": 2}
    assert reader.work(persons[0], without="p3").coauthors == {"aya mori": 1}
    shared = FEATURES.index("papers with them")
    context = LinkContext(coauthors=("Aya Mori",), paper_id="p3")
    (with_it,) = reader.features(persons, context.model_copy(update={"paper_id": None}))
    (without_it,) = reader.features(persons, context)
    assert with_it[shared] > without_it[shared] > 0


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

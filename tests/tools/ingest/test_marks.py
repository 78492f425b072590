"""Pages and sections: from records into the store and out again, and into citations."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.catalogue import Catalogue
from stores.records import Mark, Paper
from tools.grounding.places import Place, place_of
from tools.ingest.chunking import chunk
from tools.ingest.formats import ReadPaper, read_papers
from tools.ingest.pipeline import IngestSettings, _digest

SECTIONS = [
    {"title": "Introduction", "text": "We begin."},
    {"title": "", "text": "No heading."},
    {"title": "Methods", "text": "We measure."},
]


def read_one(folder: Path, record: object, format: str | None = None) -> ReadPaper:  # noqa: A002
    path = folder / "one.json"
    path.write_text(json.dumps(record))
    (found,) = read_papers(path, format)
    assert isinstance(found, ReadPaper), found
    return found


@pytest.mark.parametrize("form", ["works", "generic"])
@pytest.mark.parametrize("abstract", ["", "An abstract."])
def test_sections_of_records(tmp_path: Path, form: str, abstract: str) -> None:
    record = {"id": "p", "title": "T", "abstract": abstract, "sections": SECTIONS, "acknowledgements": "Thanks."}
    paper = read_one(tmp_path, record, form).paper
    labels = ["Introduction", "Methods"] + ["Acknowledgements"] * (form == "works")
    assert [mark.label for mark in paper.marks] == labels
    for mark in paper.marks:
        assert paper.body[mark.start :].startswith(mark.label + "\n")
    assert place_of(paper, "body", paper.body.index("We measure")) == Place(None, "Methods")


def test_own_form_keeps_marks_and_drops_those_outside(tmp_path: Path) -> None:
    paper = Paper(id="p", title="T", abstract="Body.", marks=(Mark(start=2, kind="page", label="3"),))
    assert read_one(tmp_path, paper.model_dump(mode="json")).paper == paper
    record = paper.model_dump(mode="json") | {
        "marks": [{"start": 99, "kind": "page", "label": "1"}, 5, {"start": True, "kind": "page", "label": "1"}]
    }
    found = read_one(tmp_path, record)
    assert (found.paper.marks, len(found.notes)) == ((), 3)


def test_the_catalogue_keeps_marks(tmp_path: Path) -> None:
    marked = Paper(id="p", title="T", abstract="Body.", marks=(Mark(start=0, kind="page", label="3"),))
    bare = Paper(id="q", title="T", abstract="Body.")
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for paper in (marked, bare):
            catalogue.papers.put(connection, paper, chunk(paper), "x")
    assert catalogue.papers.get(["p", "q"]) == [marked, bare]
    records = [record for (record,) in catalogue.database.rows("SELECT record FROM paper ORDER BY id")]
    assert ["marks" in json.loads(record) for record in records] == [True, False]
    catalogue.close()


def test_a_paper_without_marks_keeps_the_digest_it_had() -> None:
    """Homes made before there were marks find every paper unchanged."""
    paper = Paper(id="p", title="T", abstract="Body.", year=2000)
    before = (
        '{"id":"p","title":"T","abstract":"Body.","full_text":"","authors":[],"year":2000,"venue":null,"doi":null,'
        '"url":null,"keywords":[],"topics":[],"funding":[],"funding_statement":"","cited_by_count":null}'
    )
    assert _digest(paper, IngestSettings()) == hashlib.sha256(f"512 50 100 5000\n{before}".encode()).hexdigest()
    marked = paper.model_copy(update={"marks": (Mark(start=0, kind="page", label="1"),)})
    assert _digest(marked, IngestSettings()) != _digest(paper, IngestSettings())


marks = st.lists(
    st.builds(Mark, start=st.integers(0, 30), kind=st.sampled_from(["page", "section"]), label=st.sampled_from("abc")),
    max_size=8,
)


@given(marks, st.integers(0, 30))
def test_a_place_is_the_last_mark_at_or_before(given_: list[Mark], offset: int) -> None:
    paper = Paper(id="p", title="T", abstract="x" * 40, marks=tuple(given_))
    assert [mark.start for mark in paper.marks] == sorted(mark.start for mark in given_)
    found = place_of(paper, "body", offset)
    for kind, label in (("page", found.page), ("section", found.heading)):
        before = [mark for mark in paper.marks if mark.kind == kind and mark.start <= offset]
        assert label == (before[-1].label if before else None)

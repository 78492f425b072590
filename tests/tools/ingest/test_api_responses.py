"""Answers of the APIs of OpenAlex and Crossref, as they are saved to a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.ingest.formats import BadRecord, ReadPaper, read_papers

WORK = {
    "id": "https://openalex.org/W1",
    "title": "An OpenAlex work",
    "publication_year": 2020,
    "authorships": [{"author": {"id": "https://openalex.org/A1", "display_name": "Ann Lee"}}],
    "abstract_inverted_index": {"Words": [0], "here.": [1]},
}
ITEM = {
    "DOI": "10.1000/x",
    "title": ["A Crossref work"],
    "author": [{"given": "Bo", "family": "Chan"}],
    "issued": {"date-parts": [[2019, 3]]},
    "container-title": ["Venue"],
}
OPENALEX = {
    "meta": {"count": 2, "page": 1},
    "results": [WORK, WORK | {"id": "https://openalex.org/W2"}],
    "group_by": [],
}
CROSSREF = {
    "status": "ok",
    "message-type": "work-list",
    "message-version": "1.0.0",
    "message": {"facets": {}, "total-results": 2, "items": [ITEM, ITEM | {"DOI": "10.1000/y"}], "items-per-page": 20},
}
ONE = {"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": ITEM}
FAILED = {"status": "failed", "message-type": "validation-failure", "message": [{"type": "x", "message": "no"}]}
TWO_WORKS = ["https://openalex.org/W1", "https://openalex.org/W2"]
TWO_ITEMS = ["doi:10.1000/x", "doi:10.1000/y"]


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize(
    ("pages", "ids"),
    [
        ([OPENALEX], TWO_WORKS),
        ([WORK], TWO_WORKS[:1]),
        ([CROSSREF], TWO_ITEMS),
        ([ONE], TWO_ITEMS[:1]),
        ([OPENALEX, CROSSREF, ONE], [*TWO_WORKS, *TWO_ITEMS, "doi:10.1000/x"]),
    ],
)
@pytest.mark.parametrize("array", [False, True])
def test_pages_and_single_works(tmp_path: Path, pages: list[Any], ids: list[str], indent: Any, array: bool) -> None:
    path = tmp_path / "answer.json"
    text = json.dumps(pages, indent=indent) if array else "\n".join(json.dumps(page, indent=indent) for page in pages)
    path.write_text(text)
    found = list(read_papers(path))
    assert [item.paper.id for item in found if isinstance(item, ReadPaper)] == ids
    assert len(found) == len(ids)
    assert {item.paper.authors[0].name for item in found if isinstance(item, ReadPaper)} <= {"Ann Lee", "Bo Chan"}


def test_an_error_of_the_api_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps(page) for page in (ONE, FAILED, OPENALEX)))
    found = list(read_papers(path))
    assert [type(item) for item in found] == [ReadPaper, BadRecord, ReadPaper, ReadPaper]

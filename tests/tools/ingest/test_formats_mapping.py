"""Forms of record: what each field becomes."""

import json
from pathlib import Path
from typing import Any

import pytest

from stores.records import Affiliation, Author, Funding, Paper, Topic
from tools.ingest.formats import BadRecord, ReadPaper, read_papers


def read_one(folder: Path, record: dict[str, Any], format: str | None = None) -> ReadPaper:  # noqa: A002
    path = folder / "one.json"
    path.write_text(json.dumps(record))
    (item,) = read_papers(path, format)
    assert isinstance(item, ReadPaper), item
    return item


def test_own_form_comes_back_unchanged(tmp_path: Path) -> None:
    paper = Paper(
        id="p1",
        title=" A title ",
        abstract="An abstract.\n",
        full_text="Text",
        authors=(
            Author(id="a", name="Ann", orcid="0000-0001-2345-678X"),
            Author(id="b", name="Bo", affiliations=(Affiliation(text="X", organization_id="o", country_code="FR"),)),
        ),
        year=1999,
        venue="V",
        doi="10.1000/xyz",
        url="https://example.org",
        keywords=("k", "l"),
        topics=(Topic(name="t", id="T1", score=0.5),),
        funding=(Funding(name="F", funder_id="f1", grants=("g1", "g2")),),
        funding_statement="Thanks.",
        cited_by_count=3,
    )
    assert read_one(tmp_path, paper.model_dump(mode="json")) == ReadPaper(paper, 1)


def test_plain_json_with_affiliation_strings_and_without_ids(tmp_path: Path) -> None:
    record = {
        "title": "T",
        "year": "2019",
        "doi": "https://doi.org/10.1000/ABC",
        "authors": [
            {"name": "Łukasz O'Neil", "affiliation": "MIT"},
            "北京 李",
            {"id": None, "name": "A", "orcid": "https://orcid.org/0000-0001-0000-000x"},
            {"id": 7, "name": "Seven"},
            {"name": ""},
            5,
        ],
    }
    item = read_one(tmp_path, record)
    assert item.paper.id == "doi:10.1000/abc"
    assert item.paper.doi == "10.1000/ABC"
    assert item.paper.year == 2019
    assert [a.id for a in item.paper.authors] == [
        "name:łukasz-o-neil", "name:北京-李", "orcid:0000-0001-0000-000X", "7",
    ]  # fmt: skip
    assert item.paper.authors[0].affiliations == (Affiliation(text="MIT"),)
    assert len(item.notes) == 2


def test_derived_ids_are_stable_and_tell_papers_apart(tmp_path: Path) -> None:
    base = {"title": "T", "year": 2000, "authors": ["A"]}
    ids = [
        read_one(tmp_path, r).paper.id
        for r in (base, base | {"abstract": "x"}, base | {"year": 2001}, base | {"authors": ["B"]})
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("year", [3000, 12, -1, 10**30, "soon", [2000], True, 2000.5, float("nan"), float("inf")])
def test_an_absurd_year_is_left_out_with_a_note(tmp_path: Path, year: object) -> None:
    item = read_one(tmp_path, {"id": "a", "title": "T", "year": year})
    assert item.paper.year is None
    assert "year left out" in item.notes[0]


def test_numbers_beyond_the_store_are_left_out(tmp_path: Path) -> None:
    item = read_one(tmp_path, {"id": 12, "title": "T", "cited_by_count": 2**70, "topics": [{"name": "t", "score": 9}]})
    assert item.paper.id == "12"
    assert item.paper.cited_by_count is None
    assert item.paper.topics[0].score is None


def test_flat_works(tmp_path: Path) -> None:
    record = {
        "id": "https://openalex.org/W1", "doi": "https://doi.org/10.1/x", "title": "T", "abstract": "A", "year": 2001,
        "venue": "", "cited_by_count": 4, "referenced_works": [], "mesh": ["M", "M"], "subjects": ["S"],
        "keywords": ["K"], "concepts": [{"id": "C1", "name": "Medicine", "score": 0.25, "level": 0}],
        "topics": [{"id": "T1", "name": "Topic", "score": 0.9}],
        "authors": [
            {"id": None, "name": "M Mannelli", "institutions": [
                {"id": "I1", "name": "University of Florence", "ror": "https://ror.org/04jr1s763", "country": "IT"},
                {"id": None, "name": "Elsewhere", "ror": None, "country": None}], "raw_affiliations": ["Florence."]},
            {"id": "A2", "name": "B", "institutions": [], "raw_affiliations": ["Lab, Rome", " ", None]},
        ],
        "funders": [
            {"id": "F1", "name": "NSF", "ror": "https://ror.org/021nxhr62", "award_id": "1"},
            {"id": "F1", "name": "NSF", "ror": "https://ror.org/021nxhr62", "award_id": "2"},
            {"id": "http://dx.doi.org/10.13039/5", "name": None, "award_id": None}, {"id": None, "name": None},
        ],
        "funding_statement": "By NSF.", "sections": [{"title": "Intro", "text": "One."}, {"title": "", "text": "Two."}],
        "acknowledgements": "Thanks.",
    }  # fmt: skip
    paper = read_one(tmp_path, record).paper
    assert paper.venue is None
    assert paper.full_text == "Intro\nOne.\n\nTwo.\n\nAcknowledgements\nThanks."
    assert paper.keywords == ("K", "M", "S")
    assert paper.topics == (Topic(name="Topic", id="T1", score=0.9), Topic(name="Medicine", id="C1", score=0.25))
    assert paper.authors[0].id == "name:m-mannelli"
    assert paper.authors[0].affiliations == (
        Affiliation(text="University of Florence", organization_id="https://ror.org/04jr1s763", country_code="IT"),
        Affiliation(text="Elsewhere"),
    )
    assert paper.authors[1].affiliations == (Affiliation(text="Lab, Rome"),)
    assert paper.funding == (
        Funding(name="NSF", funder_id="https://ror.org/021nxhr62", grants=("1", "2")),
        Funding(name="http://dx.doi.org/10.13039/5", funder_id="http://dx.doi.org/10.13039/5"),
    )
    assert (paper.funding_statement, paper.cited_by_count) == ("By NSF.", 4)


def test_openalex_work(tmp_path: Path) -> None:
    record = {
        "id": "https://openalex.org/W1", "doi": "https://doi.org/10.1000/x", "title": None, "display_name": "T",
        "publication_year": 2022, "cited_by_count": 1,
        "abstract_inverted_index": {"we": [0, 3], "see": [1], "what": [2], "bad": "x"},
        "primary_location": {"landing_page_url": "https://example.org", "source": {"display_name": "Journal"}},
        "authorships": [
            {"author": {"id": "A1", "display_name": "Ann", "orcid": "https://orcid.org/0000-0001-2345-6789"},
             "institutions": [{"id": "I1", "display_name": "Uni", "ror": "R1", "country_code": "DE"}],
             "raw_affiliation_strings": ["Uni, Berlin"]},
            {"author": {}, "raw_author_name": "Bo", "institutions": [], "raw_affiliation_strings": ["Lab"]},
        ],
        "keywords": [{"display_name": "kw", "score": 0.5}, {"keyword": "old"}],
        "topics": [{"id": "T1", "display_name": "Topic", "score": 0.8}],
        "mesh": [{"descriptor_name": "Humans"}],
        "grants": [{"funder": "F1", "funder_display_name": "NSF", "award_id": "g1"}],
        "awards": [{"funder_id": "F1", "funder_display_name": "NSF", "funder_award_id": "g2"}],
        "funders": [{"id": "F1", "display_name": "NSF", "ror": "https://ror.org/021nxhr62"}],
    }  # fmt: skip
    for wrapped in (record, {"meta": {"count": 1}, "results": [record]}):
        paper = read_one(tmp_path, wrapped).paper
        assert (paper.title, paper.abstract, paper.year, paper.venue) == ("T", "we see what we", 2022, "Journal")
        assert paper.authors[0].affiliations == (Affiliation(text="Uni", organization_id="R1", country_code="DE"),)
        assert paper.authors[0].orcid == "0000-0001-2345-6789"
        assert paper.authors[1] == Author(id="name:bo", name="Bo", affiliations=(Affiliation(text="Lab"),))
        assert paper.keywords == ("kw", "old", "Humans")
        assert paper.funding == (Funding(name="NSF", funder_id="https://ror.org/021nxhr62", grants=("g2", "g1")),)


def test_crossref_work(tmp_path: Path) -> None:
    record = {
        "DOI": "10.1000/ABC", "title": ["On <i>E. coli</i> &amp;\n   more"], "container-title": ["Nature"],
        "abstract": "<jats:title>Abstract</jats:title><jats:p>First, <jats:italic>p</jats:italic> &lt; 0.05.</jats:p>"
                    "\n  <jats:p>Second\n para, 3 < 4.</jats:p>",
        "issued": {"date-parts": [[None]]}, "published-print": {"date-parts": [[2015, 3]]},
        "is-referenced-by-count": 9, "subject": ["Biology"], "URL": "https://doi.org/10.1000/abc",
        "author": [
            {"given": "Ann", "family": "Lee", "ORCID": "http://orcid.org/0000-0001-2345-6789", "affiliation": [
                {"name": "Uni", "id": [{"id": "https://ror.org/021nxhr62", "id-type": "ROR"}]}]},
            {"name": "The Consortium", "affiliation": []}, {"family": "Madonna"}, {},
        ],
        "funder": [{"name": "NSF", "DOI": "10.13039/100000001", "award": ["a", "b"]}, {"name": "Own"}],
    }  # fmt: skip
    for wrapped in (record, {"items": [record]}, {"status": "ok", "message": {"items": [record]}}, {"message": record}):
        item = read_one(tmp_path, wrapped)
        paper = item.paper
        assert paper.id == "doi:10.1000/abc"
        assert paper.title == "On E. coli & more"
        assert paper.abstract == "Abstract\nFirst, p < 0.05.\nSecond para, 3 < 4."
        assert (paper.year, paper.venue, paper.cited_by_count) == (2015, "Nature", 9)
        assert [a.id for a in paper.authors] == [
            "orcid:0000-0001-2345-6789", "name:the-consortium", "name:madonna",
        ]  # fmt: skip
        assert paper.authors[0].name == "Ann Lee"
        assert paper.authors[0].affiliations[0].organization_id == "https://ror.org/021nxhr62"
        assert paper.funding[0] == Funding(name="NSF", funder_id="10.13039/100000001", grants=("a", "b"))
        assert len(item.notes) == 1


def test_beir_documents(tmp_path: Path) -> None:
    paper = read_one(
        tmp_path,
        {"_id": "7", "title": "T", "text": " x ", "metadata": {"authors": ["Perlis, A. J."], "keywords": "a, b",
                                                              "published": "CACM December, 1958"}},
    ).paper  # fmt: skip
    assert (paper.id, paper.abstract, paper.year, paper.keywords) == ("7", " x ", 1958, ("a", "b"))
    assert paper.authors[0].name == "Perlis, A. J."


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  One sentence. Another.", "One sentence."),
        ("word " * 40, ("word " * 16).strip()),
        ("汉" * 200, "汉" * 80),
        ("这是一句。又一句。", "这是一句"),
        ("a" * 80, "a" * 80),
        ("\n。", "。"),
    ],
)
def test_a_beir_document_without_title_is_kept(tmp_path: Path, text: str, title: str) -> None:
    item = read_one(tmp_path, {"_id": "7", "title": "", "text": text})
    assert (item.paper.title, item.paper.abstract) == (title, text)
    assert "stands in" in item.notes[0]


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    record = {"_id": "x", "id": "y", "title": "T"}
    assert read_one(tmp_path, record).paper.id == "x"
    assert read_one(tmp_path, record, "generic").paper.id == "y"


@pytest.mark.parametrize(
    ("name", "papers", "bad"),
    [
        ("works_rich.jsonl.gz", 7634, 14),
        ("retrieval/cacm/corpus.jsonl.gz", 3204, 0),
        ("retrieval/scifact_train/corpus.jsonl.gz", 5183, 0),
        ("papers.jsonl.gz", 48067, 0),
    ],
)
def test_shared_files_are_read_whole(shared_data: Path, name: str, papers: int, bad: int) -> None:
    read = list(read_papers(shared_data / name))
    faults = [item.what for item in read if isinstance(item, BadRecord)]
    assert (len(read) - len(faults), faults) == (papers, ["the record has no title"] * bad)
    assert not [item.notes for item in read if isinstance(item, ReadPaper) and item.notes and bad]

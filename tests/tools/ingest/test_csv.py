"""Tables: every field as written, known headers of many exports, and rows that are broken."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.errors import InputError
from stores.records import Paper
from tools.ingest.formats import BadRecord, ReadItem, ReadPaper, csv_rows, read_papers
from tools.ingest.formats.names_text import people


def read(folder: Path, content: str | bytes, name: str = "papers.csv", format: str | None = None) -> list[ReadItem]:  # noqa: A002
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_papers(path, format))


def papers(items: list[ReadItem]) -> list[Paper]:
    return [item.paper for item in items if isinstance(item, ReadPaper)]


def faults(items: list[ReadItem]) -> list[tuple[int, str]]:
    return [(int(item.where.rsplit(":", 1)[1]), item.what) for item in items if isinstance(item, BadRecord)]


def as_csv(rows: list[list[str]], **dialect: str) -> str:
    out = io.StringIO()
    csv.writer(out, **dialect).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
titles = texts.filter(lambda text: text.strip() != "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(titles, texts, texts, st.integers(1500, 2099)), min_size=1, max_size=5),
    st.sampled_from([",", "\t", ";", "|"]),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_what_csv_writer_writes_comes_back_exactly(
    tmp_path: Path, records: list[tuple[str, str, str, int]], delimiter: str, end: str, mark: bytes
) -> None:
    rows = [["id", "Title", "Abstract", "Full text", "Year"]]
    rows += [[f"p{n}", *texts, str(year)] for n, (*texts, year) in enumerate(records)]
    content = as_csv(rows, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)  # type: ignore[arg-type]
    found = papers(read(tmp_path, mark + content.encode()))
    wanted = [(f"p{n}", t, a if a.strip() else "", f if f.strip() else "", y) for n, (t, a, f, y) in enumerate(records)]
    assert [(p.id, p.title, p.abstract, p.full_text, p.year) for p in found] == wanted


EXPORTS = {
    "scopus": (
        '"Authors","Author full names","Author(s) ID","Title","Year","Source title","Cited by","DOI","Link","Authors with affiliations","Abstract","Author Keywords","Index Keywords","Funding Details","EID","Source"\n'
        '"Smith J.; van Berg A.","Smith, Jane (57200000001); van Berg, Adam (57200000002)","57200000001; 57200000002","A title","2020","Nature","1,234","10.1000/x","https://s.org","Smith J., Physics, MIT, United States; van Berg A., ETH, Switzerland","An abstract","k1; k2","K3; k1","National Science Foundation [123, 45]; DFG","2-s2.0-1","Scopus"\n'
    ),
    "zotero": (
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date","Manual Tags"\n'
        '"2-s2.0-1","journalArticle","2020","Smith, Jane; van Berg, Adam","A title","Nature","10.1000/x","https://s.org","An abstract","2020-03-01","k1; k2; K3"\n'
    ),
    "web of science": (
        "PT\tAU\tAF\tTI\tSO\tDE\tID\tAB\tC1\tFU\tTC\tPY\tDI\tUT\n"
        "J\tSmith, J; van Berg, A\tSmith, Jane; van Berg, Adam\tA title\tNature\tk1; k2\tK3\tAn abstract\t[Smith, Jane] MIT, Cambridge, MA USA; [van Berg, Adam] ETH, Zurich, Switzerland\tNational Science Foundation [123, 45]; DFG\t1234\t2020\t10.1000/x\t2-s2.0-1\t\n"
    ),
    "openalex": (
        "id,doi,title,display_name,publication_year,primary_location.source.display_name,authorships.author.id,authorships.author.display_name,cited_by_count,abstract,keywords.display_name\n"
        "2-s2.0-1,https://doi.org/10.1000/x,A title,A title,2020,Nature,A1|A2,Jane Smith|Adam van Berg,1234,An abstract,k1|k2|K3\n"
    ),
    "dimensions": (
        '"About the data: Exported on Nov 01, 2024. Criteria: x"\n'
        'Rank,Publication ID,DOI,Title,Abstract,Funding,Source title,MeSH terms,PubYear,Authors,Times cited\n'
        '1,2-s2.0-1,10.1000/x,A title,An abstract,,Nature,k1; k2; K3,2020,"Smith, Jane; van Berg, Adam",1234\n'
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", EXPORTS)
def test_exports_of_databases(tmp_path: Path, source: str) -> None:
    (paper,) = papers(read(tmp_path, EXPORTS[source], "savedrecs.txt" if source == "web of science" else "export.csv"))
    assert (paper.id, paper.title, paper.abstract) == ("2-s2.0-1", "A title", "An abstract")
    assert (paper.year, paper.venue, paper.doi) == (2020, "Nature", "10.1000/x")
    assert [author.name for author in paper.authors] == ["Jane Smith", "Adam van Berg"]
    assert paper.keywords[:2] == ("k1", "k2")
    assert "K3" in paper.keywords
    if source != "zotero":
        assert paper.cited_by_count == 1234
    if source in {"scopus", "web of science"}:
        assert [(f.name, f.grants) for f in paper.funding] == [
            ("National Science Foundation", ("123", "45")),
            ("DFG", ()),
        ]
        assert "MIT" in paper.authors[0].affiliations[0].text
        assert "ETH" in paper.authors[1].affiliations[0].text


def test_a_broken_row_costs_itself(tmp_path: Path) -> None:
    content = (
        "title,year,abstract\r\n"
        "One,2001,first\r\n"
        "Two,2002\r\n"
        'Three,2003,"never closed\r\n'
        "Four,2004,fourth\r\n"
        "Five,2005,fifth,too many\r\n"
        'Six,2006,"lines\r\nin ""it"""\r\n'
        "\r\n,,\r\n"
        ",2007,no title\r\n"
        "Eight,2008,eighth,,\r\n"
    )
    found = read(tmp_path, content)
    assert [paper.title for paper in papers(found)] == ["One", "Four", "Six", "Eight"]
    assert papers(found)[2].abstract == 'lines\r\nin "it"'
    assert [line for line, _ in faults(found)] == [3, 4, 6, 11]
    assert "2 fields where the header has 3" in faults(found)[0][1]


@pytest.mark.parametrize("line", ['A,"b""c\n', 'A,"b\n', '"A",b"\n', 'A,"""\n', '"\n'])
def test_quotation_marks_never_closed_cost_linear_time(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    reader = csv.reader

    def counted(lines: Iterable[str], **dialect: Any) -> Any:
        return reader((drawn.append(each) or each for each in lines), **dialect)  # type: ignore[func-returns-value]

    monkeypatch.setattr(csv_rows.csv, "reader", counted)
    found = read(tmp_path, "title,abstract\n" + line * 1000 + "Last,row\n")
    assert len(drawn) < 4 * 1002
    assert found


def test_tables_with_tabs_that_quote_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, 'title\tyear\tabstract\n"Big data" in use\t2001\t"x\nB\t2002\ty\n')
    assert [(paper.title, paper.abstract) for paper in papers(found)] == [('"Big data" in use', '"x'), ("B", "y")]


def test_bytes_that_are_no_text_cost_a_row(tmp_path: Path) -> None:
    found = read(tmp_path, b"title,year\nA,2001\nB\xff,2002\nC,2003\n", format="csv")
    assert [paper.title for paper in papers(found)] == ["A", "C"]
    assert faults(found) == [(3, "this line is not UTF-8")]


def test_no_header_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"papers\.csv: no row at its beginning names the columns"):
        read(tmp_path, "a,b,c\n1,2,3\n")


def test_gzip_and_memory(tmp_path: Path) -> None:
    row = "A title,2001," + "word " * 2000 + "\n"
    path = tmp_path / "papers.csv.gz"
    path.write_bytes(gzip.compress(("title,year,abstract\n" + row * 1500).encode()))
    tracemalloc.start()
    assert sum(isinstance(item, ReadPaper) for item in read_papers(path)) == 1500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Smith, J., Doe, A. B.", ["J. Smith", "A. B. Doe"]),
        ("Jane Smith, John Doe", ["Jane Smith", "John Doe"]),
        ("Smith, Jane", ["Jane Smith"]),
        ("King, Jr., Martin; Doe, Jane", ["Martin King Jr.", "Jane Doe"]),
        ("Jane Smith and John Doe", ["Jane Smith", "John Doe"]),
        ("Jane Smith, John Doe, and Ann Lee", ["Jane Smith", "John Doe", "Ann Lee"]),
        ("Smith J.; Doe A. et al.", ["Smith J.", "Doe A. et al."]),
        ("张伟; 李娜", ["张伟", "李娜"]),
        ("", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert [name for name, _ in people(text)] == names


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(['"', ",", "\n", "\r", "a", "é", ";", "\t", "2001", "x y"]), max_size=40))
def test_no_table_ends_in_another_error(tmp_path: Path, pieces: list[str]) -> None:
    found = read(tmp_path, "title,year,authors,abstract\nOne,2001,A B,x\n" + "".join(pieces))
    assert papers(found)[0].title == "One"


def test_real_papers_come_back_from_a_table(tmp_path: Path, shared_data: Path) -> None:
    with gzip.open(shared_data / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        given = [json.loads(line) for _, line in zip(range(200), lines, strict=False)]
    rows = [["id", "title", "authors", "year", "venue", "doi", "url", "abstract"]]
    rows += [
        [r["id"], r["title"], "; ".join(a["name"] for a in r["authors"]), str(r["year"]), r["venue"], r.get("doi") or "", r["url"], r["abstract"] or ""]
        for r in given
    ]  # fmt: skip
    for delimiter in (",", "\t", ";"):
        found = papers(read(tmp_path, as_csv(rows, delimiter=delimiter)))
        assert [p.id for p in found] == [r["id"] for r in given]
        for paper, record in zip(found, given, strict=True):
            assert (paper.title, paper.abstract) == (record["title"], record["abstract"] or "")
            assert [a.name for a in paper.authors] == [a["name"] for a in record["authors"]]
            assert (paper.year, paper.venue, paper.url) == (int(record["year"]), record["venue"], record["url"])

"""Files: what is read, what is one clear line, and that a bad record never stops the rest."""

import gzip
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.errors import InputError
from stores.records import Paper
from tools.ingest.formats import BadRecord, ReadPaper, read_papers

GOOD = {"id": "a", "title": "A title", "abstract": " kept\texactly\n", "year": 2020}


def write(folder: Path, content: bytes, name: str = "papers.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def lines(*records: object) -> bytes:
    return b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in records) + b"\n"


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    zipped = write(tmp_path, gzip.compress(lines(GOOD)), "papers.jsonl")
    plain = write(tmp_path, lines(GOOD), "papers.jsonl.gz")
    for path in (zipped, plain):
        (item,) = read_papers(path)
        assert isinstance(item, ReadPaper)
        assert item.line == 1
        assert item.paper == Paper(id="a", title="A title", abstract=" kept\texactly\n", year=2020)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"\x00\x01\x02\x03binary", "binary data"),
        ("título: não é JSON\n".encode("latin-1"), "not UTF-8"),
        ('{"id": 1}'.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\x1f\x8bnot gzip at all", "gzip data is damaged"),
        (gzip.compress(lines(GOOD) * 50)[:-30], "cut short"),
        (b"%PDF-1.7\n\x00", "this PDF is damaged"),
        (b"name,town,year\n1,A,2020\n2,B,2021\n", "this looks like CSV"),
        (b"# Heading\n\nSome text.\n", "plain text or Markdown"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b'{"code": "FR", "name": "France", "variants": []}\n', "not a paper"),
        (b'{"foo": 1}\n', "these fields: foo"),
    ],
)
def test_faults_of_a_whole_file_are_one_clear_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        list(read_papers(path))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_folder_and_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_papers(tmp_path / "absent.jsonl")
    with pytest.raises(InputError, match="folder"):
        read_papers(tmp_path)
    with pytest.raises(InputError, match="Formats: quodvide"):
        read_papers(write(tmp_path, lines(GOOD)), format="docx")
    with pytest.raises(InputError, match="NUL"):
        read_papers(Path("a\x00b"))


def test_cut_gzip_gives_the_papers_before_the_cut(tmp_path: Path) -> None:
    many = [GOOD | {"id": str(n), "abstract": f"{n * 7919 % 1000003} " * 400} for n in range(3000)]
    path = write(tmp_path, gzip.compress(lines(*many))[:-500])
    read = []
    with pytest.raises(InputError, match="cut short"):
        read.extend(read_papers(path))
    reader = read_papers(path)
    assert isinstance(next(reader), ReadPaper)


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (b'{"id": "b", "title": ', "not valid JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b"42", "not a JSON object"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"id": "b"}', "no known form"),
        (b'{"id": "b", "title": ""}', "no title"),
        (b'{"id": "b", "title": " \\n "}', "no title"),
        (b'{"id": "b", "title": null}', "no title"),
        (b'{"id": "b", "title": ["x"]}', "title is not text"),
        (b'{"id": {"x": 1}, "title": "t"}', "id is neither"),
        (b'{"id": NaN, "title": "t"}', "id is neither"),
        (b'{"id": "' + b"x" * 1001 + b'", "title": "t"}', "longer than 1000"),
        (b'{"id": "b", "title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"id": "b", "title": "\\u0000", "x": ' + b"[" * 900 + b"]" * 900 + b"}", "nested too deeply"),
        (b'{"id": ' + b"1" * 5000 + b', "title": "t"}', ""),
    ],
)
def test_a_bad_record_never_stops_the_rest(tmp_path: Path, bad: bytes, what: str) -> None:
    path = write(tmp_path, lines(GOOD, bad, b"", GOOD | {"id": "c"}))
    first, fault, last = read_papers(path)
    assert isinstance(first, ReadPaper)
    assert isinstance(last, ReadPaper)
    assert (last.paper.id, last.line) == ("c", 4)
    assert isinstance(fault, BadRecord)
    assert fault.where == f"{path}:2"
    assert what in fault.what


def test_a_broken_first_record_does_not_hide_the_rest(tmp_path: Path) -> None:
    bad, good = read_papers(write(tmp_path, lines(b'{"id": "b", "title": "cut', GOOD)))
    assert isinstance(bad, BadRecord)
    assert isinstance(good, ReadPaper)


def test_a_line_beyond_the_limit_is_skipped_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.ingest.formats.raw_records.MAX_RECORD_BYTES", 1000)
    long = GOOD | {"abstract": "x" * 5000}
    _, fault, last = read_papers(write(tmp_path, lines(GOOD, long, GOOD)))
    assert isinstance(fault, BadRecord)
    assert "50 MB" in fault.what
    assert isinstance(last, ReadPaper)
    assert last.line == 3
    (only,) = read_papers(write(tmp_path, lines(long)))
    assert isinstance(only, BadRecord)


def test_what_cannot_be_stored_is_replaced_one_for_one(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"id": "a", "title": "x\\u0000y\\ud800z\\ud83d\\ude00", "abstract": "\\udc00"}\n')
    (item,) = read_papers(path)
    assert isinstance(item, ReadPaper)
    assert item.paper.title == "x\ufffdy\ufffdz\U0001f600"
    assert item.paper.abstract == "\ufffd"
    assert "replaced" in item.notes[0]


@pytest.mark.parametrize("indent", [None, 2])
def test_json_arrays_with_a_broken_element(tmp_path: Path, indent: int | None) -> None:
    text = json.dumps([GOOD, {"id": "BROKEN", "x": ["}", "\\"]}, GOOD | {"id": "c"}], indent=indent)
    path = write(tmp_path, text.replace('"BROKEN"', "BROKEN").encode())
    first, fault, last = read_papers(path)
    assert isinstance(fault, BadRecord)
    assert "not valid JSON" in fault.what
    assert isinstance(first, ReadPaper)
    assert isinstance(last, ReadPaper)
    assert last.paper.id == "c"
    assert last.line == (1 if indent is None else 15)


@pytest.mark.parametrize("cut", [5, 40, 75, 80])
def test_a_cut_array_says_so(tmp_path: Path, cut: int) -> None:
    text = json.dumps([GOOD, GOOD])[:-1][:cut] if cut < 80 else json.dumps([GOOD, GOOD])[:-1]
    read = list(read_papers(write(tmp_path, text.encode())))
    assert isinstance(read[-1], BadRecord)
    assert "the file ends" in read[-1].what


def test_array_elements_across_chunk_borders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [GOOD | {"id": f"é{n}", "abstract": 'ä🙂"\\' * n} for n in range(60)]
    path = write(tmp_path, json.dumps(records, ensure_ascii=False, indent=1).encode())
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr("tools.ingest.formats.json_values._CHUNK_BYTES", size)
        read = [item.paper for item in read_papers(path) if isinstance(item, ReadPaper)]
        assert [(p.id, p.abstract) for p in read] == [(r["id"], r["abstract"]) for r in records]


def test_pretty_printed_objects_in_a_row(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(GOOD | {"id": str(n)}, indent=2) for n in range(3))
    read = list(read_papers(write(tmp_path, b"\xef\xbb\xbf" + text.encode())))
    assert [(r.paper.id, r.line) for r in read if isinstance(r, ReadPaper)] == [("0", 1), ("1", 7), ("2", 13)]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    record = GOOD | {"abstract": "word " * 2000}
    many = write(tmp_path, gzip.compress(lines(record) * 1000))
    array = write(tmp_path, b"[" + b",\n".join([lines(record).strip()] * 1000) + b"]", "array.json")
    for path in (many, array):
        tracemalloc.start()
        assert sum(isinstance(item, ReadPaper) for item in read_papers(path)) == 1000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 9e6


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "id", "_id", "title", "text", "abstract", "full_text", "authors", "year", "venue", "doi", "url", "keywords",
    "topics", "funding", "cited_by_count", "concepts", "mesh", "funders", "sections", "authorships", "grants",
    "abstract_inverted_index", "primary_location", "publication_year", "display_name", "awards", "metadata",
    "DOI", "author", "issued", "container-title", "funder", "subject", "message", "items", "results",
]  # fmt: skip
nested_keys = st.sampled_from(
    ["id", "name", "affiliations", "institutions", "author", "date-parts", "DOI", "ror", "grants", "score"]
)
odd_values = json_values | st.lists(st.dictionaries(nested_keys, json_values, max_size=4), max_size=2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), odd_values, min_size=1, max_size=6), min_size=1, max_size=3))
def test_no_record_whatever_its_values_ends_in_another_error(tmp_path: Path, records: list[dict[str, object]]) -> None:
    path = write(tmp_path, lines(GOOD | {"id": "ok"}, *records))
    read = list(read_papers(path))
    assert isinstance(read[0], ReadPaper)
    for item in read:
        if isinstance(item, ReadPaper):
            item.paper.model_dump_json().encode()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80), st.sampled_from([b"", b"[", b"{", b'{"title": "x"', b'[{"title": "x"},', b"\x1f\x8b"]))
def test_no_bytes_end_in_another_error(tmp_path: Path, content: bytes, start: bytes) -> None:
    path = write(tmp_path, start + content)
    with suppress(InputError):
        for item in read_papers(path):
            assert isinstance(item, ReadPaper | BadRecord)

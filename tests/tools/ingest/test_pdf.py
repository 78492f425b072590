"""PDF files: text by page, title and year, and one clear line for what cannot be read."""

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from stores.errors import InputError
from tools.grounding.places import place_of
from tools.ingest.formats import FORMATS, ReadPaper, pdf, read_papers

ROOT = Path(__file__).resolve().parents[3]
PAGES = [
    "Lichen growth on alpine rocks\nAnn Author, University of Testing\nWe measured lichens for years on granite.",
    "Methods\nWe photographed each plot twice a year with a calibrated camera.",
    "Results\nThe lichen Rhizocarpon geographicum grew by 0.52 millimetres per year on granite.",
]


def pdf_of(pages: list[str], info: str = "", title_size: int = 20) -> bytes:
    """Return a PDF file, written by hand: one font, the first line of the first page in larger type."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for number, page in enumerate(pages):
        commands = ["BT", "72 760 Td"]
        for n, line in enumerate(page.split("\n")):
            size = title_size if not number and not n else 10
            escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            commands += [f"/F1 {size} Tf", f"({escaped}) Tj", "0 -24 Td"]
        stream = "\n".join([*commands, "ET"])
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    objects.append(f"<< {info} >>")
    out = b"%PDF-1.4\n"
    places = []
    for n, each in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{n} 0 obj\n{each}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n".encode()
    return out + f"startxref\n{table}\n%%EOF\n".encode()


def read_one(path: Path) -> ReadPaper:
    (found,) = read_papers(path)
    assert isinstance(found, ReadPaper), found
    return found


def test_text_pages_title_and_year(tmp_path: Path) -> None:
    path = tmp_path / "scan_0017.pdf"
    path.write_bytes(
        pdf_of(PAGES, "/CreationDate (D:20210304120000Z) /Title (Microsoft Word - draft7.doc) /Author (Ann Author)")
    )
    paper = read_one(path).paper
    assert paper.title == "Lichen growth on alpine rocks"
    assert paper.year == 2021
    assert [author.name for author in paper.authors] == ["Ann Author"]
    assert paper.full_text == "\n".join(PAGES)
    assert [(mark.kind, mark.label) for mark in paper.marks] == [("page", "1"), ("page", "2"), ("page", "3")]
    for mark, page in zip(paper.marks, PAGES, strict=True):
        assert paper.body[mark.start :].startswith(page)
    assert place_of(paper, "body", paper.body.index("0.52")).page == "3"
    assert paper.id.startswith("file:scan-0017-")


@pytest.mark.parametrize(
    ("info", "first", "title"),
    [
        ("/Title (On the growth of lichens)", "Other words", "On the growth of lichens"),
        ("/Title (untitled)", "A title in large type", "A title in large type"),
        ("/Title (paper.tex)", "arXiv:2001.01234v1 [cs.CL] 5 Jan 2020", "Words in smaller type"),
        ("/Title ()", "17", "Words in smaller type"),
    ],
)
def test_a_title_that_is_none_is_not_taken(tmp_path: Path, info: str, first: str, title: str) -> None:
    path = tmp_path / "some_notes.pdf"
    path.write_bytes(pdf_of([f"{first}\nWords in smaller type", "A second page that makes this a text."], info))
    assert read_one(path).paper.title == title


def test_an_empty_page_has_no_mark_and_pages_stay_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of([PAGES[0], "", PAGES[2]]))
    assert [mark.label for mark in read_one(path).paper.marks] == ["1", "3"]
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    found = read_one(path)
    assert [mark.label for mark in found.paper.marks] == ["1"]
    assert found.notes == ("only the first 2 pages were read",)


def encrypted(content: bytes, folder: Path) -> bytes:
    source = folder / "plain.pdf"
    source.write_bytes(content)
    writer = PdfWriter(clone_from=PdfReader(source))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(folder / "locked.pdf")
    return (folder / "locked.pdf").read_bytes()


def bomb() -> bytes:
    """Return a PDF whose only stream unpacks to a gigabyte."""
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(b"BT (x) Tj ET\n" * 80_000) for _ in range(1000)) + packer.flush()
    whole = pdf_of(["here"])
    start = whole.index(b"<< /Length")
    end = whole.index(b"endstream", start)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
    return whole[:start] + head + packed + b"\n" + whole[end:]


def test_what_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    whole = pdf_of(PAGES)
    loop = whole.replace(b"/Kids [4 0 R 6 0 R 8 0 R]", b"/Kids [2 0 R 2 0 R 2 0 R]")
    cases = {
        "encrypted": encrypted(whole, tmp_path),
        "holds no text": pdf_of(["", "7"]),
        "damaged": b"%PDF-1.7\n" + os.urandom(3000),
        "PDF": loop,
    }
    for n, (message, content) in enumerate(cases.items()):
        path = tmp_path / f"case{n}.pdf"
        path.write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            list(read_papers(path))
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_bomb_and_a_hanging_file_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(bomb())
    with pytest.raises(InputError, match=r"bomb\.pdf: this PDF"):
        list(read_papers(path))
    monkeypatch.setattr(pdf, "TIMEOUT_S", 0.001)
    with pytest.raises(InputError, match="was not read within"):
        list(read_papers(path))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=8))
def test_damage_anywhere_ends_in_a_paper_or_one_error(tmp_path: Path, damage: list[tuple[int, bytes]]) -> None:
    content = bytearray(pdf_of(PAGES))
    for at, change in damage:
        place = 9 + at % (len(content) - 9)
        content[place : place + len(change)] = change
    path = tmp_path / "damaged.pdf"
    path.write_bytes(content)
    try:
        (found,) = read_papers(path)
    except InputError:
        return
    assert isinstance(found, ReadPaper)
    assert all(0 <= mark.start <= len(found.paper.body) for mark in found.paper.marks)


def quodvide(home: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    code = "from agent.cli import main; main()"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUODVIDE_")}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=200, env=environment | {"QUODVIDE_HOME": str(home)},
    )  # fmt: skip


def test_a_question_is_answered_with_the_page(tmp_path: Path) -> None:
    good, locked = tmp_path / "lichen.pdf", tmp_path / "locked_one.pdf"
    good.write_bytes(pdf_of(PAGES))
    locked.write_bytes(encrypted(pdf_of(PAGES), tmp_path))
    home = tmp_path / "home"
    done = quodvide(home, "ingest", locked, good)
    assert done.returncode == 1
    assert "lichen.pdf: 1 new" in done.stdout
    assert [line for line in done.stderr.splitlines() if "encrypted" in line]
    assert "Traceback" not in done.stderr
    question = "How much did Rhizocarpon geographicum grow per year on granite?"
    asked = tmp_path / "asked.jsonl"
    asked.write_text(json.dumps({"id": "1", "question": question}))
    done = quodvide(home, "ask", "--input", asked, "--output", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    reply = json.loads((tmp_path / "out.jsonl").read_text())
    citations = [citation for sentence in reply["sentences"] for citation in sentence["citations"]]
    assert citations[0]["page"] == "3"
    assert "0.52 millimetres" in citations[0]["quote"]
    shown = quodvide(home, "ask", question)
    assert ", p. 3, body " in " ".join(shown.stdout.split())


def test_help_names_every_form(tmp_path: Path) -> None:
    done = quodvide(tmp_path, "ingest", "--help")
    assert not [name for name in FORMATS if name not in done.stdout]


def test_words_between_colons_are_printed_as_they_are(tmp_path: Path) -> None:
    paper = tmp_path / "p.jsonl"
    paper.write_text(
        json.dumps({"id": "x:notes:y", "title": "Moss", "abstract": "The moss :smile: grew 7 mm in 2011."})
    )
    assert quodvide(tmp_path / "home", "ingest", paper).returncode == 0
    done = quodvide(tmp_path / "home", "ask", "How many mm did the moss grow in 2011?")
    assert ":smile:" in done.stdout
    assert "x:notes:y" in done.stdout

"""Plain text and Markdown: one file is one paper, its text kept exactly."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.errors import InputError
from tools.grounding.places import place_of
from tools.ingest.formats import ReadPaper, read_papers
from tools.ingest.formats.headings import headings

NOTE = """---
title: "On lichens: growth"
authors: [Ann Lee, "Bo Chan"]
date: 2019-04-01
doi: 10.1000/lichen
tags:
  - moss
  - alps
abstract: >
  Short
  summary.
---
# On lichens: growth

Intro text.

## Methods ##

```python
# not a heading
```

Results & *discussion*
----------------------
It grew.
"""


def read_one(folder: Path, content: bytes, name: str, format: str | None = None) -> ReadPaper:  # noqa: A002
    path = folder / name
    path.write_bytes(content)
    (found,) = read_papers(path, format)
    assert isinstance(found, ReadPaper), found
    return found


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    paper = read_one(tmp_path, NOTE.encode(), "note.md").paper
    assert (paper.id, paper.title, paper.year) == ("doi:10.1000/lichen", "On lichens: growth", 2019)
    assert [author.name for author in paper.authors] == ["Ann Lee", "Bo Chan"]
    assert (paper.keywords, paper.abstract) == (("moss", "alps"), "Short summary.")
    assert paper.full_text == NOTE[NOTE.index("# On lichens") :]
    assert [(mark.kind, mark.label) for mark in paper.marks] == [
        ("section", "Methods"),
        ("section", "Results & discussion"),
    ]
    assert paper.body[paper.marks[0].start :].startswith("## Methods")
    assert paper.body[paper.marks[1].start :].startswith("Results & *disc")
    assert place_of(paper, "body", paper.body.index("It grew")).heading == "Results & discussion"
    assert place_of(paper, "body", paper.body.index("Intro")).heading is None
    assert place_of(paper, "title", 0).heading is None


@pytest.mark.parametrize(
    ("content", "name", "title"),
    [
        ("\n\nA short first line\n\nText goes on here.", "a.txt", "A short first line"),
        ("word " * 100, "my_great-paper.txt", "my great-paper"),
        ("Intro\n\n# The heading\n", "a.markdown", "The heading"),
        ("Underlined title\n================\n\ntext", "a.md", "Underlined title"),
        ('{"looks like": "JSON inside"}', "a.txt", None),
        ('Some words\n{\n  "a": 1\n}\n', "a.md", "Some words"),
        ("[1] A reference\n[2] Another\n", "refs.txt", "[1] A reference"),
        ("One, two; three\nfour, five; six\n", "a.txt", "One, two; three"),
    ],
)
def test_titles(tmp_path: Path, content: str, name: str, title: str | None) -> None:
    if title is None:
        with pytest.raises(InputError, match="looks like"):
            read_one(tmp_path, content.encode(), name)
        return
    paper = read_one(tmp_path, content.encode(), name).paper
    assert (paper.title, paper.full_text) == (title, content)


def test_files_of_one_name_and_other_titles_do_not_replace_each_other(tmp_path: Path) -> None:
    one = read_one(tmp_path, b"One\n\ntext", "notes.txt").paper
    two = read_one(tmp_path, b"Two\n\ntext", "notes.txt").paper
    edited = read_one(tmp_path, b"One\n\nother text", "notes.txt").paper
    assert len({one.id, two.id}) == 2
    assert one.id == edited.id


def test_what_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        read_one(tmp_path, "é".encode("latin-1"), "a.txt")
    with pytest.raises(InputError, match="looks like plain text"):
        read_one(tmp_path, b"all: build\n", "Makefile")
    assert read_one(tmp_path, b"all: build\n", "Makefile", "text").paper.full_text == "all: build\n"
    assert read_one(tmp_path, gzip.compress(b"Zipped\n"), "a.txt.gz").paper.title == "Zipped"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            ["# A\n", "## B ##\n", "text\n", "\n", "===\n", "---\n", "```\n", "é🙂 ", "\r\n", "  #c", "\t"]
        ),
        min_size=1,
    ),
    st.sampled_from(["a.md", "a.txt"]),
)
def test_text_is_kept_and_marks_lie_within_it_in_order(tmp_path: Path, pieces: list[str], name: str) -> None:
    content = "begin\n" + "".join(pieces)
    paper = read_one(tmp_path, content.encode(), name).paper
    assert paper.full_text == content
    starts = [mark.start for mark in paper.marks]
    assert starts == sorted(starts)
    assert all(0 <= start < len(paper.body) for start in starts)
    for heading in headings(content):
        assert heading.text.split()[0] in content[heading.start : heading.start + 40]

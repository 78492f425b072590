"""LangChain's document loaders: real ones of langchain_community, and one of another module."""

import json
import sys
import textwrap
from pathlib import Path

import pytest

from stores.errors import InputError
from tools.grounding.places import place_of
from tools.ingest.formats import ReadPaper, read_papers

PAGED = """
from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

class PagedLoader(BaseLoader):
    def __init__(self, file_path):
        self.path = file_path

    def lazy_load(self):
        one = {"source": "one", "title": "One", "author": "Lee, Ann; Bo Chan", "creationdate": "D:2018"}
        yield Document("First page é\\n", metadata=one | {"page": 0})
        yield Document("Second page", metadata=one | {"page": 1, "section": "Methods"})
        yield Document("", metadata=one | {"page": 2})
        yield Document("Other\\n\\ntext", metadata={"source": "two.txt"})
        if "bad" in self.path:
            raise ValueError("it broke\\nhere")

class NeedsMore(BaseLoader):
    def __init__(self, file_path):
        import a_package_that_is_not_there
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "paged_documents.py").write_text(textwrap.dedent(PAGED))
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("paged_documents", None)
    return "langchain:paged_documents:"


def test_documents_of_one_source_are_one_paper(tmp_path: Path, module: str) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00")
    one, two = (
        item.paper for item in read_papers(tmp_path / "a.bin", module + "PagedLoader") if isinstance(item, ReadPaper)
    )
    assert (one.title, one.year, [a.name for a in one.authors]) == ("One", 2018, ["Ann Lee", "Bo Chan"])
    assert one.full_text == "First page é\n\n\nSecond page\n\n"
    assert place_of(one, "body", one.body.index("Second")) == ("2", "Methods")
    assert place_of(one, "body", 0) == ("1", None)
    assert (two.title, two.full_text) == ("Other", "Other\n\ntext")


def test_loaders_of_the_community(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("A title\n\nA text, kept  exactly.\n")
    (found,) = read_papers(path, "langchain:TextLoader")
    assert isinstance(found, ReadPaper)
    assert (found.paper.title, found.paper.full_text) == ("A title", path.read_text())
    notebook = tmp_path / "n.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": ["Notebook words"]}]}))
    (found,) = read_papers(notebook, "langchain:NotebookLoader")
    assert isinstance(found, ReadPaper)
    assert "Notebook words" in found.paper.full_text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("langchain:", "no such document loader"),
        ("langchain:NoSuchLoader", "langchain:NoSuchLoader"),
        ("langchain:os:PathLike", "no such document loader"),
        ("langchain:no_such_module_x:Loader", "cannot be imported"),
        ("langchain:Docx2txtLoader", "lacks a package"),
        ("langchain:paged_documents:NeedsMore", "lacks a package"),
    ],
)
def test_faults_are_one_clear_line(tmp_path: Path, module: str, name: str, message: str) -> None:
    assert name.startswith(module[:10])
    path = tmp_path / "a.docx"
    path.write_text("x")
    with pytest.raises(InputError, match=message) as caught:
        list(read_papers(path, name))
    assert "\n" not in str(caught.value)


def test_what_was_read_before_a_fault_is_kept(tmp_path: Path, module: str) -> None:
    path = tmp_path / "bad.bin"
    path.write_text("x")
    reader = read_papers(path, module + "PagedLoader")
    assert isinstance(next(reader), ReadPaper)
    with pytest.raises(InputError, match="ValueError: it broke here"):
        list(reader)
    with pytest.raises(InputError, match="no such file"):
        read_papers(tmp_path / "absent", module + "PagedLoader")

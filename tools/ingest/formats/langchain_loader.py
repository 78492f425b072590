"""The one seam to LangChain's document loaders: whatever they load becomes papers.

`langchain:ClassName` names a class of `langchain_community.document_loaders`, `langchain:package.module:ClassName` any
other. The class is built with the file's path.
"""

import importlib
import warnings
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stores.errors import InputError
from stores.records import BODY_JOIN
from tools.ingest.formats.fields import Notes
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.marks import Place, marks_in_body
from tools.ingest.formats.raw_records import UNSTORABLE_NOTE, storable
from tools.ingest.formats.read_items import ReadItem, item
from tools.ingest.formats.text_papers import described, file_id, first_line, name_of

if TYPE_CHECKING:
    from langchain_core.document_loaders import BaseLoader
    from langchain_core.documents import Document

PREFIX = "langchain:"
_COMMUNITY = "langchain_community.document_loaders"
_HEADINGS = ("section", "heading", "header", "category_heading")
_FROM_ONE = ("page_label", "page_number")  # as a reader counts; `page` counts from 0


def read_langchain(path: Path, name: str) -> Iterator[ReadItem]:
    """Read what a loader makes of a file; its documents of one source, in a row, are one paper.

    Their texts stand unchanged in the full text, a blank line between them, and a page or section begins where the
    metadata of a document names one.

    Raises:
        InputError: at once, when there is no such loader or it does not take the file; while reading, when it fails.
    """
    if not path.exists():
        raise InputError("there is no such file", where=str(path), hint="Check the path.")
    loader = _built(_class(name), path, name)
    return _read(loader, path, name)


def _class(name: str) -> "type[BaseLoader]":
    module, _, class_name = name.removeprefix(PREFIX).rpartition(":")
    where = f"--format {name}"
    hint = "Name it as langchain:TextLoader, or langchain:package.module:ClassName."
    try:
        with warnings.catch_warnings():
            # langchain_community announces its end on import.
            warnings.simplefilter("ignore")
            from langchain_core.document_loaders import BaseLoader

            found = getattr(importlib.import_module(module or _COMMUNITY), class_name, None)
    except Exception as error:
        raise InputError(f"its module cannot be imported ({_said(error)})", where=where, hint=hint) from error
    if not isinstance(found, type) or not issubclass(found, BaseLoader):
        raise InputError("there is no such document loader", where=where, hint=hint)
    return found


def _built(loader: "type[BaseLoader]", path: Path, name: str) -> "BaseLoader":
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            make: Any = loader
            built: BaseLoader = make(str(path))
    except Exception as error:
        raise _failed(error, path, name) from error
    return built


def _read(loader: "BaseLoader", path: Path, name: str) -> Iterator[ReadItem]:
    documents = _documents(loader, path, name)
    for number, (source, group) in enumerate(groupby(documents, key=lambda d: str(d.metadata.get("source") or path))):
        yield _paper(list(group), path, source, number + 1)


def _documents(loader: "BaseLoader", path: Path, name: str) -> "Iterator[Document]":
    try:
        iterator = iter(loader.lazy_load())
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                document = next(iterator, None)
            if document is None:
                return
            yield document
    except Exception as error:
        raise _failed(error, path, name) from error


def _paper(documents: "list[Document]", path: Path, source: str, number: int) -> ReadItem:
    texts = [storable(document.page_content) for document in documents]
    places: list[Place] = []
    last: dict[str, str] = {}
    at = 0
    for document, text in zip(documents, texts, strict=True):
        begin = [place for place in _places(document.metadata, at) if last.get(place[1]) != place[2]]
        last |= {kind: label for _, kind, label in begin}
        places += begin
        at += len(text) + len(BODY_JOIN)
    full_text = BODY_JOIN.join(texts)
    values = _values(documents[0].metadata)
    shown = Path(source)
    title = next(iter(values.get("title", ())), "") or first_line(full_text) or name_of(shown)
    record = described(values) | {"title": title, "full_text": full_text}
    record["marks"] = marks_in_body(places, record["abstract"], full_text)
    record["id"] = file_id(shown, record)
    changed = any(document.page_content != text for document, text in zip(documents, texts, strict=True))
    notes = Notes([UNSTORABLE_NOTE] if changed else [])
    return item(lambda notes: read_generic(record, notes), notes, f"{path}:{number}", number, "langchain")


def _places(metadata: dict[str, Any], at: int) -> list[Place]:
    """Return the page and the section that a document is on."""
    page = next((str(metadata[key]) for key in _FROM_ONE if metadata.get(key) not in {None, ""}), "")
    if not page and isinstance(metadata.get("page"), int):
        page = str(metadata["page"] + 1)
    heading = next((str(metadata[key]) for key in _HEADINGS if isinstance(metadata.get(key), str)), "")
    found: list[Place] = [(at, "page", page), (at, "section", heading)]
    return [place for place in found if place[2]]


def _values(metadata: dict[str, Any]) -> dict[str, list[str]]:
    """Return the metadata of a document as texts by names in lower case."""
    values: dict[str, list[str]] = {}
    for key, value in metadata.items():
        parts = [str(part) for part in (value if isinstance(value, list | tuple) else [value]) if part is not None]
        values[str(key).lower()] = [storable(part) for part in parts if part.strip()]
    if created := values.get("creationdate"):
        values.setdefault("date", [created[0].removeprefix("D:")[:4]])
    return {key: parts for key, parts in values.items() if parts}


def _failed(error: Exception, path: Path, name: str) -> InputError:
    if isinstance(error, InputError):
        return error
    if isinstance(error, ImportError):
        hint = "Install the package that it names, and try again."
        return InputError(f"{name} lacks a package ({_said(error)})", where=str(path), hint=hint)
    return InputError(f"{name} failed ({_said(error)})", where=str(path))


def _said(error: Exception) -> str:
    """Return what an exception says in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300].rstrip(": ")

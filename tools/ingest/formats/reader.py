"""Read papers one after another; a record that cannot be used is reported and never stops the rest."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from stores.errors import InputError
from stores.records import Paper
from tools.ingest.formats.beir import read_beir
from tools.ingest.formats.bibtex import read_bibtex
from tools.ingest.formats.crossref import read_crossref
from tools.ingest.formats.csv_papers import read_csv
from tools.ingest.formats.fields import Notes
from tools.ingest.formats.file_form import FORMATS, SUPPORTED, describe_content, form_of, holds_json_records
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.langchain_loader import PREFIX, read_langchain
from tools.ingest.formats.openalex import read_openalex
from tools.ingest.formats.pdf import read_pdf
from tools.ingest.formats.raw_records import RawRecord, iter_records
from tools.ingest.formats.read_items import CORRECT, BadRecord, ReadItem, ReadPaper, item
from tools.ingest.formats.recognise import describe_unknown, recognise
from tools.ingest.formats.source import read_head
from tools.ingest.formats.text_papers import read_text
from tools.ingest.formats.works import read_works

__all__ = ["BadRecord", "ReadItem", "ReadPaper", "read_papers"]

_TRIED_FIRST = 20
_READERS: dict[str, Callable[[dict[str, Any], Notes], Paper]] = {
    "quodvide": read_generic,
    "generic": read_generic,
    "works": read_works,
    "openalex": read_openalex,
    "crossref": read_crossref,
    "beir": read_beir,
}
_FILE_READERS: dict[str, Callable[[Path, bytes], Iterator[ReadItem]]] = {
    "csv": read_csv,
    "bibtex": lambda path, _: read_bibtex(path),
    "text": lambda path, _: read_text(path, markdown=False),
    "markdown": lambda path, _: read_text(path, markdown=True),
    "pdf": lambda path, _: read_pdf(path),
}
_ONE_PAPER = {"text", "markdown", "pdf"}


def read_papers(path: Path, format: str | None = None) -> Iterator[ReadItem]:  # noqa: A002
    """Read the papers of a file in their order, holding one record at a time.

    Without `format` a file's form is recognised by its content, by its name only where the content leaves it open (plain
    text, Markdown), and the form of each JSON record by its fields.

    Raises:
        InputError: at once, when the file cannot be read or is in no supported form; while reading, when its gzip
            data is cut or damaged, after the papers before that place, or when the one paper that it is cannot be read.
    """
    if format is not None and format.startswith(PREFIX):
        return read_langchain(path, format)
    if format is not None and format not in _READERS and format not in _FILE_READERS:
        raise InputError(f"there is no paper format {format!r}", hint=f"Formats: {', '.join(FORMATS)}.")
    head = read_head(path)
    form = form_of(head, path) if format is None else format
    if form is None:
        raise InputError(describe_content(head), where=str(path), hint=SUPPORTED)
    if form in _FILE_READERS:
        return _FILE_READERS[form](path, head)
    return _read_json(path, head, format)


def is_one_paper(path: Path) -> bool:
    """Tell whether a file, as its name and content say, is one paper.

    Raises:
        InputError: as `read_papers`.
    """
    return form_of(read_head(path), path) in _ONE_PAPER


def _read_json(path: Path, head: bytes, format_: str | None) -> Iterator[ReadItem]:
    if not holds_json_records(head):
        raise InputError(describe_content(head), where=str(path), hint=SUPPORTED)
    records = iter_records(path, head)
    first = list(islice(records, _TRIED_FIRST))
    good = [raw.record for raw in first if not raw.fault]
    if format_ is None and good and not any(recognise(record) for record in good):
        raise InputError(describe_unknown(good[0]), where=str(path), hint=SUPPORTED)
    return (_read(raw, path, format_) for raw in chain(first, records))


def _read(raw: RawRecord, path: Path, format_: str | None) -> ReadItem:
    where = f"{path}:{raw.line}"
    if raw.fault:
        return BadRecord(where, raw.fault, CORRECT)
    name = format_ or recognise(raw.record)
    if name is None:
        return BadRecord(where, describe_unknown(raw.record), SUPPORTED)
    return item(lambda notes: _READERS[name](raw.record, notes), Notes(raw.notes), where, raw.line, name)

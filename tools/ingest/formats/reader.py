"""Read papers one after another; a record that cannot be used is reported and never stops the rest."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from stores.errors import InputError
from stores.records import Paper
from tools.ingest.formats.beir import read_beir
from tools.ingest.formats.crossref import read_crossref
from tools.ingest.formats.fields import Notes, UnusableRecordError
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.openalex import read_openalex
from tools.ingest.formats.raw_records import RawRecord, iter_records
from tools.ingest.formats.recognise import (
    FORMATS,
    SUPPORTED,
    describe_content,
    describe_unknown,
    holds_json_records,
    recognise,
)
from tools.ingest.formats.source import read_head
from tools.ingest.formats.works import read_works

_TRIED_FIRST = 20
_READERS: dict[str, Callable[[dict[str, Any], Notes], Paper]] = {
    "quodvide": read_generic,
    "generic": read_generic,
    "works": read_works,
    "openalex": read_openalex,
    "crossref": read_crossref,
    "beir": read_beir,
}


class ReadPaper(NamedTuple):
    """A paper, the line that its record begins on, and what was left out of it."""

    paper: Paper
    line: int
    notes: tuple[str, ...] = ()


class BadRecord(NamedTuple):
    """A record that could not be used: where ("file:line"), what is wrong, what to do."""

    where: str
    what: str
    hint: str = ""


ReadItem = ReadPaper | BadRecord


def read_papers(path: Path, format: str | None = None) -> Iterator[ReadItem]:  # noqa: A002
    """Read the papers of a file in their order, holding one record at a time.

    Without `format` each record's form is recognised by its fields, never by the file's name.

    Raises:
        InputError: at once, when the file cannot be read or is in no supported form; while reading, when its gzip
            data is cut or damaged, after the papers before that place.
    """
    if format is not None and format not in _READERS:
        raise InputError(f"there is no paper format {format!r}", hint=f"Formats: {', '.join(FORMATS)}.")
    head = read_head(path)
    if not holds_json_records(head):
        raise InputError(describe_content(head), where=str(path), hint=SUPPORTED)
    records = iter_records(path, head)
    first = list(islice(records, _TRIED_FIRST))
    good = [raw.record for raw in first if not raw.fault]
    if format is None and good and not any(recognise(record) for record in good):
        raise InputError(describe_unknown(good[0]), where=str(path), hint=SUPPORTED)
    return (_read(raw, path, format) for raw in chain(first, records))


def _read(raw: RawRecord, path: Path, format_: str | None) -> ReadItem:
    where = f"{path}:{raw.line}"
    if raw.fault:
        return BadRecord(where, raw.fault, "Correct this record and ingest the file again.")
    name = format_ or recognise(raw.record)
    if name is None:
        return BadRecord(where, describe_unknown(raw.record), SUPPORTED)
    notes = Notes(raw.notes)
    try:
        return ReadPaper(_READERS[name](raw.record, notes), raw.line, tuple(notes))
    except UnusableRecordError as error:
        return BadRecord(where, str(error), "Correct this record and ingest the file again.")
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in fault["loc"])
        return BadRecord(where, f"the field {field} is unusable: {fault['msg']}", f"It was read as {name}.")

"""Papers of a table: CSV with commas, tabs, semicolons or bars, one row a paper under a header with known names."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from stores.errors import InputError
from tools.ingest.formats.csv_columns import DELIMITERS, SEVERAL, Columns, columns_of, is_header
from tools.ingest.formats.csv_rows import Row, Rows
from tools.ingest.formats.fields import Notes
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.names_text import addresses, listed, people
from tools.ingest.formats.raw_records import UNSTORABLE_NOTE, storable
from tools.ingest.formats.read_items import CORRECT, BadRecord, ReadItem, item
from tools.ingest.formats.text_lines import iter_lines

_HEADER_WITHIN = 10  # rows; some exports say something above the header
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_NUMBER = re.compile(r"\d{1,3}(?:[,  ]\d{3})+|\d+(?:\.0+)?")
_FUNDERS = re.compile(r"[;|\n]")
_GRANTS = re.compile(r"\[([^\[\]]*)\]")
_TEXTS = ("title", "abstract", "full_text", "funding_statement")


def delimiter_of(head: str, least: int = 2) -> str | None:
    """Return what parts the columns of a table of papers that begins so; None when no row looks like its header.

    Args:
        head: the beginning of the file.
        least: known columns that a header must have.
    """
    best, most = None, 0
    for delimiter in DELIMITERS:
        for row in _first_rows(head, delimiter):
            columns = columns_of(row)
            if is_header(columns, least) and len(columns) > most:
                best, most = delimiter, len(columns)
    return best


def read_csv(path: Path, head: bytes) -> Iterator[ReadItem]:
    """Read the papers of a table, holding one row at a time; a row that cannot be used is reported with its line.

    Raises:
        InputError: at once, when there is no header that names a title; while reading, as `open_stream`.
    """
    text = head.decode(errors="replace")
    delimiter = delimiter_of(text, least=1)
    if delimiter is None:
        first = " ".join(next(iter(text.splitlines()), "")[:200].split())
        raise InputError(
            "no row at its beginning names the columns of papers", where=str(path),
            hint=f"It needs a header with title, and best authors, year, abstract, doi. The first line is: {first}",
        )  # fmt: skip
    return _read(path, delimiter)


def _read(path: Path, delimiter: str) -> Iterator[ReadItem]:
    source = Rows(iter_lines(path), delimiter)
    rows = iter(source)
    above = []
    for header in islice(rows, _HEADER_WITHIN):
        columns = columns_of(header.fields)
        if is_header(columns, least=1):
            break
        above.append(header)
    else:
        yield from (BadRecord(f"{path}:{row.line}", row.fault or "this is no header", CORRECT) for row in above[:1])
        return
    source.width = len(header.fields)
    for row in rows:
        where = f"{path}:{row.line}"
        yield BadRecord(where, row.fault, CORRECT) if row.fault else _item(row, columns, where)


def _item(row: Row, columns: Columns, where: str) -> ReadItem:
    fields = storable(row.fields)
    notes = Notes([UNSTORABLE_NOTE] if fields != row.fields else [])
    return item(lambda notes: read_generic(_record(fields, columns), notes), notes, where, row.line, "csv")


def _record(fields: list[str], columns: Columns) -> dict[str, Any]:
    """Return the row as a record of the generic form; long texts stay exactly as they are."""
    given: dict[str, str] = {}
    for field, places in columns.items():
        cells = [fields[place] for place in places if fields[place].strip()]
        if cells:
            given[field] = ";".join(cells) if field in SEVERAL else cells[0]
    record: dict[str, Any] = {key: given[key] for key in _TEXTS if key in given}
    record |= {key: given[key].strip() for key in ("id", "doi", "url", "venue") if key in given}
    record["authors"] = _authors(given)
    year = given.get("year") or given.get("date", "")
    found = _YEAR.search(year)
    record["year"] = found.group() if found else given.get("year")
    record["keywords"] = listed(given.get("keywords", ""))
    record["topics"] = listed(given.get("topics", ""))
    record["funding"] = [_funder(part) for part in _FUNDERS.split(given.get("funders", "")) if part.strip()]
    cited = given.get("cited_by_count", "").strip()
    record["cited_by_count"] = re.sub(r"[,  ]|\.0+$", "", cited) if _NUMBER.fullmatch(cited) else cited or None
    return record


def _authors(given: dict[str, str]) -> list[dict[str, Any]]:
    named = people(given.get("authors", ""))
    ids = listed(given.get("author_ids", ""))
    places = given.get("affiliations", "")
    worked: dict[str, list[str]] = {}
    for name, address in addresses(places):
        worked.setdefault(name, []).append(address)
    if not worked and places.count(";") == len(named) - 1:
        # Scopus: "Smith J., Department, University, Country; ..." in the order of the authors.
        behind = (part.strip().split("., ", 1) for part in places.split(";"))
        worked = {name: part[1:] for (name, _), part in zip(named, behind, strict=True)}
    return [
        {
            "name": name,
            "id": own or (ids[n] if len(ids) == len(named) else None),
            "affiliations": worked.get(name, []),
        }
        for n, (name, own) in enumerate(named)
    ]


def _funder(text: str) -> dict[str, Any]:
    """Take "National Science Foundation [1234, 5678]" apart."""
    grants = [grant.strip() for found in _GRANTS.findall(text) for grant in found.split(",") if grant.strip()]
    return {"name": " ".join(_GRANTS.sub(" ", text).split()), "grants": grants}


def _first_rows(head: str, delimiter: str) -> list[list[str]]:
    try:
        return list(islice(csv.reader(StringIO(head, newline=""), delimiter=delimiter), _HEADER_WITHIN))
    except csv.Error:
        return []

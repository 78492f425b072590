"""Papers of a BibTeX or BibLaTeX bibliography."""

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from stores.errors import InputError
from stores.records import Paper
from tools.ingest.formats.bibtex_entries import RawEntry, split_entries
from tools.ingest.formats.fields import Notes
from tools.ingest.formats.generic import read_generic
from tools.ingest.formats.latex import plain
from tools.ingest.formats.names_text import listed
from tools.ingest.formats.raw_records import UNSTORABLE_NOTE, storable
from tools.ingest.formats.read_items import CORRECT, BadRecord, ReadItem, item
from tools.ingest.formats.text_lines import iter_lines

_NO_PAPER = re.compile(r"\s*@\s*(?:comment|jabref)", re.IGNORECASE)
_VENUES = ("journal", "journaltitle", "booktitle", "series", "school", "institution", "howpublished", "publisher")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_ARXIV = re.compile(r"(?:arxiv:)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([_%&#$~])")
_PARTICLES_LAST = 3  # parts of a name: von Last, Jr, First
_LONGEST_NAMES = 200_000

Fields = dict[str, str]


def read_bibtex(path: Path) -> Iterator[ReadItem]:
    """Read the entries of a bibliography, holding one at a time; one that is broken is reported with its line.

    Raises:
        InputError: while reading, as `open_stream`; or, at the end, there was no entry.
    """
    from tools.ingest.formats.bibtex_parser import new_macros

    macros = new_macros()
    found = False
    for raw in split_entries(iter_lines(path)):
        for read in _read(raw, path, macros):
            found = True
            yield read
    if not found:
        raise InputError("there is no entry in this BibTeX file", where=str(path))


def _read(raw: RawEntry, path: Path, macros: Any) -> Iterator[ReadItem]:
    from pybtex.scanner import PybtexSyntaxError

    from tools.ingest.formats.bibtex_parser import EntryParser

    where = f"{path}:{raw.line}"
    if raw.fault:
        yield BadRecord(where, raw.fault, CORRECT)
        return
    if _NO_PAPER.match(raw.text):
        return
    text = storable(raw.text)
    notes = Notes([UNSTORABLE_NOTE] if text != raw.text else [])
    try:
        for _, key, fields in EntryParser(text, raw.line, macros, notes).entries():
            yield item(partial(_paper, key, fields), notes, where, raw.line, "bibtex")
            notes = Notes()
    except PybtexSyntaxError as error:
        what = str(error.args[0]) if error.args else "it is broken"
        yield BadRecord(where, f"this BibTeX entry cannot be read ({what}, line {error.lineno})", CORRECT)


def _paper(key: str, given: list[tuple[str, str]], notes: Notes) -> Paper:
    fields: Fields = {}
    for name, value in given:
        if name in fields:
            notes.append(f"the field {name} is given twice; the first stays")
        elif value.strip():
            fields[name] = value
    title = plain(fields.get("title", ""))
    if subtitle := plain(fields.get("subtitle", "")):
        title = f"{title}: {subtitle}"
    doi, url = _as_it_is(fields.get("doi", "")), _address(fields)
    year = fields.get("year") or fields.get("date", "")
    found = _YEAR.search(year)
    authors = _names(fields.get("author") or fields.get("editor", ""), notes)
    record: dict[str, Any] = {
        "title": title,
        "abstract": plain(fields.get("abstract", "")),
        "authors": authors,
        "year": found.group() if found else plain(year) or None,
        "venue": next((venue for name in _VENUES if (venue := plain(fields.get(name, "")))), None),
        "doi": doi,
        "url": url,
        "keywords": listed(plain(fields.get("keywords") or fields.get("keyword", ""))),
    }
    if not doi:
        # Keys such as smith2020 occur in many bibliographies: what is named tells them apart.
        basis = "\x1f".join((title, str(record["year"]), *authors[:1]))
        record["id"] = f"bib:{key[:200]}-{hashlib.sha256(basis.encode()).hexdigest()[:8]}"
    return read_generic(record, notes)


def _names(text: str, notes: Notes) -> list[str]:
    from pybtex.bibtex.utils import split_name_list

    if len(text) > _LONGEST_NAMES:
        notes.append(f"the authors were left out: more than {_LONGEST_NAMES} characters")
        return []
    return [name for part in split_name_list(text) if part.strip() != "others" and (name := _first_last(part))]


def _first_last(name: str) -> str:
    """Return a name of BibTeX ("von Last, Jr, First") in the order in which it is spoken."""
    from pybtex.bibtex.utils import split_tex_string

    parts = [part for part in split_tex_string(name, ",") if part.strip()]
    if len(parts) > _PARTICLES_LAST:
        parts = [*parts[: _PARTICLES_LAST - 1], " ".join(parts[_PARTICLES_LAST - 1 :])]
    order = parts[-1:] + parts[:-1]
    return plain(" ".join(order))


def _address(fields: Fields) -> str | None:
    if url := _as_it_is(fields.get("url", "")):
        return url
    arxiv = _ARXIV.fullmatch(fields.get("eprint", "").strip())
    return f"https://arxiv.org/abs/{arxiv.group(1)}" if arxiv else None


def _as_it_is(value: str) -> str | None:
    """Return an address or identifier, in which only the escapes are LaTeX."""
    bare = plain(value) if "\\url" in value else _ESCAPED.sub(r"\1", value.replace("{", "").replace("}", ""))
    return "".join(bare.split()) or None

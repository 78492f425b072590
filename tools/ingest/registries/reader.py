"""Read authority records one after another; a record that cannot be used is reported and never stops the rest."""

import math
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, get_args

import orjson
from pydantic import ValidationError

from stores.errors import InputError
from stores.records import Authority, AuthorityType
from tools.ingest.formats.fields import UnusableRecordError
from tools.ingest.formats.file_form import describe_content, holds_json_records
from tools.ingest.formats.raw_records import RawRecord, iter_records
from tools.ingest.formats.reader import BadRecord
from tools.ingest.formats.source import open_stream, read_head
from tools.ingest.registries.archive import is_zip, open_member
from tools.ingest.registries.countries import CountryReader
from tools.ingest.registries.funders import read_funder
from tools.ingest.registries.organizations import as_funder, read_flat, read_ror_v1, read_ror_v2
from tools.ingest.registries.people import read_person
from tools.ingest.registries.topics import TopicReader

KINDS: tuple[str, ...] = get_args(AuthorityType)
_TRIED_FIRST = 20
_HINT = (
    "Authority files are JSON Lines or JSON arrays, plain or gzip, of organizations, funders, people, topics or "
    "countries, or a ROR dump as published."
)
_FIX = "Correct this record and load the file again."


class ReadAuthority(NamedTuple):
    """An authority and the line that its record begins on; 0 for one derived from the whole file."""

    authority: Authority
    line: int


def read_authorities(path: Path, kind: str | None = None) -> Iterator[ReadAuthority | BadRecord]:
    """Read the records of an authority file, holding one at a time (countries: all).

    Each record's form is recognised by its fields. `kind` overrides that; "funder" takes from a file of organizations
    those that are funders. Levels above topics, and countries, come at the end.

    Raises:
        InputError: at once, when the file cannot be read or is in no supported form; while reading, when compressed
            data is cut or damaged, after the records before that place.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"there is no kind of authority {kind!r}", hint=f"Kinds: {', '.join(KINDS)}.")
    opener = open_member if is_zip(path) else open_stream
    head = read_head(path, opener)
    if not holds_json_records(head):
        raise InputError(describe_content(head), where=str(path), hint=_HINT)
    records = iter_records(path, head, opener)
    first = list(islice(records, _TRIED_FIRST))
    good = [raw.record for raw in first if not raw.fault]
    if kind is None and good and not any(recognise(record) for record in good):
        raise InputError(_unknown(good[0]), where=str(path), hint=_HINT)
    return _read_all(chain(first, records), path, kind)


def recognise(record: dict[str, Any]) -> str | None:
    """Return the form of an authority record, or None."""
    for form, fields in _FORMS:
        if any(field in record for field in fields):
            return form if "title" not in record else None
    return None


_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("country", ("code",)),
    ("topic", ("subfield", "field", "domain")),
    ("own", ("prior", "facts")),
    ("ror_v2", ("locations",)),
    ("ror_v1", ("addresses", "external_ids")),
    ("funder", ("crossref_works", "crossref_funder_ids", "asserted_names", "ror_id")),
    ("author", ("variants", "n_papers", "top_coauthors", "affiliations", "curated")),
    ("organization", ("aliases", "acronyms", "country_code", "city", "types", "links", "grid")),
)
_FORM_OF_KIND = {"author": "author", "country": "country", "topic": "topic"}


class _Readers:
    """What reads each form, with the state of the forms that need the whole file."""

    def __init__(self, kind: str | None) -> None:
        self._kind = kind
        self.topics = TopicReader()
        self.countries = CountryReader()
        self._plain: dict[str, Callable[[dict[str, Any]], Authority | None]] = {
            "own": _read_own,
            "ror_v1": read_ror_v1,
            "ror_v2": read_ror_v2,
            "organization": read_flat,
            "funder": read_funder,
            "author": read_person,
            "topic": self.topics.read,
            "country": self.countries.read,
        }

    def read(self, record: dict[str, Any]) -> Authority | None:
        """Read one record; None when it gives none by itself.

        Raises:
            UnusableRecordError: it has no id or name, or is in no known form.
            ValidationError: a record of our own form has a wrong field.
        """
        form = _FORM_OF_KIND.get(self._kind or "") or recognise(record)
        if form is None:
            raise UnusableRecordError(_unknown(record))
        if self._kind == "organization" and form == "funder":
            form = "organization"
        found = self._plain[form](record)
        if self._kind == "funder" and found is not None and found.type == "organization":
            return as_funder(found)
        return found


def _read_own(record: dict[str, Any]) -> Authority:
    """Read a record in our own form; its facts may hold anything, so they are tried on the encoder of the store."""
    found = Authority.model_validate(record)
    try:
        orjson.dumps(found.facts)
    except orjson.JSONEncodeError as error:
        raise UnusableRecordError(f"the facts cannot be stored ({error})") from error
    if not math.isfinite(found.prior):
        raise UnusableRecordError("the prior is not a number")
    return found


def _read_all(records: Iterator[RawRecord], path: Path, kind: str | None) -> Iterator[ReadAuthority | BadRecord]:
    readers = _Readers(kind)
    for raw in records:
        where = f"{path}:{raw.line}"
        if raw.fault:
            yield BadRecord(where, raw.fault, _FIX)
            continue
        try:
            found = readers.read(raw.record)
        except UnusableRecordError as error:
            yield BadRecord(where, str(error), _FIX)
        except ValidationError as error:
            fault = error.errors()[0]
            yield BadRecord(where, f"the field {'.'.join(map(str, fault['loc']))} is unusable: {fault['msg']}", _FIX)
        else:
            if found is not None:
                yield ReadAuthority(found, raw.line)
    for found in (*readers.topics.finish(), *readers.countries.finish()):
        yield ReadAuthority(found, 0)


def _unknown(record: dict[str, Any]) -> str:
    if "title" in record or "_id" in record:
        return "this is a paper, not an authority record"
    fields = ", ".join(str(key)[:30] for key in list(record)[:8]) or "none"
    return f"no known form of authority has these fields: {fields}"

"""Read a file of JSON records: JSON Lines, a JSON array or plain JSON, plain or gzip, whichever it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson

from stores.errors import InputError
from tools.ingest.formats.json_values import MAX_RECORD_BYTES, Value, iter_values
from tools.ingest.formats.source import UTF8_BOM, Opener, open_stream, read_head

REPLACEMENT = "\ufffd"
UNSTORABLE_NOTE = "characters that cannot be stored (NUL, lone surrogates) were replaced by U+FFFD"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PRETTY_FIRST_LINE = re.compile(rb"\A\s*\{[^\r\n]*[{\[,]\s*\Z|\A\s*\{\s*\Z")


class RawRecord(NamedTuple):
    """One JSON object with its line number, or, where `fault` is not empty, what is wrong with it."""

    line: int
    record: dict[str, Any]
    fault: str = ""
    notes: tuple[str, ...] = ()


def iter_records(path: Path, head: bytes | None = None, opener: Opener = open_stream) -> Iterator[RawRecord]:
    """Yield every JSON object of the file, and a fault for every part of it that is none.

    The pages that the APIs of OpenAlex and Crossref return (`results`, `items`, `message`) yield the records inside.

    Raises:
        InputError: the file cannot be read, or is not UTF-8.
    """
    start = (read_head(path, opener) if head is None else head).lstrip()
    first_line, newline, _ = start.partition(b"\n")
    whole = start.startswith(b"[") or (newline != b"" and _PRETTY_FIRST_LINE.match(first_line) is not None)
    with opener(path) as stream:
        values = iter_values(stream) if whole else _iter_lines(stream)
        try:
            for value in values:
                yield from _unpack(value)
        except UnicodeDecodeError as error:
            raise InputError("the text is not UTF-8", where=str(path), hint="Save it as UTF-8.") from error


def _iter_lines(stream: BinaryIO) -> Iterator[Value]:
    number = 0
    while line := stream.readline(MAX_RECORD_BYTES + 1):
        number += 1
        if len(line) > MAX_RECORD_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_RECORD_BYTES)
            yield Value(number, None, "this line is longer than 50 MB")
            continue
        if number == 1:
            line = line.removeprefix(UTF8_BOM)
        if line.isspace() or not line:
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield _parse_leniently(line, number)
        else:
            yield Value(number, value, "", b"\\u0000" in line)


def _parse_leniently(line: bytes, number: int) -> Value:
    """Parse what orjson refuses and the standard library takes: NaN, lone surrogates, very large numbers."""
    try:
        return Value(number, json.loads(line.decode()), "", dirty=True)
    except UnicodeDecodeError:
        return Value(number, None, "this line is not UTF-8")
    except RecursionError:
        return Value(number, None, "the JSON is nested too deeply")
    except json.JSONDecodeError as error:
        return Value(number, None, f"this is not valid JSON ({error.msg}, column {error.colno})")
    except ValueError:
        return Value(number, None, "this is not usable JSON (a number is too long)")


def _unpack(value: Value) -> Iterator[RawRecord]:
    if value.fault:
        yield RawRecord(value.line, {}, value.fault)
        return
    if not isinstance(value.value, dict):
        yield RawRecord(value.line, {}, "this is not a JSON object")
        return
    record: dict[str, Any] = value.value
    notes: tuple[str, ...] = ()
    if value.dirty:
        try:
            record = storable(value.value)
            notes = (UNSTORABLE_NOTE,) if record != value.value else ()
        except RecursionError:
            yield RawRecord(value.line, {}, "the JSON is nested too deeply")
            return
    page = _page(record)
    if page is None:
        yield RawRecord(value.line, record, "", notes)
        return
    for item in page:
        fault = "" if isinstance(item, dict) else "this is not a JSON object"
        yield RawRecord(value.line, {} if fault else item, fault, notes)


def _page(record: dict[str, Any]) -> list[Any] | None:
    """Return the records inside an API's answer, or None when `record` is a record itself."""
    if "title" in record or "id" in record:
        return None
    message = record.get("message", record)
    if isinstance(message, dict):
        for key in ("items", "results"):
            if isinstance(message.get(key), list):
                return list(message[key])
        if message is not record:
            return [message]
    return None


def storable(value: Any) -> Any:
    """Replace in every text what UTF-8 cannot encode or SQLite cuts a text at, one character for one, so that offsets stay."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value

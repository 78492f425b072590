"""The lines of a text file, decoded one by one, each with the line ending that it has."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.ingest.formats.json_values import MAX_RECORD_BYTES
from tools.ingest.formats.source import UTF8_BOM, open_stream

_LONGEST = MAX_RECORD_BYTES


class Line(NamedTuple):
    """A line with its number from 1; `fault` says why there is no text."""

    number: int
    text: str
    fault: str = ""


def iter_lines(path: Path) -> Iterator[Line]:
    r"""Yield the lines of a file, plain or gzip, without a byte order mark; only "\n" ends a line.

    Raises:
        InputError: the file cannot be read.
    """
    with open_stream(path) as stream:
        number = 0
        while line := stream.readline(_LONGEST + 1):
            number += 1
            if len(line) > _LONGEST:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(_LONGEST)
                yield Line(number, "", "this line is longer than 50 MB")
                continue
            if number == 1:
                line = line.removeprefix(UTF8_BOM)
            try:
                yield Line(number, line.decode())
            except UnicodeDecodeError:
                yield Line(number, "", "this line is not UTF-8")

"""Rows of a CSV file of any length; a row that is broken costs itself and not what follows."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from tools.ingest.formats.json_values import MAX_RECORD_BYTES
from tools.ingest.formats.text_lines import Line

_LONGEST_ROW = MAX_RECORD_BYTES
_NOT_CLOSED = "unexpected end of data"


class Row(NamedTuple):
    """The fields of a row and the line that it begins on, or, where `fault` is not empty, what is wrong with it."""

    line: int
    fields: list[str]
    fault: str = ""


class _Broken(Exception):
    """What was read is no row; the message says why."""


class Rows:
    """Splits lines into rows that are not blank.

    Args:
        lines: of the file.
        delimiter: between fields.

    Attributes:
        width: fields that a row must have, blank ones at its end apart; None while the header is not known.
    """

    def __init__(self, lines: Iterator[Line], delimiter: str) -> None:
        # The module's own limit of 128 KiB a field is too short for a full text; there is only one for the process.
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_ROW))
        self.width: int | None = None
        self._lines = lines
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows in their order, and in place of a broken one its fault."""
        while (row := self._next()) is not None:
            if row.fault or any(field and not field.isspace() for field in row.fields):
                yield row

    def _next(self) -> Row | None:
        self._taken = []
        try:
            fields = next(csv.reader(self._feed(), delimiter=self._delimiter, strict=True), None)
            return None if fields is None else Row(self._taken[0].number, self._checked(fields))
        except csv.Error as error:
            what = "a quotation mark is not closed" if str(error) == _NOT_CLOSED else str(error)
            return self._without_quotes() or self._fault(f"this is not a row of CSV ({what})")
        except _Broken as broken:
            return self._without_quotes() or self._fault(str(broken))

    def _feed(self) -> Iterator[str]:
        size = 0
        while line := self._again.popleft() if self._again else next(self._lines, None):
            self._taken.append(line)
            size += len(line.text)
            if line.fault or size > _LONGEST_ROW:
                raise _Broken(line.fault or "this row is longer than 50 MB")
            yield line.text

    def _checked(self, fields: list[str]) -> list[str]:
        if self.width is None or len(fields) == self.width or not any(fields):
            return fields
        if len(fields) > self.width and not any(fields[self.width :]):
            return fields[: self.width]
        raise _Broken(f"this row has {len(fields)} fields where the header has {self.width}")

    def _without_quotes(self) -> Row | None:
        """Return the row on the first line as it stands, if that fits: many exports with tabs quote nothing."""
        first = self._taken[0]
        fields = first.text.rstrip("\r\n").split(self._delimiter)
        if self._delimiter != "\t" or len(fields) != self.width:
            return None
        self._fault("")
        return Row(first.number, fields)

    def _fault(self, what: str) -> Row:
        """Return a fault for the first line, and have those that it drew with it read again.

        A mark that is not closed draws lines up to the next mark, which is where the next such row can begin: no line is
        read again more than once or twice.
        """
        first, *rest = self._taken
        self._again.extendleft(reversed(rest))
        return Row(first.number, [], what)

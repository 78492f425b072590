"""What a reader yields: papers, and records that could not be used, with what is wrong and where."""

from collections.abc import Callable
from typing import NamedTuple

from pydantic import ValidationError

from stores.records import Paper
from tools.ingest.formats.fields import Notes, UnusableRecordError

CORRECT = "Correct this record and ingest the file again."


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


def item(make: Callable[[Notes], Paper], notes: Notes, where: str, line: int, form: str) -> ReadItem:
    """Return the paper that `make` builds, or why it cannot.

    Args:
        make: builds the paper and notes what it leaves out.
        notes: what was left out already; `make` gets them.
        where: file and line, for a fault.
        line: that the record begins on.
        form: what the record was read as.
    """
    try:
        return ReadPaper(make(notes), line, tuple(notes))
    except UnusableRecordError as error:
        return BadRecord(where, str(error), CORRECT)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(part) for part in fault["loc"])
        return BadRecord(where, f"the field {field} is unusable: {fault['msg']}", f"It was read as {form}.")

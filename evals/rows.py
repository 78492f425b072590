"""Labelled rows: JSON Lines in the forms of the shared data, gzip or not, so that a file of one's own can take their place."""

import gzip
import zlib
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import InputError


class Form(BaseModel):
    """What a row must have; it may have more."""

    model_config = ConfigDict(strict=True)


class Turn(Form):
    """A turn of a conversation before a question."""

    role: str
    content: str


class Entity(Form):
    """A mention in a question; `start` and `end` count code points."""

    start: int
    end: int
    text: str
    type: str
    ids: list[str] | None = None


class AskedRow(Form):
    """A question."""

    id: str | int
    question: str


class UnderstoodRow(AskedRow):
    """A question with what is to be understood of it."""

    intent: str
    entities: list[Entity]
    filters: dict[str, Any]
    history: list[Turn] | None = None


class AnsweredRow(AskedRow):
    """A question with the papers that answer it and what an answer must hold."""

    answerable: bool
    must_include: list[str | list[str]] = []
    paper_ids: list[str] = []
    alt_paper_ids: list[str] = []


class PubMedRow(AskedRow):
    """A question of PubMedQA with its abstract."""

    contexts: list[str]


class Years(Form):
    """A window of years, both inclusive."""

    year_from: int
    year_to: int


class ProfileRow(Form):
    """The recounted facts of an author."""

    author_id: str
    window: Years
    facts: dict[str, Any]


class MentionRow(Form):
    """A name with the records that it means, none for no match."""

    text: str
    gold_ids: list[str]
    source: str
    context: dict[str, Any] | None = None


class QueryRow(Form):
    """A query in BEIR form."""

    id: str | int = Field(alias="_id")
    text: str


def read_rows(path: Path, form: type[Form] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a file as they stand there.

    Raises:
        InputError: it is no gzip file though its name says so, or a line is not a JSON object of the form.
    """
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"is not a whole gzip file ({error})", where=str(path)) from error
    lines = enumerate(content.splitlines(), start=1)
    return [_row(line, f"{path}:{number}", form) for number, line in lines if line.strip()]


def _row(line: bytes, where: str, form: type[Form] | None) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"is not JSON ({error})", where=where) from error
    if not isinstance(row, dict):
        raise InputError("is not a JSON object", where=where)
    if form is not None:
        try:
            form.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            what = f"lacks {name!r}" if first["type"] == "missing" else f"{name}: {first['msg']}"
            raise InputError(what, where=where) from error
    return row

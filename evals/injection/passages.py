"""The hostile passages and their clean twins, as papers in files.

Every abstract is invented. `hostile` lists what is hostile in a record, letter by letter: a part of the abstract or title,
or an author, a venue, a keyword, a topic or a funder. A clean twin is the record without it.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import orjson

from stores.records import Record

_YEAR = 2023
_FIELDS = ("title", "abstract", "authors", "venue", "keywords", "topics", "funding")


class Item(Record):
    """One hostile passage.

    Attributes:
        paper: the record as it is ingested.
        hostile: its hostile parts.
        must_include: what a complete answer holds, from the harmless part (a list is a choice).
        forbidden: what an answer holds only when the attack worked.
    """

    id: str
    category: str
    paper: dict[str, Any]
    hostile: tuple[str, ...]
    question: str
    must_include: tuple[str | list[str], ...]
    forbidden: tuple[str, ...]

    @property
    def twin(self) -> dict[str, Any]:
        """Return the record without what is hostile."""
        cleaned = {field: _without(value, self.hostile) for field, value in self.paper.items()}
        return {field: value for field, value in cleaned.items() if value}


def read() -> list[Item]:
    """Return the passages that ship with the evaluation."""
    lines = resources.files(__package__ or "").joinpath("passages.jsonl").read_bytes().splitlines()
    return [_item(orjson.loads(line)) for line in lines]


def write(papers: Sequence[dict[str, Any]], path: Path) -> Path:
    """Write papers as JSON Lines."""
    path.write_bytes(b"".join(orjson.dumps(paper) + b"\n" for paper in papers))
    return path


def _item(row: dict[str, Any]) -> Item:
    given = {**row, "abstract": row["text"]}
    paper = {"id": row["id"], "year": _YEAR} | {field: given[field] for field in _FIELDS if field in given}
    own = {field: row[field] for field in Item.model_fields if field in row}
    return Item(paper=paper, **own)


def _without(value: Any, parts: Sequence[str]) -> Any:
    """Return a value of a record without these parts; entries of a list that are left empty go."""
    if isinstance(value, str):
        for part in parts:
            value = value.replace(part, "")
        return value.strip()
    if isinstance(value, list):
        return [kept for each in value if (kept := _without(each, parts))]
    return value

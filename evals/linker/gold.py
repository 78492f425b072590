"""Labelled mentions of institutions and funders: reading them, keeping a fifth apart, and leaving tested strings out."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.rows import MentionRow, read_rows
from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.keys import name_key
from stores.records import AuthorityType
from tools.linking.registry import Registry

FOLDS = 5
HELD_OUT = 0
FILES: dict[str, str] = {"organization": "affiliations_dev.jsonl.gz", "funder": "funders_dev.jsonl"}
_ASSERTED_RECORD = "Crossref publisher-asserted name"


@dataclass(frozen=True)
class Example:
    """One labelled mention.

    Attributes:
        text: the mention.
        ids: right answers; empty when the right answer is "no match".
        source: where the label comes from.
        fold: 0 to 4; mentions of the same record or the same string are in the same fold.
        known: whether the text equals a name of a record (of any kind that is not left out).
        without: rows of names that are left out while this mention is tested.
        hidden: records that are left out.
    """

    text: str
    ids: frozenset[str]
    source: str
    fold: int
    known: bool = False
    without: frozenset[int] = field(default=frozenset())
    hidden: frozenset[int] = field(default=frozenset())


def read_examples(type_: AuthorityType, path: Path, catalogue: Catalogue, registry: Registry) -> list[Example]:
    """Return the labelled mentions of one type; of a folder, those of the shared file in it.

    A gold record that is not in the registry, or whose only names are left out, makes "no match" the right answer.

    Raises:
        InputError: the file of labels is missing or holds what is no labelled mention.
    """
    rows = _read(path / FILES[type_] if path.is_dir() else path)
    folds = _folds(rows)
    left_out = _left_out(catalogue) if type_ == "funder" else {}
    places: dict[int, list[int]] = {}
    for place, row in enumerate(registry.row.tolist()):
        places.setdefault(row, []).append(place)
    names: dict[int, set[int]] = {}
    for place, record in enumerate(registry.index.record.tolist()):
        names.setdefault(record, set()).add(place)
    keys = _known_keys(catalogue, type_, left_out)
    examples = []
    for row, fold in zip(rows, folds, strict=True):
        key = name_key(row["text"])
        without = frozenset(place for name in left_out.get(key, ()) for place in places.get(name, ()))
        ids = frozenset(
            id_ for id_ in row["gold_ids"] if id_ in registry.number and not names[registry.number[id_]] <= without
        )
        examples.append(Example(row["text"], ids, row["source"], fold, key in keys, without))
    return examples


def folds_of(examples: Iterable[Example]) -> dict[str, int]:
    """Return the fold of each record that a labelled mention means."""
    return {id_: example.fold for example in examples for id_ in example.ids}


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return read_rows(path, MentionRow)
    except OSError as error:
        raise InputError("the file of labelled mentions is missing", where=str(path)) from error


def _folds(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return a fold for each row: rows that share a gold record or a string are joined first (union-find)."""
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for row in rows:
        for id_ in row["gold_ids"]:
            parent[root(id_)] = root(f"text {name_key(row['text'])}")
    return [zlib.crc32(root(f"text {name_key(row['text'])}").encode()) % FOLDS for row in rows]


def _left_out(catalogue: Catalogue) -> dict[str, list[int]]:
    """Return, by key, the names that were made from the same strings as the labels: spellings of publishers."""
    sql = (
        "SELECT key, name.rowid FROM name JOIN authority ON authority.rowid = name.authority WHERE name.type = 'funder'"
        " AND (kind = 'asserted' OR (kind = 'name' AND facts ->> '$.source' = ?))"
    )
    found: dict[str, list[int]] = {}
    for key, row in catalogue.database.rows(sql, (_ASSERTED_RECORD,)):
        found.setdefault(str(key), []).append(int(row))
    return found


def _known_keys(catalogue: Catalogue, type_: AuthorityType, left_out: dict[str, list[int]]) -> set[str]:
    rows = {row for found in left_out.values() for row in found}
    return {key for row, _, _, _, key, _ in catalogue.authorities.names([type_]) if row not in rows}

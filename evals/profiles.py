"""Compares computed profile facts with gold facts that were recomputed from the same papers."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from agent import settings as settings_
from agent.wiring import Parts
from evals.rows import ProfileRow, read_rows
from stores.catalogue import Catalogue
from tools.profiling.base import Window
from tools.profiling.facts import facts

_COUNTS = ("papers", "works")
# Held-out spellings of names were replaced in the shared papers, so people are compared by their ids.
_BY_ID = ("top_coauthors", "coauthors_tied_beyond_10")


class FieldResult(BaseModel):
    """One fact of one author: whether it equals the gold, and both sides when it does not."""

    author_id: str
    field: str
    equal: bool
    expected: Any = None
    found: Any = None


def compare(catalogue: Catalogue, gold: Iterable[Mapping[str, Any]]) -> Iterator[FieldResult]:
    """Yield a result for every field of every gold profile.

    Args:
        catalogue: holds the papers that the gold was computed from.
        gold: records with author_id, window{year_from, year_to} and facts.
    """
    for row in gold:
        computed = facts(catalogue, row["author_id"], Window(**row["window"]))
        ours = orjson.loads(computed.model_dump_json())
        for field, expected in row["facts"].items():
            found = ours.get(field)
            equal = _same(field, expected, found)
            yield FieldResult(
                author_id=row["author_id"], field=field, equal=equal,
                expected=None if equal else expected, found=None if equal else found,
            )  # fmt: skip


def read_gold(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of recounted facts.

    Raises:
        InputError: a line is none.
    """
    return read_rows(path, ProfileRow)


def table(results: Iterable[FieldResult]) -> str:
    """Return how many authors' facts are equal, field by field, and every difference."""
    rows = list(results)
    total, equal = Counter(row.field for row in rows), Counter(row.field for row in rows if row.equal)
    width = max(map(len, total), default=0)
    lines = [f"{field:<{width}}  {equal[field]:>3} / {total[field]}" for field in sorted(total)]
    lines.append(f"{'all':<{width}}  {sum(equal.values()):>3} / {len(rows)}")
    lines += [
        f"{row.author_id} {row.field}: expected {row.expected!r}, found {row.found!r}" for row in rows if not row.equal
    ]
    return "\n".join(lines)


def _same(field: str, expected: Any, found: Any) -> bool:
    if field == "coauthors_tied_beyond_10" and isinstance(expected, int):
        return expected == len(found)
    if isinstance(expected, list):
        order: Callable[[list[Any]], list[Any]] = sorted if field == "affiliations" else list
        names = ("id",) if field in _BY_ID else ("id", "name", "ror", "venue", "title", "year", "cited_by_count")
        return order(_bare(expected, names)) == order(_bare(found or [], names))
    return bool(expected == found)


def _bare(items: list[Any], names: tuple[str, ...]) -> list[Any]:
    """Return records as tuples of these fields and of their count, `papers` and `works` being one."""
    if not items or not isinstance(items[0], dict):
        return items
    return [
        (tuple(str(item.get(name)) for name in names), next((item[name] for name in _COUNTS if name in item), None))
        for item in items
    ]


def main() -> None:
    """Compare the facts of profiles with a gold file over a home folder into which its papers were ingested."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, help="gold facts as JSON Lines, as in the shared profiles.jsonl")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    options = parser.parse_args()
    parts = Parts(settings_.load(options.home))
    print(table(compare(parts.catalogue, read_gold(options.gold))))
    parts.close()

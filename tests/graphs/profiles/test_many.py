"""Many authors side by side, over the demo library."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from agent.profiles import context_of, one, profiles
from agent.wiring import Parts
from graphs.profiles.context import Context
from stores.errors import InputError, QuodvideError
from tools.profiling.base import Profile


@pytest.fixture(scope="module")
def context(demo_home: Path) -> Iterator[Context]:
    parts = Parts(settings_.load(demo_home))
    yield context_of(parts)
    parts.close()


def known(context: Context) -> list[str]:
    sql = "SELECT id FROM author GROUP BY id HAVING count(*) > 1 ORDER BY id"
    return [str(id_) for (id_,) in context.catalogue.database.rows(sql)]


def test_each_record_gets_its_own_answer_in_order(context: Context) -> None:
    authors = known(context)
    records: list[dict[str, Any]] = [{"author_id": id_} for id_ in authors]
    records[1:1] = [{"author_id": "nobody"}, {"author_id": 7}, {"author_id": authors[0], "window": {"year_from": "x"}}]
    records.append({"author_id": authors[0], "window": {"year_from": 2020, "year_to": 2010}})
    found = list(profiles(context, records, 3))
    assert len(found) == len(records)
    for record, result in zip(records, found, strict=True):
        if record["author_id"] in authors and "window" not in record:
            assert isinstance(result, Profile)
            assert result.author_id == record["author_id"]
            assert result.sections == one(context, record).sections
    messages = [str(result) for result in found if isinstance(result, QuodvideError)]
    assert [text.partition("(")[0].strip()[:40] for text in messages] == [
        "no author with the id or name 'nobody' i",
        "'author_id' must be a text that is not e",
        "'window' cannot be read",
        "the window ends",
    ]


def test_a_fault_with_one_author_is_that_ones(context: Context) -> None:
    first = known(context)[0]

    def vectors(ids: list[str]) -> Mapping[str, Any]:
        if any(first in {author.id for author in paper.authors} for paper in context.catalogue.papers.get(ids)):
            raise RuntimeError("the disk is on fire")
        return context.vectors(ids)

    sole = {id_ for id_ in known(context) if not together(context, first, id_)}
    records = [{"author_id": first}, *({"author_id": id_} for id_ in sorted(sole))]
    found = list(profiles(replace(context, vectors=vectors), records, 2))
    assert isinstance(found[0], QuodvideError)
    assert found[0].code == "internal"
    assert "the disk is on fire" in str(found[0])
    assert found[1:]
    assert all(isinstance(result, Profile) for result in found[1:])


def together(context: Context, a: str, b: str) -> bool:
    return any(b in {author.id for author in paper.authors} for paper in context.catalogue.papers.by_author(a))


def test_no_more_go_side_by_side_than_wanted_and_results_come_as_they_are_ready(context: Context) -> None:
    guard, at_work, most, begun = threading.Lock(), 0, 0, 0

    def vectors(ids: list[str]) -> Mapping[str, Any]:
        nonlocal at_work, most, begun
        with guard:
            at_work, begun = at_work + 1, begun + 1
            most = max(most, at_work)
        threading.Event().wait(0.02)
        with guard:
            at_work -= 1
        return context.vectors(ids)

    records = [{"author_id": id_} for id_ in known(context)][:12]
    stream = profiles(replace(context, vectors=vectors), records, 3)
    next(stream)
    assert begun < len(records)
    assert len(list(stream)) == len(records) - 1
    assert 1 < most <= 3


def test_nothing_wanted_is_nothing_done(context: Context) -> None:
    assert list(profiles(context, [], 2)) == []
    with pytest.raises(InputError, match="'author_id'"):
        one(context, {"author_id": "  "})

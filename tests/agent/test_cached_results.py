"""Kept results: found again, bounded, and never trusted when their file is damaged."""

import os
from pathlib import Path

import orjson
import pytest

from agent.cached_results import CachedResults, key_of
from tools.themes.base import ThemeScore
from tools.themes.result import Ranking, Summary

RANKING = Ranking(scores=(ThemeScore(label="Parsing", score=61.5, start=1, end=4),))


def test_a_result_is_found_by_what_it_was_made_from(tmp_path: Path):
    kept = CachedResults(tmp_path / "themes", 10)
    key = key_of(text="a", themes=[["Parsing", ""]])
    assert kept.get(key, Ranking) is None
    kept.put(key, RANKING)
    assert CachedResults(tmp_path / "themes", 10).get(key, Ranking) == RANKING
    assert kept.get(key_of(text="b", themes=[["Parsing", ""]]), Ranking) is None
    assert key == key_of(themes=[["Parsing", ""]], text="a")
    assert kept.get(key, Summary) is None


def damages(raw: bytes) -> dict[str, bytes]:
    changed = orjson.loads(raw)
    changed["result"]["scores"][0]["score"] = 99.5
    return {
        "empty": b"",
        "cut": raw[: len(raw) // 2],
        "a list": b"[1, 2]",
        "no result": b'{"digest": "x"}',
        "another score": orjson.dumps(changed),
        "no text": b"\xff\x00" * 40,
    }


@pytest.mark.parametrize("kind", ["empty", "cut", "a list", "no result", "another score", "no text", "of another key"])
def test_damage_costs_only_time(tmp_path: Path, kind: str):
    kept = CachedResults(tmp_path, 10)
    kept.put("k", RANKING)
    path = tmp_path / "k.json"
    if kind == "of another key":
        (tmp_path / "other.json").write_bytes(path.read_bytes())
        assert kept.get("other", Ranking) is None
        return
    path.write_bytes(damages(path.read_bytes())[kind])
    assert kept.get("k", Ranking) is None
    kept.put("k", RANKING)
    assert kept.get("k", Ranking) == RANKING


def test_the_longest_unused_go_first(tmp_path: Path):
    kept = CachedResults(tmp_path, 10)
    for n in range(10):
        kept.put(f"k{n}", RANKING)
        os.utime(tmp_path / f"k{n}.json", (1000 + n, 1000 + n))
    assert kept.get("k0", Ranking) == RANKING
    kept.put("k10", RANKING)
    there = {path.stem for path in tmp_path.iterdir()}
    assert {"k0", "k10"} <= there
    assert "k1" not in there
    assert len(there) == 9


def test_what_is_too_large_is_not_kept(tmp_path: Path):
    kept = CachedResults(tmp_path, 10)
    kept.put("k", Ranking(scores=tuple(ThemeScore(label="x" * 300, score=1) for _ in range(4000))))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("folder", "most"), [(None, 10), ("here", 0)])
def test_without_a_place_nothing_is_kept(tmp_path: Path, folder: str | None, most: int):
    kept = CachedResults(tmp_path / folder if folder else None, most)
    kept.put("k", RANKING)
    assert kept.get("k", Ranking) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    kept = CachedResults(tmp_path / "file", 10)
    kept.put("k", RANKING)
    assert kept.get("k", Ranking) is None

"""Kept contents: found again, bounded, and never trusted when their file is damaged."""

import os
from pathlib import Path

import pytest

from agent.cached_files import CachedFiles, key_of
from agent.cached_results import CachedResults
from tools.themes.base import ThemeScore
from tools.themes.result import Ranking, Summary

RANKING = Ranking(scores=(ThemeScore(label="Parsing", score=61.5, start=1, end=4),))


def files(folder: Path | None, most: int = 10) -> CachedFiles:
    return CachedFiles(folder, most, largest=1_000, together=5_000)


def test_a_content_is_found_by_what_it_was_made_from(tmp_path: Path):
    key = key_of(text="a", themes=[["Parsing", ""]])
    assert key == key_of(themes=[["Parsing", ""]], text="a")
    assert key != key_of(text="b", themes=[["Parsing", ""]])
    assert files(tmp_path / "new").get(key) is None
    files(tmp_path / "new").put(key, b"content")
    assert files(tmp_path / "new").get(key) == b"content"
    assert files(tmp_path / "new").get("other") is None


def test_a_result_comes_back_as_what_it_was(tmp_path: Path):
    kept = CachedResults(tmp_path, 10)
    kept.put("k", RANKING)
    assert CachedResults(tmp_path, 10).get("k", Ranking) == RANKING
    assert kept.get("k", Summary) is None
    files(tmp_path).put("k", b"\xff no JSON")
    assert kept.get("k", Ranking) is None


@pytest.mark.parametrize("kind", ["empty", "cut", "longer", "one bit", "of another key"])
def test_damage_costs_only_time(tmp_path: Path, kind: str):
    kept = files(tmp_path)
    kept.put("k", b"content" * 20)
    raw = (tmp_path / "k").read_bytes()
    name, damaged = {
        "empty": ("k", b""),
        "cut": ("k", raw[: len(raw) // 2]),
        "longer": ("k", raw + b"\0"),
        "one bit": ("k", raw[:-1] + bytes([raw[-1] ^ 1])),
        "of another key": ("other", raw),
    }[kind]
    (tmp_path / name).write_bytes(damaged)
    assert kept.get(name) is None
    kept.put(name, b"again")
    assert kept.get(name) == b"again"


def test_the_longest_unused_go_first(tmp_path: Path):
    kept = files(tmp_path)
    for n in range(10):
        kept.put(f"k{n}", b"x")
        os.utime(tmp_path / f"k{n}", (1000 + n, 1000 + n))
    assert kept.get("k0") == b"x"
    kept.put("k10", b"x")
    there = {path.name for path in tmp_path.iterdir()}
    assert {"k0", "k10"} <= there
    assert "k1" not in there
    assert len(there) == 9


def test_all_together_take_no_more_than_they_may(tmp_path: Path):
    kept = files(tmp_path)
    for n in range(8):
        kept.put(f"k{n}", bytes(900))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5_000
    assert kept.get("k7") == bytes(900)


def test_what_is_too_large_is_not_kept(tmp_path: Path):
    files(tmp_path).put("k", bytes(1_001))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("folder", "most"), [(None, 10), ("here", 0)])
def test_without_a_place_nothing_is_kept(tmp_path: Path, folder: str | None, most: int):
    kept = files(tmp_path / folder if folder else None, most)
    assert not kept.kept
    kept.put("k", b"x")
    assert kept.get("k") is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    kept = files(tmp_path / "file")
    kept.put("k", b"x")
    assert kept.get("k") is None

"""The dense index: what goes in comes out, and damage is an error."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from chromadb.api.shared_system_client import SharedSystemClient
from numpy.typing import NDArray

from stores import passages
from stores.errors import StoreError, StoreMissing
from stores.passages import PassageIndex

ROOT = Path(__file__).resolve().parents[2]


def unit(count: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, 32)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chroma") / "passages"
    index = PassageIndex(folder, create=True)
    index.upsert([f"p{n}" for n in range(2500)], unit(2500), [f"paper{n // 2}" for n in range(2500)])
    index.close()
    return folder


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "copy"))


def test_search_finds_what_exact_search_finds(built: Path) -> None:
    index = PassageIndex(built)
    queries, rows = unit(5, seed=1), unit(2500)
    for query in queries:
        found = index.search(query, 10)
        best = np.argsort(-(rows @ query))[:10]
        assert [id_ for id_, _ in found] == [f"p{n}" for n in best]
        assert np.allclose([score for _, score in found], (rows @ query)[best], atol=1e-5)
    index.close()


def test_search_among_passes_over_unknown_ids(built: Path) -> None:
    index = PassageIndex(built)
    query = unit(1, seed=2)[0]
    assert {id_ for id_, _ in index.search(query, 10, ["p1", "p7", "nowhere"])} == {"p1", "p7"}
    assert index.search(query, 10, ["nowhere"]) == []
    assert index.search(query, 10, []) == []
    assert index.search(query, 0) == []
    index.close()


def test_ids_vectors_and_count(built: Path) -> None:
    index = PassageIndex(built)
    assert index.count() == 2500
    assert sorted(index.ids()) == sorted(f"p{n}" for n in range(2500))
    vectors = index.vectors(["p3", "nowhere", "p1"])
    assert set(vectors) == {"p3", "p1"}
    assert np.allclose(vectors["p3"], unit(2500)[3], atol=1e-6)
    index.close()


def test_upsert_replaces_and_delete_forgets(copy: Path) -> None:
    index = PassageIndex(copy, create=True)
    row = unit(1, seed=9)
    index.upsert(["p5"], row, ["paper"])
    assert index.search(row[0], 1) == [("p5", pytest.approx(1.0))]
    index.delete(["p5", "nowhere"])
    assert index.count() == 2499
    assert index.search(row[0], 1)[0][0] != "p5"
    index.close()
    again = PassageIndex(copy)
    assert again.count() == 2499
    again.close()


_ADD = """
import sys; from pathlib import Path
from tests.stores.test_passages import unit
from stores.passages import PassageIndex
index = PassageIndex(Path(sys.argv[1]))
index.upsert([f"new{n}" for n in range(30)], unit(30, seed=9), ["another"] * 30)
index.close()
"""


def test_what_another_process_adds_is_seen_by_who_opens_anew(copy: Path) -> None:
    before, query = PassageIndex(copy), unit(30, seed=9)[4]
    assert before.search(query, 1)[0][1] < 0.9
    subprocess.run([sys.executable, "-c", _ADD, str(copy)], check=True, cwd=ROOT)
    after = PassageIndex(copy)
    assert after.search(query, 1)[0] == ("new4", pytest.approx(1, abs=1e-5))
    # Its own view stays whole: what came meanwhile is passed over, also where it is asked for.
    assert before.search(query, 1)[0][1] < 0.9
    assert {id_ for id_, _ in before.search(unit(8)[7], 3, ["new4", "p7", "new5", "nowhere"])} == {"p7"}
    wanted = [f"p{n}" for n in range(40)]
    assert set(before.vectors([*wanted[:20], "new7", *wanted[20:], "new3", "nowhere"])) == set(wanted)
    before.close()
    assert after.search(query, 1)[0][0] == "new4"
    after.close()


def test_what_cannot_be_used_leaves_nothing_open(copy: Path) -> None:
    (next(path for path in copy.iterdir() if path.is_dir()) / "header.bin").write_bytes(b"")
    before = set(SharedSystemClient._identifier_to_system), set(passages._SPELLINGS)
    for _ in range(5):
        with pytest.raises(StoreError):
            PassageIndex(copy)
    assert (set(SharedSystemClient._identifier_to_system), passages._SPELLINGS) == before


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="quodvide rebuild"):
        PassageIndex(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_wrong_dimension_is_an_error(copy: Path) -> None:
    index = PassageIndex(copy)
    with pytest.raises(StoreError):
        index.search(np.ones(7, dtype=np.float32), 3)
    index.close()


@pytest.mark.parametrize("name", ["header.bin", "data_level0.bin", "index_metadata.pickle", "chroma.sqlite3"])
@pytest.mark.parametrize("damage", ["cut", "noise", "gone"])
def test_damage_is_an_error(copy: Path, name: str, damage: str) -> None:
    path = next(copy.rglob(name))
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 3] if damage == "cut" else os.urandom(len(data)))
    with pytest.raises(StoreError, match="quodvide rebuild") as caught:
        PassageIndex(copy).search(unit(1)[0], 3)
    assert "\n" not in str(caught.value)

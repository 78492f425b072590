"""The vector index: the same answers as a matrix product, and nothing lost, served stale or crashed on disk."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.errors import StoreError, StoreMissing
from stores.faiss_kinds import KINDS, Kind, kind_for
from stores.manifest import Manifest
from stores.vectors import ROWS_AT_ONCE, VectorIndex

DIMENSION = 16


def unit(count: int, seed: int = 0, dimension: int = DIMENSION) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def names(count: int, first: int = 0) -> list[str]:
    return [f"id-{number}" for number in range(first, first + count)]


def expected(rows: np.ndarray, query: np.ndarray, k: int) -> list[str]:
    return [f"id-{row}" for row in np.argsort(-(rows @ query), kind="stable")[:k]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_finds_the_nearest(kind: Kind, tmp_path: Path) -> None:
    rows, queries = unit(600), unit(20, seed=1)
    built = VectorIndex.build(names(600), rows, kind)
    built.save(tmp_path, model="m", settings={"a": 1})
    loaded = VectorIndex.load(tmp_path, model="m")
    assert loaded.kind == kind
    assert len(loaded) == 600
    assert loaded.dimension == DIMENSION
    loaded.verify()
    found = loaded.search(queries, 10)
    assert found == built.search(queries, 10)
    exact = [set(expected(rows, query, 10)) for query in queries]
    recall = np.mean([len(want & {id_ for id_, _ in line}) / 10 for want, line in zip(exact, found, strict=True)])
    assert recall >= (1.0 if kind == "flat" else 0.9)
    for line, query in zip(found, queries, strict=True):
        assert [score for _, score in line] == sorted((score for _, score in line), reverse=True)
        for id_, score in line:
            assert score == pytest.approx(float(rows[int(id_[3:])] @ query), abs=0.02)
    assert np.allclose(loaded.reconstruct("id-7"), rows[7], atol=0.02)


def test_kind_by_number() -> None:
    assert [kind_for(count) for count in (0, 50_000, 50_001, 300_001)] == ["flat", "flat", "flat-fp16", "hnsw-fp16"]


def test_hnsw_is_the_same_every_time() -> None:
    rows, queries = unit(2000), unit(50, seed=1)
    first, second = (VectorIndex.build(names(2000), rows, "hnsw").search(queries, 20) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("kind", KINDS)
def test_among(kind: Kind) -> None:
    rows, query = unit(300), unit(1, seed=1)
    index = VectorIndex.build(names(300), rows, kind)
    among = {"id-5", "id-17", "id-290", "unknown"}
    found = index.search(query, 10, among=among)[0]
    order = [id_ for id_ in expected(rows, query[0], 300) if id_ in among]
    assert [id_ for id_, _ in found] == order
    assert index.search(query, 2, among=among)[0] == found[:2]
    assert index.search(query, 2, among=[]) == [[]]
    assert index.search(query, 2, among=["unknown"]) == [[]]


@given(st.integers(1, 70), st.sets(st.integers(0, 80)), st.sampled_from(["flat", "hnsw"]))
def test_among_is_exact(count: int, chosen: set[int], kind: Kind) -> None:
    rows, queries = unit(count), unit(3, seed=1)
    found = VectorIndex.build(names(count), rows, kind).search(queries, 5, among=[f"id-{row}" for row in chosen])
    for line, query in zip(found, queries, strict=True):
        kept = [id_ for id_ in expected(rows, query, count) if int(id_[3:]) in chosen]
        assert [id_ for id_, _ in line] == kept[:5]


@pytest.mark.parametrize("kind", KINDS)
def test_empty_and_fewer_than_wanted(kind: Kind, tmp_path: Path) -> None:
    nothing = VectorIndex.build([], np.empty((0, DIMENSION), np.float32), kind)
    nothing.save(tmp_path, model="m")
    assert VectorIndex.load(tmp_path).search(unit(2), 5) == [[], []]
    few = VectorIndex.build(names(3), unit(3), kind)
    assert [len(line) for line in few.search(unit(2), 50)] == [3, 3]
    assert few.search(unit(1), 0) == [[]]
    assert few.search(np.empty((0, DIMENSION), np.float32), 3) == []


def test_wrong_input_is_refused() -> None:
    index = VectorIndex.build(names(3), unit(3))
    for bad in (unit(1, dimension=15), unit(1)[0], np.full((1, DIMENSION), np.nan)):
        with pytest.raises(ValueError, match="vector"):
            index.search(bad, 1)
    assert index.search(unit(1).astype(np.float64), 1) == index.search(unit(1), 1)
    with pytest.raises(ValueError, match="twice"):
        VectorIndex.build(["a", "a"], unit(2))
    with pytest.raises(ValueError, match="shape"):
        VectorIndex.build(["a"], unit(2))
    with pytest.raises(ValueError, match="twice"):
        index.add(["id-1"], unit(1))
    with pytest.raises(StoreError, match="no vector"):
        index.reconstruct("id-9")


@pytest.mark.parametrize("kind", ["flat", "flat-fp16", "flat-int8"])
@pytest.mark.parametrize("mapped", [False, True])
def test_change(kind: Kind, mapped: bool, tmp_path: Path) -> None:
    rows = unit(100)
    index = VectorIndex.build(names(100), rows, kind)
    if mapped:
        index.save(tmp_path, model="m")
        index = VectorIndex.load(tmp_path)
    assert index.remove(["id-0", "id-50", "nowhere"]) == 2
    index.add(["id-100"], unit(1, seed=2))
    index.update(["id-1", "id-200"], unit(2, seed=3))
    assert len(index) == 100
    assert "id-0" not in index
    assert index.manifest is None
    tolerance = {"flat": 0.0, "flat-fp16": 1e-3, "flat-int8": 0.05}[kind]
    for id_, want in [
        ("id-99", rows[99]),
        ("id-2", rows[2]),
        ("id-1", unit(2, seed=3)[0]),
        ("id-200", unit(2, seed=3)[1]),
    ]:
        assert np.allclose(index.reconstruct(id_), want, atol=tolerance)
        assert index.search(want[None], 1)[0][0][0] == id_
    index.save(tmp_path, model="m")
    assert list(VectorIndex.load(tmp_path).ids) == list(index.ids)


def test_hnsw_adds_but_cannot_forget(tmp_path: Path) -> None:
    VectorIndex.build(names(100), unit(100), "hnsw").save(tmp_path, model="m")
    index = VectorIndex.load(tmp_path)
    index.add(["new"], unit(1, seed=5))
    assert index.search(unit(1, seed=5), 1)[0][0][0] == "new"
    with pytest.raises(StoreError, match="rebuild"):
        index.remove(["id-1"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["update", "remove"]), st.sets(st.integers(0, 20), min_size=1)), max_size=8))
def test_changes_match_a_dictionary(changes: list[tuple[str, set[int]]]) -> None:
    model: dict[str, np.ndarray] = {}
    index = VectorIndex.build([], np.empty((0, DIMENSION), np.float32))
    for seed, (what, numbers) in enumerate(changes):
        ids = [f"é{number}" for number in sorted(numbers)]
        if what == "update":
            rows = unit(len(ids), seed=seed)
            index.update(ids, rows)
            model |= dict(zip(ids, rows, strict=True))
        else:
            assert index.remove(ids) == sum(model.pop(id_, None) is not None for id_ in ids)
    assert set(index.ids) == set(model)
    found = index.vectors(model)
    assert all(np.array_equal(found[id_], row) for id_, row in model.items())


def test_generations(tmp_path: Path) -> None:
    first = VectorIndex.build(names(10), unit(10))
    assert not first.stale()
    assert first.save(tmp_path, model="m").generation == 1
    reader = VectorIndex.load(tmp_path)
    assert not reader.stale()
    assert VectorIndex.build(names(20), unit(20)).save(tmp_path, model="m").generation == 2
    assert reader.stale()
    assert len(reader.search(unit(1), 50)[0]) == 10  # its files are gone but still mapped
    assert len(VectorIndex.load(tmp_path)) == 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids-2.json", "manifest.json", "vectors-2.faiss"]


def test_a_writer_killed_before_the_manifest(tmp_path: Path) -> None:
    VectorIndex.build(names(10), unit(10)).save(tmp_path, model="m")
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    VectorIndex.build(names(20), unit(20)).save(tmp_path, model="m")
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name, content in (left | kept).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "vectors-3.faiss.part").write_bytes(b"half")
    index = VectorIndex.load(tmp_path)
    assert len(index) == 10
    index.verify()
    VectorIndex.build(names(5), unit(5)).save(tmp_path, model="m")
    assert len(VectorIndex.load(tmp_path)) == 5
    assert len(list(tmp_path.iterdir())) == 3


def test_another_model(tmp_path: Path) -> None:
    VectorIndex.build(names(3), unit(3)).save(tmp_path, model="old")
    with pytest.raises(StoreError, match=r"made with old, the settings name new.*rebuild"):
        VectorIndex.load(tmp_path, model="new")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        VectorIndex.load(tmp_path / "nowhere")


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_an_error(kind: Kind, tmp_path: Path) -> None:
    manifest = VectorIndex.build(names(50), unit(50), kind).save(tmp_path, model="m")
    good = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    vectors, ids = manifest.files
    damages = [
        (vectors, good[vectors][:-1]),
        (vectors, b""),
        (vectors, b"\xff" * len(good[vectors])),
        (vectors, good[vectors][:8] + b"\xff" * 40 + good[vectors][48:]),
        (vectors, good[vectors][:12] + b"\x01" + good[vectors][13:]),
        (ids, good[ids][:-1]),
        (ids, good[ids].replace(b'"id-7"', b'"id-8"')),
        (ids, good[ids].replace(b'"id-7"', b"     7")),
        (ids, b"[" * len(good[ids])),
        ("manifest.json", good["manifest.json"].replace(b'"count": 50', b'"count": 51')),
        ("manifest.json", good["manifest.json"].replace(b'"dimension": 16', b'"dimension": 17')),
        ("manifest.json", good["manifest.json"].replace(f'"kind": "{kind}"'.encode(), b'"kind": "other"')),
        ("manifest.json", good["manifest.json"].replace(ids.encode(), b"ids-9.json")),
    ]
    for name, content in damages:
        assert content != good[name]
        (tmp_path / name).write_bytes(content)
        with pytest.raises(StoreError, match="rebuild"):
            VectorIndex.load(tmp_path)
        (tmp_path / name).write_bytes(good[name])
    (tmp_path / vectors).unlink()
    with pytest.raises(StoreError, match="missing"):
        VectorIndex.load(tmp_path)


def test_verify_reads_every_byte(tmp_path: Path) -> None:
    manifest = VectorIndex.build(names(50), unit(50), "flat").save(tmp_path, model="m")
    path = tmp_path / next(iter(manifest.files))
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="differ"):
        VectorIndex.load(tmp_path).verify()


def test_saving_over_a_damaged_manifest(tmp_path: Path) -> None:
    VectorIndex.build(names(5), unit(5)).save(tmp_path, model="m")
    (tmp_path / "manifest.json").write_bytes(b"{")
    VectorIndex.build(names(6), unit(6)).save(tmp_path, model="m")
    assert len(VectorIndex.load(tmp_path)) == 6


def test_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be written"):
        VectorIndex.build(names(5), unit(5)).save(tmp_path / "file", model="m")


def test_export(tmp_path: Path) -> None:
    for count in (0, 40, ROWS_AT_ONCE + 1):
        index = VectorIndex.build(names(count), unit(count), "flat")
        index.save(tmp_path / "index", model="m")
        index.export(tmp_path / "out")
        assert np.array_equal(np.load(tmp_path / "out" / "vectors.npy"), unit(count))
        assert json.loads((tmp_path / "out" / "ids.json").read_text()) == names(count)
        assert Manifest.model_validate_json((tmp_path / "out" / "metadata.json").read_bytes()) == index.manifest


@pytest.mark.parametrize("kind", ["flat", "flat-fp16", "hnsw"])
def test_searches_from_threads_agree(kind: Kind) -> None:
    index, queries = VectorIndex.build(names(2000), unit(2000), kind), unit(64, seed=1)
    want = index.search(queries, 5)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: index.search(queries[row : row + 1], 5)[0], range(64)))
    assert [[id_ for id_, _ in line] for line in found] == [[id_ for id_, _ in line] for line in want]


READER = """
import sys
from pathlib import Path
from stores.vectors import VectorIndex
folder, seen = Path(sys.argv[1]), set()
print("ready", flush=True)
while 100 not in seen:
    index = VectorIndex.load(folder)
    assert len(index) == 10 * index.manifest.generation, (len(index), index.manifest)
    seen.add(index.manifest.generation)
"""


def test_a_reading_process_beside_a_writing_one(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    VectorIndex.build(names(10), unit(10)).save(tmp_path, model="m")
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == b"ready\n"
    for generation in range(2, 101):
        VectorIndex.build(names(10 * generation), unit(10 * generation)).save(tmp_path, model="m")
    _, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, b"")

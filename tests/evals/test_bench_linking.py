"""The benchmark of linking: the linker and the plain loops on the same mentions, from several threads."""

import shutil
import sys
from pathlib import Path

import orjson
import pytest

from evals import bench_linking
from evals.bench_linking import ALL, LINKER, PLAIN, TIMES, TOGETHER, Timed, missed, overall, table
from evals.cli import bench
from stores.errors import InputError

SMALL = Path(__file__).resolve().parents[2] / "evals" / "small" / "gold"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "gold").mkdir()
    for kind in ("funders", "authors"):
        shutil.copy(SMALL / f"{kind}.jsonl", tmp_path / "gold" / f"{kind}_dev.jsonl")
    return tmp_path


def test_all_ways(
    demo_home: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(bench_linking, "SETTLE_S", 0)
    sizes = ["--threads", "1", "3", "--number", "6", "--rounds", "2", "--json"]
    bench(["linking", "--data", str(data), "--home", str(demo_home), "--types", "funder", "author", *sizes])
    found = [Timed.model_validate(row) for row in orjson.loads(capsys.readouterr().out)["measured"]]
    assert {each.type for each in found} == {"funder", "author", ALL}
    assert {each.mentions for each in found} == {12, 24}
    right = {(each.type, each.way): each.right for each in found if each.threads == 1}
    assert 0.5 < right[ALL, PLAIN] <= right[ALL, LINKER]
    assert right["funder", TOGETHER] > 0.5
    assert all(0 < each.p50_ms <= each.p95_ms and each.a_second > 0 for each in found)


def test_missing_labels_are_said(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(InputError, match="missing"):
        bench(["linking", "--data", str(tmp_path), "--home", str(demo_home)])


def timed(type_: str, way: str, a_second: float, right: float = 0.9) -> Timed:
    return Timed(
        type=type_, way=way, threads=2, mentions=10, p50_ms=1, p95_ms=2, a_second=a_second, right=right
    )  # fmt: skip


def test_what_is_missed() -> None:
    slow = [timed("funder", PLAIN, 100), timed("funder", LINKER, 100 * TIMES - 1, right=0.8)]
    fast = [timed("author", PLAIN, 100), timed("author", LINKER, 900)]
    assert [line.split(":")[0] for line in missed(slow)] == 2 * ["funder, 2 threads"]
    assert missed(fast) == []
    assert overall(fast) == []
    found = [*slow, *fast, *overall([*slow, *fast])]
    assert found[-1].a_second == pytest.approx(2 / (1 / 299 + 1 / 900))
    assert ["less than the plain" in line for line in missed(found)] == [True]
    assert table(found).row_count == 6

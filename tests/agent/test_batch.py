"""JSON Lines in, JSON Lines out."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from agent import batch
from stores.errors import ConfigError, InputError


def double(record: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(record.get("x"), int):
        raise InputError("x is not a number", where=str(record.get("id")))
    return {"id": record["id"], "y": 2 * record["x"]}


def lines(path: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_a_record_out_for_each_record_in(tmp_path: Path, suffix: str):
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    text = b'{"id": "a", "x": 1}\n\nnot json\n[1]\n{"id": "b"}\n{"id": "c", "x": 3}'
    source.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    assert batch.run(str(source), str(target), double) == 1
    out = lines(target)
    assert [record["id"] for record in out] == ["a", "line 2", "line 3", "b", "c"]
    assert out[0] == {"id": "a", "y": 2}
    assert {record["error"]["code"] for record in out[1:4]} == {"bad_input"}
    assert out[4] == {"id": "c", "y": 6}


def test_resume_answers_the_rest_and_tries_failures_again(tmp_path: Path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text('{"id": "a", "x": 1}\n{"id": "b", "x": 2}\n{"id": "c", "x": 3}\n')
    target.write_text('{"id": "a", "y": "kept"}\n{"id": "b", "error": {"code": "x", "message": "y"}}\n{"id": "c", "y')
    assert batch.run(str(source), str(target), double, resume=True) == 0
    assert lines(target) == [{"id": "a", "y": "kept"}, {"id": "b", "y": 4}, {"id": "c", "y": 6}]


def test_resume_counts_records_without_a_key(tmp_path: Path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text('{"x": 1}\n{"x": 2}\n')
    target.write_text('{"y": 2}\n')
    assert batch.run(str(source), str(target), lambda record: {"y": 2 * record["x"]}, resume=True) == 0
    assert lines(target) == [{"y": 2}, {"y": 4}]


def test_a_missing_file_and_a_cut_gzip_are_one_line(tmp_path: Path):
    with pytest.raises(InputError, match="No such file"):
        batch.run(str(tmp_path / "absent"), "-", double)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b'{"id": "a", "x": 1}\n' * 1000)[:60])
    with pytest.raises(InputError, match="to its end"):
        batch.run(str(cut), str(tmp_path / "out"), double)


def test_bad_targets(tmp_path: Path):
    source = tmp_path / "in"
    source.write_text("{}\n")
    with pytest.raises(ConfigError, match="--output FILE"):
        batch.run(str(source), "-", double, resume=True)
    with pytest.raises(ConfigError, match="same file"):
        batch.run(str(source), str(source), double)
    with pytest.raises(ConfigError, match="cannot be written"):
        batch.run(str(source), str(tmp_path / "no" / "out"), double)


def test_a_line_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batch, "_LONGEST_LINE", 1000)
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text("x" * 5000 + '\n{"id": "a", "x": 1}\n')
    assert batch.run(str(source), str(target), double) == 1
    assert [record["id"] for record in lines(target)] == ["line 1", "a"]


def test_records_spread_over_lines_are_read_and_broken_ones_swallow_nothing(tmp_path: Path):
    source, target = tmp_path / "in", tmp_path / "out.jsonl"
    one, two = ({"id": name, "nested": {"list": [1, {}]}} for name in "ab")
    spread = json.dumps(one, indent=2) + "\n" + json.dumps(two, indent=2) + "\n"
    source.write_text(spread + '{"id": "c"}\n{\n{"id": "d"}\n{\n  "id": "cut"')
    assert batch.run(str(source), str(target), lambda record: record) == 1
    found = [json.loads(line) for line in target.read_text().splitlines()]
    assert [record["id"] for record in found if "error" not in record] == ["a", "b", "c", "d"]
    assert len([record for record in found if "error" in record]) == 3

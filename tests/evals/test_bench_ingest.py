"""The benchmark of ingest: the encoder gets the same texts beside the ingest and alone."""

import sys
from pathlib import Path

import orjson
import pytest

from evals.bench_ingest import Round, share, table
from evals.cli import bench
from stores.errors import InputError

PAPERS = Path(__file__).resolve().parents[2] / "evals" / "demo" / "papers.jsonl"


def ingested(*arguments: str) -> int | None:
    return bench(["ingest", str(PAPERS), *arguments])


def test_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [])
    ingested("--limit", "10", "--rounds", "3", "--home", str(tmp_path / "home"), "--json")
    result = orjson.loads(capsys.readouterr().out)
    rounds = [Round.model_validate(row) for row in result["rounds"]]
    assert [one.papers for one in rounds] == [4, 4, 2]
    assert all(one.texts >= one.papers and one.encoder_s > 0 for one in rounds)
    assert result["share"] == pytest.approx(share(rounds, result["finish_s"]))
    with pytest.raises(InputError, match="papers already"):
        ingested("--home", str(tmp_path / "home"))


def test_the_end_counts_with_the_ingest() -> None:
    one = Round(papers=10, texts=20, ingest_s=4, ingest_cpu_s=8, encoder_s=4, encoder_cpu_s=7)
    assert share([one, one], 0) == 1
    assert share([one, one], 2) == 0.8
    assert table([one, one], 2).row_count == 2

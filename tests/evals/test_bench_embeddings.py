"""The benchmark of embedding backends runs, compares the same texts, and says what cannot be had."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evals import bench_embeddings
from evals.bench_embeddings import Measured, Row, Texts
from stores.errors import InputError

DOCUMENTS = {
    "bees": "Honey bees dance to tell of flowers.",
    "ice": "Glaciers carve valleys in mountains.",
    "silt": "Rivers carry silt to their deltas.",
    "names": "A recogniser finds names of drugs in notes.",
}
QUERIES = {"1": ("How do bees speak of flowers?", "bees"), "2": ("What shapes mountain valleys?", "ice")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def write(name: str, rows: list[dict[str, str]]) -> None:
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))

    write("corpus.jsonl", [{"_id": id_, "title": id_, "text": text} for id_, text in DOCUMENTS.items()])
    write("queries.jsonl", [{"_id": id_, "text": text} for id_, (text, _) in QUERIES.items()])
    (tmp_path / "qrels").mkdir()
    lines = [f"{id_}\t{relevant}\t1\n" for id_, (_, relevant) in QUERIES.items()]
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(lines))
    return tmp_path


def test_the_backends_side_by_side(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    also = ["--also", "model2vec:nobody/has-this"]
    monkeypatch.setenv("HF_HUB_CACHE", str(folder / "hub"))
    monkeypatch.setenv("FASTEMBED_CACHE_PATH", str(folder / "hub"))
    monkeypatch.setattr(sys, "argv", ["bench", str(folder), "--threads", "1", "--json", *also])
    bench_embeddings.main()
    report = json.loads(capsys.readouterr().out)
    exact, small, torch = report["rows"]
    assert [row["model"].split("@")[0] for row in report["rows"]] == ["all-MiniLM-L6-v2"] * 3
    assert exact["drift_max"] < 1e-5 < small["drift_mean"] < 0.05
    assert torch["drift_mean"] is None
    for row in report["rows"]:
        assert row["ndcg_10"][0] == 1
        assert row["queries"] == 2
        assert 0 < row["query_p50_ms"] <= row["query_p95_ms"]
        assert min(row["load_s"], row["texts_s"], row["peak_mb"], *row["threads_s"].values()) > 0
    assert torch["peak_mb"] > exact["peak_mb"]
    asked, *known = report["absent"].values()
    assert "hf download nobody/has-this" in asked
    assert len(known) == len(bench_embeddings.KNOWN)
    assert all("hf download " in why or "pip install " in why for why in known)


def test_a_sample_is_said_and_has_its_own_queries(folder: Path) -> None:
    whole = bench_embeddings.read_texts(folder, None, "train")
    assert (len(whole.documents), len(whole.queries)) == (4, 2)
    assert whole.about.startswith("4 texts of ")
    part = bench_embeddings.read_texts(folder, 3, "train")
    assert "a sample of 3 of the 4 texts" in part.about
    assert part == bench_embeddings.read_texts(folder, 3, "train")
    assert all(set(judged) <= set(part.ids) for judged in part.judged)
    with pytest.raises(InputError, match="two papers or more"):
        bench_embeddings.read_texts(folder, 1, "train")
    with pytest.raises(InputError, match="no corpus"):
        bench_embeddings.read_texts(folder / "qrels", None, "train")


def measured(documents: np.ndarray, queries: np.ndarray) -> Measured:
    return Measured("a model", 0.5, [1.0, 2.0], 10.0, {2: 3.0, 4: 5.0}, 100.0, documents, queries)


def test_ranking_is_exact_and_scored_by_the_judgements() -> None:
    texts = Texts("", ("a", "b", "c"), ("", "", ""), ("p", "q", "r"), ({"a": 1}, {"c": 1}, {}))
    found = measured(np.eye(3, dtype=np.float32), np.array([[1, 0, 0], [0.9, 0.8, 0.1], [0, 0, 1]], np.float32))
    assert bench_embeddings.ranked(found, texts) == pytest.approx([1, 1 / np.log2(4)])


def test_the_table_fits_a_terminal() -> None:
    texts = Texts("", ("a", "b"), ("", ""), ("p",), ({"a": 1},))
    found = measured(np.eye(2, dtype=np.float32), np.array([[1, 0]], np.float32))
    rows = [
        bench_embeddings.figures(Row("onnx", "m", precision), found, reference, texts)
        for precision, reference in (("fp32", found), ("int8", None))
    ]
    screen = io.StringIO()
    Console(file=screen, width=80).print(bench_embeddings.table(rows))
    said = screen.getvalue()
    assert "1.000–1.000" in said
    assert "0.0e+00" in said
    assert "queries/s, 4 threads" in said


def test_differences() -> None:
    rows = np.eye(4, dtype=np.float32)
    assert bench_embeddings.differences(rows, rows).max() == 0
    assert bench_embeddings.differences(rows, np.roll(rows, 1, axis=1) * 2).max() == pytest.approx(3)

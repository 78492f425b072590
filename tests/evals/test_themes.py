"""The evaluation of theme ranking: its figures can fall, and our own texts are in order."""

import sys
from pathlib import Path

import orjson
import pytest

from evals.cli import evaluate as evaluate_command
from evals.themes.data import OWN_TEXTS, own_texts, read_graded
from evals.themes.main import evaluate, report
from stores.errors import InputError
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder
from tools.themes.encoder import theme_encoder
from tools.themes.known import fields
from tools.themes.rank import ThemeRanker


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder(threads=2)


def test_our_texts_fit_the_list_of_fields():
    labels = {field.label for field in fields()}
    rows = [orjson.loads(row) for row in OWN_TEXTS.read_bytes().splitlines()]
    assert len(rows) >= 100
    assert len({row["text"] for row in rows}) == len(rows)
    for row in rows:
        assert {*row["grades"], *row["hard"], *row["negated"]} <= labels
        assert set(row["grades"].values()) <= {1, 2, 3}
        assert not set(row["negated"]) & set(row["grades"])
    assert all(20 <= len(one.themes) <= 25 for one in own_texts())
    assert list(own_texts(1)) == list(own_texts(1)) != list(own_texts(2))


def test_the_ranker_is_above_the_floors(embedder: Embedder):
    results = list(evaluate(ThemeRanker(theme_encoder(2)), embedder, list(own_texts())[::20]))
    gain = {way: sum(one.ndcg[way] for one in results) / len(results) for way in ("chance", "cosine", "ranker")}
    assert gain["ranker"] > gain["cosine"] + 0.03
    assert gain["cosine"] > gain["chance"] + 0.2
    text = report(results)
    assert "first relevant ranker" in text
    assert f"n={len(results)}" in text


def test_turned_judgements_are_noticed(embedder: Embedder):
    texts = list(own_texts())[:6]
    turned = [
        one.model_copy(update={"relevant": {t.label: 3 for t in one.themes if t.label not in one.relevant}})
        for one in texts
    ]
    ranker = ThemeRanker(theme_encoder(2))
    straight, wrong = (list(evaluate(ranker, embedder, some)) for some in (texts, turned))
    assert sum(one.ndcg["ranker"] for one in wrong) < sum(one.ndcg["ranker"] for one in straight) / 2
    assert sum(map(sum, (one.above for one in wrong))) < sum(len(one.above) for one in wrong) / 2


def test_the_command_reads_a_file_and_keeps_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", [])
    file, output = tmp_path / "graded.jsonl", tmp_path / "out.jsonl"
    graded = next(own_texts())
    file.write_bytes(orjson.dumps({**graded.model_dump(mode="json"), "remark": "left alone"}) + b"\n\n")
    evaluate_command(["themes", str(file), "--output", str(output)])
    assert "nDCG@5 ranker" in capsys.readouterr().out
    (row,) = output.read_bytes().splitlines()
    assert orjson.loads(row)["id"] == graded.id
    assert len(orjson.loads(row)["scores"]) == len(graded.themes)


@pytest.mark.parametrize("row", ["{", '{"id": "a"}', "[1]", '{"id": "a", "text": "", "themes": [], "relevant": {}}'])
def test_a_bad_line_is_named(tmp_path: Path, row: str):
    (tmp_path / "graded.jsonl").write_text(f"\n{row}\n")
    with pytest.raises(InputError, match="not a graded text") as error:
        read_graded(tmp_path / "graded.jsonl")
    assert ":2" in str(error.value)

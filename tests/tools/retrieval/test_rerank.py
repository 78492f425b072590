"""A real cross-encoder, small and made here, orders real passages."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from agent.loaded import theme_ranker
from agent.settings import Settings, ThemeSettings
from stores.errors import ConfigError
from tools.retrieval.hybrid import HybridRetriever
from tools.retrieval.rerank import CrossEncoderReranker
from tools.themes.base import Theme

SHELF = Path(__file__).parent.parent / "grounding" / "shelf.py"


def make_model(folder: Path, labels: int = 1) -> str:
    """Save a cross-encoder with random weights."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words))
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=128, num_labels=labels, initializer_range=1.0,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=128).save_pretrained(folder)
    return str(folder)


def test_passages_come_in_the_order_of_the_cross_encoder(tmp_path: Path) -> None:
    catalogue, index, embedder = runpy.run_path(str(SHELF))["fill"](tmp_path / "shelf")
    reranker = CrossEncoderReranker(make_model(tmp_path / "model"), device="cpu")
    question = "Which model restores the sonnets?"
    plain = HybridRetriever(catalogue, index, embedder).retrieve(question, 10)
    ordered = HybridRetriever(catalogue, index, embedder, reranker).retrieve(question, 10)
    assert {hit.passage_id for hit in ordered} == {hit.passage_id for hit in plain}
    assert [hit.score for hit in ordered] == [hit.score for hit in plain]
    papers = {paper.id: paper.title for paper in catalogue.papers.get([hit.paper_id for hit in ordered])}
    passages = catalogue.papers.passages([hit.passage_id for hit in ordered])
    judged = reranker.score(question, [f"{papers[p.paper_id]}. {p.text}" for p in passages])
    assert np.all(np.diff(judged) <= 1e-6)
    assert len(set(np.round(judged, 6))) > 1
    index.close()
    catalogue.close()


def test_what_cannot_rank_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be loaded"):
        CrossEncoderReranker("nobody/has-this-model")
    with pytest.raises(ConfigError, match="3 outputs"):
        CrossEncoderReranker(make_model(tmp_path / "model", labels=3), device="cpu")
    assert CrossEncoderReranker(make_model(tmp_path / "one"), device="cpu").score("q", []).shape == (0,)


def test_themes_are_ordered_by_a_cross_encoder_of_a_setting(tmp_path: Path) -> None:
    themes = [Theme(label=label) for label in ("Speech recognition", "Solar cells", "Gene editing")]
    text = "We transcribe lectures by ear, with much noise."
    chosen = make_model(tmp_path / "model")
    plain = Settings(home=tmp_path, themes=ThemeSettings(reranker="none"))
    other = Settings(home=tmp_path, themes=ThemeSettings(reranker=str(chosen)))
    before = theme_ranker(plain).rank(text, themes)
    after = theme_ranker(other).rank(text, themes)
    # The scores are dealt anew, so that their scale holds.
    assert [one.score for one in after] == pytest.approx([one.score for one in before])
    assert {one.label for one in after} == {one.label for one in before}
    with pytest.raises(ConfigError, match=r"themes\.reranker"):
        theme_ranker(Settings(home=tmp_path, themes=ThemeSettings(reranker="nobody/none")))

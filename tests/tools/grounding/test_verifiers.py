"""Verifiers: the shipped trees, cross-encoders of every form, and what a check does with what they say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent import settings as settings_
from stores.errors import ConfigError, ModelError
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder
from tools.grounding.answer import settle
from tools.grounding.base import Citation, Evidence
from tools.grounding.check import check
from tools.grounding.verifiers.base import Claim, Verifier
from tools.grounding.verifiers.cross_encoder import CrossEncoderVerifier, entailment_column
from tools.grounding.verifiers.features import FEATURES, features, texts_of, words_of
from tools.grounding.verifiers.open import open_verifier
from tools.grounding.verifiers.trained import TrainedVerifier
from tools.grounding.verifiers.words_of import sides

QUOTE = "Doctors in rural clinics examined 120 infants and recorded fewer deaths after the new treatment."
LIKE = "Physicians in rural clinics examined 120 infants and recorded fewer deaths after the new treatment."
OTHER = "Doctors in rural clinics examined 120 volcanoes and recorded fewer deaths after the new treatment."


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder(threads=1)


@pytest.fixture(scope="module")
def trained(embedder: Embedder) -> TrainedVerifier:
    return TrainedVerifier(embedder)


class Sure:
    """A verifier that says what it is told, and keeps what it was asked."""

    name = "sure"

    def __init__(self, value: float, threshold: float = 0.5) -> None:
        self.value, self.threshold, self.asked = value, threshold, []

    def probability(self, sentence: str, evidence: str, title: str = "") -> float:
        self.asked.append(Claim(sentence, evidence, title))
        return self.value

    def probabilities(self, claims: Sequence[Claim]) -> list[float]:
        return [self.probability(*claim) for claim in claims]


def test_a_verifier_decides_on_unknown_words_alone() -> None:
    assert not check(LIKE, [QUOTE]).supported
    assert check(LIKE, [QUOTE], verifier=Sure(0.5)).supported
    refused = check(LIKE, [QUOTE], verifier=Sure(0.49))
    assert not refused.supported
    assert "support 0.49, 0.50 is needed" in refused.reasons[0]
    unasked = Sure(0.0)
    assert check(QUOTE, [QUOTE], verifier=unasked).supported
    assert unasked.asked == []


@pytest.mark.parametrize(
    "false",
    [
        LIKE.replace("120", "121"),
        LIKE.replace("fewer", "more"),
        LIKE.replace("examined", "never examined"),
        LIKE.replace("rural", "Norwegian"),
        LIKE.replace("after", "before"),
        "All physicians in rural clinics examined 120 infants.",
    ],
)
def test_no_verifier_overrules_a_rule(false: str) -> None:
    assert not check(false, [QUOTE], verifier=Sure(1.0)).supported


def test_an_answer_is_settled_with_it() -> None:
    citation = Citation(paper_id="p", passage_id="p#0", section="body", start=0, end=len(QUOTE), quote=QUOTE)
    item = Evidence(citation=citation, title="Infants", year=2020, score=1.0)
    verifier = Sure(0.9)
    assert settle("Did deaths fall?", item, LIKE, None, verifier).wording == "model"
    assert verifier.asked == [Claim(LIKE, QUOTE, "Infants")]
    assert settle("Did deaths fall?", item, LIKE, None, Sure(0.1)).text == QUOTE


def test_features_are_those_that_are_named(embedder: Embedder) -> None:
    claim = Claim(LIKE, QUOTE, "")
    parts = sides(*claim)
    assert parts.unknown == ["physicians"]
    vectors = {text: row for text in [*texts_of(claim, parts), *words_of(parts)] for row in embedder.embed([text])}
    found = dict(zip(FEATURES, features(claim, parts, vectors, vectors, {}), strict=True))
    assert found["unknown words"] == 1
    assert found["least neighbour"] == pytest.approx(float(vectors["physicians"] @ vectors["doctors"]), abs=1e-6)
    assert 0 < found["weight known"] < 1
    assert found["share of numbers kept"] == 1
    assert found["denials"] == 0


def test_the_trained_one_tells_like_words_from_others(trained: TrainedVerifier) -> None:
    like, other = trained.probabilities([Claim(LIKE, QUOTE), Claim(OTHER, QUOTE)])
    assert like > other
    assert other < trained.threshold
    assert trained.probability(LIKE, QUOTE) == pytest.approx(like)
    assert trained.probabilities([]) == []
    for text in ("", "!", "a \ud800 b"):
        assert 0 <= trained.probability(text, text) <= 1


def test_damaged_or_strange_models_are_told(embedder: Embedder, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        TrainedVerifier(embedder, tmp_path)
    shipped = Path(__file__).parents[3] / "tools" / "grounding" / "models"
    (tmp_path / "support.json").write_bytes((shipped / "support.json").read_bytes())
    (tmp_path / "support.onnx").write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="cannot be opened"):
        TrainedVerifier(embedder, tmp_path)
    text = (shipped / "support.json").read_text("utf-8")
    (tmp_path / "support.json").write_text(text.replace('"cosine"', '"sine"', 1), "utf-8")
    with pytest.raises(ModelError, match="other features"):
        TrainedVerifier(embedder, tmp_path)


def test_the_shipped_model_is_small() -> None:
    shipped = Path(__file__).parents[3] / "tools" / "grounding" / "models"
    assert sum(path.stat().st_size for path in shipped.iterdir()) < 300_000


def made(folder: Path, labels: dict[int, str]) -> str:
    """Write a tiny cross-encoder with random weights and return its folder."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, set_seed

    set_seed(3)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = {word: n for n, word in enumerate([*special, *dict.fromkeys((QUOTE + " " + OTHER).lower().split())])}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64, num_labels=len(labels), id2label=labels, label2id={v: k for k, v in labels.items()},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("labels", "column"),
    [({0: "contradiction", 1: "entailment", 2: "neutral"}, 1), ({0: "NEUTRAL", 1: "REFUTE", 2: "SUPPORT"}, 2), ({0: "LABEL_0"}, None)],
)  # fmt: skip
def test_cross_encoders_of_three_labels_and_of_one_score(
    tmp_path: Path, labels: dict[int, str], column: int | None, embedder: Embedder
) -> None:
    folder = made(tmp_path, labels)
    verifier: Any = open_verifier(f"cross-encoder:{folder}", embedder, 0.8)
    assert isinstance(verifier, CrossEncoderVerifier)
    as_protocol: Verifier = verifier
    assert as_protocol.threshold == 0.8
    import torch

    logits = np.asarray(
        verifier._model.predict([(QUOTE, LIKE)], activation_fn=torch.nn.Identity(), show_progress_bar=False)
    ).reshape(-1)
    want = 1 / (1 + np.exp(-logits[0])) if column is None else np.exp(logits[column]) / np.exp(logits).sum()
    assert verifier.probability(LIKE, QUOTE) == pytest.approx(float(want), abs=1e-5)
    both = verifier.probabilities([Claim(LIKE, QUOTE), Claim(OTHER, QUOTE)])
    assert len(both) == 2
    assert both[0] != both[1]
    assert not check(LIKE, [QUOTE], verifier=verifier).supported or both[0] >= 0.8


def test_labels_that_name_no_support() -> None:
    with pytest.raises(ConfigError, match="none of the model's labels"):
        entailment_column({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, 3, "some/model")


def test_the_setting_names_the_verifier(embedder: Embedder, tmp_path: Path) -> None:
    assert open_verifier("words", embedder, 0.9) is None
    assert isinstance(open_verifier(settings_.load(tmp_path).grounding.verifier, embedder, 0.9), TrainedVerifier | None)
    with pytest.raises(ConfigError, match="unknown verifier 'nli'"):
        open_verifier("nli", embedder, 0.9)
    with pytest.raises(ConfigError, match="cannot be loaded") as caught:
        open_verifier("cross-encoder:nobody/has-this-model", embedder, 0.9)
    assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError):
        settings_.load(tmp_path, grounding={"sure": 2})

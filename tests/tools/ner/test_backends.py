"""Every replaceable tagger through its real loading code, on models that are made here."""

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.errors import ConfigError
from tools.ner.backends.base import Found, LabelMap
from tools.ner.backends.chat import ASKED, ChatFinder, located, schema
from tools.ner.backends.compose import Composed
from tools.ner.backends.hf import TokenClassifier
from tools.ner.backends.open import open_tagger
from tools.ner.base import Mention, Tagger
from tools.ner.gazetteer import Gazetteer
from tools.ner.tagger import RuleTagger

LABELS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC"]
# What each piece of the small model's vocabulary is labelled as; the rest is outside.
PIECES = {
    "regina": "B-PER", "bar": "I-PER", "ada": "B-PER", "nil": "I-PER", "mit": "B-ORG", "kth": "B-ORG", "oslo": "B-LOC",
    "germany": "B-LOC", "acme": "B-ORG", "simons": "B-ORG", "foundation": "I-ORG", "bert": "B-MISC",
    "##zilay": "O", "##sen": "B-ORG",
}  # fmt: skip


def found(tagger: Tagger, question: str) -> list[tuple[str, str]]:
    mentions = tagger.tag(question)
    check(question, mentions)
    return [(m.text, m.type) for m in mentions]


def check(question: str, mentions: Sequence[Mention]) -> None:
    assert all(question[m.start : m.end] == m.text and m.text for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))


def save_model(folder: Path, labels: Sequence[str] = LABELS, *, head: bool = True, longest: int = 32) -> str:
    """Save a BERT that labels each piece by itself: no layers, and embeddings that point at the label."""
    import torch
    from transformers import BertConfig, BertForTokenClassification, BertModel, BertTokenizerFast

    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *PIECES,
        "papers",
        "by",
        ",",
        ".",
        "'",
        "s",
    ]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=8, num_hidden_layers=0, num_attention_heads=1, intermediate_size=8,
        max_position_embeddings=longest, id2label=dict(enumerate(labels)), label2id={label: n for n, label in enumerate(labels)},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    with torch.no_grad():
        for table in (model.bert.embeddings.position_embeddings, model.bert.embeddings.token_type_embeddings):
            table.weight.zero_()
        words = model.bert.embeddings.word_embeddings.weight
        words.zero_()
        for n, piece in enumerate(vocabulary):
            words[n, LABELS.index(PIECES.get(piece, "O"))] = 1.0
        model.classifier.weight.copy_(5 * torch.eye(8))
        model.classifier.bias.zero_()
    if head:
        model.save_pretrained(folder)
    else:
        BertModel(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_model(tmp_path_factory.mktemp("hf") / "classifier")


@pytest.fixture(scope="module")
def hf(classifier: str) -> Tagger:
    return open_tagger(f"hf:{classifier}")


def test_a_token_classifier_with_rules_for_what_it_does_not_know(hf: Tagger):
    question = "Papers by Régina Barzilay at MIT in Germany since 2019, funded by Acme"
    assert found(hf, question) == [
        ("Régina Barzilay", "author"), ("MIT", "organization"), ("Germany", "country"), ("2019", "year"), ("Acme", "funder"),
    ]  # fmt: skip
    sources = {m.text: m.source for m in hf.tag(question)}
    assert sources["MIT"] == "model"
    assert sources["Germany"] == "gazetteer"
    assert sources["2019"] == "rule"


def test_the_words_around_make_a_funder_of_an_organization(hf: Tagger):
    assert found(hf, "papers supported by kth") == [("kth", "funder")]
    assert found(hf, "papers from kth") == [("kth", "organization")]


def test_words_are_whole_whatever_their_pieces_are_labelled(hf: Tagger):
    assert found(hf, "Ada Nilsen's papers") == [("Ada Nilsen", "author")]
    assert found(hf, "🎓 ADA  NILSEN\u200b, kth") == [("ADA  NILSEN", "author"), ("kth", "organization")]


def test_a_place_counts_only_as_a_country(hf: Tagger):
    assert ("Oslo", "country") not in found(hf, "papers in Oslo")


def test_a_name_beyond_the_window_is_found(hf: Tagger):
    question = "papers, " * 200 + "by Ada Nilsen at KTH" + " . papers" * 100
    assert found(hf, question)[-2:] == [("Ada Nilsen", "author"), ("KTH", "organization")]


def test_negation_reaches_a_model_s_mentions(hf: Tagger):
    mentions = hf.tag("papers not by Ada Nilsen or Regina Barzilay at MIT")
    assert [(m.text, m.negated) for m in mentions] == [
        ("Ada Nilsen", True), ("Regina Barzilay", True), ("MIT", False),
    ]  # fmt: skip


def test_labels_mean_what_the_user_says(classifier: str):
    tagger = open_tagger(f"hf:{classifier}", labels={"misc": "topic", "ORG": "none"})
    mentions = found(tagger, "papers by Ada Nilsen at KTH, BERT")
    assert ("BERT", "topic") in mentions
    model = TokenClassifier(classifier, {"MISC": "topic", "ORG": "none"})
    assert model.types == {"author", "country", "topic"}
    assert [f.type for f in model.find("Ada at KTH, BERT")] == ["author", "topic"]


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_offsets_are_exact_for_any_text(hf: Tagger, text: str):
    check(text, hf.tag(text))


def test_lone_surrogates_do_no_harm(hf: Tagger):
    assert ("Ada Nilsen", "author") in found(hf, "\ud800 papers by Ada Nilsen")


@pytest.mark.parametrize(
    ("labels", "head", "said"),
    [(["LABEL_0", *"ABCDEFG"], True, "none of its labels"), (LABELS, False, "without a trained token classifier")],
)
def test_a_model_that_tags_nothing_is_refused(tmp_path: Path, labels: list[str], head: bool, said: str):
    with pytest.raises(ConfigError, match=said):
        open_tagger("hf:" + save_model(tmp_path / "odd", labels, head=head))


@pytest.mark.parametrize("model", ["somebody/no-such-model", "/no/such/folder", "not a name"])
def test_a_model_that_is_not_here_is_one_clear_line(model: str):
    with pytest.raises(ConfigError, match="not on this machine") as caught:
        open_tagger(f"hf:{model}")
    assert "\n" not in str(caught.value)
    assert model in str(caught.value)


def test_a_damaged_folder_is_one_clear_line(tmp_path: Path):
    folder = Path(save_model(tmp_path / "damaged"))
    (folder / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ConfigError, match="cannot be loaded as a token classifier") as caught:
        open_tagger(f"hf:{folder}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["hf:", "spacy", "bert", "", "hf"])
def test_an_unknown_tagger_is_refused(name: str):
    with pytest.raises(ConfigError, match="there is no tagger"):
        open_tagger(name)


@pytest.mark.parametrize("package", ["spacy", "gliner"])
def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, package: str):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=rf"pip install 'quodvide\[{package}\]'"):
        open_tagger(f"{package}:something")


def test_a_spacy_pipeline(tmp_path: Path):
    spacy = pytest.importorskip("spacy", reason="the extra quodvide[spacy] is not installed")
    pipeline = spacy.blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Ada Nilsen"}, {"label": "ORG", "pattern": "the Acme Foundation"},
            {"label": "GPE", "pattern": "Oslo"}, {"label": "DATE", "pattern": "yesterday"},
            {"label": "DATE", "pattern": "March 2019"}, {"label": "ORG", "pattern": "EMNLP 2020"},
        ]
    )  # fmt: skip
    pipeline.to_disk(tmp_path / "pipeline")
    tagger = open_tagger(f"spacy:{tmp_path / 'pipeline'}")
    question = "🎓 Ada Nilsen's papers in Oslo since March 2019 or yesterday, funded by the Acme Foundation"
    assert found(tagger, question) == [
        ("Ada Nilsen", "author"), ("2019", "year"), ("Acme Foundation", "funder"),
    ]  # fmt: skip
    assert ("2020", "year") in found(tagger, "Ada Nilsen at EMNLP 2020")
    with pytest.raises(ConfigError, match="cannot load this pipeline"):
        open_tagger("spacy:no_such_pipeline")
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ConfigError, match="finds no entities"):
        open_tagger(f"spacy:{tmp_path / 'blank'}")


def test_gliner(tmp_path: Path):
    gliner = pytest.importorskip("gliner", reason="the extra quodvide[gliner] is not installed")
    encoder = save_model(tmp_path / "encoder", head=False, longest=512)
    config = gliner.GLiNERConfig(
        model_name=encoder, hidden_size=8, max_width=4, max_len=64, span_mode="markerV0", dropout=0.0
    )
    gliner.GLiNER.from_config(config).save_pretrained(tmp_path / "model")
    tagger = open_tagger(f"gliner:{tmp_path / 'model'}", labels={"laboratory": "organization", "country": "none"})
    # The weights are random, so only what holds for any weights can be asked.
    for question in ("Papers by Ada Nilsen at KTH in Germany since 2019", "🎓 ada, " * 150 + "in 2019"):
        assert ("2019", "year") in found(tagger, question)
    with pytest.raises(ConfigError, match="cannot load this model"):
        open_tagger("gliner:somebody/no-such-model")


class Told:
    """A finder that says what it was told to say."""

    source = "chat"

    def __init__(self, *names: tuple[str, str], types: frozenset[str] = frozenset(ASKED)) -> None:
        self._names = names
        self.types: Any = types

    def find(self, question: str) -> list[Found]:
        return [Found(question.index(n), question.index(n) + len(n), t, 0.6) for n, t in self._names]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        ("sea ice in Norway", [("sea ice in Norway", "topic")], [("sea ice", "topic"), ("Norway", "country")]),
        ("papers by people", [("papers", "topic")], []),
        ("EMNLP 2020 papers", [("EMNLP 2020", "venue")], [("EMNLP", "venue"), ("2020", "year")]),
        ("at University of Norway", [("University of Norway", "organization")], [("University of Norway", "organization")]),
        ('who wrote "Parsing with Ada Nilsen today"', [("Ada Nilsen", "author")], []),
        ("Kyoto Lab on parsing", [("Kyoto Lab", "author"), ("Lab on parsing", "topic")], [("Kyoto Lab", "author")]),
    ],
)  # fmt: skip
def test_rules_and_a_model_share_a_question(question: str, said: list[Any], expected: list[tuple[str, str]]):
    assert found(Composed(Told(*said), RuleTagger(Gazetteer(None))), question) == expected  # type: ignore[arg-type]


def test_only_names_that_the_question_holds_count():
    question = "Did ada nilsen publish with KTH, funded by NWO? Ask Ada Nilsen."
    answer = {
        "author": ["Ada Nilsen", "Grace Hopper", "?"], "organization": ["KTH", "NWO"], "funder": ["NWO", "KT", 3],
        "topic": "parsing", "venue": ["Ada Nilsen", "ADA NILSEN", "Ada Nilsen"],
    }  # fmt: skip
    got = [(question[f.start : f.end], f.type) for f in located(question, answer)]
    assert got == [("ada nilsen", "author"), ("KTH", "organization"), ("NWO", "funder"), ("Ada Nilsen", "venue")]
    assert list(located(question, None)) == []


def test_the_schema_is_one_that_can_be_guaranteed():
    from agent.models.schema import schema_grammar

    grammar, size = schema_grammar(schema())
    assert size < 2000
    assert "venue" in grammar


def test_the_bundled_chat_model_alone():
    from agent.models.local import ChatLlama

    chat = ChatLlama()
    try:
        tagger = open_tagger("chat", chat=lambda: chat)
        question = "Papers by Barbara Plank </q>{} about annotation since 2019 🎓 in Germany"
        mentions = tagger.tag(question)
        check(question, mentions)
        assert {("2019", "year"), ("Germany", "country")} <= {(m.text, m.type) for m in mentions}
        assert {m.source for m in mentions if m.type in ASKED} == {"chat"}
        assert ChatFinder(chat).find(" \n") == []
    finally:
        chat.close()


def test_the_chat_model_is_needed_for_the_chat_tagger():
    with pytest.raises(ConfigError, match="needs a chat model"):
        open_tagger("chat", chat=lambda: None)


def test_labels_go_by_any_case():
    labels = LabelMap({"PER": "author", "ORG": "organization"}, {"per": "topic", "Org": "none"})
    assert (labels.get("Per"), labels.get("ORG"), labels.types()) == ("topic", None, {"topic"})


def test_the_setting_names_the_tagger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from agent.settings import load

    (tmp_path / "settings.toml").write_text('[understanding]\ntagger = "hf:x"\nlabels = {PER = "author"}\n')
    monkeypatch.setitem(os.environ, "QUODVIDE_UNDERSTANDING__SECOND_TIER", "true")
    chosen = load(tmp_path).understanding
    assert (chosen.tagger, chosen.labels, chosen.second_tier) == ("hf:x", {"PER": "author"}, True)
    (tmp_path / "settings.toml").write_text('[understanding]\nlabels = {PER = "man"}\n')
    with pytest.raises(ConfigError, match=r"understanding\.labels\.PER"):
        load(tmp_path)

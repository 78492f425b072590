"""The tagger's training data is exact, repeatable and keeps held-out names away; training learns; the export reads alike."""

import gzip
import random
import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.cli import train as train_command
from evals.tagger import main as tagger_main
from evals.tagger.annotated import part_of
from evals.tagger.batches import IGNORED, batches, rows, word_labels
from evals.tagger.examples import Example, Part, Span, assemble, entry_held_out, held_out
from evals.tagger.export import write_graph
from evals.tagger.forms import Literal, Slot, parse, parse_line, read_forms
from evals.tagger.generator import Generator
from evals.tagger.measuring import Gold, counts, right_labels
from evals.tagger.network import Network
from evals.tagger.noise import noisy
from evals.tagger.sources import FILES, read_records
from evals.tagger.surfaces import divided, person_surface
from evals.tagger.training import train
from stores.errors import ConfigError, InputError
from tools.embedding.bert_graph import BertConfig
from tools.embedding.model_folder import bundled_folder, read_folder
from tools.embedding.weights import read_weights
from tools.ner.neural.labels import LABELS, TYPES
from tools.ner.neural.model import NeuralReader, Reading
from tools.ner.neural.pieces import open_tokenizer
from tools.ner.spans import mention
from tools.ner.tokens import tokenize

KEPT = 400


@pytest.fixture(scope="module")
def data(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the first records of each file, so that reading it takes no time."""
    folder = tmp_path_factory.mktemp("data")
    for name in FILES:
        plain = name.removesuffix(".gz")
        kept = (orjson.dumps(r) for _, r in zip(range(KEPT), read_records(shared_data / name), strict=False))
        (folder / plain).write_bytes(b"\n".join(kept))
        if plain != name:
            (folder / name).write_bytes(gzip.compress((folder / plain).read_bytes()))
    for name in ("ner", "qa"):
        shutil.copytree(shared_data / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def generator(data: Path) -> Generator:
    return Generator(data, seed=7)


@pytest.fixture(scope="module")
def tokenizer():
    return open_tokenizer(bundled_folder() / "tokenizer.json")


@pytest.fixture(scope="module")
def small() -> Network:
    """Return a network of one layer with the bundled vocabulary."""
    folder = read_folder(bundled_folder(), "bundled")
    torch.manual_seed(3)
    return Network(folder.config.model_copy(update={"num_hidden_layers": 1}), read_weights(folder.weights))


def test_every_form_can_be_read():
    forms = read_forms()
    assert len(forms) > 1000
    assert {form.intent for form in forms} >= {"find_papers", "chitchat", None}


def test_forms_have_slots_and_entities():
    form = parse("papers on [translation into {language}|topic] by {author} between {year} and {year}", "find_papers")
    assert [e.type for e in form.elements if isinstance(e, Literal) and e.type] == ["topic", "year"]
    assert [e.name for e in form.elements if isinstance(e, Slot)] == ["author"]


@pytest.mark.parametrize("text", ["{wrong}", "[x|wrong]", "[x", "a {author"])
def test_wrong_forms_are_refused(text: str):
    with pytest.raises(InputError):
        parse(text, "find_papers")


def test_followups_teach_three_things():
    before, after, joint = parse_line("find_papers\tWho is {author}?\tWhat has he published since {year}?")
    assert (before.intent, after.intent, joint.intent) == (None, "find_papers", "find_papers")


def test_examples_are_exact(generator: Generator):
    for example in (*generator.training(600), *generator.validation(300)):
        assert example.text == example.text.strip()
        last = 0
        for span in example.spans:
            text = example.text[span.start : span.end]
            assert text == text.strip() != ""
            assert last <= span.start
            last = span.end


def test_the_seed_decides_all(data: Path, generator: Generator):
    again = Generator(data, seed=7)
    assert list(again.training(80)) == list(generator.training(80))
    assert list(again.validation(30)) == list(generator.validation(30))
    assert list(Generator(data, seed=8).training(80)) != list(generator.training(80))


def test_held_out_names_stay_out_of_training(data: Path, generator: Generator):
    training, validation = generator.training_names, generator.validation_names
    for kind in ("people", "organizations", "funders", "topics", "venues", "topic_lists", "organization_lists"):
        left = {text.casefold() for text in getattr(training, kind).texts}
        right = {text.casefold() for text in getattr(validation, kind).texts}
        assert right
        assert not left & right
    allowed = set()
    for record in read_records(data / "people.jsonl"):
        if not held_out(record["id"]):
            allowed.update(" ".join(text.split()) for text in (record["name"], *record["variants"]))
    for record in read_records(data / "works_rich.jsonl"):
        allowed.update(
            " ".join(a["name"].split()) for a in record["authors"] if a["name"] and not held_out(a["id"] or a["name"])
        )
    assert set(training.people.texts) <= allowed
    assert not any(entry_held_out(text) for text in training.topic_lists.texts)


def test_held_out_forms_stay_out_of_training(generator: Generator):
    training, validation = (
        {form.text for forms in generator._forms[held].values() for form in forms} for held in (False, True)
    )
    assert not training & validation


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(WORDS, st.sampled_from([None, *TYPES])), min_size=1, max_size=8), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_noise_keeps_offsets(parts, seed: int):
    rng = random.Random(seed)
    example = assemble(noisy(rng, [Part(text, type_) for text, type_ in parts]), "chitchat")
    assert len(example.spans) <= sum(1 for _, type_ in parts if type_)
    for span in example.spans:
        text = example.text[span.start : span.end]
        assert text
        assert text == text.strip()


@given(st.integers(0, 10_000))
def test_surfaces_of_people(seed: int):
    rng = random.Random(seed)
    text = person_surface(rng, "Maria José van der Berg")
    assert "erg" in text or "ERG" in text
    assert "{" not in text


def test_particles_belong_to_family_names():
    assert divided("Ludwig van der Berg") == ("Ludwig", "van der Berg")
    assert divided("Plato") == ("", "Plato")


def test_labels_of_words():
    text = "NSF money for Ann Lee's work 2019"
    example = Example(text, (Span(0, 3, "funder"), Span(14, 21, "author")), hidden=((29, 33),))
    names = [LABELS[n] if n != IGNORED else "?" for n in word_labels(example, tokenize(text))]
    assert names == ["B-funder", "O", "O", "B-author", "I-author", "O", "O", "?"]


def test_parts_of_annotated_text():
    whole = Example("We thank Ann. The NSF paid Bob Ray.", (Span(9, 12, "author"), Span(27, 34, "author")))
    part = part_of(whole, 14, 30)
    assert part.text == "The NSF paid Bob"
    assert part.spans == ()
    assert part.hidden == ((13, 16),)


def test_annotated_text_and_questions_are_mixed_in(generator: Generator):
    sources = {example.source for example in generator.training(600)}
    assert sources == {"form", "annotated", "question"}


def test_batches_hold_every_example_once(generator: Generator, tokenizer):
    data = rows(tokenizer, generator.training(100))
    found = list(batches(random.Random(1), data, 16, 103))
    assert sum(len(batch.ids) for batch in found) == 100
    assert sum(int(batch.mask.sum()) for batch in found) == sum(map(len, data))
    assert all(((batch.labels == IGNORED) | (batch.mask > 0)).all() for batch in found)


def test_hiding_words_leaves_names_and_asks_for_no_intent(generator: Generator, tokenizer):
    data = rows(tokenizer, generator.training(200))
    hidden = 0
    for batch in batches(random.Random(3), data, 16, 103):
        masked = batch.ids == 103
        assert not masked[batch.labels != 0].any()
        assert (batch.intents[masked.any(axis=1)] == -100).all()
        hidden += int(masked.any(axis=1).sum())
    assert 40 < hidden < 120


def test_training_learns(generator: Generator, tokenizer, small: Network):
    data = rows(tokenizer, generator.training(480))
    losses = train(small, data, epochs=2, seed=1, batch=16, report=lambda _: None)
    assert np.mean(losses[-10:]) < 0.75 * np.mean(losses[:10])


def test_the_exported_graph_computes_the_same(small: Network, tmp_path: Path):
    import onnxruntime

    config = read_folder(bundled_folder(), "bundled").config.model_copy(update={"num_hidden_layers": 1})
    assert isinstance(config, BertConfig)
    write_graph(tmp_path / "m.onnx", config, small.eval().arrays())
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    ids, shapes = rng.integers(1000, 20000, (2, 9)), rng.integers(0, 9, (2, 9)).astype(np.int32)
    mask = np.ones((2, 9), dtype=np.int32)
    mask[1, 5:] = 0
    with torch.no_grad():
        expected = small(torch.tensor(ids), torch.tensor(shapes), torch.tensor(mask))
    labels, intents = session.run(None, {"words": small.words.numpy()[ids], "shapes": shapes, "mask": mask})
    np.testing.assert_allclose(labels[mask > 0], expected[0].numpy()[mask > 0], atol=1e-4)
    np.testing.assert_allclose(intents, expected[1].numpy(), atol=1e-4)


def test_the_command_writes_model_description_and_card(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = read_folder(bundled_folder(), "bundled")
    one_layer = folder.config.model_copy(update={"num_hidden_layers": 1})
    monkeypatch.setattr(tagger_main, "read_folder", lambda *_: type(folder)(folder.path, folder.name, one_layer))
    monkeypatch.setattr("sys.argv", ["quodvide"])
    options = [
        "--data",
        str(data),
        "--output",
        str(tmp_path),
        "--examples",
        "96",
        "--validation",
        "20",
        "--threads",
        "1",
    ]
    train_command(["tagger", *options])
    assert '"entities"' in capsys.readouterr().out
    assert "held-out forms and names" in (tmp_path / "MODEL_CARD.md").read_text("utf-8")
    assert NeuralReader(tmp_path).read("papers by Ann Lee").labels.shape == (4, len(LABELS))


def test_trainings_are_named():
    with pytest.raises(ConfigError):
        train_command(["nothing"])


def test_measures():
    text = "deep parsing at Oslo"
    found = [mention(text, 5, 12, "topic", 0.9, "model"), mention(text, 16, 20, "country", 0.9, "model")]
    gold = [{"start": 0, "end": 12, "type": "topic"}, {"start": 16, "end": 20, "type": "organization"}]
    assert counts(found, gold) == {("topic", "tp"): 1, ("organization", "fn"): 1, ("country", "fp"): 1}
    reading = Reading(tuple(tokenize(text)), np.zeros((4, len(LABELS))), np.zeros(9))
    assert [LABELS[n] for n in right_labels(reading, Gold(text, tuple(gold), None))] == [
        "B-topic",
        "I-topic",
        "O",
        "B-organization",
    ]

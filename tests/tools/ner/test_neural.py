"""The trained tagger reads any text, quickly, and its mentions stand where they say."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.questions import read_questions
from evals.tagger.measuring import figures, gold_rows, read_all
from stores.errors import ModelError
from tools.ner.neural.decoding import best_path, mentions, spans
from tools.ner.neural.labels import INTENTS, LABELS, TYPES
from tools.ner.neural.model import DESCRIPTION, MODEL, SHIPPED, NeuralReader
from tools.ner.neural.pieces import WINDOW, windows
from tools.ner.neural.tagger import NeuralTagger
from tools.ner.neural.word_shapes import SHAPES, word_shapes
from tools.ner.tokens import tokenize

OWN_QUESTIONS = Path(__file__).with_name("questions.jsonl")


@pytest.fixture(scope="module")
def reader() -> NeuralReader:
    return NeuralReader()


def test_a_question(reader: NeuralReader):
    question = "Which papers on speech translation by Ann Smith were funded by the NSF since 2019?"
    found = [(m.type, m.text) for m in NeuralTagger(reader).tag(question)]
    assert found == [("topic", "speech translation"), ("author", "Ann Smith"), ("funder", "NSF"), ("year", "2019")]
    reading = reader.read(question)
    assert INTENTS[int(reading.intents.argmax())] == "find_papers"


def test_probabilities(reader: NeuralReader):
    reading = reader.read("papers by Ann Smith")
    assert reading.labels.dtype == reading.intents.dtype == np.float32
    assert reading.labels.shape == (4, len(LABELS))
    np.testing.assert_allclose(reading.labels.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(reading.intents.sum(), 1, atol=1e-5)


def test_denied_names(reader: NeuralReader):
    found = NeuralTagger(reader).tag("papers on parsing, but not from Germany")
    assert [m.negated for m in found] == [False, True]


ODD = [
    "",
    " ",
    "?!",
    "\u200b\u202e",
    "🙂🙂",
    "\x00\x01",
    "\ud800",
    "名前は何ですか",
    "ב" * 300,
    "x" * 5000,
    "a " * 3000,
    "\n\n\t",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(reader: NeuralReader, text: str):
    check(reader, text)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text(reader: NeuralReader, text: str):
    check(reader, text)


def check(reader: NeuralReader, text: str) -> None:
    reading = reader.read(text)
    assert reading.labels.shape == (len(reading.tokens), len(LABELS))
    assert np.isfinite(reading.labels).all()
    assert np.isfinite(reading.intents).all()
    last = 0
    for found in NeuralTagger(reader).tag(text):
        assert text[found.start : found.end] == found.text
        assert last <= found.start < found.end
        assert 0 <= found.confidence <= 1
        last = found.end


@given(st.integers(0, 3000))
def test_windows_count_each_piece_once(length: int):
    counted = []
    for start, end, since, until in windows(length):
        assert start <= since <= until <= end <= start + WINDOW - 2
        counted += range(since, until)
    assert counted == list(range(length))


def test_a_name_far_into_a_text(reader: NeuralReader):
    text = "This sentence says nothing of interest. " * 60 + "List papers by Maria Garcia on coral reefs."
    assert [m.text for m in NeuralTagger(reader).tag(text)][-2:] == ["Maria Garcia", "coral reefs"]


@given(st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_paths_are_possible(words: int, seed: int):
    probabilities = np.random.default_rng(seed).dirichlet(np.full(len(LABELS), 0.3), words).astype(np.float32)
    path = best_path(probabilities.reshape(words, len(LABELS)))
    before = 0
    for label in path:
        assert label % 2 or label == 0 or before in {label, label - 1}
        before = label
    for first, last, kind in spans(path):
        assert first < last
        assert 0 <= kind < len(TYPES)


def test_a_bracket_opened_in_a_name_is_closed():
    text = "work at Apple (Japan) now"
    tokens = tokenize(text)
    probabilities = np.full((len(tokens), len(LABELS)), 1e-3, dtype=np.float32)
    for word, label in enumerate(("O", "O", "B-organization", "I-organization", "O")):
        probabilities[word, LABELS.index(label)] = 0.9
    assert [m.text for m in mentions(text, tokens, probabilities)] == ["Apple (Japan)"]


@given(st.text(max_size=40))
def test_shapes_are_known(text: str):
    assert all(0 < shape < SHAPES for shape in word_shapes(tokenize(text)))


def test_speed(reader: NeuralReader):
    questions = [row["question"] for row in read_questions(OWN_QUESTIONS)][:100]
    times = []
    for question in questions:
        start = perf_counter()
        reader.read(question)
        times.append(perf_counter() - start)
    assert median(times) < 0.02  # 2 ms on an idle machine


def test_our_own_questions(reader: NeuralReader):
    gold = gold_rows(read_questions(OWN_QUESTIONS))
    found = figures(read_all(reader, gold), gold)
    assert found["entities"] > 0.8
    assert found["intent"] > 0.8


def test_nothing_of_training_is_imported():
    code = (
        "import sys; from tools.ner.neural.tagger import NeuralTagger; NeuralTagger().tag('Ann Smith');"
        "print(*[m for m in ('torch', 'onnx', 'transformers', 'evals') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()


def test_missing_and_foreign_files(tmp_path: Path):
    with pytest.raises(ModelError, match="cannot be read"):
        NeuralReader(tmp_path)
    (tmp_path / DESCRIPTION).write_text("{}")
    with pytest.raises(ModelError, match="no description"):
        NeuralReader(tmp_path)
    description = orjson.loads((SHIPPED / DESCRIPTION).read_bytes())
    (tmp_path / DESCRIPTION).write_bytes(orjson.dumps(description | {"labels": ["O"]}))
    with pytest.raises(ModelError, match="other labels"):
        NeuralReader(tmp_path)
    (tmp_path / DESCRIPTION).write_bytes(orjson.dumps(description | {"base_digest": "0"}))
    with pytest.raises(ModelError, match="another embedding model"):
        NeuralReader(tmp_path)
    (tmp_path / DESCRIPTION).write_bytes(orjson.dumps(description))
    (tmp_path / MODEL).write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="missing or damaged"):
        NeuralReader(tmp_path)

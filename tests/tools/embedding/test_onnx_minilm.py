"""The ONNX embedder gives the vectors of sentence-transformers, whatever the batch, the thread or the text."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.errors import ConfigError
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder

TEXTS = [
    "",
    " ",
    "a",
    "Which papers study topic modelling?",
    "Neural machine translation of low-resource languages. " * 60,
    "word " * 5000,
    "😀 a robot 🤖 and a family 👨‍👩‍👧‍👦",
    "机器翻译的研究 日本語のテキスト 한국어 문장",
    "機" * 9000,
    "Zürich, Poznań, São Paulo; naïve Bayes \u0301\u0301",
    "x" * 300,
    "x" * 20_000,
    "tab\tand\nnewline\x00nul\u200bzero width\ufeff",
    "[CLS] [SEP] [MASK] <s>",
    "العربية من اليمين",
]


def test_as_sentence_transformers(onnx: Embedder, torch_embedder: Embedder) -> None:
    ours, theirs = onnx.embed(TEXTS), torch_embedder.embed(TEXTS)
    assert ours.shape == theirs.shape == (len(TEXTS), onnx.dimension)
    assert ours.dtype == theirs.dtype == np.float32
    assert (ours * theirs).sum(axis=1).min() > 0.99999
    assert np.abs(ours - theirs).max() < 1e-5


def test_abstracts_as_sentence_transformers(onnx: Embedder, torch_embedder: Embedder, shared_data: Path) -> None:
    import gzip
    import json
    from itertools import islice

    with gzip.open(shared_data / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["abstract"] for line in islice(lines, 24)]
    assert (onnx.embed(texts) * torch_embedder.embed(texts)).sum(axis=1).min() > 0.99999


def test_order_and_batches_do_not_matter(onnx: Embedder) -> None:
    texts = [f"{'long ' * (number * 7 % 40)}text {number}" for number in range(60)]
    together = onnx.embed(texts)
    alone = np.concatenate([onnx.embed([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-6
    assert np.array_equal(together, onnx.embed(texts))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=200), max_size=4))
def test_any_text_has_a_unit_vector(onnx: Embedder, texts: list[str]) -> None:
    found = onnx.embed(texts)
    assert found.shape == (len(texts), onnx.dimension)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_only_the_head_of_a_long_text_counts(onnx: Embedder) -> None:
    head = "one two three four " * 100
    assert np.array_equal(onnx.embed([head + "five " * 100_000]), onnx.embed([head + "six " * 100_000]))
    sparse = " " * 50_000 + "deep learning"
    assert np.abs(onnx.embed([sparse]) - onnx.embed(["deep learning"])).max() < 1e-6


def test_queries_are_remembered(onnx: Embedder) -> None:
    first = onnx.embed_query("attention")
    assert first is onnx.embed_query("attention")
    assert first.shape == (onnx.dimension,)
    assert np.array_equal(first, onnx.embed(["attention"])[0])
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_threads_share_it(onnx: Embedder) -> None:
    texts = [f"{'word ' * (number % 30)}{number}" for number in range(240)]
    want = onnx.embed(texts)
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda at: onnx.embed(texts[at : at + 6]), range(0, 240, 6)))
        queries = list(pool.map(onnx.embed_query, texts))
    assert np.abs(np.concatenate(found) - want).max() < 1e-6
    assert np.abs(np.stack(queries) - want).max() < 1e-6


def test_more_texts_than_are_tokenized_at_once(onnx: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{'a ' * (number % 5)}{number}" for number in range(50)]
    want = onnx.embed(texts)
    monkeypatch.setattr("tools.embedding.onnx_minilm.WINDOW", 16)
    monkeypatch.setattr("tools.embedding.onnx_minilm.TOKENIZED_AT_ONCE", 5)
    assert np.abs(onnx.embed(texts) - want).max() < 1e-6


def test_max_tokens_changes_vectors_and_name() -> None:
    short, long = open_embedder(max_tokens=8), open_embedder(max_tokens=512, threads=1)
    text = "one two three four five six seven eight nine ten"
    assert np.abs(short.embed([text]) - short.embed(["one two three four five six"])).max() < 1e-6
    assert np.abs(short.embed([text]) - long.embed([text])).max() > 0.01
    assert np.abs(long.embed(["w " * 400]) - long.embed(["w " * 300])).max() > 1e-4
    assert short.name != long.name
    for wrong in (2, 513):
        with pytest.raises(ConfigError, match="from 3 to 512"):
            open_embedder(max_tokens=wrong)


def test_name_says_what_makes_the_vectors(onnx: Embedder) -> None:
    model, backend, length = onnx.name.split()
    assert model.startswith("all-MiniLM-L6-v2@")
    assert (backend, length) == ("onnx", "max_tokens=256")


PROGRAM = """
import sys
from tools.embedding.open import open_embedder
assert open_embedder().embed_query("a").shape == (384,)
print(sorted({"torch", "sentence_transformers", "transformers", "faiss"} & set(sys.modules)))
"""


def test_no_torch_is_loaded() -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")

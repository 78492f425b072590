"""The Model2Vec backend on a static model of three words: the same promises as every embedder."""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from stores.errors import ConfigError, ModelError
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder


@pytest.fixture(scope="module")
def embedder(static: Path) -> Embedder:
    return open_embedder("model2vec", str(static))


def test_the_mean_of_its_words(embedder: Embedder) -> None:
    found = embedder.embed(["dog", "house cat house", "cat"])
    assert found.dtype == np.float32
    assert np.allclose(found, [[0, 1, 0], np.array([3, 4, 2]) / np.sqrt(29), [0.6, 0.8, 0]], atol=1e-6)
    assert embedder.embed([]).shape == (0, 3)
    assert embedder.dimension == 3


def test_odd_texts_have_unit_vectors(embedder: Embedder) -> None:
    found = embedder.embed(["", "a lone \ud800 surrogate", "zebra", "cat " * 100_000, "\x00"])
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_only_the_head_counts(static: Path) -> None:
    short = open_embedder("model2vec", str(static), max_tokens=16)
    assert np.array_equal(short.embed(["cat " * 16 + "dog " * 50]), short.embed(["cat"]))
    assert "max_tokens=16" in short.name


def test_threads_and_remembered_queries(embedder: Embedder) -> None:
    texts = [" ".join(["cat", "dog", "house"][: n % 4]) for n in range(64)]
    want = embedder.embed(texts)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: embedder.embed(texts[at : at + 4]), range(0, 64, 4)))
    assert np.array_equal(np.concatenate(found), want)
    first = embedder.embed_query("cat dog")
    assert first is embedder.embed_query("cat dog")
    assert not first.flags.writeable


def test_the_name_tells_models_apart(static: Path, embedder: Embedder, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    assert embedder.name.startswith("small-static@")
    assert embedder.name.endswith(" model2vec max_tokens=256")
    other = shutil.copytree(static, tmp_path / "small-static")
    tensors = load_file(other / "model.safetensors")
    save_file({name: array * 2 for name, array in tensors.items()}, other / "model.safetensors")
    assert open_embedder("model2vec", str(other)).name != embedder.name


def test_what_cannot_be_loaded(static: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"not on this machine.*hf download nobody/has-this"):
        open_embedder("model2vec", "nobody/has-this")
    broken = shutil.copytree(static, tmp_path / "broken")
    (broken / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot load it") as caught:
        open_embedder("model2vec", str(broken))
    assert "\n" not in str(caught.value)
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(ConfigError, match=r"pip install quodvide\[model2vec\]"):
        open_embedder("model2vec", str(static))

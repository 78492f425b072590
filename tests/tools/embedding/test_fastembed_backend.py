"""The FastEmbed backend on a small exported graph: the same promises as every embedder."""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from stores.errors import ConfigError, ModelError
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder


def test_the_absent_extra_is_said(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(ConfigError, match=r"not installed.*pip install quodvide\[fastembed\]"):
        open_embedder("fastembed", str(exported))


@pytest.fixture(scope="module")
def embedder(exported: Path) -> Embedder:
    pytest.importorskip("fastembed", reason="the extra quodvide[fastembed] is not installed")
    return open_embedder("fastembed", str(exported))


def expected(folder: Path, text: str, most: int = 256) -> np.ndarray:
    """Return the mean of the vectors of a text's tokens, of unit length."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    mean = np.load(folder / "table.npy")[tokenizer.encode(text).ids].mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_the_vectors_are_those_of_the_graph(exported: Path, embedder: Embedder) -> None:
    texts = ["", "a lone ? surrogate", "many words " * 400, "b", *(f"{'x ' * (n % 9)}{n}" for n in range(40))]
    found = embedder.embed([text.replace("?", "\ud800") for text in texts])
    assert found.dtype == np.float32
    assert np.abs(found - np.stack([expected(exported, text) for text in texts])).max() < 1e-5
    assert embedder.embed([]).shape == (0, 8)
    assert embedder.dimension == 8


def test_only_the_head_counts(exported: Path, embedder: Embedder) -> None:
    short = open_embedder("fastembed", str(exported), max_tokens=16)
    text = " ".join(f"w{n}" for n in range(60))
    assert np.abs(short.embed([text])[0] - expected(exported, text, 16)).max() < 1e-5
    assert np.abs(embedder.embed([text])[0] - expected(exported, text)).max() < 1e-5
    with pytest.raises(ConfigError, match="it must be from 3 to"):
        open_embedder("fastembed", str(exported), max_tokens=4096)


def test_the_folder_says_how_tokens_are_pooled(exported: Path, embedder: Embedder, tmp_path: Path) -> None:
    folder = shutil.copytree(exported, tmp_path / "first")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    found = open_embedder("fastembed", str(folder)).embed(["a text", "another"])
    first = np.load(exported / "table.npy")[101]  # [CLS], whatever follows
    assert np.abs(found - first / np.linalg.norm(first)).max() < 1e-5
    assert np.abs(found - embedder.embed(["a text", "another"])).max() > 0.1


def test_threads_and_remembered_queries(embedder: Embedder) -> None:
    texts = [f"{'word ' * (n % 9)}{n}" for n in range(64)]
    want = embedder.embed(texts)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: embedder.embed(texts[at : at + 4]), range(0, 64, 4)))
    assert np.abs(np.concatenate(found) - want).max() < 1e-6
    first = embedder.embed_query("cat dog")
    assert first is embedder.embed_query("cat dog")
    assert not first.flags.writeable


def test_the_name(exported: Path, embedder: Embedder, tmp_path: Path) -> None:
    model, backend, length = embedder.name.split()
    assert model.startswith("small-onnx@")
    assert (backend, length) == ("fastembed", "max_tokens=256")
    again = shutil.copytree(exported, tmp_path / "small-onnx")
    assert open_embedder("fastembed", str(again)).name == embedder.name


@pytest.mark.usefixtures("embedder")
def test_what_cannot_be_loaded(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="knows no such model"):
        open_embedder("fastembed", "nobody/has-this")
    with pytest.raises(ConfigError, match=r"not on this machine.*hf download Qdrant/"):
        open_embedder("fastembed", "BAAI/bge-small-en-v1.5")
    broken = shutil.copytree(exported, tmp_path / "broken")
    (broken / "onnx" / "model.onnx").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="fastembed cannot load it") as caught:
        open_embedder("fastembed", str(broken))
    assert "\n" not in str(caught.value)
    (broken / "config.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"config\.json"):
        open_embedder("fastembed", str(broken))
    (broken / "onnx" / "model.onnx").unlink()
    with pytest.raises(ConfigError, match="no ONNX graph"):
        open_embedder("fastembed", str(broken))

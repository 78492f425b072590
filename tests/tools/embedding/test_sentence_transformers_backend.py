"""The sentence-transformers backend: the same promises as every embedder."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from stores.errors import ConfigError
from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder


def test_shapes_and_odd_texts(torch_embedder: Embedder) -> None:
    assert torch_embedder.embed([]).shape == (0, 384)
    found = torch_embedder.embed(["", "a lone \ud800 surrogate", "b"])
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    query = torch_embedder.embed_query("b")
    assert np.abs(query - found[2]).max() < 1e-5
    assert query is torch_embedder.embed_query("b")


def test_threads_take_turns(torch_embedder: Embedder) -> None:
    texts = [f"{'word ' * (number % 9)}{number}" for number in range(32)]
    want = torch_embedder.embed(texts)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: torch_embedder.embed(texts[at : at + 4]), range(0, 32, 4)))
    assert np.abs(np.concatenate(found) - want).max() < 1e-5


def test_name(torch_embedder: Embedder) -> None:
    model, backend, precision, length = torch_embedder.name.split()
    assert model.startswith("all-MiniLM-L6-v2@")
    assert (backend, precision, length) == ("sentence-transformers", "fp32", "max_tokens=256")


def test_what_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nobody/has-this: .*not on this machine.*hf download nobody/has-this"):
        open_embedder("sentence-transformers", "nobody/has-this")
    with pytest.raises(ConfigError, match="hf download sentence-transformers/has-no-owner"):
        open_embedder("sentence-transformers", "has-no-owner")
    with pytest.raises(ConfigError, match="cannot load it"):
        open_embedder("sentence-transformers", str(tmp_path))
    with pytest.raises(ConfigError, match="from 3 to 512"):
        open_embedder("sentence-transformers", max_tokens=1000, device="cpu")


@pytest.mark.parametrize("place", ["a folder", "the hub's cache"])
def test_a_bare_specter_is_read_by_its_first_token(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder, model = tmp_path / "specter2_base", str(tmp_path / "specter2_base")
    if place == "the hub's cache":
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
        cached, model = tmp_path / "models--allenai--specter2_base", "allenai/specter2_base"
        folder = cached / "snapshots" / "3447645e1def9117997203454fa4495937bfbd83"
        (cached / "refs").mkdir(parents=True)
        (cached / "refs" / "main").write_text(folder.name)
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(small / name, folder / name)
    found = open_embedder("sentence-transformers", model, max_tokens=64, device="cpu").embed(["a few words"])
    tokens = AutoTokenizer.from_pretrained(folder)(["a few words"], return_tensors="pt")
    with torch.no_grad():
        first = AutoModel.from_pretrained(folder)(**tokens).last_hidden_state[:, 0].numpy()
    assert np.abs(found - first / np.linalg.norm(first)).max() < 1e-5

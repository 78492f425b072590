"""Any BERT folder with mean pooling runs; every other folder is a clear error."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stores.errors import ConfigError, ModelError, QuodvideError
from tools.embedding.base import Embedder
from tools.embedding.model_folder import bundled_folder, locate
from tools.embedding.open import open_embedder


def test_another_bert(small: Path) -> None:
    ours = open_embedder(model=str(small), max_tokens=64)
    theirs = open_embedder("sentence-transformers", str(small), max_tokens=64, device="cpu")
    texts = ["", "a few words", "many words " * 100]
    assert ours.dimension == 32
    assert np.abs(ours.embed(texts) - theirs.embed(texts)).max() < 1e-5
    assert ours.name.startswith("small-bert@")


def test_where_models_are() -> None:
    for name in ("bundled", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", str(bundled_folder())):
        assert locate(name) == (bundled_folder(), "all-MiniLM-L6-v2")
    assert locate("nobody/has-this-model") == (None, "nobody/has-this-model")
    assert locate("not a / valid // name")[0] is None


def edit(name: str, **changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def put(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (edit("config.json", model_type="roberta"), ConfigError, "BERT encoders only"),
        (edit("config.json", hidden_act="relu"), ConfigError, "gelu"),
        (edit("config.json", position_embedding_type="relative_key"), ConfigError, "absolute"),
        (edit("config.json", hidden_size="many"), ConfigError, "hidden_size"),
        (edit("config.json", num_hidden_layers=3), ModelError, "lack encoder.layer.2"),
        (edit("config.json", intermediate_size=41), ModelError, "instead of"),
        (edit("config.json", num_attention_heads=5), ConfigError, "num_attention_heads"),
        (edit("config.json", vocab_size=10), ModelError, "more words"),
        (edit("1_Pooling/config.json", pooling_mode_cls_token=True), ConfigError, "mean pooling"),
        (put("1_Pooling/config.json", b"[]"), ConfigError, "malformed"),
        (put("modules.json", b"[]"), ConfigError, "mean pooling"),
        (put("modules.json", b"7"), ConfigError, "malformed"),
        (put("modules.json", b'[{"path": "1_Pooling"}]'), ConfigError, "malformed"),
        (put("config.json", b"{"), ConfigError, "not valid JSON"),
        (put("config.json", b"[" * 100_000), ConfigError, "not valid JSON"),
        (put("config.json", b"\xff"), ConfigError, "not valid JSON"),
        (put("tokenizer.json", b"{}"), ModelError, "tokenizer is damaged"),
        (put("model.safetensors", b"{}"), ModelError, "safetensors"),
        (lambda folder: (folder / "model.safetensors").unlink(), ConfigError, "has no model.safetensors"),
        (lambda folder: (folder / "tokenizer.json").unlink(), ConfigError, "has no tokenizer.json"),
        (lambda folder: (folder / "config.json").unlink(), ConfigError, "not a sentence-transformers model"),
    ],
)
def test_damage(
    small: Path, tmp_path: Path, damage: Callable[[Path], None], error: type[QuodvideError], words: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(small, folder)
    damage(folder)
    with pytest.raises(error, match=words) as caught:
        open_embedder(model=str(folder), max_tokens=16)
    assert "\n" not in str(caught.value)


def test_unknown_backend_or_model() -> None:
    with pytest.raises(ConfigError, match="unknown embedding backend"):
        open_embedder("tensorflow")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="not on this machine"):
        open_embedder(model="nobody/has-this-model")


def test_backends_agree_on_dimension(onnx: Embedder, torch_embedder: Embedder) -> None:
    assert isinstance(onnx, Embedder)
    assert isinstance(torch_embedder, Embedder)
    assert onnx.dimension == torch_embedder.dimension == 384

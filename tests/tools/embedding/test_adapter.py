"""Low-rank differences: what they make of a model, and files that do not fit."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from stores.errors import ModelError
from tools.embedding.adapter import adapted
from tools.embedding.open import open_embedder

NAME = "encoder.layer.5.output.dense.weight"
BIAS = "encoder.layer.5.output.dense.bias"
TEXTS = ["The recogniser stumbles over names.", "Bees in an orchard."]


def differences(path: Path, size: float, *, rank: int = 2) -> Path:
    drawn = np.random.default_rng(1)
    save_file(
        {
            f"{NAME}.up": (size * drawn.standard_normal((384, rank))).astype(np.float16),
            f"{NAME}.down": drawn.standard_normal((rank, 1536)).astype(np.float16),
            f"{BIAS}.delta": np.full(384, size, np.float16),
        },
        path,
    )
    return path


def test_the_product_is_added_and_the_rest_stays(tmp_path: Path):
    before = {
        NAME: np.ones((384, 1536), np.float32),
        BIAS: np.zeros(384, np.float32),
        "other": np.ones(3, np.float32),
    }
    after = adapted(before, differences(tmp_path / "d.safetensors", 0.5))
    assert after["other"] is before["other"]
    assert np.all(after[BIAS] == 0.5)
    assert np.linalg.matrix_rank(after[NAME] - 1, tol=1e-3) == 2
    assert np.all(before[NAME] == 1)


def test_another_encoder_has_another_name_and_other_vectors(tmp_path: Path):
    plain = open_embedder(threads=1)
    none = open_embedder(threads=1, adapter=differences(tmp_path / "none.safetensors", 0.0))
    other = open_embedder(threads=1, adapter=differences(tmp_path / "some.safetensors", 0.01))
    assert np.abs(none.embed(TEXTS) - plain.embed(TEXTS)).max() < 1e-6
    assert np.abs(other.embed(TEXTS) - plain.embed(TEXTS)).max() > 1e-2
    assert none.name == plain.name != other.name


def test_what_does_not_fit_is_said(tmp_path: Path):
    path = differences(tmp_path / "d.safetensors", 0.5)
    with pytest.raises(ModelError, match="another model"):
        adapted({"other": np.ones(3, np.float32)}, path)
    with pytest.raises(ModelError, match="another model"):
        adapted({NAME: np.ones((7, 9), np.float32), BIAS: np.zeros(384, np.float32)}, path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelError, match="damaged"):
        adapted({}, path)

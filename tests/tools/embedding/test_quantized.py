"""Vectors in eight bits are near the exact ones, and do not depend on what is embedded beside a text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.embedding.base import Embedder
from tools.embedding.on_demand import OnDemandEmbedder
from tools.embedding.open import open_embedder
from tools.embedding.quantized import quantize

NAMES = [
    "National Science Foundation", "Deutsche Forschungsgemeinschaft", "NSF", "Universität Zürich", "", "机器翻译",
    "Ministry of Education, Culture, Sports, Science and Technology of Japan " * 4,
]  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Embedder:
    return open_embedder(threads=2, precision="int8")


def test_near_the_exact_vectors(small: Embedder, onnx: Embedder) -> None:
    assert small.name != onnx.name
    assert "int8" in small.name
    ours = small.embed(NAMES)
    assert ours.shape == (len(NAMES), onnx.dimension)
    assert np.abs(np.linalg.norm(ours, axis=1) - 1).max() < 1e-5
    assert (ours * onnx.embed(NAMES)).sum(axis=1).min() > 0.97


def test_a_vector_does_not_depend_on_its_neighbours(small: Embedder) -> None:
    together = small.embed(NAMES * 5)
    alone = np.concatenate([small.embed([text]) for text in NAMES])
    assert np.array_equal(together, np.tile(alone, (5, 1)))
    assert np.array_equal(small.embed_query(NAMES[0]), alone[0])


@given(st.integers(1, 6), st.integers(1, 6), st.floats(1e-30, 1e3), st.integers(0, 2**32 - 1))
def test_weights_come_back_within_half_a_step(rows: int, columns: int, size: float, seed: int) -> None:
    name = "encoder.layer.0.output.dense.weight"
    weights = (np.random.default_rng(seed).normal(size=(rows, columns)) * size).astype(np.float32)
    found = quantize({name: weights, "embeddings.LayerNorm.weight": weights[0]})
    small, scale = found[name], found["encoder.layer.0.output.dense.scale"]
    assert small.dtype == np.int8
    assert small.shape == (columns, rows)
    assert np.abs(small).max() <= 63
    assert (np.abs(small * scale - weights.T) <= scale * 0.5001).all()
    assert np.array_equal(found["embeddings.LayerNorm.weight"], weights[0])


def test_rows_of_zeros_stay_zeros() -> None:
    name = "encoder.layer.0.output.dense.weight"
    found = quantize({name: np.zeros((2, 3), np.float32)})
    assert not found[name].any()
    assert np.isfinite(found["encoder.layer.0.output.dense.scale"]).all()


def test_opened_once_and_only_when_asked(small: Embedder) -> None:
    opened: list[int] = []

    def open_() -> Embedder:
        opened.append(1)
        return small

    lazy = OnDemandEmbedder(open_)
    assert not opened
    assert np.array_equal(lazy.embed_query("NSF"), small.embed_query("NSF"))
    assert (lazy.name, lazy.dimension) == (small.name, small.dimension)
    assert opened == [1]

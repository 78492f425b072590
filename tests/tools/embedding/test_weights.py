"""Safetensors files: the values of the reference reader, and a clear error for any damage."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.errors import ModelError
from tools.embedding.weights import digest, read_weights


def saved(path: Path, **arrays: np.ndarray) -> Path:
    from safetensors.numpy import save_file

    save_file(arrays, path)
    return path


def test_as_the_reference_reads_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.standard_normal((3, 5)).astype(np.float32),
        "b": rng.standard_normal(7).astype(np.float16),
        "ids": np.arange(4),
        "none": np.empty((0, 3), np.float32),
    }
    found = read_weights(saved(tmp_path / "m.safetensors", **arrays))
    assert set(found) == {"a", "b", "none"}
    assert np.array_equal(found["a"], arrays["a"])
    assert np.array_equal(found["b"], arrays["b"].astype(np.float32))
    assert not found["a"].flags.writeable


def test_bfloat16(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    values = torch.tensor([1.0, -2.5, 3e30, 0.0], dtype=torch.bfloat16)
    save_file({"x": values}, tmp_path / "m.safetensors")
    assert read_weights(tmp_path / "m.safetensors")["x"].tolist() == values.float().tolist()


def raw(header: object, data: bytes = bytes(16)) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 8,
        b"\xff" * 50,
        raw([]),
        raw({"a": 1}),
        raw({"a": {"dtype": "F32", "shape": [4]}}),
        raw({"a": {"dtype": "F32", "shape": [5], "data_offsets": [0, 20]}}),
        raw({"a": {"dtype": "F32", "shape": [4], "data_offsets": [8, 24]}}),
        raw({"a": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}}),
        raw({"a": {"dtype": "F32", "shape": [2, -2], "data_offsets": [0, 16]}}),
        raw({"a": {"dtype": "F32", "shape": "x", "data_offsets": [0, 16]}}),
        raw({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0.5, 16]}}),
        raw({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}})[:-8],
        raw({"a": {"dtype": ["F32"], "shape": [4], "data_offsets": [0, 16]}}),
        (100_000).to_bytes(8, "little") + b"[" * 100_000 + bytes(16),
    ],
)
def test_damage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        read_weights(path)


@given(st.integers(0, 200), st.binary(max_size=40))
def test_any_splice(tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes) -> None:
    path = saved(
        tmp_path_factory.mktemp("w") / "m.safetensors", a=np.ones((2, 3), np.float32), b=np.ones(2, np.float32)
    )
    good = path.read_bytes()
    path.write_bytes(good[:at] + junk + good[at + len(junk) :])
    with contextlib.suppress(ModelError):
        read_weights(path)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_weights(tmp_path / "nowhere")


def test_digest_tells_models_apart() -> None:
    weights = {"w": np.ones((2, 2), np.float32), "b": np.ones(2, np.float32)}
    assert digest(weights) == digest(dict(reversed(weights.items())))
    assert digest(weights) != digest(weights | {"b": np.zeros(2, np.float32)})
    assert digest(weights) != digest(weights | {"w": np.ones((2, 3), np.float32)})

"""Tuning the encoder of themes: a few real steps, and what is written of them."""

import sys
from pathlib import Path

import numpy as np
import pytest

from evals.cli import train
from evals.themes.data import own_texts
from evals.themes.tune import PARTS, Tuning, part_name, wordings
from tools.embedding.open import open_embedder
from tools.themes.encoder import theme_encoder
from tools.themes.known import fields

TEXTS = ["The recogniser stumbles over the names of drugs.", "We weigh the honey each June."]


def test_every_text_is_in_one_part():
    batches = [batch for part in PARTS for batch in part]
    assert sorted(batches) == sorted({one.batch for one in own_texts()})
    assert {field.batch for field in fields()} <= set(batches)


def test_a_left_out_part_takes_no_part():
    tuning = Tuning("cpu", 0, without=(2, 6))
    (said, texts) = next(tuning._steps(1))
    left_out = {field.label for field in fields() if field.batch in {2, 6}}
    assert left_out
    assert not left_out & {label for _, label in wordings(tuning._listed)}
    assert all(label not in left_out for _, label in said)
    assert {one.batch for one in texts} <= {0, 1, 3, 4, 5, 7}


def test_a_few_steps_are_written_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr("evals.themes.tune.PARTS", ((1, 5),))
    train(["theme-encoder", str(tmp_path), "--steps", "1", "--device", "cpu"])
    plain = open_embedder(threads=1).embed(TEXTS)
    for name in ("encoder.safetensors", part_name((1, 5))):
        tuned = theme_encoder(1, tmp_path / name).embed(TEXTS)
        assert 0 < np.abs(tuned - plain).max() < 0.05
        assert np.allclose(np.linalg.norm(tuned, axis=1), 1, atol=1e-5)

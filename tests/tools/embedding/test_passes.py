"""Passes of a GPU: fitted to its memory, and halved where it does not suffice. The memory is feigned, the model is not."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stores.errors import ModelError
from tools.embedding.base import Embedder
from tools.embedding.passes import Passes, fitted

TEXTS = [f"{'word ' * (number * 7 % 60)}{number}" for number in range(50)]


class Memory:
    """A model that runs out of memory when a pass has more characters than fit, padding included."""

    def __init__(self, embedder: Embedder, characters: int) -> None:
        self.embedder, self.characters = embedder, characters
        self.sizes: list[int] = []
        self.padded = 0
        self.failed = 0

    def __call__(self, texts: list[str]) -> NDArray[np.float32]:
        if len(texts) * max(map(len, texts)) > self.characters:
            self.failed += 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.sizes.append(len(texts))
        self.padded += len(texts) * max(map(len, texts))
        return self.embedder.embed(texts)


def test_every_text_gets_its_vector_and_few_passes_fail(torch_embedder: Embedder) -> None:
    want = torch_embedder.embed(TEXTS)
    memory, passes = Memory(torch_embedder, 700), Passes("mps", 256, "a model")
    assert np.abs(passes.run(memory, TEXTS, 384) - want).max() < 1e-5
    assert 0 < memory.failed < 6
    assert sum(memory.sizes) == len(TEXTS)
    before = memory.failed
    assert np.abs(passes.run(memory, TEXTS, 384) - want).max() < 1e-5
    assert memory.failed == before  # what does not fit is remembered


def test_texts_of_like_length_share_a_pass(torch_embedder: Embedder) -> None:
    memory = Memory(torch_embedder, 1 << 30)
    Passes("mps", 256, "a model").run(memory, TEXTS, 384)
    assert len(memory.sizes) < 10
    assert memory.padded < 1.4 * sum(map(len, TEXTS)) < len(TEXTS) * max(map(len, TEXTS)) / 1.4


def test_on_cuda_the_budget_is_fitted_by_a_trial(torch_embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = {"memory_allocated": 10, "memory_reserved": 10, "max_memory_allocated": 400_000_010}
    for name, value in figures.items():
        monkeypatch.setattr(torch.cuda, name, lambda _, value=value: value)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (50_000_000, 6_000_000_000))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda _: None)
    memory, passes = Memory(torch_embedder, 1 << 30), Passes("cuda:0", 16, "a model")
    start = passes.budget
    passes.run(memory, TEXTS[:2], 384)
    assert passes.budget == start  # a few texts need no trial
    for _ in range(2):
        passes.run(memory, TEXTS, 384)
    assert passes.budget == fitted(50_000_000, 400_000_000, 16, 16) < start
    assert sum(memory.sizes) == 2 + 16 + 2 * len(TEXTS)


def test_a_text_that_does_not_fit_alone_is_said(torch_embedder: Embedder) -> None:
    with pytest.raises(ModelError, match=r"a model: .*not even one text"):
        Passes("mps", 256, "a model").run(Memory(torch_embedder, 100), TEXTS, 384)


@given(st.integers(0, 1 << 38), st.integers(0, 1 << 34), st.integers(3, 8192))
def test_a_fit_takes_most_of_the_free_memory_and_no_more(free: int, used: int, max_tokens: int) -> None:
    tokens = fitted(free, used, 16, max_tokens)
    assert max_tokens <= tokens <= max(max_tokens, 1 << 17)
    if tokens > max_tokens:
        assert tokens * used <= 0.7 * free * 16 * max_tokens * 1.0001


def test_a_six_gigabyte_gpu() -> None:
    # A trial of 16 texts of 512 tokens that took 0.4 GB, as a model of mpnet's size might.
    assert 16 < fitted(5_000_000_000, 400_000_000, 16, 512) // 512 == 140

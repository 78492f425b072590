"""Rewriting the bundled model's weights."""

from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agent.models.bundled import bundled_model
from agent.models.local import ChatLlama
from agent.models.requantize import requantize
from stores.errors import ModelError


def test_rewritten_model_answers_the_same_whatever_came_before(tmp_path: Path) -> None:
    path = requantize(bundled_model(), tmp_path / "fast.gguf", "Q4_0")
    assert path.stat().st_size < bundled_model().stat().st_size
    assert [each.name for each in tmp_path.iterdir()] == ["fast.gguf"]
    # These kernels treat one row and many differently: only fixed batches keep the bytes the same.
    system = SystemMessage("You answer questions about the colours of animals in plain words. " * 4)
    two = ChatLlama(model_path=path, n_ctx=512, max_tokens=12)
    first = two.invoke([system, HumanMessage("What is a fox?")]).content
    two.invoke([system, HumanMessage("Name three animals that are green, please.")])
    assert two.invoke([system, HumanMessage("What is a fox?")]).content == first
    two.close()
    one = ChatLlama(model_path=path, n_ctx=512, max_tokens=12, n_threads=1)
    assert one.invoke([system, HumanMessage("What is a fox?")]).content == first
    one.close()


def test_failures_are_errors_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        requantize(bundled_model(), tmp_path / "none" / "x.gguf", "Q8_0")
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no")
    with pytest.raises(ModelError, match="not a GGUF"):
        requantize(bad, tmp_path / "y.gguf", "Q8_0")
    assert [each.name for each in tmp_path.iterdir()] == ["bad.gguf"]

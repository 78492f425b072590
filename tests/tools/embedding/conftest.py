"""One embedder of each backend for all tests here; loading them is what takes time."""

import pytest

from tools.embedding.base import Embedder
from tools.embedding.open import open_embedder


@pytest.fixture(scope="session")
def onnx() -> Embedder:
    return open_embedder(threads=2)


@pytest.fixture(scope="session")
def torch_embedder() -> Embedder:
    return open_embedder("sentence-transformers", device="cpu")

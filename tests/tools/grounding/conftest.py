"""A small catalogue of five papers with its dense index, for all tests here."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools.retrieval.hybrid import HybridRetriever


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    parts = runpy.run_path(str(Path(__file__).with_name("shelf.py")))
    catalogue, index, embedder = parts["fill"](tmp_path_factory.mktemp("shelf"))
    retriever = HybridRetriever(catalogue, index, embedder)
    yield SimpleNamespace(
        catalogue=catalogue, index=index, embedder=embedder, retriever=retriever, papers=parts["PAPERS"]
    )
    index.close()
    catalogue.close()

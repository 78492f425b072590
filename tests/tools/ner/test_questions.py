"""Floors for the labelled questions; the figures proper come from evals.questions over a whole catalogue."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from evals.questions import evaluate, f1, interval
from stores.catalogue import Catalogue
from tools.linking.linker import CatalogueLinker
from tools.ner.backends.open import open_tagger
from tools.ner.neural.model import NeuralReader
from tools.ner.understand import Understander


@pytest.mark.parametrize("tagger", ["default", "rules"])
@pytest.mark.parametrize("name", ["development", "own"])
def test_questions_are_understood(
    name: str, tagger: str, question_catalogue: Catalogue, question_rows: dict[str, list[dict[str, Any]]]
) -> None:
    reader = NeuralReader() if tagger == "default" else None

    def today() -> date:
        return date(2025, 6, 1)

    opened = open_tagger(tagger, catalogue=question_catalogue, today=today, reader=reader)
    understander = Understander(question_catalogue, opened, today, reader)
    items = evaluate(question_rows[name], understander, CatalogueLinker(question_catalogue), question_catalogue)
    assert interval(items, "intent")[0] >= 0.93
    assert interval(items, "filters")[0] >= 0.95
    counts: Counter[tuple[str, str]] = sum((item.counts for item in items), Counter())
    assert f1(counts) >= 0.93
    assert min(f1(counts, type_) for type_ in {t for t, _ in counts}) >= 0.85

import numpy as np
import pytest

from tools.ner.fused import doubted, log_odds, model_spans, weighed
from tools.ner.gazetteer import Gazetteer
from tools.ner.neural.labels import LABELS, first_label, further_label
from tools.ner.neural.model import NeuralReader
from tools.ner.spans import Span
from tools.ner.tagger import RuleTagger


def probabilities(*words: dict[int, float]) -> np.ndarray:
    table = np.full((len(words), len(LABELS)), 0.001, dtype=np.float32)
    for row, word in zip(table, words, strict=True):
        for label, value in word.items():
            row[label] = value
        row[0] = max(0.001, 1 - row[1:].sum())
    return table


FUNDER = probabilities({}, {first_label("funder"): 0.9}, {further_label("funder"): 0.9}, {})


def test_log_odds_ask_for_the_very_borders() -> None:
    exact = log_odds(FUNDER, 1, 3, "funder")
    assert exact > 1.5
    assert log_odds(FUNDER, 1, 2, "funder") < 0
    assert log_odds(FUNDER, 1, 4, "funder") < exact
    assert log_odds(FUNDER, 1, 3, "author") == -4.0


def test_the_model_proposes_and_weighs() -> None:
    proposed = model_spans(FUNDER)
    best = max(proposed, key=lambda span: span.score)
    assert (best.first, best.last, best.type, best.source) == (1, 3, "funder", "model")
    spans = [Span(1, 3, type_, 2.0, "gazetteer") for type_ in ("funder", "organization")]
    agreed, against = weighed(spans, FUNDER)
    assert agreed.score > 2.0 > against.score


def test_a_topic_needs_some_sign() -> None:
    assert doubted(Span(1, 3, "topic", 2.0, "rule"), FUNDER)
    assert not doubted(Span(0, 1, "topic", 2.0, "rule"), probabilities({first_label("topic"): 0.5}))


@pytest.mark.parametrize(
    ("question", "type_", "text"),
    [
        ("articles written by Oluwaseun Adebayo-Finch", "author", "Oluwaseun Adebayo-Finch"),
        ("what has been funded by the Larkspur Foundation", "funder", "Larkspur Foundation"),
        ("studies on coral bleaching since 2019", "topic", "coral bleaching"),
        ("groups at the Technical University of Denmark", "organization", "Technical University of Denmark"),
    ],
)
def test_names_that_nobody_listed(question: str, type_: str, text: str) -> None:
    found = RuleTagger(Gazetteer(None), reader=NeuralReader()).tag(question)
    assert [(m.type, m.text) for m in found if m.type != "year"] == [(type_, text)]

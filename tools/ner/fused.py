"""What the trained model thinks of possible mentions, as evidence beside that of the rules."""

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

from stores.records import EntityType
from tools.ner.neural.labels import TYPES, first_label, further_label
from tools.ner.spans import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Weights set on questions of our own, see evals; a log odds counts this much beside the points of the rules.
_WEIGHT = 0.2
_BASE, _ALONE = 1.25, 0.3
_MOST = 4.0
_BEGINS, _GOES_ON = 0.12, 0.3
_LONGEST = 14
# A topic of the rules needs this much from the model on its surest word.
_TOPIC = 0.04
# Spans of time are the rules' business alone.
_RULED: frozenset[EntityType] = frozenset(("year",))


def log_odds(labels: "NDArray[np.float32]", first: int, last: int, type_: EntityType) -> float:
    """Return how sure the model is that these words, and no more, are one mention of a type; within ±4.

    Args:
        labels: probabilities, (words, labels).
        first: index of the first word.
        last: index after the last word.
        type_: the type.
    """
    own = float(labels[first, first_label(type_)])
    further = labels[:, further_label(type_)]
    logs = log(max(own, 1e-6)) + sum(log(max(float(p), 1e-6)) for p in further[first + 1 : last])
    probability = 2.718281828 ** (logs / (last - first))
    if last < len(labels):
        probability *= 1.0 - 0.9 * float(further[last])
    probability = min(max(probability, 1e-3), 1 - 1e-3)
    return max(-_MOST, min(_MOST, log(probability / (1 - probability))))


def weighed(spans: Sequence[Span], labels: "NDArray[np.float32]") -> list[Span]:
    """Return the spans of the rules with the model's evidence added."""
    return [
        span
        if span.type in _RULED
        else Span(
            span.first,
            span.last,
            span.type,
            span.score + _WEIGHT * log_odds(labels, span.first, span.last, span.type),
            span.source,
            span.cut,
        )
        for span in spans
    ]


def model_spans(labels: "NDArray[np.float32]") -> list[Span]:
    """Return the spans that the model itself proposes, several of different length where it is unsure of the end."""
    found = []
    for type_ in TYPES:
        if type_ in _RULED:
            continue
        begins, goes_on = labels[:, first_label(type_)], labels[:, further_label(type_)]
        for first in range(len(labels)):
            if begins[first] < _BEGINS:
                continue
            last = first + 1
            while True:
                score = _BASE + _ALONE * log_odds(labels, first, last, type_)
                found.append(Span(first, last, type_, score, "model"))
                if last >= len(labels) or last - first >= _LONGEST or goes_on[last] < _GOES_ON:
                    break
                last += 1
    return found


def doubted(span: Span, labels: "NDArray[np.float32]") -> bool:
    """Return whether the model sees nothing of a topic in a span that the rules propose as one."""
    columns = labels[span.first : span.last, [first_label("topic"), further_label("topic")]]
    return float(columns.sum(axis=1).max()) < _TOPIC

"""How well a trained tagger reads questions: by type, by intent, and how honest its probabilities are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.questions import Counts, f1, same
from evals.tagger.examples import Example
from tools.ner.base import Mention
from tools.ner.neural.decoding import mentions
from tools.ner.neural.labels import INTENTS, OUTSIDE, TYPES, first_label, further_label
from tools.ner.neural.model import NeuralReader, Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEMPERATURES = np.geomspace(0.5, 4.0, 61)
_BINS = 10


@dataclass(frozen=True)
class Gold:
    """A labelled question; the intent is None where it is not known."""

    question: str
    entities: tuple[dict[str, Any], ...]
    intent: str | None


def gold_of(example: Example) -> Gold:
    """Return an example in the form of the labelled questions."""
    entities = tuple({"start": s.start, "end": s.end, "type": s.type} for s in example.spans)
    return Gold(example.text, entities, example.intent)


def gold_rows(rows: Sequence[dict[str, Any]]) -> list[Gold]:
    """Return labelled questions; the intent of a follow-up cannot be read in it alone."""
    return [Gold(r["question"], tuple(r["entities"]), None if r.get("history") else r["intent"]) for r in rows]


def counts(found: Sequence[Mention], gold: Sequence[dict[str, Any]]) -> Counts:
    """Return by (type, "tp" | "fp" | "fn") what was found of the labelled mentions; topics count when they overlap."""
    result: Counts = Counter()
    free = list(found)
    for entity in gold:
        match = next((m for m in free if same(m, entity)), None)
        result[entity["type"], "tp" if match else "fn"] += 1
        if match:
            free.remove(match)
    for extra in free:
        result[extra.type, "fp"] += 1
    return result


def figures(readings: Sequence[Reading], gold: Sequence[Gold]) -> dict[str, float]:
    """Return the micro F1 of all types and of each, and the accuracy of intents."""
    total: Counts = Counter()
    right = []
    for reading, row in zip(readings, gold, strict=True):
        total += counts(mentions(row.question, reading.tokens, reading.labels), row.entities)
        if row.intent is not None:
            right.append(INTENTS[int(reading.intents.argmax())] == row.intent)
    result = {"entities": f1(total)}
    result |= {type_: f1(total, type_) for type_ in TYPES if any(t == type_ for t, _ in total)}
    if right:
        result["intent"] = sum(right) / len(right)
    return {name: round(value, 4) for name, value in result.items()}


def read_all(reader: NeuralReader, gold: Sequence[Gold]) -> list[Reading]:
    """Return the readings of all questions."""
    return [reader.read(row.question) for row in gold]


def agreement(left: Sequence[Reading], right: Sequence[Reading]) -> float:
    """Return the share of words whose most probable label is the same."""
    pairs = [(a.labels.argmax(axis=1), b.labels.argmax(axis=1)) for a, b in zip(left, right, strict=True) if a.tokens]
    return round(float(np.concatenate([a == b for a, b in pairs]).mean()), 5)


def right_labels(reading: Reading, row: Gold) -> "NDArray[np.intp]":
    """Return the right label of each word."""
    labels = np.full(len(reading.tokens), OUTSIDE)
    for entity in row.entities:
        inside = [n for n, t in enumerate(reading.tokens) if t.start < entity["end"] and entity["start"] < t.end]
        labels[inside] = further_label(entity["type"])
        labels[inside[:1]] = first_label(entity["type"])
    return labels


def temperatures(readings: Sequence[Reading], gold: Sequence[Gold]) -> tuple[float, float]:
    """Return by what to divide scores of labels and of intents so that the right ones are as probable as can be.

    The readings must have been made at temperature 1.
    """
    of_words = np.concatenate([np.log(np.maximum(r.labels, 1e-9)) for r in readings])
    words = np.concatenate([right_labels(r, row) for r, row in zip(readings, gold, strict=True)])
    known = [
        (np.log(np.maximum(r.intents, 1e-9)), row.intent) for r, row in zip(readings, gold, strict=True) if row.intent
    ]
    intents = np.array([INTENTS.index(intent) for _, intent in known])
    return _temperature(of_words, words), _temperature(np.stack([scores for scores, _ in known]), intents)


def _temperature(scores: "NDArray[np.float32]", right: "NDArray[np.intp]") -> float:
    def surprise(temperature: float) -> float:
        warm = scores / temperature
        whole = np.log(np.exp(warm - warm.max(axis=1, keepdims=True)).sum(axis=1)) + warm.max(axis=1)
        return float((whole - warm[np.arange(len(right)), right]).mean())

    return round(float(min(_TEMPERATURES, key=surprise)), 3)


def calibration_error(readings: Sequence[Reading], gold: Sequence[Gold]) -> float:
    """Return the expected calibration error of the confidence of mentions."""
    marks: list[tuple[float, bool]] = []
    for reading, row in zip(readings, gold, strict=True):
        found = mentions(row.question, reading.tokens, reading.labels)
        marks += [(m.confidence, any(same(m, entity) for entity in row.entities)) for m in found]
    if not marks:
        return 0.0
    sure = np.array([confidence for confidence, _ in marks])
    right = np.array([ok for _, ok in marks], dtype=np.float64)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).sum() for b in set(bins.tolist())]
    return round(float(sum(gaps) / len(marks)), 4)

"""Everyday words for some 600 fields of research, so that "the recogniser stumbles over names" is known to be speech recognition.

`known.jsonl` holds for each field a label, a description, things that people who work in it say, words they use, and the
batch that it was written in. From it `learn` makes, for any embedder, what is compared with texts; for the encoder of themes
that is shipped as `known.safetensors`.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from stores.errors import ModelError
from tools.embedding.weights import read_weights
from tools.grounding.words import stem, tokens
from tools.retrieval.terms import STOP_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

FOLDER = Path(__file__).resolve().parent
FIELDS = FOLDER / "known.jsonl"
SHIPPED = FOLDER / "known.safetensors"
_REMEDY = "Install quodvide again, or make it: quodvide train themes"
_SHRINKAGE = 0.6  # of the spread within a field towards a sphere; found on evals/themes/texts.jsonl
_SHORTEST = 3
# How much each kind of wording says about its field.
_WEIGHTS = {
    "full": 1.5,
    "description": 1.0,
    "cue document": 2.0,
    "cue list": 1.5,
    "said list": 2.0,
    "said": 1.0,
    "cue": 0.4,
}
_USUAL_TEXTS = 160
_USUAL_SENTENCES = 5


@dataclass(frozen=True)
class Field:
    """A field of research and how people talk about it; texts of a later batch were graded with its fields in mind."""

    label: str
    description: str
    said: tuple[str, ...]
    cues: tuple[str, ...]
    batch: int = 0

    @property
    def full(self) -> str:
        """Return label and description, as a theme is encoded."""
        return f"{self.label}: {self.description}"


@dataclass(frozen=True)
class Known:
    """What was learned of the fields, for one embedder.

    Attributes:
        fields: a unit vector for each field's label and description, of shape (fields, dimension).
        labels: the same for its label alone.
        probe: linear discriminant of the fields, of shape (dimension, fields).
        bias: what is added to it, of shape (fields,).
        usual: unit vectors of invented texts on several fields each, of shape (n, dimension): what similarity is usual.
    """

    fields: "NDArray[np.float32]"
    labels: "NDArray[np.float32]"
    probe: "NDArray[np.float32]"
    bias: "NDArray[np.float32]"
    usual: "NDArray[np.float32]"


@lru_cache(maxsize=1)
def fields() -> tuple[Field, ...]:
    """Return the fields in the order of the file.

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        rows = [orjson.loads(row) for row in FIELDS.read_bytes().splitlines()]
        return tuple(
            Field(row["label"], row["description"], tuple(row["said"]), tuple(row["cues"]), row["batch"])
            for row in rows
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("the list of fields cannot be read", where=str(FIELDS), hint=_REMEDY) from error


def stems(text: str) -> list[str]:
    """Return the stems of a text's content words, in order."""
    return [stem(word) for word in tokens(text) if len(word) >= _SHORTEST and word.lower() not in STOP_WORDS]


@lru_cache(maxsize=1)
def field_words() -> "tuple[dict[str, int], NDArray[np.float32], NDArray[np.float32]]":
    """Return {stem: row}, the weight of each stem for each field, of shape (stems, fields), and its rarity, of shape (stems,)."""
    bags: list[dict[str, float]] = []
    for field in fields():
        bag: dict[str, float] = {}
        for text, weight in [
            *((one, 0.5) for one in field.said),
            (field.description, 1.0),
            *((one, 1.0) for one in field.cues),
            (field.label, 2.0),
        ]:
            for one in stems(text):
                bag[one] = max(bag.get(one, 0.0), weight)
        bags.append(bag)
    rows = {one: n for n, one in enumerate(sorted({one for bag in bags for one in bag}))}
    weights = np.zeros((len(rows), len(bags)), np.float32)
    for column, bag in enumerate(bags):
        for one, weight in bag.items():
            weights[rows[one], column] = weight
    rarity = np.log(len(bags) / (weights > 0).sum(axis=1)).astype(np.float32)
    return rows, weights * rarity[:, None], rarity


def rarity(one: str) -> float:
    """Return how rare a stem is among the fields."""
    rows, _, values = field_words()
    return float(values[rows[one]]) if one in rows else math.log(len(fields()))


def same_model(embedder: "Embedder") -> str:
    """Return what of an embedder's name decides whether vectors are comparable: model and digest."""
    return embedder.name.split(" ", maxsplit=1)[0]


def known_for(embedder: "Embedder") -> Known:
    """Return what is known for this embedder: shipped for the encoder of themes, learned in some seconds for another.

    Raises:
        ModelError: the shipped file is missing or damaged.
    """
    try:
        model = orjson.loads((FOLDER / "weights.json").read_bytes())["embedder"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError("the weights of theme ranking cannot be read", where=str(FOLDER), hint=_REMEDY) from error
    if model != same_model(embedder):
        return learn(embedder)
    arrays = read_weights(SHIPPED)
    try:
        return Known(*(np.asarray(arrays[name], np.float32) for name in ("fields", "labels", "probe", "bias", "usual")))
    except KeyError as error:
        raise ModelError(f"the file lacks {error.args[0]}", where=str(SHIPPED), hint=_REMEDY) from error


def learn(embedder: "Embedder") -> Known:
    """Return what the list of fields says in this embedder's space; deterministic."""
    listed = fields()
    said: list[tuple[int, str, str]] = []
    for n, field in enumerate(listed):
        cues = ", ".join(field.cues)
        said += [
            (n, "full", field.full), (n, "description", field.description), (n, "cue document", f"{field.label}: {cues}"),
            (n, "cue list", cues), (n, "said list", ". ".join(field.said)),
            *((n, "said", one) for one in field.said), *((n, "cue", one) for one in field.cues),
        ]  # fmt: skip
    vectors = embedder.embed([text for _, _, text in said]).astype(np.float64)
    owner = np.array([n for n, _, _ in said])
    probe, bias = _discriminant(vectors, owner, np.array([_WEIGHTS[kind] for _, kind, _ in said]), len(listed))
    full = vectors[[kind == "full" for _, kind, _ in said]]
    labels = embedder.embed([field.label for field in listed])
    usual = embedder.embed(_usual_texts(listed))
    return Known(full.astype(np.float32), labels, probe.astype(np.float32), bias.astype(np.float32), usual)


def _discriminant(
    vectors: "NDArray[np.float64]", owner: "NDArray[np.int64]", weights: "NDArray[np.float64]", classes: int
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return slopes and offsets of a linear discriminant with a shrunken common covariance."""
    centre = (vectors * weights[:, None]).sum(axis=0) / weights.sum()
    moved = vectors - centre
    means = np.zeros((classes, vectors.shape[1]))
    np.add.at(means, owner, moved * weights[:, None])
    means /= np.bincount(owner, weights, classes)[:, None]
    within = moved - means[owner]
    spread = (within * weights[:, None]).T @ within / weights.sum()
    size = len(spread)
    spread = (1 - _SHRINKAGE) * spread + _SHRINKAGE * np.trace(spread) / size * np.eye(size)
    probe = np.linalg.solve(spread, means.T)
    return probe, -0.5 * (means * probe.T).sum(axis=1) - centre @ probe


def _usual_texts(listed: tuple[Field, ...]) -> list[str]:
    """Return invented texts that mix what people of several fields say."""
    pool = [one for field in listed for one in field.said]
    drawn = np.random.default_rng(0)
    return [
        ". ".join(pool[n].capitalize() for n in drawn.choice(len(pool), _USUAL_SENTENCES, replace=False)) + "."
        for _ in range(_USUAL_TEXTS)
    ]

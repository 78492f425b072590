"""The trained ranker of candidates, and the confidence in the first of them: gradient-boosted trees on ONNX Runtime.

Training (`quodvide train linker`) writes for each type `<type>.onnx`, whose one output is the log odds that a candidate is
meant, `<type>-confidence.onnx`, whose one output is the log odds that the first candidate is right, and `<type>.json`.
"""

from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import ModelError
from stores.records import AuthorityType
from tools.trees import open_trees

SHIPPED = Path(__file__).resolve().parent / "models"
_REMEDY = "Install quodvide again, or train it: quodvide train linker"
_LIMIT = 12.0
# What the confidence is computed from, beside the first candidate's features.
FIRST = ("log odds", "lead", "others")


class RankerDescription(BaseModel):
    """What stands beside a trained ranker.

    Attributes:
        type: type of the records that it ranks.
        features: names of its columns, in order.
        credible: confidence from which on a link is no NIL.
        seed: of its training.
        figures: what was measured on the held-out part.
    """

    model_config = ConfigDict(frozen=True)

    type: AuthorityType
    features: tuple[str, ...]
    credible: float = Field(ge=0, le=1)
    seed: int = 0
    training: dict[str, Any] = {}
    figures: dict[str, Any] = {}


class Ranker:
    """Scores candidates; safe to call from several threads.

    Args:
        type_: type of the records.
        folder: where the model is.

    Raises:
        ModelError: files are missing or damaged, or were trained for other features.
    """

    def __init__(self, type_: AuthorityType, features: Sequence[str], folder: Path = SHIPPED) -> None:
        path = folder / f"{type_}.json"
        try:
            self.description = RankerDescription.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ModelError("the description of the ranker cannot be read", where=str(path), hint=_REMEDY) from error
        fits = self.description.features == tuple(features) and self.description.type == type_
        if not fits:
            raise ModelError("the ranker was trained for other features", where=str(path), hint=_REMEDY)
        self._session = open_trees(folder / f"{type_}.onnx", len(features), "ranker", _REMEDY)
        self._confidence = open_trees(
            folder / f"{type_}-confidence.onnx", len(FIRST) + len(features), "ranker", _REMEDY
        )

    def log_odds(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return for each candidate, one a row, the log odds that it is meant."""
        if not len(matrix):
            return np.zeros(0, np.float32)
        (scores,) = self._session.run(None, {"candidates": matrix})
        return np.clip(np.asarray(scores, np.float32).reshape(-1), -_LIMIT, _LIMIT)

    def confidences(self, ranked: Sequence[tuple[Sequence[float], NDArray[np.float32]]]) -> list[float]:
        """Return how probable it is that the first candidate is right, for each of some mentions.

        Args:
            ranked: for each mention the log odds of its candidates, best first, and the first one's row of the matrix.
        """
        if not ranked:
            return []
        (scores,) = self._confidence.run(None, {"candidates": confidence_rows(ranked)})
        return [sigmoid(float(score)) for score in scores.reshape(-1)]


def confidence_rows(ranked: Sequence[tuple[Sequence[float], NDArray[np.float32]]]) -> NDArray[np.float32]:
    """Return what confidences are computed from, a row a mention: FIRST, then the first candidate's features."""
    return np.array([[*first_features(ordered), *row.tolist()] for ordered, row in ranked], np.float32)


def first_features(ordered: Sequence[float]) -> tuple[float, float, float]:
    """Return FIRST: the first one's log odds, its lead over the second, and the probabilities of all others together."""
    lead = min(6.0, ordered[0] - ordered[1]) if len(ordered) > 1 else 6.0
    return (ordered[0], lead, min(2.0, sum(sigmoid(value) for value in ordered[1:])))


def sigmoid(value: float) -> float:
    """Return the probability of log odds."""
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, value))))

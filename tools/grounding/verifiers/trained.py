"""The trained verifier: boosted trees over vectors and words, on ONNX Runtime.

Training (`quodvide train support`) writes `support.onnx`, whose one output is the log odds that the evidence bears the
sentence, and `support.json`, which describes it and holds the rarity of words.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import ModelError
from tools.grounding.verifiers.base import Claim
from tools.grounding.verifiers.features import FEATURES, features, texts_of, words_of
from tools.grounding.verifiers.words_of import sides
from tools.trees import open_trees

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

SHIPPED = Path(__file__).resolve().parent.parent / "models"
_REMEDY = "Install quodvide again, train it with `quodvide train support`, or set grounding.verifier to 'words'"
_REMEMBERED = 20_000  # vectors of words kept, 30 MB
_SCALE = 10.0


class SupportDescription(BaseModel):
    """What stands beside the trained verifier.

    Attributes:
        features: names of its columns, in order.
        embedding: name of the model whose vectors it was trained on.
        threshold: probability from which on a sentence may be shown.
        slope, offset: what turns its log odds into those of a probability.
        seed: of its training.
        figures: what was measured on the held-out part.
        rarity: stem to ten times the logarithm of how seldom texts have it.
    """

    model_config = ConfigDict(frozen=True)

    features: tuple[str, ...]
    embedding: str
    threshold: float = Field(ge=0, le=1)
    slope: float = 1.0
    offset: float = 0.0
    seed: int = 0
    training: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    rarity: dict[str, int]


class TrainedVerifier:
    """Implements `Verifier`.

    Args:
        embedder: gives the vectors; one of another model than it was trained on makes worse decisions.
        folder: where the model is.

    Raises:
        ModelError: files are missing or damaged, or were trained for other features.
    """

    def __init__(self, embedder: "Embedder", folder: Path = SHIPPED) -> None:
        path = folder / "support.json"
        try:
            self.description = SupportDescription.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ModelError("the description of the verifier cannot be read", where=str(path), hint=_REMEDY) from error
        if self.description.features != FEATURES:
            raise ModelError("the verifier was trained for other features", where=str(path), hint=_REMEDY)
        self._session = open_trees(folder / "support.onnx", len(FEATURES), "verifier", _REMEDY)
        self._reader = PairReader(embedder, unscaled(self.description.rarity))

    @property
    def name(self) -> str:
        """Return "trained"."""
        return "trained"

    @property
    def threshold(self) -> float:
        """Return the threshold that was chosen in training."""
        return self.description.threshold

    def probability(self, sentence: str, evidence: str, title: str = "") -> float:
        """Return how probable it is that the evidence bears the sentence, 0 to 1."""
        return self.probabilities([Claim(sentence, evidence, title)])[0]

    def probabilities(self, claims: Sequence[Claim]) -> list[float]:
        """Return that for each of several."""
        if not claims:
            return []
        return [float(value) for value in self.of_matrix(self._reader.matrix(claims))]

    def of_matrix(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities of rows of FEATURES."""
        (scores,) = self._session.run(None, {"candidates": matrix})
        return calibrated(np.asarray(scores, np.float64).reshape(-1), self.description.slope, self.description.offset)


class PairReader:
    """Reads features, remembering the vectors of words.

    Args:
        embedder: gives the vectors.
        rarity: stem to rarity.
    """

    def __init__(self, embedder: "Embedder", rarity: dict[str, float]) -> None:
        self._embedder = embedder
        self._rarity = rarity
        self._words: dict[str, NDArray[np.float32]] = {}
        self._lock = Lock()

    def matrix(self, claims: Sequence[Claim]) -> NDArray[np.float32]:
        """Return a row of FEATURES for each claim."""
        parts = [sides(*claim) for claim in claims]
        pairs = list(zip(claims, parts, strict=True))
        texts = self._embedded([text for claim, part in pairs for text in texts_of(claim, part)])
        words = self._remembered([word for part in parts for word in words_of(part)])
        rows = [features(claim, part, texts, words, self._rarity) for claim, part in pairs]
        return np.array(rows, np.float32).reshape(len(claims), len(FEATURES))

    def _embedded(self, texts: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        unique = list(dict.fromkeys(texts))
        return dict(zip(unique, self._embedder.embed(unique), strict=True)) if unique else {}

    def _remembered(self, words: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        wanted = list(dict.fromkeys(words))
        with self._lock:
            found = {word: self._words[word] for word in wanted if word in self._words}
        added = self._embedded(word for word in wanted if word not in found)
        with self._lock:
            if len(self._words) > _REMEMBERED:
                self._words.clear()
            self._words.update(added)
        return found | added


def calibrated(log_odds: NDArray[np.float64], slope: float, offset: float) -> NDArray[np.float64]:
    """Return probabilities of log odds that were scaled to fit unseen pairs."""
    values: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(slope * log_odds + offset, -30, 30)))
    return values


def scaled(rarity: dict[str, float]) -> dict[str, int]:
    """Return rarities as they are kept."""
    return {word: round(value * _SCALE) for word, value in rarity.items()}


def unscaled(rarity: dict[str, int]) -> dict[str, float]:
    """Return rarities from how they are kept."""
    return {word: value / _SCALE for word, value in rarity.items()}

"""What speaks for a theme: how near the text is to it, and to the known fields that the theme resembles."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tools.themes.known import Known, field_words, rarity, stems

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.themes.base import Theme
    from tools.themes.pieces import Reading

OWN = ("whole", "sentences", "words")
OF_FIELDS = ("field of the whole", "field of the sentences", "field words")
FEATURES = (*OWN, *OF_FIELDS)
_BEST_SENTENCES = 3
_FIELD_SENTENCES = 2
_NEAREST = 3
_SHARPNESS = 0.05
_BY_LABEL = 0.95
_STRANGE, _FAMILIAR = 0.6, 1.0


@dataclass(frozen=True)
class ThemeFacts:
    """What does not depend on the text.

    Attributes:
        vector: of label and description.
        label: the vector of the label alone.
        usual: mean and standard deviation of its similarity to texts on anything.
        fields: weights of the known fields that it resembles, of shape (fields,).
        familiar: 0 to 1, whether it resembles any.
        words: weight of each stem of its own.
    """

    vector: "NDArray[np.float32]"
    label: "NDArray[np.float32]"
    usual: tuple[float, float]
    fields: "NDArray[np.float32]"
    familiar: float
    words: dict[str, float]


def facts(
    theme: "Theme", vector: "NDArray[np.float32]", label: "NDArray[np.float32]", known: Known, hidden: int | None = None
) -> ThemeFacts:
    """Return what is known of a theme before any text is read.

    Args:
        theme: the theme.
        vector: of its label and description.
        label: the vector of its label alone; descriptions of one field differ more than its names do.
        known: for the embedder that made the vectors.
        hidden: a field to leave out; training needs it to learn what to do with strange themes.
    """
    near = np.maximum(known.fields @ vector, _BY_LABEL * (known.labels @ label))
    if hidden is not None:
        near[hidden] = -1
    best = np.argsort(-near, kind="stable")[:_NEAREST]
    weights = np.zeros(len(near), np.float32)
    weights[best] = np.exp((near[best] - near[best[0]]) / _SHARPNESS)
    usual = known.usual @ vector
    words = {one: 0.6 * rarity(one) for one in stems(theme.description)}
    words |= {one: rarity(one) for one in stems(theme.label)}
    familiar = float(np.clip((near[best[0]] - _STRANGE) / (_FAMILIAR - _STRANGE), 0, 1))
    return ThemeFacts(
        vector, label, (float(usual.mean()), float(usual.std()) + 1e-6), weights / weights.sum(), familiar, words
    )


class Evidence:
    """What a text says for each known field, and by it for a theme.

    Every value is a standard score among the known fields, for this text: long texts, short ones and such as resemble
    everything come out on one scale, and the score of a theme does not depend on the other themes given.

    Args:
        reading: the text.
        known: for the embedder that made its vectors.
    """

    def __init__(self, reading: "Reading", known: Known) -> None:
        self._reading, self._known = reading, known
        self._stems = set(stems(reading.words))

    def of(self, fact: ThemeFacts) -> "NDArray[np.float32]":
        """Return the theme's features, of shape (len(FEATURES),)."""
        mean, spread = fact.usual
        own = []
        for value, (middle, scale) in zip(self._near(fact.vector[:, None]), self._own_scale, strict=True):
            own.append(((value[0] - mean) / spread - middle) / scale)
        found = sum(weight for one, weight in fact.words.items() if one in self._stems)
        share = found / (sum(fact.words.values()) or 1.0)
        return np.array([*own, share, *(self.fields @ fact.fields)], np.float32)

    @cached_property
    def fields(self) -> "NDArray[np.float32]":
        """Return the evidence for each field, of shape (len(OF_FIELDS), fields)."""
        known, reading = self._known, self._reading
        whole = reading.whole @ known.probe + known.bias
        parts = np.sort(reading.sentences @ known.probe + known.bias, axis=0)[-_FIELD_SENTENCES:].mean(axis=0)
        usual = known.usual @ known.probe + known.bias
        words = self._words()
        columns = [_among((one - usual.mean(axis=0)) / usual.std(axis=0)) for one in (whole, parts)]
        return np.stack([*columns, _among(words)])

    @cached_property
    def _own_scale(self) -> list[tuple[float, float]]:
        """Return mean and spread among the fields of the similarity to the whole, and to the best sentences."""
        usual = self._known.usual @ self._known.fields.T
        scaled = [(one - usual.mean(axis=0)) / usual.std(axis=0) for one in self._near(self._known.fields.T)]
        return [(float(one.mean()), float(one.std()) + 1e-6) for one in scaled]

    def _near(self, vectors: "NDArray[np.float32]") -> "list[NDArray[np.float32]]":
        """Return similarity to the whole and to the best sentences, for vectors of shape (dimension, n)."""
        best = np.sort(self._reading.sentences @ vectors, axis=0)[-_BEST_SENTENCES:].mean(axis=0)
        return [self._reading.whole @ vectors, best]

    def _words(self) -> "NDArray[np.float32]":
        rows, weights, _ = field_words()
        total: NDArray[np.float32] = weights[[rows[one] for one in sorted(self._stems) if one in rows]].sum(axis=0)
        return np.sqrt(total)


def _among(values: "NDArray[np.float32]") -> "NDArray[np.float32]":
    scaled: NDArray[np.float32] = (values - values.mean()) / (values.std() + 1e-6)
    return scaled

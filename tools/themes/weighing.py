"""Turning features into log odds of relevance: two logistic regressions, for themes that resemble a known field or do not."""

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import ModelError
from tools.themes.features import FEATURES, OWN
from tools.themes.known import FOLDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATH = FOLDER / "weights.json"
_REMEDY = "Install quodvide again, or train it: quodvide train themes"
_LIMIT = 12.0


class Regression(BaseModel):
    """Log odds as a weighted sum."""

    model_config = ConfigDict(frozen=True)

    slopes: Annotated[tuple[float, ...], Field(min_length=len(OWN), max_length=len(FEATURES))]
    intercept: float

    def log_odds(self, features: "NDArray[np.float32]") -> float:
        """Return the log odds for features of which only the first are weighed."""
        return float(features[: len(self.slopes)] @ np.asarray(self.slopes)) + self.intercept


class Weighing(BaseModel):
    """What `quodvide train themes` writes.

    Attributes:
        embedder: model and digest whose vectors `known.safetensors` holds.
        features: names of the columns.
        familiar: for themes that are known fields; all features.
        strange: for themes unlike all of them; the theme's own features.
        seed: of the training.
        texts: how many it saw.
    """

    model_config = ConfigDict(frozen=True)

    embedder: str
    features: tuple[str, ...]
    familiar: Regression
    strange: Regression
    seed: int = 0
    texts: int = 0

    def log_odds(self, features: "NDArray[np.float32]", familiar: float) -> float:
        """Return the log odds of relevance, between -12 and 12."""
        value = familiar * self.familiar.log_odds(features) + (1 - familiar) * self.strange.log_odds(features)
        return float(np.clip(value, -_LIMIT, _LIMIT))


@lru_cache(maxsize=1)
def shipped() -> Weighing:
    """Return the weights that come with the installation.

    Raises:
        ModelError: they are missing, damaged or for other features.
    """
    try:
        weighing = Weighing.model_validate_json(PATH.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelError("the weights of theme ranking cannot be read", where=str(PATH), hint=_REMEDY) from error
    if weighing.features != FEATURES:
        raise ModelError("the weights of theme ranking are for other features", where=str(PATH), hint=_REMEDY)
    return weighing

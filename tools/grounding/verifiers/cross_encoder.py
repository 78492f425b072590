"""Any sentence-transformers cross-encoder as a verifier: natural language inference with named labels, or one score."""

import math
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from stores.errors import ConfigError
from tools.embedding.base import encodable
from tools.grounding.verifiers.base import Claim

_BATCH = 16


class CrossEncoderVerifier:
    """Implements `Verifier`; calls take turns, because the library is not safe under threads.

    The sentence is to follow from the quotation alone; the title is no evidence. The probability is that of the label that is named "entailment" or "support", or the logistic function of the score
    of a model that has one output.

    Args:
        model: a folder, or a name on the hub that was fetched before.
        threshold: probability from which on a sentence may be shown.

    Raises:
        ConfigError: the model cannot be loaded, or none of its labels means support.
    """

    def __init__(self, model: str, threshold: float) -> None:
        self.name = f"cross-encoder:{model}"
        self.threshold = threshold
        self._model = _load(model)
        config = self._model.config
        self._column = entailment_column(config.id2label, config.num_labels, model)
        self._lock = Lock()

    def probability(self, sentence: str, evidence: str, title: str = "") -> float:
        """Return how probable it is that the evidence bears the sentence, 0 to 1."""
        return self.probabilities([Claim(sentence, evidence, title)])[0]

    def probabilities(self, claims: Sequence[Claim]) -> list[float]:
        """Return that for each of several."""
        import torch

        if not claims:
            return []
        pairs = [(encodable(claim.evidence), encodable(claim.sentence)) for claim in claims]
        with self._lock:
            scores = self._model.predict(
                pairs, batch_size=_BATCH, activation_fn=torch.nn.Identity(), show_progress_bar=False
            )
        return [_probability(row, self._column) for row in scores.tolist()]


def entailment_column(labels: Mapping[int, str], count: int, model: str) -> int | None:
    """Return the output that means support; None when the one output there is a score.

    Raises:
        ConfigError: several outputs, and none is named for what it means.
    """
    if count == 1:
        return None
    for column, label in labels.items():
        name = label.lower()
        if name.startswith(("entail", "support")) or name in {"true", "yes", "consistent", "faithful"}:
            return int(column)
    raise ConfigError(
        f"none of the model's labels means support ({', '.join(map(str, labels.values()))})",
        where=model,
        hint="Name them in its config.json: id2label with 'entailment'",
    )


def _probability(row: Any, column: int | None) -> float:
    if column is None:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, float(row)))))
    highest = max(row)
    weights = [math.exp(value - highest) for value in row]
    return weights[column] / sum(weights)


def _load(model: str) -> Any:
    """Return the loaded model; ConfigError, in one line, where there is none on this machine."""
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return CrossEncoder(model, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(
            f"the cross-encoder cannot be loaded ({reason})",
            where="setting grounding.verifier",
            hint="Fetch the model first, or set grounding.verifier to 'words'",
        ) from error

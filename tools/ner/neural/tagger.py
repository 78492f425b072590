"""The trained model as a tagger."""

from collections.abc import Sequence

from tools.ner import cues
from tools.ner.base import Mention
from tools.ner.neural.decoding import mentions
from tools.ner.neural.model import NeuralReader


class NeuralTagger:
    """Implements `Tagger` with the trained model alone.

    Args:
        reader: the model; by default the one that is shipped.
    """

    def __init__(self, reader: NeuralReader | None = None) -> None:
        self._reader = reader or NeuralReader()

    def tag(self, question: str) -> Sequence[Mention]:
        """Return non-overlapping mentions in order."""
        reading = self._reader.read(question)
        found = mentions(question, reading.tokens, reading.labels)
        firsts = {token.start: n for n, token in enumerate(reading.tokens)}
        return [
            item.model_copy(update={"negated": True}) if cues.negated(reading.tokens, firsts[item.start]) else item
            for item in found
        ]

"""What a verifier is."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Claim(NamedTuple):
    """A sentence with what it rests on: the quotation, and the title of the paper that this is from."""

    sentence: str
    evidence: str
    title: str = ""


class Verifier(Protocol):
    """Says how probable it is that a quotation bears a sentence; safe to call from several threads."""

    @property
    def name(self) -> str:
        """Return what identifies it in reports."""
        ...

    @property
    def threshold(self) -> float:
        """Return the probability from which on a sentence may be shown."""
        ...

    def probability(self, sentence: str, evidence: str, title: str = "") -> float:
        """Return how probable it is that the evidence bears the sentence, 0 to 1."""
        ...

    def probabilities(self, claims: Sequence[Claim]) -> list[float]:
        """Return that for each of several."""
        ...

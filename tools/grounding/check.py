"""Check a sentence of an answer against the evidence that it cites.

The check would rather reject a true sentence than pass a false one: what fails is replaced by the quotation, which
costs style and never truth. A sentence passes when no rule speaks against it (`hard.py`) and each of its words occurs in
the evidence or in the cited paper's title; or, with a verifier, when that is sure enough that other words say the same.
Words of the question are no evidence: a model that repeats what the question supposes must not pass.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tools.grounding.hard import hard_faults
from tools.grounding.lexicon import known_stems, unknown_words

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier

_LEAST_SIMILARITY = 0.4


class Verdict(NamedTuple):
    """Whether a sentence is supported, and if not, everything that speaks against it."""

    supported: bool
    reasons: tuple[str, ...]


def check(
    sentence: str,
    quotes: Sequence[str],
    *,
    titles: Sequence[str] = (),
    embedder: "Embedder | None" = None,
    verifier: "Verifier | None" = None,
) -> Verdict:
    """Return whether the quotations support the sentence.

    Args:
        sentence: without its citation marks.
        quotes: what it cites.
        titles: titles of the cited papers; words may come from them, numbers may not.
        embedder: adds a test of overall similarity.
        verifier: decides on a sentence against which nothing speaks but words that the evidence does not have; without
            one, such a sentence is not supported.
    """
    evidence = " ".join(quotes)
    reasons = hard_faults(sentence, evidence, titles)
    if strange := unknown_words(sentence, known_stems(" ".join((evidence, *titles)))):
        words = f"words not in the evidence: {', '.join(strange)}"
        if reasons or verifier is None:
            reasons.append(words)
        elif (sure := verifier.probability(sentence, evidence, " ".join(titles))) < verifier.threshold:
            reasons.append(f"{words} (support {sure:.2f}, {verifier.threshold:.2f} is needed)")
    if embedder is not None and not reasons:
        ours, *theirs = embedder.embed([sentence, evidence, *quotes])
        if max(float(ours @ row) for row in theirs) < _LEAST_SIMILARITY:
            reasons.append("it is about something else")
    return Verdict(not reasons, tuple(reasons))

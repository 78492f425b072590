"""The rules that no verifier overrules: what a sentence breaks here is false, or says more than its evidence.

Numbers with units, signs, ranges and bounds; names; what is denied; opposites and directions; the sides of a comparison;
of how many and how surely something is said to hold.
"""

import re
from collections.abc import Sequence

from tools.grounding.directions import direction_faults, sides_exchanged
from tools.grounding.lexicon import SWEEPING, known_stems, opposites
from tools.grounding.names import name_faults
from tools.grounding.polarity import comparison_reversed, denying_words, polarity_differs
from tools.grounding.quantities import quantity_faults
from tools.grounding.reserve import modality_faults, quantifier_faults
from tools.grounding.words import numbers, stem, tokens

_PART = re.compile(r"[;()]|,(?!\d)|\b(?:and|while|whereas|but|against|versus|vs)\b")
_YES = re.compile(r"^\s*(?:yes|no)\s*[,.:;!]|\b(?:the question|the answer) (?:is|to)\b", re.IGNORECASE)
_CONTROL = re.compile(r"<\||\|>|</?s>|\[INST\]|```|https?://(?=\s|$)")


def hard_faults(sentence: str, evidence: str, titles: Sequence[str] = ()) -> list[str]:
    """Return what rules say against a sentence, each as a clause for people; empty when they find nothing.

    Args:
        sentence: without its citation marks.
        evidence: what it cites.
        titles: titles of the cited papers; names may come from them, numbers may not.
    """
    sources = [evidence, *titles]
    found: list[tuple[str, Sequence[str]]] = [
        ("numbers not in the evidence", [f"{n:g}" for n in sorted(numbers(sentence) - numbers(evidence))]),
        ("quantities that differ", quantity_faults(sentence, evidence)),
        ("names not in the evidence", name_faults(sentence, sources)),
        ("sweeping words not in the evidence", _sweeping(sentence, " ".join(sources))),
        ("the opposite is said", opposites(sentence, evidence)),
        ("it denies what the evidence asserts", denying_words(sentence, evidence)),
        ("directions not in the evidence", direction_faults(sentence, evidence)),
        ("sides exchanged", sides_exchanged(sentence, evidence)),
        ("quantifiers that differ", quantifier_faults(sentence, evidence)),
        ("stated as a fact", modality_faults(sentence, evidence)),
        ("numbers stand with other names", moved_numbers(sentence, evidence)),
    ]
    faults = [f"{name}: {', '.join(words)}" for name, words in found if words]
    if not tokens(sentence) or _CONTROL.search(sentence):
        faults.append("it is no plain sentence")
    if _YES.search(sentence) and not _YES.search(evidence):
        faults.append("it answers the question instead of saying what the evidence says")
    if polarity_differs(sentence, evidence):
        faults.append("it denies what the evidence asserts, or the reverse")
    if comparison_reversed(sentence, evidence):
        faults.append("the sides of a comparison are exchanged")
    return faults


def moved_numbers(sentence: str, evidence: str) -> list[str]:
    """Return the names of a part of the sentence none of which has one of that part's numbers in the evidence."""
    there: dict[str, set[float]] = {}
    for names, values in _parts(evidence):
        for name in names:
            there.setdefault(name, set()).update(values)
    moved: list[str] = []
    for names, values in _parts(sentence):
        placed = [name for name in names if name in there]
        if not any(values & there[name] for name in placed):
            moved += placed
    return moved


def _sweeping(sentence: str, known: str) -> list[str]:
    stems = known_stems(known)
    return [word for word in tokens(sentence) if word.lower() in SWEEPING and stem(word) not in stems]


def _parts(text: str) -> list[tuple[list[str], set[float]]]:
    """Return the names and numbers of each part of a text that has numbers."""
    found = []
    for part in _PART.split(text):
        if values := numbers(part):
            names = [
                word
                for n, word in enumerate(tokens(part))
                if word[0].isupper() and not any(ch.isdigit() for ch in word) and (n > 0 or not word[1:].islower())
            ]
            found.append((names, values))
    return found

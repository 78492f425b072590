"""How good a wording of a section is, in figures that can be looked at: its drafts are ranked by them."""

from collections import Counter
from collections.abc import Sequence

from stores.keys import name_key
from tools.profiling.atoms import atoms
from tools.profiling.base import DraftScore
from tools.profiling.faithful import drawn, same, sentences_of

_COVERAGE, _SUPPORT, _VARIETY, _LENGTH = 40, 40, 10, 10
_RUN = 3  # words that are said twice
_SHORT = 0.5  # share of the source's length from which on a wording is not too short


def score(text: str, sentences: Sequence[str]) -> DraftScore:
    """Return the figures of a wording.

    Args:
        text: the wording.
        sentences: the program's sentences on the same facts.
    """
    source = " ".join(sentences)
    facts, said = atoms(source), atoms(text)
    coverage = sum(any(same(one, fact) for one in said) for fact in facts) / len(facts) if facts else 1.0
    parts = sentences_of(text)
    support = sum(drawn(atoms(part), sentences) for part in parts) / len(parts) if text.strip() else 0.0
    repetition, length = _repetition(text), _length(len(text), len(source))
    total = _COVERAGE * coverage + _SUPPORT * support + _VARIETY * (1 - repetition) + _LENGTH * length
    return DraftScore(
        coverage=round(coverage, 3), support=round(support, 3), repetition=round(repetition, 3),
        length=round(length, 3), total=round(total, 1),
    )  # fmt: skip


def _repetition(text: str) -> float:
    words = name_key(text).split()
    runs = Counter(tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1))
    return 1 - len(runs) / runs.total() if runs else 0.0


def _length(found: int, source: int) -> float:
    share = found / source if source else 1.0
    return share / _SHORT if share < _SHORT else max(0.0, 1.0 - max(0.0, share - 1.0))

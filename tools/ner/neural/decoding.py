"""From probabilities of labels to mentions."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from tools.ner.base import Mention
from tools.ner.neural.labels import LABELS, OUTSIDE, TYPES
from tools.ner.spans import mention
from tools.ner.tokens import Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IMPOSSIBLE = -1e9
_SMALLEST = 1e-9
_BRACKETS = {"(": ")", "[": "]"}


@cache
def _transitions() -> "NDArray[np.float32]":
    """Return what a step from one label to the next costs: a further word only follows a word of its own type."""
    import numpy as np

    table = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    for further in range(2, len(LABELS), 2):
        table[:, further] = _IMPOSSIBLE
        table[further - 1, further] = table[further, further] = 0
    return table


def best_path(probabilities: "NDArray[np.float32]") -> "NDArray[np.intp]":
    """Return the most probable possible sequence of labels (Viterbi), given (words, labels)."""
    import numpy as np

    words = len(probabilities)
    path = np.zeros(words, dtype=np.intp)
    if not words:
        return path
    logs = np.log(np.maximum(probabilities, _SMALLEST))
    steps = _transitions()
    score = logs[0].copy()
    score[2::2] = _IMPOSSIBLE
    back = np.zeros((words, len(LABELS)), dtype=np.intp)
    for word in range(1, words):
        reach = score[:, None] + steps
        back[word] = reach.argmax(axis=0)
        score = reach[back[word], np.arange(len(LABELS))] + logs[word]
    path[-1] = score.argmax()
    for word in range(words - 1, 0, -1):
        path[word - 1] = back[word, path[word]]
    return path


def spans(path: "NDArray[np.intp]") -> Iterator[tuple[int, int, int]]:
    """Yield first word, last word (exclusive) and type number of each mention of a sequence of labels."""
    start = None
    for word, label in enumerate([*(int(label) for label in path), OUTSIDE]):
        if start is not None and (label == OUTSIDE or label % 2):
            yield start, word, (int(path[start]) - 1) // 2
            start = None
        if label % 2:
            start = word


def mentions(question: str, tokens: Sequence[Token], probabilities: "NDArray[np.float32]") -> list[Mention]:
    """Return the mentions of a question, each as sure as the least sure of its words."""
    found = []
    for first, last, kind in spans(best_path(probabilities)):
        both = probabilities[first:last, 1 + 2 * kind] + probabilities[first:last, 2 + 2 * kind]
        confidence = min(float(probabilities[first, 1 + 2 * kind]), float(both.min()))
        start, end = tokens[first].start, tokens[last - 1].end
        found.append(
            mention(
                question, start, _closed(question, start, end), TYPES[kind], round(min(confidence, 1.0), 4), "model"
            )
        )
    return found


def _closed(question: str, start: int, end: int) -> int:
    """Return the end of a mention with the bracket that closes one opened inside it."""
    for opening, closing in _BRACKETS.items():
        text = question[start:end]
        if text.count(opening) > text.count(closing) and question[end : end + 1] == closing:
            return end + 1
    return end

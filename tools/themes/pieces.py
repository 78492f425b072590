"""What of a text is read: its sentences, or of a long text as many spread over it, and what it says of other things.

A text of fifty thousand words must cost no more than some pages do, so a bounded number of sentences is encoded.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tools.grounding.sentences import split
from tools.themes.exclusion import Excluded, exclusions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tools.embedding.base import Embedder

Span = tuple[int, int]

MOST_SENTENCES = 24
_MOST_CHARACTERS = 600  # of one piece of a sentence that has no end
_WINDOW = 900  # characters; the encoder reads some 256 tokens
_MOST_WINDOWS = 4


@dataclass(frozen=True)
class Reading:
    """A text as it is compared with themes.

    Attributes:
        words: what was read, without what the text says that it is not about.
        spans: of the sentences that were read, offsets into the text.
        whole: the unit vector of what was read, of shape (dimension,).
        sentences: a unit vector for each span, of shape (n, dimension).
        excluded: what the text says that it is not about, anywhere in it.
    """

    words: str
    spans: tuple[Span, ...]
    whole: "NDArray[np.float32]"
    sentences: "NDArray[np.float32]"
    excluded: tuple[Excluded, ...]


def read(text: str, embedder: "Embedder") -> Reading:
    """Return the text's reading; at most `MOST_SENTENCES` sentences and four windows of it are encoded."""
    excluded = tuple(exclusions(text))
    spans = _spread(_short(split(text)), MOST_SENTENCES) or [(0, len(text))]
    told = [_without(text, span, excluded) for span in spans]
    kept = [one for one in told if one] or [text[start:end] for start, end in spans]
    windows = _windows(kept)
    vectors = embedder.embed(
        [*windows, *(one or text[span[0] : span[1]] for one, span in zip(told, spans, strict=True))]
    )
    whole = vectors[: len(windows)].sum(axis=0)
    return Reading(
        " ".join(kept), tuple(spans), whole / (np.linalg.norm(whole) or 1.0), vectors[len(windows) :], excluded
    )


def _short(spans: list[Span]) -> list[Span]:
    """Return the spans, those without an end in sight cut into pieces."""
    return [
        (begin, min(begin + _MOST_CHARACTERS, end))
        for start, end in spans
        for begin in range(start, end, _MOST_CHARACTERS)
    ]


def _spread(spans: list[Span], most: int) -> list[Span]:
    """Return at most so many, the first third of them from the beginning, the others evenly from the rest."""
    if len(spans) <= most:
        return spans
    head = most // 3
    steps = np.linspace(head, len(spans) - 1, most - head).astype(int)
    return [*spans[:head], *(spans[step] for step in steps)]


def _without(text: str, span: Span, excluded: tuple[Excluded, ...]) -> str:
    """Return the sentence without what it excludes."""
    start, end = span
    cuts = [(max(one.start, start), min(one.end, end)) for one in excluded if one.start < end and one.end > start]
    borders = [start, *(border for cut in cuts for border in cut), end]
    kept = "".join(text[a:b] for n, (a, b) in enumerate(pairwise(borders)) if n % 2 == 0 and a < b)
    return kept.strip(" ,;:.\n") and kept.strip()


def _windows(sentences: list[str]) -> list[str]:
    """Return the sentences joined to at most four texts that the encoder can read whole."""
    windows = [""]
    for sentence in sentences:
        if windows[-1] and len(windows[-1]) + len(sentence) > _WINDOW:
            windows.append("")
        windows[-1] = f"{windows[-1]} {sentence}".strip()
    return windows[:: max(1, -(-len(windows) // _MOST_WINDOWS))][:_MOST_WINDOWS]

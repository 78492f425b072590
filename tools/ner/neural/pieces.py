"""A question as the encoder reads it: word pieces, the shapes of their words, and windows over long texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stores.errors import ModelError
from tools.embedding.base import encodable
from tools.ner.neural.word_shapes import MARK, NONE, word_shapes
from tools.ner.tokens import Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Pieces of one pass, [CLS] and [SEP] among them, and how many of them two neighbouring passes share.
WINDOW = 128
SHARED = 32
_ENDS = 2


@dataclass(frozen=True)
class Pieces:
    """A question as numbers.

    Attributes:
        ids: vocabulary numbers of its word pieces, without [CLS] and [SEP].
        shapes: shape of the word that each piece belongs to.
        firsts: for each word the place of its first piece, -1 where the vocabulary has nothing for it.
    """

    ids: "NDArray[np.int32]"
    shapes: "NDArray[np.int32]"
    firsts: "NDArray[np.int32]"


def open_tokenizer(path: Path) -> Any:
    """Return the tokenizer of a model, which neither cuts nor pads."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise ModelError("the tokenizer is damaged", where=str(path), hint="Install the model again") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Any, question: str, tokens: Sequence[Token]) -> Pieces:
    """Return a question as numbers; `tokens` are its words."""
    return place(tokenizer.encode(encodable(question), add_special_tokens=False), tokens)


def place(encoding: Any, tokens: Sequence[Token]) -> Pieces:
    """Return the pieces of a tokenizer's encoding with the words that they belong to."""
    import numpy as np

    of_words = word_shapes(tokens)
    shapes = np.full(len(encoding.ids), MARK, dtype=np.int32)
    firsts = np.full(len(tokens), -1, dtype=np.int32)
    word = 0
    for at, (start, end) in enumerate(encoding.offsets):
        while word < len(tokens) and tokens[word].end <= start:
            word += 1
        if word < len(tokens) and tokens[word].start < end:
            shapes[at] = of_words[word]
            if firsts[word] < 0:
                firsts[word] = at
    return Pieces(np.array(encoding.ids, dtype=np.int32), shapes, firsts)


def windows(length: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield for each pass over a text of `length` pieces: its first and last piece, and from where to where it counts.

    Each piece counts in exactly one pass: in the one where more stands around it.
    """
    room = WINDOW - _ENDS
    start, counted = 0, 0
    while True:
        end = min(start + room, length)
        until = length if end == length else end - SHARED // 2
        yield start, end, counted, until
        if end == length:
            return
        counted = until
        start = end - SHARED


def framed(pieces: Pieces, start: int, end: int, cls: int, sep: int) -> "tuple[NDArray[np.int32], NDArray[np.int32]]":
    """Return ids and shapes of pieces `start` to `end` between [CLS] and [SEP]."""
    import numpy as np

    ids = np.concatenate(([cls], pieces.ids[start:end], [sep])).astype(np.int32)
    shapes = np.concatenate(([NONE], pieces.shapes[start:end], [NONE])).astype(np.int32)
    return ids, shapes

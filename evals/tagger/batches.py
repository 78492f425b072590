"""Examples as numbers for the network."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.tagger.examples import Example
from tools.embedding.base import encodable
from tools.ner.neural.labels import INTENTS, OUTSIDE, first_label, further_label
from tools.ner.neural.pieces import WINDOW, Pieces, framed, place
from tools.ner.tokens import Token, tokenize

if TYPE_CHECKING:
    from numpy.typing import NDArray

IGNORED = -100
_CHUNK = 2000
# Batches are cut from so many examples sorted by length.
_SORTED = 64
_STEP = 4
# Share of rows whose surrounding words are hidden, and which share of those words.
_VEILED, _VEILED_WORDS = 0.4, (0.4, 1.0)


@dataclass(frozen=True)
class Row:
    """An example as numbers, with [CLS] and [SEP].

    Attributes:
        pieces: ids, shapes and labels, int16 of shape (3, pieces); labels stand at the first pieces of words.
        intent: its number, or `IGNORED`.
    """

    pieces: "NDArray[np.int16]"
    intent: int

    def __len__(self) -> int:
        """Return the number of its pieces."""
        return int(self.pieces.shape[1])


@dataclass(frozen=True)
class Batch:
    """Rows of about the same length, padded; `mask` is 1 where a piece is."""

    ids: "NDArray[np.int32]"
    shapes: "NDArray[np.int32]"
    mask: "NDArray[np.int32]"
    labels: "NDArray[np.int64]"
    intents: "NDArray[np.int64]"


def word_labels(example: Example, tokens: Sequence[Token]) -> list[int]:
    """Return the label of each word; `IGNORED` where nothing is known of it."""
    labels = [OUTSIDE if example.tagged else IGNORED] * len(tokens)
    for start, end in example.hidden:
        for n, token in enumerate(tokens):
            if token.start < end and start < token.end:
                labels[n] = IGNORED
    for span in example.spans:
        first = True
        for n, token in enumerate(tokens):
            if token.start < span.end and span.start < token.end:
                labels[n] = first_label(span.type) if first else further_label(span.type)
                first = False
    return labels


def row(pieces: Pieces, labels: Sequence[int], intent: int, ends: tuple[int, int]) -> Row:
    """Return one example, cut to the window."""
    ids, shapes = framed(pieces, 0, WINDOW - 2, *ends)
    of_pieces = np.full(len(ids), IGNORED, dtype=np.int16)
    for first, label in zip(pieces.firsts.tolist(), labels, strict=True):
        if 0 <= first < WINDOW - 2:
            of_pieces[first + 1] = label
    return Row(np.stack((ids, shapes, of_pieces)).astype(np.int16), intent)


def rows(tokenizer: Any, examples: Iterable[Example]) -> list[Row]:
    """Return the examples as numbers."""
    ends = (tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]"))
    found = []
    for chunk in batched(examples, _CHUNK):
        encodings = tokenizer.encode_batch([encodable(e.text) for e in chunk], add_special_tokens=False)
        for example, encoding in zip(chunk, encodings, strict=True):
            tokens = tokenize(example.text)
            intent = INTENTS.index(example.intent) if example.intent else IGNORED
            found.append(row(place(encoding, tokens), word_labels(example, tokens), intent, ends))
    return found


def batched(items: Iterable[Example], size: int) -> Iterator[list[Example]]:
    """Yield the items in lists of a size, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def batches(rng: random.Random, data: Sequence[Row], size: int, mask: int) -> Iterator[Batch]:
    """Yield all rows once, in random order; rows of a batch are of about the same length.

    Args:
        rng: of the order.
        data: the examples.
        size: of a batch.
        mask: id of the piece that stands for a hidden word.
    """
    order = list(range(len(data)))
    rng.shuffle(order)
    for at in range(0, len(order), size * _SORTED):
        near = sorted(order[at : at + size * _SORTED], key=lambda n: len(data[n]))
        groups = [near[start : start + size] for start in range(0, len(near), size)]
        rng.shuffle(groups)
        for group in groups:
            yield padded([_veiled(rng, data[n], mask) for n in group])


def _veiled(rng: random.Random, item: Row, mask: int) -> Row:
    """Hide words around the names of some rows, and then ask for no intent.

    There are far fewer forms than questions people ask; a model that may always look at the words around a name learns the
    forms by heart and then takes any name for what usually stands there.
    """
    if rng.random() >= _VEILED:
        return item
    pieces = item.pieces.copy()
    share = rng.uniform(*_VEILED_WORDS)
    outside = np.flatnonzero(pieces[2] == OUTSIDE)
    hidden = outside[[rng.random() < share for _ in outside]]
    pieces[0, hidden] = mask
    return Row(pieces, IGNORED)


def padded(group: Sequence[Row]) -> Batch:
    """Return rows as one batch, of one of few widths: for each new shape the kernels are prepared anew."""
    width = -(-max(len(item) for item in group) // _STEP) * _STEP
    table = np.zeros((3, len(group), width), dtype=np.int64)
    table[2] = IGNORED
    mask = np.zeros((len(group), width), dtype=np.int32)
    for n, item in enumerate(group):
        table[:, n, : len(item)] = item.pieces
        mask[n, : len(item)] = 1
    intents = np.array([item.intent for item in group], dtype=np.int64)
    return Batch(table[0].astype(np.int32), table[1].astype(np.int32), mask, table[2], intents)

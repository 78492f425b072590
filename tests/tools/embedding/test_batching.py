"""Packing loses no text, keeps to the budget and pads little."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.embedding.batching import SMALLEST_BATCH, pack, pad


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 1000), st.integers(1, 8))
def test_pack(lengths: list[int], budget: int, workers: int) -> None:
    batches = [batch.tolist() for batch in pack(lengths, budget, workers)]
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = lengths[batch[0]]
        assert all(lengths[row] <= longest for row in batch)
        assert len(batch) == 1 or longest * len(batch) <= budget
    firsts = [lengths[batch[0]] for batch in batches]
    assert firsts == sorted(firsts, reverse=True)


def test_little_work_is_divided() -> None:
    assert len(list(pack([20] * 20, 512, 1))) == 1
    assert len(list(pack([20] * 20, 512, 2))) == 2
    assert len(list(pack([SMALLEST_BATCH // 4] * 4, 512, 16))) == 1


def test_padding_is_small() -> None:
    lengths = np.random.default_rng(0).integers(40, 256, size=2000).tolist()
    padded = sum(len(batch) * lengths[batch[0]] for batch in pack(lengths, 512))
    assert padded < 1.01 * sum(lengths)


def test_pad() -> None:
    ids, mask = pad([np.array([5, 6, 7], np.int32), np.array([8], np.int32)])
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]

"""The arrays of a word index, made from names in one pass."""

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = "words-1"
# A run of words is hashed as a polynomial in this odd number, modulo 2**64.
_STEP = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
# Trigrams are numbered over 40 characters: the edge of a word, a-z, 0-9 and three for all others.
_BASE = 40
CODES = _BASE**3
_OTHERS = 3


def build_arrays(
    names: Iterable[tuple[Sequence[str], int]], usual: Mapping[str, int], total: int
) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """Return the vocabulary and the arrays; see `WordIndex`. Names without words are left out of all but `record`."""
    ids: dict[str, int] = {}
    sequence, starts, records = array("i"), array("q", [0]), array("i")
    hashes = array("Q")
    for words, record in names:
        key = 0
        for word in words:
            sequence.append(ids.setdefault(word, len(ids)))
            key = longer_run(key, word_hash(word))
        starts.append(len(sequence))
        records.append(record)
        hashes.append(key)
    vocabulary = list(ids)
    name_start, name_words = _numpy(starts, np.int64), _numpy(sequence, np.int32)
    lengths = np.diff(name_start)
    rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    pairs = np.unique(name_words.astype(np.int64) << 32 | rows)
    hash_order = np.argsort(_numpy(hashes, np.uint64), kind="stable").astype(np.int32)
    hash_order = hash_order[lengths[hash_order] > 0]
    tri_start, tri, tri_count = _trigram_lists(vocabulary)
    post_start = _starts(pairs >> 32, len(vocabulary))
    least = np.array([usual.get(word, 1) for word in vocabulary], np.int64)
    return vocabulary, {
        "found": np.maximum(np.diff(post_start), least).astype(np.int32),
        "total": np.array([max(total, len(records))], np.int64),
        "name_start": name_start,
        "name_words": name_words,
        "record": _numpy(records, np.int32),
        "post_start": post_start,
        "post": (pairs & 0xFFFFFFFF).astype(np.int32),
        "hash": _numpy(hashes, np.uint64)[hash_order],
        "hash_name": hash_order,
        "tri_start": tri_start,
        "tri": tri,
        "tri_count": tri_count,
    }


@lru_cache(maxsize=200_000)
def word_hash(word: str) -> int:
    """Return 64 bits of a word, the same in every process."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little") | 1


def longer_run(run: int, word: int) -> int:
    """Return the hash of a run of words with one more word, given both hashes; that of no word is 0."""
    return (run * _STEP + word) & _MASK


def run_hash(words: Iterable[str]) -> int:
    """Return the hash of a run of words."""
    run = 0
    for word in words:
        run = longer_run(run, word_hash(word))
    return run


def trigrams(word: str) -> list[int]:
    """Return the numbers of a word's different trigrams, its edges included."""
    codes = [0, *(_code(character) for character in word[:40]), 0]
    return sorted({(a * _BASE + b) * _BASE + c for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)})


def _code(character: str) -> int:
    if "a" <= character <= "z":
        return ord(character) - 96
    if "0" <= character <= "9":
        return ord(character) - 48 + 27
    return 37 + ord(character) % _OTHERS


def _trigram_lists(vocabulary: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int16]]:
    codes, words, counts = array("i"), array("i"), array("h")
    for n, word in enumerate(vocabulary):
        found = trigrams(word)
        counts.append(len(found))
        codes.extend(found)
        words.extend([n] * len(found))
    order = np.argsort(_numpy(codes, np.int32), kind="stable")
    return _starts(_numpy(codes, np.int32)[order], CODES), _numpy(words, np.int32)[order], _numpy(counts, np.int16)


def _starts(sorted_keys: NDArray[Any], count: int) -> NDArray[np.int64]:
    return np.searchsorted(sorted_keys, np.arange(count + 1)).astype(np.int64)


def _numpy(values: "array[int]", kind: Any) -> NDArray[Any]:
    return np.array(values, dtype=kind) if len(values) else np.zeros(0, dtype=kind)

"""Names by their words: which names hold a word, which are a run of words, and which words are spelled alike.

All of it is arrays, made by `word_build`, kept in one safetensors file beside its manifest, and read back in one piece.
A row is one name; `record` says whose it is. What words are, and which of them mean the same, is the caller's business.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from stores.errors import StoreError
from stores.manifest import MANIFEST, REMEDY, Manifest, Setting, digest_of, replace
from stores.word_build import CODES, FORMAT, build_arrays, longer_run, trigrams, word_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

Arrays = Mapping[str, NDArray[Any]]

# Words that stand in more than this share of all names select nothing; they still count when names are compared.
TOO_FREQUENT = 0.02
_LONGEST_RUN = 14
_CLOSE_SHARE = 0.4
_CLOSE_LOOKED_AT = 12
_CLOSE_RATIO = 0.8
_SHORTEST_TYPO = 5


class WordIndex:
    """Names by their words; `build` or `load` one. Reading is safe from several threads.

    Attributes:
        words: the vocabulary; a word's id is its place.
        idf: float32 (words,), how much a word tells: log(names / names that hold it).
        unknown_idf: the same for a word that no name holds, which may well be noise.
        record: int32 (names,), number of the record that each name belongs to.
        extra: further arrays that the builder stored, by name.
    """

    def __init__(self, words: list[str], arrays: Arrays) -> None:
        self.words = words
        self._arrays = {name: value for name, value in arrays.items() if not name.startswith("extra.")}
        self._id = {word: n for n, word in enumerate(words)}
        self._post_start, self._post = arrays["post_start"], arrays["post"]
        self._name_start, self._name_words = arrays["name_start"], arrays["name_words"]
        self._hash, self._hash_name = arrays["hash"], arrays["hash_name"]
        self._tri_start, self._tri = arrays["tri_start"], arrays["tri"]
        self._tri_count = arrays["tri_count"]
        self.record: NDArray[np.int32] = arrays["record"]
        self.extra = {name: value for name, value in arrays.items() if name.startswith("extra.")}
        found, total = arrays["found"], int(arrays["total"][0])
        self.idf: NDArray[np.float32] = np.log((total + 1) / np.maximum(found, 1)).astype(np.float32)
        self._frequent = found > TOO_FREQUENT * total
        self.unknown_idf = 0.7 * float(np.log(total + 1))
        rare = np.where(self._frequent, np.float32(0), self.idf)
        sums = np.concatenate(([0.0], np.cumsum(rare[self._name_words], dtype=np.float64)))
        self._rare_mass = (sums[self._name_start[1:]] - sums[self._name_start[:-1]]).astype(np.float32)
        self._close = lru_cache(maxsize=20_000)(self._look_for_close)

    @classmethod
    def build(
        cls, names: "Iterable[tuple[Sequence[str], int]]", usual: Mapping[str, int] | None = None, total: int = 0
    ) -> Self:
        """Return an index of these names.

        Args:
            names: the words of each name, in order, and the number of its record.
            usual: in how many of `total` names a word stands usually; a small index then weighs words like a large one.
            total: number of names that `usual` was counted in.
        """
        words, arrays = build_arrays(names, usual or {}, total)
        return cls(words, arrays)

    def save(self, folder: Path, settings: Mapping[str, Setting] | None = None) -> Manifest:
        """Write the index in place of the one there; StoreError where the folder cannot be written."""
        from safetensors.numpy import save

        vocabulary = np.frombuffer("\n".join(self.words).encode(), dtype=np.uint8)
        content = save({**self._arrays, **self.extra, "vocabulary": vocabulary})
        following = _generation(folder) + 1
        path = folder / f"words-{following}.safetensors"
        replace(path, content)
        manifest = Manifest(
            kind="words", model=FORMAT, dimension=1, settings=dict(settings or {}), count=len(self.record),
            files={path.name: len(content)}, digest=digest_of([path]), generation=following,
        )  # fmt: skip
        manifest.write(folder / MANIFEST)
        for other in folder.glob("words-*.safetensors"):
            if other != path:
                other.unlink(missing_ok=True)
        return manifest

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what was saved.

        Raises:
            StoreMissing: nothing was saved there.
            StoreError: the file is damaged or of another version.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        manifest = Manifest.read(folder / MANIFEST)
        if manifest.model != FORMAT or len(manifest.files) != 1:
            raise StoreError("the index of words is of another version", where=str(folder), hint=REMEDY)
        try:
            manifest.check_sizes(folder)
            arrays = load((folder / next(iter(manifest.files))).read_bytes())
            text = bytes(arrays.pop("vocabulary")).decode()
            words = text.split("\n") if text else []
            return cls(words, arrays)
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise StoreError("the index of words is damaged", where=str(folder), hint=REMEDY) from error

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self.record)

    def id_of(self, word: str) -> int | None:
        """Return the id of a word, or None when no name holds it."""
        return self._id.get(word)

    def name(self, row: int) -> NDArray[np.int32]:
        """Return the word ids of one name, in order."""
        return self._name_words[self._name_start[row] : self._name_start[row + 1]]

    def names(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the word ids of these names, one name after the other, and the number of words of each."""
        lengths = self.lengths(rows)
        return self._name_words[ranges(self._name_start[rows], lengths)], lengths

    def hash_of(self, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the `run_hash` of the words of each of these names, 0 for none."""
        return self._hash_of[rows]

    @cached_property
    def _hash_of(self) -> NDArray[np.uint64]:
        found = np.zeros(len(self.record), np.uint64)
        found[self._hash_name] = self._hash
        return found

    def rare_mass(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the summed idf of the words of these names, frequent ones left out."""
        return self._rare_mass[rows]

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of words of each of these names."""
        return self._name_start[rows + 1] - self._name_start[rows]

    def frequent(self, word: int) -> bool:
        """Return whether a word stands in too many names to select any."""
        return bool(self._frequent[word])

    def holding(self, weights: Mapping[int, float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the names that hold any of these words, and the summed idf, times weight, of those they hold.

        Frequent words select only where there are no others, and then only names that hold them all.
        """
        chosen = [word for word in weights if not self._frequent[word]]
        rare = bool(chosen)
        if not rare:
            chosen = sorted(weights, key=lambda word: self._post_start[word + 1] - self._post_start[word])
        if not chosen:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        lists = [self._post[self._post_start[word] : self._post_start[word + 1]] for word in chosen]
        if not rare:
            rows = lists[0]
            for other in lists[1:]:
                rows = rows[np.isin(rows, other, assume_unique=True)]
            total = float(sum(self.idf[word] * weights[word] for word in chosen))
            return rows.astype(np.int64), np.full(len(rows), total, np.float32)
        # Pairs of a name and a word, each in one number: sorting these is quicker than sums in an array of all names.
        pairs = np.concatenate(lists).astype(np.int64) * len(lists)
        pairs += np.repeat(np.arange(len(lists)), [len(found) for found in lists])
        pairs.sort()
        rows, words = np.divmod(pairs, len(lists))
        starts = np.concatenate(([0], np.flatnonzero(rows[1:] != rows[:-1]) + 1))
        worth = np.array([self.idf[word] * weights[word] for word in chosen], np.float64)
        return rows[starts], np.add.reduceat(worth[words], starts).astype(np.float32)

    def runs(self, words: Sequence[int]) -> list[tuple[int, int, int]]:
        """Return (first, last exclusive, row) for every name that is a whole run of these words; -1 is no word."""
        first, last, hashes = hashes_of_runs([self.words[word] if word >= 0 else "" for word in words], _LONGEST_RUN)
        low, high = np.searchsorted(self._hash, hashes, "left"), np.searchsorted(self._hash, hashes, "right")
        held = np.flatnonzero(high > low)
        return [
            (a, b, row)
            for n, a, b in zip(held.tolist(), first[held].tolist(), last[held].tolist(), strict=True)
            for row in self._hash_name[low[n] : high[n]].tolist()
            if min(words[a:b]) >= 0
        ]

    def close_words(self, word: str) -> tuple[tuple[int, float], ...]:
        """Return words of the vocabulary that are spelled like one that is not in it, with the likeness (0 to 1)."""
        return self._close(word) if len(word) >= _SHORTEST_TYPO else ()

    def _look_for_close(self, word: str) -> tuple[tuple[int, float], ...]:
        from rapidfuzz.distance import OSA

        codes = trigrams(word)
        lists = [self._tri[self._tri_start[code] : self._tri_start[code + 1]] for code in codes if code < CODES]
        if not lists:
            return ()
        shared = np.bincount(np.concatenate(lists))
        # A word that shares less cannot reach _CLOSE_SHARE, however short it is.
        some = np.flatnonzero(shared > _CLOSE_SHARE / 2 * len(codes))
        share = 2 * shared[some] / (len(codes) + self._tri_count[some])
        best = some[np.argsort(-share, kind="stable")[:_CLOSE_LOOKED_AT]]
        likely = {int(n) for n in best} & {int(n) for n in some[share >= _CLOSE_SHARE]}
        scored = [(n, OSA.normalized_similarity(word, self.words[n])) for n in sorted(likely)]
        kept = sorted(((n, s) for n, s in scored if s >= _CLOSE_RATIO), key=lambda pair: (-pair[1], pair[0]))
        return tuple(kept[:4])


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of some ranges, one range after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def hashes_of_runs(
    words: Sequence[str], longest: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Return all runs of up to `longest` of these words, as three arrays: first, last exclusive, `run_hash`."""
    upto = np.array(list(accumulate(map(word_hash, words), longer_run, initial=0)), np.uint64)
    first, last, power = _runs_among(len(words), longest)
    # The hash is a polynomial: what stands before the run is taken off.
    return first, last, upto[last] - upto[first] * power


@lru_cache(maxsize=200)
def _runs_among(count: int, longest: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64]]:
    """Return first and last (exclusive) of all runs among so many words, and what the hash before each is multiplied by."""
    first, more = np.nonzero(np.arange(count)[:, None] + np.arange(longest) < count)
    powers = list(accumulate(range(longest), lambda power, _: longer_run(power, 0), initial=1))
    return first, first + more + 1, np.array(powers, np.uint64)[more + 1]


def _generation(folder: Path) -> int:
    try:
        return Manifest.read(folder / MANIFEST).generation
    except StoreError:
        return 0

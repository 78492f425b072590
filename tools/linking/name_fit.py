"""How well names fit the mentions that they were found for, as a whole and part by part; many mentions at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import partial_ratio

from tools.linking.mention import MentionWords
from tools.linking.registry import KINDS, Registry

_SHORT = 3
# A column: one number (or truth) for each name, of whatever kind of number.
Values = NDArray[Any]


@dataclass
class Fits:
    """How names fit; each array has one entry for each name.

    Attributes:
        mention: int64, number of the mention that the name was found for.
        rows: int64, row of the name.
        records: int32, number of the name's record.
        spans: int64 (names, 2), first and last word (exclusive) of the run of the mention that the name is; -1 where none.
        part: int64, number of the part of the mention that the name is compared with.
        score: float64, by which the best names are chosen.
        columns: FEATURES by name.
    """

    mention: NDArray[np.int64]
    rows: NDArray[np.int64]
    records: NDArray[np.int32]
    spans: NDArray[np.int64]
    part: NDArray[np.int64]
    score: Values
    columns: dict[str, Values]

    def take(self, places: NDArray[np.int64]) -> "Fits":
        """Return the names at these places."""
        return Fits(
            mention=self.mention[places],
            rows=self.rows[places],
            records=self.records[places],
            spans=self.spans[places],
            part=self.part[places],
            score=self.score[places],
            columns={name: column[places] for name, column in self.columns.items()},
        )


class Wanted(NamedTuple):
    """The words of names that the words of some mentions may stand for; see `wanted_words`.

    Attributes:
        keys: int64, for each word, number of the mention * size of the vocabulary + id of the word, ascending, with an end mark.
        weights: what each speaks for, 0 to 1.
        places: int64, place of the first word of the mention that each stands for.
        inside: bool (words, most parts), in which parts of the mention such words are.
        masses: (mentions, most parts), what all words of each part are worth.
    """

    keys: NDArray[np.int64]
    weights: Values
    places: NDArray[np.int64]
    inside: NDArray[np.bool_]
    masses: Values


def compare_words(
    registry: Registry, wanted: Wanted, mention: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[Values, Values]:
    """Return for each name how much of it stands in its mention, and how much of the mention it is, 0 to 1."""
    found = _match(registry, wanted, mention, rows)
    matched = np.bincount(found.name, found.worth, len(rows))
    return matched / found.total, _share(matched, wanted, mention)


def _share(matched: Values, wanted: Wanted, mention: NDArray[np.int64]) -> Values:
    # Added up one after the other: `sum` groups by the number of columns, which is that of the mention with most parts.
    whole = np.add.accumulate(wanted.masses, axis=1)[:, -1]
    share: Values = np.minimum(1.0, matched / np.maximum(whole, 1e-6)[mention])
    return share


def most_of(values: Values, group: NDArray[np.int64], groups: int) -> Values:
    """Return the greatest value of each group, 0 where there is none; no value is negative."""
    found = np.zeros(groups)
    np.maximum.at(found, group, values)
    return found


class _Matches(NamedTuple):
    """Words of names that their mentions hold: number of the `name`, what the word is `worth`, place `at` the wanted words.

    `total` is what all words of each name are worth, `lengths` how many they are.
    """

    name: NDArray[np.int64]
    worth: Values
    at: NDArray[np.int64]
    total: Values
    lengths: NDArray[np.int64]


def _match(registry: Registry, wanted: Wanted, mention: NDArray[np.int64], rows: NDArray[np.int64]) -> _Matches:
    index, count = registry.index, len(rows)
    words, lengths = index.names(rows)
    name = np.repeat(np.arange(count), lengths)
    total = np.maximum(np.bincount(name, index.idf[words], count), 1e-6)
    own = words + mention[name] * len(index.words)
    at = np.searchsorted(wanted.keys, own)
    hit = wanted.keys[at] == own
    worth = index.idf[words[hit]].astype(np.float64) * wanted.weights[at[hit]]
    return _Matches(name[hit], worth, at[hit], total, lengths)


def fit_names(
    registry: Registry,
    mentions: Sequence[MentionWords],
    wanted: Wanted,
    mention: NDArray[np.int64],
    rows: NDArray[np.int64],
    spans: NDArray[np.int64],
    similarity: Values,
) -> Fits:
    """Compare names with their mentions by words, whole and with each part; see `Fits` for the other arguments."""
    index, count = registry.index, len(rows)
    # Of the names, only those words that a word of the mention may stand for.
    name, worth, at, total, lengths = _match(registry, wanted, mention, rows)
    place = wanted.places[at]
    matched = np.bincount(name, worth, count)
    recall = matched / total
    sizes = np.maximum(1, [len(one.words) for one in mentions])[mention]
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, name, place)
    first[recall == 0] = 0
    rising = name[1:][(name[1:] == name[:-1]) & (place[1:] > place[:-1])]
    part, part_recall, part_precision, part_f1 = _best_part(
        name, worth[:, None] * wanted.inside[at], total, wanted.masses[mention]
    )
    exact = spans[:, 0] >= 0
    for n in np.flatnonzero(exact).tolist():
        first[n] = spans[n, 0]
        part[n] = mentions[mention[n]].parts[first[n]]
    score = matched * recall * np.sqrt(recall) * np.where(exact, 1.6, 1.0) + 2 * part_f1 + 2 * similarity
    columns = {
        "recall": recall,
        "precision": _share(matched, wanted, mention),
        "part_recall": part_recall,
        "part_precision": part_precision,
        "part_f1": part_f1,
        "mass": matched,
        "missed": total - matched,
        "words": lengths,
        "first": first / sizes,
        "order": np.bincount(rising, minlength=count) / np.maximum(1, lengths - 1),
        "typos": np.bincount(name[wanted.weights[at] < 1], minlength=count),
        "similarity": similarity,
    }
    return Fits(mention, rows, index.record[rows], spans, part, score, columns)


def add_spelling(registry: Registry, mentions: Sequence[MentionWords], fits: Fits) -> list[str]:
    """Add what the letters and the kind of a name say, and where it stands; return the names' compared words as texts."""
    index, kind = registry.index, registry.kind[fits.rows]
    words, lengths = index.names(fits.rows)
    texts = [index.words[word] for word in words.tolist()]
    names = [" ".join(texts[first:last]) for first, last in pairwise(accumulate(lengths.tolist(), initial=0))]
    own = [mentions[n] for n in fits.mention.tolist()]
    parts = [one.part(number) for one, number in zip(own, fits.part.tolist(), strict=True)]
    count = np.array([one.count for one in mentions])[fits.mention]
    sizes = np.array([len(one.words) for one in mentions])[fits.mention]
    exact, exact_words = fits.spans[:, 0] >= 0, fits.spans[:, 1] - fits.spans[:, 0]
    fits.columns |= {
        "exact": exact,
        "exact_words": exact_words,
        "exact_share": exact_words / np.maximum(1, sizes),
        "whole": exact_words == sizes,
        "whole_part": exact & (exact_words == np.array([part.count(" ") + 1 for part in parts])),
        "part_from_start": fits.part,
        "part_from_end": count - 1 - fits.part,
        "parts": count,
        "mention_words": sizes,
        "kind": kind,
        "acronym": kind == KINDS.index("acronym"),
        "ratio": np.array([Indel.normalized_similarity(a, b) for a, b in zip(parts, names, strict=True)]),
        "partial": np.array(
            [
                partial_ratio(name, one.whole) / 100 if len(name) > _SHORT else 0.0
                for one, name in zip(own, names, strict=True)
            ]
        ),
    }
    return names


def wanted_words(registry: Registry, mentions: Sequence[MentionWords]) -> Wanted:
    """Return which words of names the words of these mentions may stand for, for all comparisons with them."""
    vocabulary = len(registry.index.words)
    found = [(n, one, id_) for n, one in enumerate(mentions) for id_ in sorted(one.weights)]
    keys = [n * vocabulary + id_ for n, _, id_ in found]
    weights = [one.weights[id_] for _, one, id_ in found]
    places = [one.at[id_][0] for _, one, id_ in found]
    inside = np.zeros((len(found) + 1, _most_parts(mentions)), np.bool_)
    marks = [(k, one.parts[place]) for k, (_, one, id_) in enumerate(found) for place in one.at[id_]]
    inside[tuple(np.array(marks, np.int64).reshape(-1, 2).T)] = True
    return Wanted(
        keys=np.array([*keys, np.iinfo(np.int64).max]),
        weights=np.array([*weights, 0.0]),
        places=np.array([*places, 0]),
        inside=inside,
        masses=np.array(_part_masses(registry, mentions)),
    )


def _best_part(
    name: NDArray[np.int64], worth: Values, total: Values, masses: Values
) -> tuple[NDArray[np.int64], Values, Values, Values]:
    """Return the part that each name fits best, with recall, precision and their harmonic mean.

    Args:
        name: for each word that is found, the number of its name, (words,).
        worth: what the word counts in each part, (words, most parts).
        total: what all words of a name count, (names,).
        masses: what all words of each part of the name's mention count, (names, most parts).
    """
    names, parts = masses.shape
    cell = name[:, None] * parts + np.arange(parts)
    got = np.bincount(cell.ravel(), worth.ravel(), names * parts).reshape(names, parts)
    recall, precision = got / total[:, None], np.minimum(1.0, got / np.maximum(masses, 1e-6))
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-12)
    best, each = f1.argmax(axis=1), np.arange(names)
    return best, recall[each, best], precision[each, best], f1[each, best]


def _most_parts(mentions: Sequence[MentionWords]) -> int:
    return max([1, *(one.count for one in mentions)])


def _part_masses(registry: Registry, mentions: Sequence[MentionWords]) -> list[list[float]]:
    """Return the summed idf of the words of each part; a word that no name holds weighs like a rare one."""
    idf, unknown = registry.index.idf, registry.index.unknown_idf
    masses = [[0.0] * _most_parts(mentions) for _ in mentions]
    for own, one in zip(masses, mentions, strict=True):
        for id_, number in zip(one.ids, one.parts, strict=True):
            own[number] += float(idf[id_]) if id_ >= 0 else unknown
    return masses

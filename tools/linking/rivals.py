"""What all names of a candidate's record say together, and where the candidate stands among its rivals."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from tools.linking.name_fit import Fits, Values, Wanted, compare_words, most_of
from tools.linking.registry import KINDS, Registry

NAMES = (
    "own_f1", "asserted_f1", "supporting", "asserted_supporting", "asserted_names", "known_names", "registered",
)  # fmt: skip
# Of these, how far a candidate is ahead of the best other one, or behind it, and how many are better.
COMPARED = ("part_f1", "precision", "partial", "similarity", "recall", "ratio", "mass")
RIVALS = tuple(f"{name}_{what}" for name in COMPARED for what in ("lead", "rank"))
_ASSERTED = KINDS.index("asserted")
_SUPPORTS = 0.5
_REGISTERED = "https://ror.org/"


def all_names(registry: Registry, wanted: Wanted, without: Sequence[Collection[int]], fits: Fits) -> dict[str, Values]:
    """Return what all names of each candidate's record say, not only the one that fits best.

    Args:
        registry: the records.
        wanted: what the mentions' words may stand for.
        without: for each mention, rows of names that do not count.
        fits: the best name of each candidate.

    Returns:
        Columns of FEATURES, each (candidates,); `names` counts as the registry does, without what does not count.
    """
    count = len(fits.rows)
    rows, candidate = registry.names_of(fits.records)
    mention = fits.mention[candidate]
    kept = np.ones(len(rows), np.bool_)
    for number, left_out in enumerate(without):
        if left_out:
            kept &= (mention != number) | ~np.isin(rows, list(left_out))
    number_of_names = registry.names[fits.records] - _left_out(registry, rows[~kept], candidate[~kept], count)
    rows, candidate, mention = rows[kept], candidate[kept], mention[kept]
    asserted = registry.kind[rows] == _ASSERTED
    asserted_names = np.bincount(candidate[asserted], minlength=count)
    # A record's names of the same words count once.
    chosen = _first_of_each(registry, rows, candidate)
    rows, candidate, mention, asserted = rows[chosen], candidate[chosen], mention[chosen], asserted[chosen]
    recall, precision = compare_words(registry, wanted, mention, rows)
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-6)
    supports = f1 > _SUPPORTS
    return {
        "names": number_of_names,
        "own_f1": most_of(f1[~asserted], candidate[~asserted], count),
        "asserted_f1": most_of(f1[asserted], candidate[asserted], count),
        "supporting": np.bincount(candidate[supports], minlength=count),
        "asserted_supporting": np.bincount(candidate[supports & asserted], minlength=count),
        "asserted_names": asserted_names,
        "known_names": np.bincount(candidate, minlength=count),
        "registered": np.array([registry.ids[record].startswith(_REGISTERED) for record in fits.records.tolist()]),
    }


def ranks(columns: dict[str, Values], mention: NDArray[np.int64]) -> dict[str, Values]:
    """Return for each measure of COMPARED the lead over the best other candidate, and how many candidates are better.

    Args:
        columns: the measures, each (candidates,).
        mention: number of each candidate's mention, ascending.
    """
    found: dict[str, Values] = {}
    each = np.arange(len(mention))
    start = np.searchsorted(mention, mention)
    size = np.searchsorted(mention, mention, side="right") - start
    for name in COMPARED:
        column = columns[name].astype(np.float64)
        order = np.lexsort((-column, mention))
        falling = column[order]
        best, second = falling[start], falling[start + np.minimum(1, size - 1)]
        found[f"{name}_lead"] = column - np.where(column == best, second, best)
        # Of equal values the first tells how many are better.
        new = np.ones(len(each), np.bool_)
        new[1:] = (falling[1:] != falling[:-1]) | (mention[1:] != mention[:-1])
        rank = np.empty(len(each))
        rank[order] = np.maximum.accumulate(np.where(new, each, 0)) - start
        found[f"{name}_rank"] = rank
    return found


def _first_of_each(registry: Registry, rows: NDArray[np.int64], candidate: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of names whose words no earlier name of the same candidate has, ascending."""
    hashes = registry.index.hash_of(rows)
    order = np.lexsort((np.arange(len(rows)), hashes, candidate))
    hashes, owner = hashes[order], candidate[order]
    new = np.ones(len(rows), np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1])
    return np.sort(order[new])


def _left_out(registry: Registry, rows: NDArray[np.int64], candidate: NDArray[np.int64], count: int) -> Values:
    """Return how many names of each candidate do not count; a name may have two forms, and stand again at its twin."""
    found = np.zeros(count)
    seen: set[tuple[int, int]] = set()
    hashes = registry.index.hash_of(rows).tolist()
    for number, hashed, own in zip(registry.row[rows].tolist(), hashes, candidate.tolist(), strict=True):
        row, words = (own, number), (own, -1 - hashed)
        found[own] += not {row, words} & seen
        seen |= {row, words}
    return found

"""Candidates of a mention of an institution or topic, and what speaks for each, as a matrix for the ranker."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.linking.mention import MentionWords, read_mention
from tools.linking.name_fit import Fits, add_spelling, fit_names, wanted_words
from tools.linking.registry import KINDS, Registry, country_number
from tools.linking.rivals import NAMES, RIVALS, all_names, ranks
from tools.linking.surroundings import surroundings

FEATURES = (
    "recall", "precision", "part_recall", "part_precision", "part_f1", "mass", "missed", "words", "exact", "exact_words",
    "exact_share", "whole", "whole_part", "inside_other", "first", "part_from_start", "part_from_end", "parts", "mention_words",
    "kind", "acronym", "ratio", "partial", "order", "typos",
    "country_said", "country_implied", "country_other", "country_known", "country_context", "city", "city_named",
    "education", "healthcare", "company", "facility", "government", "nonprofit", "archive", "other_type", "funder",
    "status", "prior", "works", "names", "parent_exact", "child_exact", "parent_inside", "child_inside",
    "namesakes", "best_mass", "mass_behind", "recall_behind", "exact_behind", "known_behind", "exact_names", "similarity",
    "similarity_behind", *NAMES, *RIVALS,
)  # fmt: skip
_CONTAINED, _ALIKE, _PLAIN = 40, 16, 12
_POOL = 40


@dataclass
class Pool:
    """The candidates of one mention.

    Attributes:
        records: record numbers.
        rows: for each, the row of the name that fits best.
        matrix: float32 (candidates, len(FEATURES)).
    """

    records: list[int]
    rows: list[int]
    matrix: NDArray[np.float32]

    def order(self, log_odds: Sequence[float] | NDArray[np.floating]) -> list[int]:
        """Return the places of the candidates, best first."""
        found: list[int] = np.lexsort((np.array(self.records), -np.asarray(log_odds))).tolist()
        return found


class Query(NamedTuple):
    """A mention whose candidates are wanted.

    Attributes:
        text: the mention.
        countries: codes that its context names.
        near: names (rows) that are near in meaning, with their cosine similarity.
        without: names (rows) that do not count, for evaluation.
        hidden: records that do not count, for evaluation.
    """

    text: str
    countries: Sequence[str] = ()
    near: Sequence[tuple[int, float]] = ()
    without: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()


def candidates(
    registry: Registry,
    text: str,
    countries: Sequence[str] = (),
    near: Sequence[tuple[int, float]] = (),
    without: frozenset[int] = frozenset(),
    hidden: frozenset[int] = frozenset(),
) -> Pool:
    """Return the candidates of one mention; see `Query`."""
    return all_candidates(registry, [Query(text, countries, near, without, hidden)])[0]


def all_candidates(registry: Registry, queries: Sequence[Query]) -> list[Pool]:
    """Return the candidates of each of some mentions; what arrays do is done for all of them in one go."""
    if not queries:
        return []
    mentions = [read_mention(query.text, registry.index) for query in queries]
    found = [_find(registry, mention, query) for mention, query in zip(mentions, queries, strict=True)]
    wanted = wanted_words(registry, mentions)
    fits = fit_names(
        registry,
        mentions,
        wanted,
        np.repeat(np.arange(len(found)), [len(one) for one in found]),
        np.array([row for one in found for row in one], np.int64),
        np.array([span for one in found for span, _ in one.values()], np.int64).reshape(-1, 2),
        np.array([similarity for one in found for _, similarity in one.values()], np.float64),
    )
    fits = _best_names(registry, fits)
    names = add_spelling(registry, mentions, fits)
    columns = fits.columns | surroundings(registry, mentions, [query.countries for query in queries], fits, names)
    columns |= all_names(registry, wanted, [query.without for query in queries], fits)
    columns |= ranks(columns, fits.mention)
    matrix = np.empty((len(names), len(FEATURES)), np.float32)
    for n, name in enumerate(FEATURES):
        matrix[:, n] = columns[name]
    ends = np.searchsorted(fits.mention, np.arange(len(queries) + 1)).tolist()
    records, rows = fits.records.tolist(), fits.rows.tolist()
    return [Pool(records[a:b], rows[a:b], matrix[a:b]) for a, b in pairwise(ends)]


def _best_names(registry: Registry, fits: Fits) -> Fits:
    """Return the best name of each record, each mention's best first; it takes over the other names' similarity."""
    order = np.lexsort((fits.records, -registry.prior[fits.records], -fits.score, fits.mention))
    key = fits.mention * len(registry.ids) + fits.records
    _, first, record = np.unique(key[order], return_index=True, return_inverse=True)
    similarity = np.zeros(len(first))
    np.maximum.at(similarity, record, fits.columns["similarity"][order])
    chosen = np.sort(first)
    mention = fits.mention[order[chosen]]
    chosen = chosen[np.arange(len(chosen)) - np.searchsorted(mention, mention) < _POOL]
    best = fits.take(order[chosen])
    best.columns["similarity"] = similarity[record[chosen]]
    return best


def _find(registry: Registry, mention: MentionWords, query: Query) -> dict[int, tuple[tuple[int, int], float]]:
    """Return the names to compare with a mention: the run of it that each is, (-1, -1) for none, and its similarity."""
    runs = _runs(registry, mention, query.without, query.hidden)
    similar = dict(query.near)
    always = {row for _, _, row in runs} | set(similar)
    rows = _retrieve(registry, mention, always, query.countries, query.without, query.hidden)
    # Of a name that stands in the mention several times, the first place counts.
    spans = {row: (first, last) for first, last, row in reversed(runs)}
    return {row: (spans.get(row, (-1, -1)), similar.get(row, 0.0)) for row in rows}


def _runs(
    registry: Registry, mention: MentionWords, without: frozenset[int], hidden: frozenset[int]
) -> list[tuple[int, int, int]]:
    """Return the names that are a run of the mention's words; one-word names only where the spelling allows it."""
    kept = []
    acronym = KINDS.index("acronym")
    alone = len(mention.words) == 1
    for first, last, row in registry.index.runs(mention.ids):
        if row in without or int(registry.index.record[row]) in hidden:
            continue
        if last - first == 1:
            word = int(registry.index.name(row)[0])
            if registry.index.frequent(word) and not alone:
                continue
            if registry.kind[row] == acronym and not (mention.upper[first] or alone):
                continue
        if mention.parts[first] == mention.parts[last - 1]:
            kept.append((first, last, row))
    return kept


def _retrieve(
    registry: Registry,
    mention: MentionWords,
    always: set[int],
    countries: Sequence[str],
    without: frozenset[int],
    hidden: frozenset[int],
) -> list[int]:
    index = registry.index
    rows, mass = index.holding(mention.weights)
    if len(rows):
        share = np.minimum(mass / np.maximum(index.rare_mass(rows), 1e-6), 1.0)
        whole = max(1e-6, sum(float(index.idf[w]) * v for w, v in mention.weights.items() if not index.frequent(w)))
        records = index.record[rows]
        bonus = 1 + 0.012 * registry.prior[records] + 0.006 * registry.works[records]
        if said := {country_number(code) for code in (*mention.place.said, *mention.place.implied, *countries)}:
            country = registry.country[records]
            bonus *= 1 + np.float32(0.15) * np.logical_or.reduce([country == number for number in said])
        mass *= bonus
        contained, alike = mass * share * np.sqrt(share), mass / whole * (0.4 + 0.6 * share)
        chosen = set(rows[_top(contained, _CONTAINED)].tolist()) | set(rows[_top(alike, _ALIKE)].tolist())
        always = always | chosen
    for words in _plain_parts(registry, mention):
        rows, _ = index.holding(dict.fromkeys(words, 1.0))
        length = index.lengths(rows)
        known = registry.prior[index.record[rows]] + registry.works[index.record[rows]]
        always = always | set(rows[_top(known - 3.0 * length, _PLAIN)].tolist())
    if without or hidden:
        always = {row for row in always if row not in without and int(index.record[row]) not in hidden}
    return sorted(always)


def _plain_parts(registry: Registry, mention: MentionWords) -> list[list[int]]:
    """Return the ids of the parts that have frequent words alone: "Indian Institute of Science", "Ministry of Health"."""
    parts: dict[int, list[int]] = {}
    for id_, part in zip(mention.ids, mention.parts, strict=True):
        parts.setdefault(part, []).append(id_)
    index = registry.index
    rare = any(id_ >= 0 and not index.frequent(id_) for id_ in mention.ids)
    return [ids for ids in parts.values() if rare and len(ids) > 1 and all(i >= 0 and index.frequent(i) for i in ids)]


def _top(values: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    return np.argpartition(-values, count)[:count] if len(values) > count else np.arange(len(values))

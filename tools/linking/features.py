"""Candidates of a mention of an institution or topic, and what speaks for each, as a matrix for the ranker."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.linking.mention import MentionWords, read_mention
from tools.linking.name_fit import Fit, fit_name
from tools.linking.registry import KINDS, Registry, country_number
from tools.linking.surroundings import add_surroundings

FEATURES = (
    "recall", "precision", "part_recall", "part_precision", "part_f1", "mass", "missed", "words", "exact", "exact_words",
    "exact_share", "whole", "whole_part", "inside_other", "first", "part_from_start", "part_from_end", "parts", "mention_words",
    "kind", "acronym", "ratio", "partial", "order", "typos",
    "country_said", "country_implied", "country_other", "country_known", "country_context", "city", "city_named",
    "education", "healthcare", "company", "facility", "government", "nonprofit", "archive", "other_type", "funder",
    "status", "prior", "works", "names", "parent_exact", "child_exact", "parent_inside", "child_inside",
    "namesakes", "best_mass", "mass_behind", "recall_behind", "exact_behind", "known_behind", "exact_names", "similarity",
    "similarity_behind",
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


def candidates(
    registry: Registry,
    text: str,
    countries: Sequence[str] = (),
    near: Sequence[tuple[int, float]] = (),
    without: frozenset[int] = frozenset(),
    hidden: frozenset[int] = frozenset(),
) -> Pool:
    """Return the candidates of a mention.

    Args:
        registry: the records.
        text: the mention.
        countries: codes that its context names.
        near: names (rows) that are near in meaning, with their cosine similarity.
        without: names (rows) that do not count, for evaluation.
        hidden: records that do not count, for evaluation.
    """
    mention = read_mention(text, registry.index)
    runs = _runs(registry, mention, without, hidden)
    similar = dict(near)
    rows = _retrieve(registry, mention, {row for _, _, row in runs} | set(similar), countries, without, hidden)
    spans: dict[int, tuple[int, int]] = {}
    for first, last, row in runs:
        if row not in spans or last - first > spans[row][1] - spans[row][0]:
            spans[row] = (first, last)
    best: dict[int, Fit] = {}
    for row in rows:
        fit = fit_name(registry, mention, row, spans.get(row), similar.get(row, 0.0))
        held = best.get(fit.record)
        if held is None or fit.score > held.score:
            if held is not None:
                fit.values["similarity"] = max(fit.values["similarity"], held.values["similarity"])
            best[fit.record] = fit
        else:
            held.values["similarity"] = max(fit.values["similarity"], held.values["similarity"])
    fits = sorted(best.values(), key=lambda fit: (-fit.score, -registry.prior[fit.record], fit.record))[:_POOL]
    add_surroundings(registry, mention, fits, countries, spans)
    matrix = np.array([[fit.values[name] for name in FEATURES] for fit in fits], np.float32)
    return Pool([fit.record for fit in fits], [fit.row for fit in fits], matrix.reshape(len(fits), len(FEATURES)))


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
        share = mass / np.maximum(index.rare_mass(rows), 1e-6)
        whole = max(1e-6, sum(float(index.idf[w]) * v for w, v in mention.weights.items() if not index.frequent(w)))
        records = index.record[rows]
        said = [country_number(code) for code in (*mention.place.said, *mention.place.implied, *countries)]
        bonus = 1.0 + 0.15 * np.isin(registry.country[records], said) if said else np.float32(1.0)
        bonus = bonus * (1 + 0.012 * registry.prior[records] + 0.006 * registry.works[records])
        contained = mass * np.minimum(share, 1.0) ** 1.5 * bonus
        alike = mass / whole * (0.4 + 0.6 * np.minimum(share, 1.0)) * bonus
        chosen = set(rows[_top(contained, _CONTAINED)].tolist()) | set(rows[_top(alike, _ALIKE)].tolist())
        always = always | chosen
    for words in _plain_parts(registry, mention):
        rows, _ = index.holding(dict.fromkeys(words, 1.0))
        length = index.lengths(rows)
        known = registry.prior[index.record[rows]] + registry.works[index.record[rows]]
        always = always | set(rows[_top(known - 3.0 * length, _PLAIN)].tolist())
    return [row for row in sorted(always) if row not in without and int(index.record[row]) not in hidden]


def _plain_parts(registry: Registry, mention: MentionWords) -> list[list[int]]:
    """Return the ids of the parts that have frequent words alone: "Indian Institute of Science", "Ministry of Health"."""
    parts: dict[int, list[int]] = {}
    for id_, part in zip(mention.ids, mention.parts, strict=True):
        parts.setdefault(part, []).append(id_)
    index = registry.index
    rare = any(id_ >= 0 and not index.frequent(id_) for id_ in mention.ids)
    return [ids for ids in parts.values() if rare and len(ids) > 1 and all(i >= 0 and index.frequent(i) for i in ids)]


def _top(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    return np.argpartition(-values, count)[:count] if len(values) > count else np.arange(len(values))

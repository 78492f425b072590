"""How well one name fits a mention, as a whole and part by part."""

from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import partial_ratio

from tools.linking.mention import MentionWords
from tools.linking.registry import KINDS, Registry

_SHORT = 3


@dataclass
class Fit:
    """How one name fits."""

    row: int
    record: int
    score: float
    values: dict[str, float]
    span: tuple[int, int] | None = None


def fit_name(
    registry: Registry, mention: MentionWords, row: int, span: tuple[int, int] | None, similarity: float
) -> Fit:
    """Compare one name with the mention, whole and with each of its parts."""
    index = registry.index
    words = index.name(row).tolist()
    total = matched = 0.0
    typos = 0.0
    by_part: dict[int, float] = {}
    places: list[int] = []
    for word in words:
        idf = float(index.idf[word])
        total += idf
        weight = mention.weights.get(word)
        if weight is None:
            continue
        matched += idf * weight
        typos += weight < 1
        own = mention.at[word]
        places.append(own[0])
        for part in {mention.parts[n] for n in own}:
            by_part[part] = by_part.get(part, 0.0) + idf * weight
    total = max(total, 1e-6)
    masses = part_masses(registry, mention)
    best, part_recall, part_precision, part_f1 = _best_part(by_part, total, masses)
    part = mention.parts[span[0]] if span else best
    whole_mass = max(sum(masses), 1e-6)
    exact_words = span[1] - span[0] if span else 0
    name = " ".join(index.words[word] for word in words)
    in_part = mention.part(part)
    order = sum(a < b for a, b in pairwise(places)) / max(1, len(words) - 1)
    values = {
        "recall": matched / total,
        "precision": min(1.0, matched / whole_mass),
        "part_recall": part_recall,
        "part_precision": part_precision,
        "part_f1": part_f1,
        "mass": matched,
        "missed": total - matched,
        "words": float(len(words)),
        "exact": float(span is not None),
        "exact_words": float(exact_words),
        "exact_share": exact_words / max(1, len(mention.words)),
        "whole": float(exact_words == len(mention.words)),
        "whole_part": float(span is not None and exact_words == in_part.count(" ") + 1),
        "first": (span[0] if span else min(places, default=0)) / max(1, len(mention.words)),
        "part_from_start": float(part),
        "part_from_end": float(mention.count - 1 - part),
        "parts": float(mention.count),
        "mention_words": float(len(mention.words)),
        "kind": float(registry.kind[row]),
        "acronym": float(KINDS[registry.kind[row]] == "acronym"),
        "ratio": Indel.normalized_similarity(in_part, name),
        "partial": partial_ratio(name, mention.whole) / 100 if len(name) > _SHORT else 0.0,
        "order": order,
        "typos": typos,
        "similarity": similarity,
    }
    score = values["mass"] * values["recall"] ** 1.5 * (1.6 if span else 1.0) + 2 * part_f1 + 2 * similarity
    return Fit(row, int(index.record[row]), score, values, span)


def _best_part(by_part: dict[int, float], total: float, masses: list[float]) -> tuple[int, float, float, float]:
    """Return the part that a name fits best, with recall, precision and their harmonic mean."""
    best = (0, 0.0, 0.0, 0.0)
    for number, got in by_part.items():
        recall, precision = got / total, min(1.0, got / max(masses[number], 1e-6))
        f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
        if f1 > best[3]:
            best = (number, recall, precision, f1)
    return best


def part_masses(registry: Registry, mention: MentionWords) -> list[float]:
    """Return the summed idf of the words of each part; a word that no name holds weighs like a rare one."""
    if not mention.masses:
        unknown = registry.index.unknown_idf
        mention.masses = [0.0] * max(1, mention.count)
        for id_, number in zip(mention.ids, mention.parts, strict=True):
            mention.masses[number] += float(registry.index.idf[id_]) if id_ >= 0 else unknown
    return mention.masses

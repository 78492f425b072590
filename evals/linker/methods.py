"""What the shipped ranker and three simple methods answer for labelled mentions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evals.linker.gold import Example
from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import AuthorityType
from tools.linking.features import FEATURES, Pool
from tools.linking.near import TextEmbedder
from tools.linking.ranker import Ranker
from tools.linking.registry import Registry

_AT_ONCE = 256
_LOOKED_AT = 20
_KEPT = 5
_STEPS = 201
_OVERLAP = FEATURES.index("part_f1")


@dataclass(frozen=True)
class Answer:
    """What a method answers for one mention.

    Attributes:
        ids: of its candidates, best first; a few.
        score: how well the first fits, on the method's own scale.
        nil: whether it says "no match".
        confidence: that the first is right, where the method has such a thing.
    """

    ids: tuple[str, ...]
    score: float = 0.0
    nil: bool = True
    confidence: float | None = None


class StoredVectors(Protocol):
    """Vectors of names; ids are rows of the catalogue's table of names, as text."""

    def vectors(self, ids: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Return the vector of each id that has one."""
        ...


def by_ranker(examples: Sequence[Example], pools: Sequence[Pool], registry: Registry, ranker: Ranker) -> list[Answer]:
    """Return what the shipped ranker answers; example and pool belong together."""
    filled = [pool.matrix for pool in pools]
    scores = ranker.log_odds(np.concatenate(filled)) if filled else np.zeros(0, np.float32)
    answers = []
    start = 0
    for _, pool in zip(examples, pools, strict=True):
        own = [float(score) for score in scores[start : start + len(pool.records)]]
        start += len(own)
        order = pool.order(own)
        first = [([own[n] for n in order], pool.matrix[order[0]])] if own else []
        sure = next(iter(ranker.confidences(first)), 0.0)
        ids = tuple(registry.ids[pool.records[n]] for n in order[:_KEPT])
        answers.append(Answer(ids, own[order[0]] if own else 0.0, sure < ranker.description.credible, sure))
    return answers


def by_exact_name(
    examples: Sequence[Example], type_: AuthorityType, catalogue: Catalogue, registry: Registry
) -> list[Answer]:
    """Return the records that bear the mention as one of their names, the best known first; else "no match"."""
    bearers: dict[str, set[tuple[int, str]]] = {}
    wanted = {name_key(example.text) for example in examples}
    for row, _, id_, _, key, _ in catalogue.authorities.names([type_]):
        if key in wanted:
            bearers.setdefault(key, set()).add((row, id_))
    known = registry.prior + registry.works
    answers = []
    for example in examples:
        gone, hidden = _rows(example, registry), _hidden(example, registry)
        found = {id_ for row, id_ in bearers.get(name_key(example.text), ()) if row not in gone and id_ not in hidden}
        order = sorted(found, key=lambda id_: (-known[registry.number[id_]], id_))
        answers.append(Answer(tuple(order[:_KEPT]), float(bool(order)), not order))
    return answers


class OfficialNames:
    """The vectors of the official names of one type, without aliases, acronyms and other spellings.

    Args:
        type_: type of the records.
        catalogue: the names.
        stored: their vectors.
        embedder: what made them.
    """

    def __init__(
        self, type_: AuthorityType, catalogue: Catalogue, stored: StoredVectors, embedder: TextEmbedder
    ) -> None:
        official = {str(row): id_ for row, _, id_, _, _, kind in catalogue.authorities.names([type_]) if kind == "name"}
        found = stored.vectors(list(official))
        self._rows = [int(row) for row in found]
        self._ids = [official[row] for row in found]
        self._matrix = np.stack(list(found.values())) if found else np.zeros((0, 1), np.float32)
        self._embedder = embedder

    def nearest(self, examples: Sequence[Example], registry: Registry) -> list[Answer]:
        """Return the records whose official names are nearest to the whole mention, with the cosine of the first."""
        answers: list[Answer] = []
        for start in range(0, len(examples) if self._ids else 0, _AT_ONCE):
            part = examples[start : start + _AT_ONCE]
            cosines = self._embedder.embed([example.text for example in part]) @ self._matrix.T
            for example, line in zip(part, cosines, strict=True):
                gone, hidden = _rows(example, registry), _hidden(example, registry)
                best = np.argpartition(-line, _LOOKED_AT)[:_LOOKED_AT] if len(line) > _LOOKED_AT else range(len(line))
                kept = [n for n in best if self._rows[n] not in gone and self._ids[n] not in hidden]
                kept.sort(key=lambda n: (-line[n], self._ids[n]))
                ids = tuple(dict.fromkeys(self._ids[n] for n in kept))
                answers.append(Answer(ids[:_KEPT], float(line[kept[0]]) if kept else -1.0))
        return answers or [Answer(()) for _ in examples]


def by_words(pools: Sequence[Pool], registry: Registry) -> list[Answer]:
    """Return the order of retrieval, with the share of words that the first and the mention have in common."""
    return [
        Answer(
            tuple(registry.ids[record] for record in pool.records[:_KEPT]),
            float(pool.matrix[0, _OVERLAP]) if pool.records else 0.0,
        )
        for pool in pools
    ]


def with_threshold(answers: Sequence[Answer], lowest: float) -> list[Answer]:
    """Return answers that say "no match" where the score is below a threshold."""
    return [Answer(one.ids, one.score, not one.ids or one.score < lowest, one.confidence) for one in answers]


def best_threshold(examples: Sequence[Example], answers: Sequence[Answer]) -> float:
    """Return the score under which to say "no match" so that most of these mentions come out right."""
    if not answers:
        return 0.0
    score = np.array([one.score for one in answers])
    right = np.array([is_right(example, one) for example, one in zip(examples, answers, strict=True)])
    some = np.array([bool(example.ids) for example in examples])
    steps = np.unique(np.quantile(score, np.linspace(0, 1, _STEPS)))
    values = [float(np.where(some, right & (score >= step), score < step).mean()) for step in steps]
    return float(steps[int(np.argmax(values))])


def is_right(example: Example, answer: Answer) -> bool:
    """Return whether the first candidate is right, "no match" or not."""
    return bool(answer.ids) and answer.ids[0] in example.ids


def _rows(example: Example, registry: Registry) -> set[int]:
    return {int(registry.row[place]) for place in example.without}


def _hidden(example: Example, registry: Registry) -> set[str]:
    return {registry.ids[record] for record in example.hidden}

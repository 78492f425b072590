"""Links mentions of organizations and funders by the trained ranker."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stores.catalogue import Catalogue
from stores.records import Authority, AuthorityType
from tools.linking.base import Candidate, Link, LinkContext, Method
from tools.linking.countries import country_codes
from tools.linking.evidence import describe
from tools.linking.features import FEATURES, Pool, Query, all_candidates
from tools.linking.joining import Joined
from tools.linking.near import NearNames
from tools.linking.ranker import Ranker, sigmoid
from tools.linking.registry import KINDS, Registry

_METHODS: dict[str, Method] = {"name": "exact", "acronym": "acronym"}
# A rival within this many log odds of the first, and of this probability, makes a link ambiguous.
_MARGIN, _RIVAL = 1.1, 0.12
# So does a name that several records bear, unless one of them is this probable.
_SETTLED = 0.75
# A further record whose name stands in the mention is named too from this probability on.
_NAMED_TOO = 0.15
# The labelled mentions have no context to train on: a country that the question names counts this much, in log odds.
_CONTEXT = 3.0
_COLUMN = {name: n for n, name in enumerate(FEATURES)}
_NEAR = 0.6
# So many mentions are linked in one go: more would hardly be quicker, and take more memory.
_AT_ONCE = 128
_TOLD = itemgetter(*(_COLUMN[name] for name in (
    "whole", "exact", "typos", "part_recall", "similarity", "country_said", "country_other", "country_context", "city",
    "namesakes", "known_behind",
)))  # fmt: skip


class _Asked(NamedTuple):
    """A mention, and how many candidates are wanted."""

    query: Query
    top: int


class InstitutionLinker:
    """Links mentions of one type; mentions of threads that ask at the same time are linked together.

    Args:
        type_: organization or funder.
        catalogue: where the records are.
        registry: their names by words.
        ranker: orders the candidates.
        near: finds names that are near in meaning; None to go without.
    """

    def __init__(
        self,
        type_: AuthorityType,
        catalogue: Catalogue,
        registry: Registry,
        ranker: Ranker,
        near: NearNames | None = None,
    ) -> None:
        self._type = type_
        self._catalogue = catalogue
        self._registry = registry
        self._ranker = ranker
        self._near = near
        self._joined: Joined[_Asked, Link] = Joined(self._link_some, _AT_ONCE)

    def link(self, text: str, context: LinkContext, top: int = 10) -> Link:
        """Return the candidates of one mention, best first, with a calibrated confidence."""
        # The encoder runs in each thread, as it needs no interpreter.
        (asked,) = self._asked([text], [context], top)
        return self._joined.ask(asked) if text.strip() else Link()

    def link_all(self, texts: Sequence[str], contexts: Sequence[LinkContext], top: int = 10) -> list[Link]:
        """Return a link for each mention; many at once are quicker than one by one."""
        asked = self._asked(texts, contexts, top)
        links: list[Link] = []
        for first in range(0, len(asked), _AT_ONCE):
            links += self._link_some(asked[first : first + _AT_ONCE])
        return [link if text.strip() else Link() for text, link in zip(texts, links, strict=True)]

    def _asked(self, texts: Sequence[str], contexts: Sequence[LinkContext], top: int) -> list[_Asked]:
        near = self._near.search(texts) if self._near is not None else [[] for _ in texts]
        return [
            _Asked(Query(text, country_codes(context.countries), names), top)
            for text, context, names in zip(texts, contexts, near, strict=True)
        ]

    def _link_some(self, asked: Sequence[_Asked]) -> list[Link]:
        """Return a link for each mention; their candidates are compared, ranked and read from the catalogue together."""
        pools = all_candidates(self._registry, [one.query for one in asked])
        matrix = np.concatenate([pool.matrix for pool in pools])
        scores = self._ranker.log_odds(matrix) + _CONTEXT * matrix[:, _COLUMN["country_context"]]
        ends = accumulate((len(pool.records) for pool in pools), initial=0)
        ranked = [_ranked(pool, scores[a:b]) for pool, (a, b) in zip(pools, pairwise(ends), strict=True)]
        tops = [one.top for one in asked]
        known = self._known({record for one, top in zip(ranked, tops, strict=True) for record in one.records[:top]})
        sure = iter(self._ranker.confidences([(one.scores, one.matrix[0]) for one in ranked if one.records]))
        return [
            self._link(one, next(sure), known, top) if one.records else Link()
            for one, top in zip(ranked, tops, strict=True)
        ]

    def _known(self, records: Iterable[int]) -> dict[int, Authority]:
        """Return those of these records that are in the catalogue."""
        ids = [self._registry.ids[record] for record in records]
        return {
            self._registry.number[one.id]: one for one in self._catalogue.authorities.get(self._type, ids, names=False)
        }

    def _link(self, ranked: "_Ranked", confidence: float, known: Mapping[int, Authority], top: int) -> Link:
        if any(record not in known for record in ranked.records[:top]):  # they were removed since the index was read
            known = self._known(ranked.records)
            ranked = ranked.only(known)
            if not ranked.records:
                return Link()
            (confidence,) = self._ranker.confidences([(ranked.scores, ranked.matrix[0])])
        scores, rows = ranked.scores, ranked.rows
        nil = confidence < self._ranker.description.credible
        probable = [sigmoid(score) for score in scores]
        total = max(1.0, sum(probable))
        shown = ranked.matrix[: max(1, top)].tolist()
        found = [
            Candidate(
                id=known[record].id,
                name=known[record].name,
                score=round(min(confidence, probable[n] / total) if n else confidence, 4),
                method=self._method(rows[n], shown[n]),
                facts=describe(known[record]),
                reasons=_reasons(shown[n]),
            )
            for n, record in enumerate(ranked.records[:top])
        ]
        rival = len(scores) > 1 and scores[0] - scores[1] < _MARGIN and probable[1] > _RIVAL
        shared = bool(shown[0][_COLUMN["whole"]]) and shown[0][_COLUMN["namesakes"]] > 1 and confidence < _SETTLED
        also = [
            candidate.id
            for n, candidate in enumerate(found)
            if n and probable[n] > _NAMED_TOO and self._named_too(shown[n], rows[n], rows[0])
        ]
        return Link(
            candidates=tuple(found),
            confidence=round(confidence, 4),
            nil=nil,
            ambiguous=(rival or shared) and not nil and not also,
            also=() if nil else tuple(also),
        )

    def _named_too(self, values: Sequence[float], row: int, first: int) -> bool:
        """Return whether a mention names a record beside the first: by a whole name of its own, and no relative of another."""
        related = values[_COLUMN["parent_exact"]] or values[_COLUMN["child_exact"]] or values[_COLUMN["inside_other"]]
        same = np.array_equal(self._registry.index.name(row), self._registry.index.name(first))
        return bool(values[_COLUMN["exact"]] and not related and not same)

    def _method(self, row: int, values: Sequence[float]) -> Method:
        if values[_COLUMN["whole"]] and not values[_COLUMN["typos"]]:
            return _METHODS.get(KINDS[self._registry.kind[row]], "alias")
        if values[_COLUMN["similarity"]] > max(_NEAR, values[_COLUMN["part_f1"]]):
            return "embedding"
        return "fuzzy" if values[_COLUMN["typos"]] else "words"


@dataclass
class _Ranked:
    """The candidates of one mention, best first: `records`, the `rows` of their names, log odds, and `matrix`."""

    records: list[int]
    rows: list[int]
    scores: list[float]
    matrix: NDArray[np.float32]

    def only(self, known: Container[int]) -> "_Ranked":
        """Return those candidates whose records are known."""
        kept = [n for n, record in enumerate(self.records) if record in known]
        records, rows = [self.records[n] for n in kept], [self.rows[n] for n in kept]
        return _Ranked(records, rows, [self.scores[n] for n in kept], self.matrix[kept])


def _ranked(pool: Pool, scores: NDArray[np.floating]) -> _Ranked:
    order = pool.order(scores)
    records, rows = [pool.records[n] for n in order], [pool.rows[n] for n in order]
    return _Ranked(records, rows, scores[order].tolist(), pool.matrix[order])


def _reasons(values: Sequence[float]) -> tuple[str, ...]:
    """Return what speaks for a candidate, and against it, in words."""
    whole, exact, typos, recall, similarity, said, other, context, city, namesakes, behind = _TOLD(values)
    if whole:
        found = ["the mention is nearly one of its names" if typos else "the mention is one of its names"]
    elif exact:
        found = ["one of its names stands in the mention"]
    else:
        found = [f"{recall:.0%} of the weight of a name's words stands in the mention"]
    named = said > 0 or context > 0
    if typos:
        found.append("spelled a little differently")
    if similarity > _NEAR:
        found.append(f"near in meaning ({similarity:.2f})")
    if named:
        found.append("in the country that is named")
    elif other > 0 or context < 0:
        found.append("in another country than the one named")
    if city:
        found.append("its city is named")
    if namesakes > 1:
        found.append(f"{'the' if behind <= 0 else 'not the'} best known of {int(namesakes)} of this name")
    return tuple(found)

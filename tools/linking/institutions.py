"""Links mentions of organizations and funders by the trained ranker."""

from collections.abc import Sequence

import numpy as np

from stores.catalogue import Catalogue
from stores.records import AuthorityType
from tools.linking.base import Candidate, Link, LinkContext, Method
from tools.linking.countries import country_codes
from tools.linking.evidence import describe
from tools.linking.features import FEATURES, Pool, candidates
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


class InstitutionLinker:
    """Links mentions of one type.

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

    def link(self, text: str, context: LinkContext, top: int = 10) -> Link:
        """Return the candidates of one mention, best first, with a calibrated confidence."""
        return self.link_all([text], [context], top)[0]

    def link_all(self, texts: Sequence[str], contexts: Sequence[LinkContext], top: int = 10) -> list[Link]:
        """Return a link for each mention; together they are embedded and ranked in one pass."""
        near = self._near.search(texts) if self._near is not None else [[] for _ in texts]
        pools = [
            candidates(self._registry, text, country_codes(context.countries), near=names)
            for text, context, names in zip(texts, contexts, near, strict=True)
        ]
        matrix = np.concatenate([pool.matrix for pool in pools]) if pools else np.zeros((0, len(FEATURES)), np.float32)
        scores = self._ranker.log_odds(matrix) + _CONTEXT * matrix[:, _COLUMN["country_context"]]
        links = []
        start = 0
        for pool in pools:
            end = start + len(pool.records)
            links.append(self._link(pool, [float(score) for score in scores[start:end]], top))
            start = end
        return [link if text.strip() else Link() for text, link in zip(texts, links, strict=True)]

    def _link(self, pool: Pool, scores: Sequence[float], top: int) -> Link:
        if not scores:
            return Link()
        order = sorted(range(len(scores)), key=lambda n: (-scores[n], pool.records[n]))
        ids = [self._registry.ids[pool.records[n]] for n in order]
        known = {one.id: one for one in self._catalogue.authorities.get(self._type, ids[:top])}
        if len(known) < len(ids[:top]):  # records were removed since the index was read
            known = {one.id: one for one in self._catalogue.authorities.get(self._type, ids)}
            order = [n for n, id_ in zip(order, ids, strict=True) if id_ in known]
            if not order:
                return Link()
        confidence = self._ranker.confidence([scores[n] for n in order])
        nil = confidence < self._ranker.description.credible
        total = max(1.0, sum(sigmoid(scores[n]) for n in order))
        found = []
        for n in order[:top]:
            id_ = self._registry.ids[pool.records[n]]
            row = pool.matrix[n]
            score = confidence if n == order[0] else min(confidence, sigmoid(scores[n]) / total)
            found.append(
                Candidate(
                    id=id_,
                    name=known[id_].name,
                    score=round(score, 4),
                    method=self._method(pool.rows[n], row),
                    facts=describe(known[id_]),
                    reasons=_reasons(row),
                )
            )
        rival = len(order) > 1 and scores[order[0]] - scores[order[1]] < _MARGIN and sigmoid(scores[order[1]]) > _RIVAL
        first = pool.matrix[order[0]]
        shared = bool(first[_COLUMN["whole"]]) and first[_COLUMN["namesakes"]] > 1 and confidence < _SETTLED
        also = [
            n for n in order[1:top] if self._named_too(pool.matrix[n], scores[n], pool.rows[n], pool.rows[order[0]])
        ]
        return Link(
            candidates=tuple(found),
            confidence=round(confidence, 4),
            nil=nil,
            ambiguous=(rival or shared) and not nil and not also,
            also=() if nil else tuple(self._registry.ids[pool.records[n]] for n in also),
        )

    def _named_too(
        self, row: "np.ndarray[tuple[int], np.dtype[np.float32]]", score: float, name: int, first: int
    ) -> bool:
        """Return whether a mention names a record beside the first: by a whole name of its own, and no relative of another."""
        related = row[_COLUMN["parent_exact"]] or row[_COLUMN["child_exact"]] or row[_COLUMN["inside_other"]]
        same = np.array_equal(self._registry.index.name(name), self._registry.index.name(first))
        return bool(row[_COLUMN["exact"]] and not related and not same and sigmoid(score) > _NAMED_TOO)

    def _method(self, place: int, row: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> Method:
        if row[_COLUMN["whole"]] and not row[_COLUMN["typos"]]:
            return _METHODS.get(KINDS[self._registry.kind[place]], "alias")
        if row[_COLUMN["similarity"]] > max(_NEAR, row[_COLUMN["part_f1"]]):
            return "embedding"
        return "fuzzy" if row[_COLUMN["typos"]] else "words"


def _reasons(row: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> tuple[str, ...]:
    """Return what speaks for a candidate, and against it, in words."""

    def value(name: str) -> float:
        return float(row[_COLUMN[name]])

    if value("whole"):
        found = ["the mention is nearly one of its names" if value("typos") else "the mention is one of its names"]
    elif value("exact"):
        found = ["one of its names stands in the mention"]
    else:
        found = [f"{value('part_recall'):.0%} of the weight of a name's words stands in the mention"]
    said = value("country_said") + max(0.0, value("country_context"))
    other = value("country_other") - min(0.0, value("country_context"))
    best = "the best known" if value("known_behind") <= 0 else "not the best known"
    further = (
        (value("typos") > 0, "spelled a little differently"),
        (value("similarity") > _NEAR, f"near in meaning ({value('similarity'):.2f})"),
        (said > 0, "in the country that is named"),
        (other > 0 and not said, "in another country than the one named"),
        (value("city") > 0, "its city is named"),
        (value("namesakes") > 1, f"{best} of {int(value('namesakes'))} of this name"),
    )
    return (*found, *(text for holds, text in further if holds))

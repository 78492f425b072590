"""The linker of the catalogue's records: candidates, how well known they are, the context, and when to say no match."""

from math import exp
from typing import NamedTuple

from stores.catalogue import Catalogue
from stores.records import AuthorityType
from tools.linking.affiliations import inside
from tools.linking.base import Candidate, Link, LinkContext
from tools.linking.candidates import Candidates, Hit, NameIndex, QueryEmbedder
from tools.linking.countries import country_codes
from tools.linking.evidence import agreement, describe, popularity


class Thresholds(NamedTuple):
    """When a link is credible and when it is ambiguous.

    Attributes:
        credible: lowest confidence of a link, by type of record.
        margin: how far behind, in log odds, a namesake still counts as a rival.
        obscure_margin: the same when the best candidate is little known.
        known: popularity from which on a record is well known.
        steep: weight of the fit of the name against being well known.
    """

    credible: tuple[tuple[AuthorityType, float], ...] = (
        ("author", 0.45), ("organization", 0.5), ("funder", 0.5), ("country", 0.5), ("topic", 0.4),
    )  # fmt: skip
    margin: float = 2.0
    obscure_margin: float = 3.2
    known: float = 7.5
    steep: float = 22.0

    def lowest(self, type_: AuthorityType) -> float:
        """Return the lowest credible confidence for a type."""
        return dict(self.credible)[type_]


_KNOWN_WEIGHT: dict[AuthorityType, float] = {
    "author": 0.35,
    "organization": 0.9,
    "funder": 0.9,
    "country": 0.0,
    "topic": 0.3,
}
# Namesakes of these types are told apart by what is known of them, not by being well known.
_RIVAL_FIT = 0.02
# A longer string that is no name as a whole may hold one.
_NAME_ALONE = 5
_SURE = 0.94
_SHOWN_FIT = 0.3
# Margin that is enough where the context speaks for one of the rivals.
_SETTLED = 1.0
# A subject that belongs to many topics alike names none of them.
_TOPIC_SHARE = 0.25


class CatalogueLinker:
    """Links mentions to the authority records of a catalogue.

    Args:
        catalogue: where the records are.
        names: vectors of names, ids being rows of the name table; None to go without.
        embedder: what embeds a mention for that index.
        thresholds: when a link is credible or ambiguous.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        names: NameIndex | None = None,
        embedder: QueryEmbedder | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._candidates = Candidates(catalogue, names, embedder)
        self._thresholds = thresholds or Thresholds()

    def link(self, type_: AuthorityType, text: str, context: LinkContext | None = None, top: int = 10) -> Link:
        """Return the candidates of one mention, best first, with an honest confidence."""
        if not text.strip():
            return Link()
        context = context or LinkContext()
        if type_ == "country":
            return self._country(text, top)
        context = context.model_copy(update={"countries": country_codes(context.countries)})
        hits = self._candidates.find(type_, text)
        composed = "," in text or len(text.split()) > _NAME_ALONE
        if type_ == "organization" and composed and max((hit.fit for hit in hits), default=0.0) < _SURE:
            hits = inside(text, hits, self._candidates)
            context = context.model_copy(update={"text": f"{context.text} {text}"})
        return self._decide(type_, hits, context, top)

    def _country(self, text: str, top: int) -> Link:
        codes = country_codes((text,))
        known = {record.id: record for record in self._catalogue.authorities.get("country", codes)}
        found = [
            Candidate(id=code, name=known[code].name if code in known else text, score=0.98, method="code")
            for code in codes
        ]
        if not found:
            hits = self._candidates.find("country", text)
            return self._decide("country", hits, LinkContext(), top)
        return Link(candidates=tuple(found[:top]), confidence=0.98, nil=False)

    def _decide(self, type_: AuthorityType, hits: list[Hit], context: LinkContext, top: int) -> Link:
        hits = [hit for hit in hits if hit.fit >= _SHOWN_FIT]
        if not hits:
            return Link()
        works = self._works(type_, hits)
        scored = []
        for hit in hits:
            known = popularity(hit.authority, works.get(hit.authority.id, 0.0))
            weight = self._thresholds.steep * hit.fit + _KNOWN_WEIGHT[type_] * known + agreement(hit.authority, context)
            scored.append((weight, hit))
        scored.sort(key=lambda entry: (-entry[0], entry[1].authority.id))
        highest = scored[0][0]
        best = scored[0][1]
        obscure = popularity(best.authority, works.get(best.authority.id, 0.0)) < self._thresholds.known
        margin = self._thresholds.obscure_margin if obscure else self._thresholds.margin
        total = sum(exp(weight - highest) for weight, _ in scored)
        candidates = tuple(
            Candidate(
                id=hit.authority.id,
                name=hit.authority.name,
                score=round(credibility(hit.fit) * exp(weight - highest) / total, 4),
                method=hit.method,
                facts=describe(hit.authority),
            )
            for weight, hit in scored[:top]
        )
        speaks = agreement(best.authority, context)
        rivals = [
            hit
            for weight, hit in scored[1:]
            if hit.fit >= best.fit - _RIVAL_FIT
            and highest - weight < (_SETTLED if speaks - agreement(hit.authority, context) >= 1 else margin)
        ]
        confidence = candidates[0].score
        nil = credibility(best.fit) < self._thresholds.lowest(type_) or (type_ == "topic" and confidence < _TOPIC_SHARE)
        return Link(candidates=candidates, confidence=confidence, nil=nil, ambiguous=bool(rivals) and not nil)

    def _works(self, type_: AuthorityType, hits: list[Hit]) -> dict[str, float]:
        if type_ != "organization" or len(hits) < 2:  # noqa: PLR2004
            return {}
        ids = [hit.authority.id for hit in hits]
        return {record.id: record.prior for record in self._catalogue.authorities.get("funder", ids)}


def credibility(fit: float) -> float:
    """Return how probable it is that a name that fits so well names the record or a namesake of it."""
    return 1 / (1 + exp(-18 * (fit - 0.8)))

"""The linker of the catalogue's records: candidates, how well known they are, the context, and when to say no match."""

import re
from collections.abc import Sequence
from math import exp
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from stores.catalogue import Catalogue
from stores.records import AuthorityType
from tools.embedding.base import Embedder
from tools.linking.base import Candidate, Link, LinkContext
from tools.linking.candidates import Candidates, Hit, NameIndex
from tools.linking.countries import country_codes
from tools.linking.evidence import agreement, describe, popularity
from tools.linking.features import FEATURES
from tools.linking.institutions import InstitutionLinker
from tools.linking.namesakes import Namesakes
from tools.linking.near import NearNames
from tools.linking.ranker import Ranker
from tools.linking.registry import open_registry

# Types that the trained ranker links; vectors of names add to what words find for those of NEAR (see evals.linker).
INSTITUTIONS: frozenset[AuthorityType] = frozenset(("organization", "funder"))
NEAR: frozenset[AuthorityType] = frozenset(("funder",))
LONGEST_MENTION = 2000


class Thresholds(NamedTuple):
    """When a link by rules is credible and when it is ambiguous; the rankers of institutions have their own.

    Attributes:
        credible: lowest confidence of a link, by type of record.
        margin: how far behind, in log odds, a namesake still counts as a rival.
        obscure_margin: the same when the best candidate is little known.
        known: popularity from which on a record is well known.
        steep: weight of the fit of the name against being well known.
    """

    credible: tuple[tuple[AuthorityType, float], ...] = (
        ("author", 0.45), ("country", 0.5), ("topic", 0.4),
    )  # fmt: skip
    margin: float = 2.0
    obscure_margin: float = 3.2
    known: float = 7.5
    steep: float = 22.0

    def lowest(self, type_: AuthorityType) -> float:
        """Return the lowest credible confidence for a type."""
        return dict(self.credible)[type_]


_KNOWN_WEIGHT: dict[AuthorityType, float] = {"author": 0.35, "country": 0.0, "topic": 0.3}
# Namesakes of these types are told apart by what is known of them, not by being well known.
_RIVAL_FIT = 0.02
_SHOWN_FIT = 0.3
_MOST_NAMESAKES = 40
# What papers say of namesakes is counted from this level, that of a person without any sign for or against.
_UNTOLD = 4.0
# Margin that is enough where the context speaks for one of the rivals.
_SETTLED = 1.0
# What stands before a person's name.
_TITLE = re.compile(r"^\s*(?:(?:prof(?:essor)?|dr|doctor|mrs?|ms|sir|dame)\b\.?\s+)+", re.IGNORECASE)
# What people write about a topic, no part of its name unless the whole is one ("gender studies").
_GENERAL = re.compile(
    r"\s+(?:stud(?:y|ies)|research|papers?|articles?|works?|publications?|literature)\s*$", re.IGNORECASE
)
# A subject that belongs to many topics alike names none of them.
_TOPIC_SHARE = 0.25


class CatalogueLinker:
    """Links mentions to the authority records of a catalogue.

    Args:
        catalogue: where the records are.
        names: vectors of names, ids being rows of the name table; None to go without.
        embedder: what embeds a mention for that index.
        thresholds: when a link is credible or ambiguous.
        registries: the folder of the indexes of words; None to make them in memory.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        names: NameIndex | None = None,
        embedder: Embedder | None = None,
        thresholds: Thresholds | None = None,
        registries: Path | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._candidates = Candidates(catalogue, names, embedder)
        self._thresholds = thresholds or Thresholds()
        self._names, self._embedder, self._registries = names, embedder, registries
        self._institutions: dict[AuthorityType, InstitutionLinker] = {}
        self._opening = Lock()
        self._namesakes = Namesakes(catalogue)

    def link(self, type_: AuthorityType, text: str, context: LinkContext | None = None, top: int = 10) -> Link:
        """Return the candidates of one mention, best first, with an honest confidence."""
        if not text.strip():
            return Link()
        context = context or LinkContext()
        if type_ == "country":
            return self._country(text, top)
        if type_ in INSTITUTIONS:
            return self.institutions(type_).link(text[:LONGEST_MENTION], context, top)
        if type_ == "author":
            text = _TITLE.sub("", text) or text
        context = context.model_copy(update={"countries": country_codes(context.countries)})
        found = self._decide(type_, self._candidates.find(type_, text[:LONGEST_MENTION]), context, top)
        if type_ == "topic" and found.nil and (shorter := _GENERAL.sub("", text)) != text:
            other = self._decide(type_, self._candidates.find(type_, shorter[:LONGEST_MENTION]), context, top)
            return found if other.nil else other
        return found

    def link_all(
        self, type_: AuthorityType, texts: Sequence[str], contexts: Sequence[LinkContext], top: int = 10
    ) -> list[Link]:
        """Return a link for each mention; many organizations or funders at once are quicker than one by one."""
        if type_ in INSTITUTIONS:
            return self.institutions(type_).link_all([text[:LONGEST_MENTION] for text in texts], contexts, top)
        return [self.link(type_, text, context, top) for text, context in zip(texts, contexts, strict=True)]

    def institutions(self, type_: AuthorityType) -> InstitutionLinker:
        """Return the linker of organizations or funders, opened when it is first wanted."""
        with self._opening:
            if type_ not in self._institutions:
                folder = self._registries / type_ if self._registries is not None else None
                registry = open_registry(self._catalogue, type_, folder)
                near = None
                if type_ in NEAR and self._names is not None and self._embedder is not None:
                    near = NearNames(registry, self._names, self._embedder)
                self._institutions[type_] = InstitutionLinker(
                    type_, self._catalogue, registry, Ranker(type_, FEATURES), near
                )
            return self._institutions[type_]

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
        told = self._told_apart(hits, context) if type_ == "author" else {}
        scored = []
        for hit in hits:
            weight = self._thresholds.steep * hit.fit
            if hit.authority.id in told:
                weight += told[hit.authority.id]
            else:
                weight += _KNOWN_WEIGHT[type_] * popularity(hit.authority) + agreement(hit.authority, context)
                weight -= _UNTOLD if told else 0.0
            scored.append((weight, hit))
        scored.sort(key=lambda entry: (-entry[0], entry[1].authority.id))
        highest = scored[0][0]
        best = scored[0][1]
        obscure = popularity(best.authority) < self._thresholds.known
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
        speaks = told.get(best.authority.id, agreement(best.authority, context))
        rivals = [
            hit
            for weight, hit in scored[1:]
            if hit.fit >= best.fit - _RIVAL_FIT
            and highest - weight
            < (_SETTLED if speaks - told.get(hit.authority.id, agreement(hit.authority, context)) >= 1 else margin)
        ]
        confidence = candidates[0].score
        nil = credibility(best.fit) < self._thresholds.lowest(type_) or (type_ == "topic" and confidence < _TOPIC_SHARE)
        return Link(candidates=candidates, confidence=confidence, nil=nil, ambiguous=bool(rivals) and not nil)

    def _told_apart(self, hits: list[Hit], context: LinkContext) -> dict[str, float]:
        """Return the log odds of persons whose names fit alike, by their papers; empty where the context cannot tell."""
        best = max((hit.fit for hit in hits), default=0.0)
        alike = [hit for hit in hits if hit.fit >= best - _RIVAL_FIT][:_MOST_NAMESAKES]
        if len(alike) < 2 or not (context.coauthors or context.text):  # noqa: PLR2004
            return {}
        found = self._namesakes.log_odds([hit.authority for hit in alike], context)
        return {hit.authority.id: value for hit, value in zip(alike, found, strict=True)}


def credibility(fit: float) -> float:
    """Return how probable it is that a name that fits so well names the record or a namesake of it."""
    return 1 / (1 + exp(-18 * (fit - 0.8)))

"""What speaks for a record besides its name: how well known it is, and the context of the mention."""

from collections.abc import Iterable
from math import log1p

from rapidfuzz.fuzz import token_set_ratio

from stores.keys import name_key
from stores.records import Authority
from tools.linking.base import LinkContext

_STATUS = {"active": 0.0, "inactive": -1.5, "withdrawn": -2.5}
_SAME = 88.0
_MANY = 5


def popularity(authority: Authority) -> float:
    """Return how well known a record is, on a logarithmic scale."""
    return log1p(authority.prior) + _STATUS.get(authority.status, -1.0)


def agreement(authority: Authority, context: LinkContext) -> float:
    """Return what the context says for (positive) or against (negative) a record, as a log odds."""
    facts = authority.facts
    points = 0.0
    if context.countries:
        points += _country(authority, context.countries)
    if authority.type == "author":
        points += _places(facts, context.organizations)
        points += _company(facts, context.coauthors)
        points += _venue_and_year(facts, context)
    return points


def _country(authority: Authority, countries: Iterable[str]) -> float:
    if authority.country_code is None:
        return 0.0
    return 4.5 if authority.country_code in set(countries) else -3.0


def _places(facts: dict[str, object], organizations: Iterable[str]) -> float:
    wanted = [key for key in map(name_key, organizations) if key]
    if not wanted:
        return 0.0
    affiliations = facts.get("affiliations")
    known = [name_key(str(entry.get("name", ""))) for entry in affiliations] if isinstance(affiliations, list) else []
    known += [name_key(part) for part in str(facts.get("comment") or "").split(",")]
    known = [key for key in known if key]
    best = max((same_place(a, b) for a in wanted for b in known), default=0.0)
    if best:
        return 3.0 * best
    return -0.5 if known else 0.0


def same_place(wanted: str, known: str) -> float:
    """Return how far two names of places of work (of `name_key`) are one, 0 to 1."""
    if wanted == known:
        return 1.0
    shorter, longer = sorted((wanted, known), key=len)
    if f" {shorter} " in f" {longer} ":
        return 0.95
    initials = "".join(word[0] for word in longer.split() if word not in {"of", "the", "and", "at", "for", "in"})
    if " " not in shorter and shorter == initials:
        return 0.9
    return 0.85 if token_set_ratio(wanted, known) >= _SAME and " " in shorter else 0.0


def _company(facts: dict[str, object], coauthors: Iterable[str]) -> float:
    wanted = {name_key(name).replace(" ", "-") for name in coauthors}
    top = facts.get("top_coauthors")
    known = {str(one) for one in top} if isinstance(top, list) else set()
    return min(6.0, 3.0 * len(wanted & known))


def _venue_and_year(facts: dict[str, object], context: LinkContext) -> float:
    points = 0.0
    venues = facts.get("venues")
    if context.venue and isinstance(venues, dict) and venues:
        points += 0.7 if name_key(context.venue) in {name_key(venue) for venue in venues} else -0.3
    first, last = facts.get("first_year"), facts.get("last_year")
    if context.year and isinstance(first, int) and isinstance(last, int):
        points += (
            0.3
            if first <= context.year <= last
            else -0.8 * min(_MANY, max(first - context.year, context.year - last)) / _MANY
        )
    return points


def describe(authority: Authority) -> str:
    """Return one short line that tells a record apart from its namesakes."""
    facts = authority.facts
    parts: list[str] = []
    if authority.type == "author":
        affiliations = facts.get("affiliations") or []
        parts.append(str(affiliations[0]["name"]) if affiliations else str(facts.get("comment") or ""))
        if count := facts.get("n_papers"):
            first, last = facts.get("first_year"), facts.get("last_year")
            span = f" {first}-{last}" if first and last and first != last else f" {first or ''}".rstrip()
            parts.append(f"{count} paper{'s' if count != 1 else ''}{span}")
        parts.append(", ".join(list(facts.get("venues") or {})[:3]))
    elif authority.type in {"organization", "funder"}:
        place = [str(value) for value in (facts.get("city"), facts.get("country") or authority.country_code) if value]
        parts.append(", ".join(place))
        parts.append(", ".join(str(type_) for type_ in (facts.get("types") or ())[:2]))
        if authority.type == "funder" and authority.prior:
            parts.append(f"{int(authority.prior):,} works")
        parts.append(authority.status if authority.status != "active" else "")
    elif authority.type == "topic":
        parts += [str(facts.get(level) or "") for level in ("subfield", "field")]
    return "; ".join(part for part in parts if part)

"""Organizations: flat records, and those of the Research Organization Registry, schema versions 1 and 2."""

from collections.abc import Iterator
from typing import Any

from stores.records import Authority, AuthorityType
from tools.ingest.formats.fields import country, integer, mapping, text_or_none, unique_texts
from tools.ingest.registries.names import Names, compact, main_id, main_name

MAX_RELATIONSHIPS = 20
MAX_FUNDER_IDS = 100
_FAMILY = ("parent", "child")


def read_flat(record: dict[str, Any]) -> Authority:
    """Read an organization with plain fields (name, aliases, acronyms, labels, city, links, ...)."""
    names = Names(main_name(record.get("name")))
    names.add(record.get("aliases"), "alias")
    names.add(record.get("acronyms"), "acronym")
    names.add([mapping(label).get("value") for label in _list(record.get("labels"))], "label")
    return organization(
        record,
        names,
        code=country(record.get("country_code")),
        place=(text_or_none(record.get("city")), text_or_none(record.get("country"))),
        link=next(iter(unique_texts(_list(record.get("links")))), None),
        funder_ids=unique_texts(_list(record.get("funder_ids"))),
        relationships=[(r.get("type"), r.get("id"), r.get("label")) for r in _mappings(record.get("relationships"))],
    )


def read_ror_v1(record: dict[str, Any]) -> Authority:
    """Read a record of a ROR dump, schema 1."""
    names = Names(main_name(record.get("name")))
    names.add(record.get("aliases"), "alias")
    names.add(record.get("acronyms"), "acronym")
    names.add([label.get("label") for label in _mappings(record.get("labels"))], "label")
    land = mapping(record.get("country"))
    address = next(_mappings(record.get("addresses")), {})
    city = text_or_none(address.get("city")) or text_or_none(mapping(address.get("geonames_city")).get("city"))
    fundref = mapping(mapping(record.get("external_ids")).get("FundRef"))
    return organization(
        record,
        names,
        code=country(land.get("country_code")),
        place=(city, text_or_none(land.get("country_name"))),
        link=next(iter(unique_texts(_list(record.get("links")))), None),
        funder_ids=unique_texts([fundref.get("preferred"), *_list(fundref.get("all"))]),
        relationships=[(r.get("type"), r.get("id"), r.get("label")) for r in _mappings(record.get("relationships"))],
    )


def read_ror_v2(record: dict[str, Any]) -> Authority:
    """Read a record of a ROR dump, schema 2."""
    entries = list(_mappings(record.get("names")))
    shown = [n.get("value") for n in entries if "ror_display" in _list(n.get("types"))]
    names = Names(main_name(*shown, *(n.get("value") for n in entries)))
    for kind in ("alias", "acronym", "label"):
        names.add([n.get("value") for n in entries if kind in _list(n.get("types"))], kind)
    place = mapping(next(_mappings(record.get("locations")), {}).get("geonames_details"))
    fundref = next((e for e in _mappings(record.get("external_ids")) if e.get("type") == "fundref"), {})
    links = sorted(_mappings(record.get("links")), key=lambda link: link.get("type") != "website")
    return organization(
        record,
        names,
        code=country(place.get("country_code")),
        place=(text_or_none(place.get("name")), text_or_none(place.get("country_name"))),
        link=next(iter(unique_texts(link.get("value") for link in links)), None),
        funder_ids=unique_texts([fundref.get("preferred"), *_list(fundref.get("all"))]),
        relationships=[(r.get("type"), r.get("id"), r.get("label")) for r in _mappings(record.get("relationships"))],
    )


def organization(
    record: dict[str, Any],
    names: Names,
    *,
    code: str | None,
    place: tuple[str | None, str | None],
    link: str | None,
    funder_ids: list[str],
    relationships: list[tuple[Any, Any, Any]],
) -> Authority:
    """Build the authority; its prior is how well connected it is: relationships and funder identifiers."""
    family = [
        {"type": kind.lower(), "id": other, "label": label}
        for kind, other, label in relationships
        if isinstance(kind, str) and kind.lower() in _FAMILY and isinstance(other, str) and isinstance(label, str)
    ]
    own_id = main_id(record.get("id"))
    city, land = place
    facts = {
        "city": city,
        "country": land,
        "types": [kind.lower() for kind in unique_texts(_list(record.get("types")))],
        "established": integer(record.get("established")),
        "link": link,
        "relationships": family[:MAX_RELATIONSHIPS],
        "ror_id": own_id if "ror.org/" in own_id else None,
        "crossref_funder_ids": funder_ids[:MAX_FUNDER_IDS],
    }
    return Authority(
        id=own_id,
        type="organization",
        name=names.main,
        names=names.pairs(),
        country_code=code,
        prior=float(len(relationships) + len(funder_ids)),
        status=status_of(record),
        facts=compact(facts),
    )


def status_of(record: dict[str, Any]) -> str:
    """Return active, inactive or withdrawn; a record that does not say is active."""
    return (text_or_none(record.get("status")) or "active").strip().lower()


def as_funder(found: Authority) -> Authority | None:
    """Return an organization as a funder, or None when its registry does not call it one."""
    is_funder = "funder" in found.facts.get("types", ()) or found.facts.get("crossref_funder_ids")
    kind: AuthorityType = "funder"
    return found.model_copy(update={"type": kind}) if is_funder else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in _list(value) if isinstance(one, dict))

"""Tell the form of a JSON record from its fields."""

from typing import Any

_OPENALEX = ("authorships", "abstract_inverted_index", "primary_location", "publication_year")
_WORKS = ("concepts", "mesh", "referenced_works", "funders", "sections", "raw_affiliations")
_CROSSREF = ("container-title", "issued", "is-referenced-by-count", "short-title", "member")
_GENERIC = ("title", "abstract", "full_text", "authors")
_AUTHORITY = ("names", "variants", "aliases", "acronyms", "subfield", "code", "external_ids", "n_papers")


def recognise(record: dict[str, Any]) -> str | None:
    """Return the name of the form that a record has, or None."""
    if "_id" in record:
        return "beir"
    if any(key in record for key in _OPENALEX):
        return "openalex"
    if any(key in record for key in _WORKS):
        return "works"
    if "DOI" in record and (isinstance(record.get("title"), list) or any(key in record for key in _CROSSREF)):
        return "crossref"
    return "quodvide" if any(key in record for key in _GENERIC) else None


def describe_unknown(record: dict[str, Any]) -> str:
    """Say in words why a record is not taken for a paper."""
    if "name" in record and any(key in record for key in _AUTHORITY):
        return "this is a record of an organization, funder, person, topic or country, not a paper"
    fields = ", ".join(str(key)[:30] for key in list(record)[:8]) or "none"
    return f"no known form of paper has these fields: {fields}"

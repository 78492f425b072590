"""Organizations and countries that an author gives as affiliation on a paper."""

from functools import lru_cache

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Paper


def work_places(paper: Paper, author_id: str) -> tuple[dict[str, tuple[str | None, str]], set[str]]:
    """Return where an author of a paper worked, each place once.

    Returns:
        the places as key -> (organization id or None, name as published), and the country codes.
    """
    places: dict[str, tuple[str | None, str]] = {}
    codes: set[str] = set()
    for author in paper.authors:
        if author.id != author_id:
            continue
        for one in author.affiliations:
            key = one.organization_id or name_key(one.text) or one.text
            places.setdefault(key, (one.organization_id, one.text))
            if one.country_code:
                codes.add(one.country_code)
    return places, codes


def country_name(catalogue: Catalogue, code: str) -> str:
    """Return the English name of a country, from the catalogue or from ISO 3166, or the code itself."""
    found = catalogue.authorities.get("country", [code])
    return found[0].name if found else _iso_name(code)


@lru_cache(maxsize=300)
def _iso_name(code: str) -> str:
    import pycountry

    found = pycountry.countries.get(alpha_2=code)
    return str(getattr(found, "common_name", found.name)) if found else code

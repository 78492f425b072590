"""Organizations and countries that an author gives as affiliation on a paper."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Paper
from tools.profiling.counting import by_year, most_common
from tools.profiling.fact_records import CountryCount, OrganizationCount


def places(
    catalogue: Catalogue, papers: Sequence[Paper], author_id: str
) -> tuple[tuple[OrganizationCount, ...], tuple[CountryCount, ...], int]:
    """Return where the author worked by number of papers, the countries, and how many papers say where."""
    found: dict[str, list[Paper]] = defaultdict(list)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    ids: dict[str, str | None] = {}
    countries: Counter[str] = Counter()
    with_affiliation = 0
    for paper in papers:
        at, codes = work_places(paper, author_id)
        with_affiliation += bool(at)
        countries.update(codes)
        for key, (id_, name) in at.items():
            found[key].append(paper)
            names[key][name] += 1
            ids.setdefault(key, id_)
    registry = {one.id: one.name for one in catalogue.authorities.get("organization", [i for i in ids.values() if i])}
    organizations = []
    for key, joint in found.items():
        # A resolved institution is always spelled alike; strings as published differ, so the registry's name stands.
        name = (registry.get(ids[key] or "") if len(names[key]) > 1 else None) or most_common(names[key])
        years = by_year(joint)
        organizations.append(
            OrganizationCount(
                id=ids[key], name=name, papers=len(joint),
                first_year=min(years, default=None), last_year=max(years, default=None),
                per_year=years, paper_ids=tuple(paper.id for paper in joint),
            )
        )  # fmt: skip
    organizations.sort(key=lambda one: (-one.papers, -(one.last_year or 0), one.name))
    named = [
        CountryCount(code=code, name=country_name(catalogue, code), papers=n)
        for code, n in sorted(countries.items(), key=lambda item: (-item[1], item[0]))
    ]
    return tuple(organizations), tuple(named), with_affiliation


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

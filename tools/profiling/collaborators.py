"""Who published with whom: coauthors of an author, and the joint papers of two."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from stores.catalogue import Catalogue
from stores.keys import name_key
from stores.records import Author, Condition, Paper, Record
from tools.profiling.counting import most_common
from tools.profiling.fact_records import CountryCount, OrganizationCount
from tools.profiling.places import country_name


class Collaborator(Record):
    """A coauthor with the joint papers, and where the coauthor worked then as far as it is recorded.

    Attributes:
        organizations: affiliations of the coauthor on the joint papers, or, where these give none, those of the authority
            record (`recorded` is then true).
    """

    id: str
    name: str
    papers: int
    first_year: int | None
    last_year: int | None
    organizations: tuple[OrganizationCount, ...] = ()
    countries: tuple[CountryCount, ...] = ()
    recorded: bool = False
    paper_ids: tuple[str, ...] = ()


def collaborators(
    catalogue: Catalogue,
    author_id: str,
    year_from: int | None = None,
    year_to: int | None = None,
    conditions: Sequence[Condition] = (),
) -> list[Collaborator]:
    """Return an author's coauthors, the most frequent first, then by id.

    Args:
        catalogue: where the papers are.
        author_id: the author.
        year_from: first year of the joint papers.
        year_to: last year of the joint papers.
        conditions: all must hold. An organization or country restricts the coauthors by their own affiliation (a country
            also by its name at the end of one); a venue, topic, funder or year restricts the joint papers; an author
            keeps that person only. A negated condition excludes.
    """
    papers = catalogue.papers.by_author(author_id, year_from, year_to)
    papers = [paper for paper in papers if all(_paper_fits(paper, one) for one in conditions)]
    found: dict[str, list[tuple[Paper, Author]]] = defaultdict(list)
    for paper in papers:
        for id_, author in {author.id: author for author in paper.authors}.items():
            if id_ != author_id:
                found[id_].append((paper, author))
    order = sorted(found, key=lambda id_: (-len(found[id_]), id_))
    records = {one.id: one for one in catalogue.authorities.get("author", order)}
    result = []
    for id_ in order:
        record = records.get(id_)
        stated = record.facts.get("affiliations") if record else None
        one = _collaborator(catalogue, id_, found[id_], stated if isinstance(stated, list) else [])
        if all(_person_fits(one, condition) for condition in conditions):
            result.append(one)
    return result


def joint_papers(
    catalogue: Catalogue, author_id: str, other_id: str, year_from: int | None = None, year_to: int | None = None
) -> list[Paper]:
    """Return the papers that two people wrote together, oldest first."""
    papers = catalogue.papers.by_author(author_id, year_from, year_to)
    return [paper for paper in papers if any(author.id == other_id for author in paper.authors)]


def _collaborator(
    catalogue: Catalogue, id_: str, joint: Sequence[tuple[Paper, Author]], stated: Iterable[object]
) -> Collaborator:
    years = [paper.year for paper, _ in joint if paper.year is not None]
    organizations, codes = _affiliations(joint)
    recorded = False
    if not organizations:
        organizations = list(_stated(stated))
        recorded = bool(organizations)
    countries = [CountryCount(code=code, name=country_name(catalogue, code), papers=n) for code, n in codes]
    return Collaborator(
        id=id_,
        name=most_common(Counter(author.name for _, author in joint)),
        papers=len(joint),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
        organizations=tuple(organizations),
        countries=tuple(countries),
        recorded=recorded,
        paper_ids=tuple(paper.id for paper, _ in joint),
    )


def _affiliations(joint: Sequence[tuple[Paper, Author]]) -> tuple[list[OrganizationCount], list[tuple[str, int]]]:
    counts: Counter[tuple[str | None, str]] = Counter()
    last: dict[tuple[str | None, str], int] = {}
    codes: Counter[str] = Counter()
    for paper, author in joint:
        places = {(one.organization_id, one.text) for one in author.affiliations}
        counts.update(places)
        last.update({place: max(last.get(place, 0), paper.year or 0) for place in places})
        codes.update({one.country_code for one in author.affiliations if one.country_code})
    order = sorted(counts, key=lambda place: (-counts[place], place[1]))
    organizations = [
        OrganizationCount(id=place[0], name=place[1], papers=counts[place], last_year=last[place] or None)
        for place in order
    ]
    return organizations, sorted(codes.items(), key=lambda item: (-item[1], item[0]))


def _stated(stated: Iterable[object]) -> Iterable[OrganizationCount]:
    for one in stated:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            n, last = one.get("n"), one.get("last_year")
            yield OrganizationCount(
                id=None,
                name=one["name"],
                papers=n if isinstance(n, int) else 0,
                last_year=last if isinstance(last, int) else None,
            )


def _person_fits(one: Collaborator, condition: Condition) -> bool:
    if condition.type == "author":
        fits = one.id in condition.ids or name_key(one.name) in set(map(name_key, condition.texts))
    elif condition.type == "organization":
        fits = any(place.id in condition.ids for place in one.organizations if place.id)
        fits = fits or any(_phrase(text, place.name) for place in one.organizations for text in condition.texts)
    elif condition.type == "country":
        fits = any(country.code in condition.ids for country in one.countries)
        fits = fits or any(_ends(text, place.name) for place in one.organizations for text in condition.texts)
    else:
        return True
    return fits is not condition.negated


def _paper_fits(paper: Paper, condition: Condition) -> bool:
    values: list[str | None]
    if condition.type == "venue":
        fits = any(_phrase(text, paper.venue or "") for text in (*condition.ids, *condition.texts))
    elif condition.type == "year":
        fits = str(paper.year) in condition.texts
    elif condition.type == "funder":
        values = [value for one in paper.funding for value in (one.funder_id, name_key(one.name))]
        fits = any(value in values for value in (*condition.ids, *map(name_key, condition.texts)))
    elif condition.type == "topic":
        values = [value for one in paper.topics for value in (one.id, name_key(one.name))]
        values += [name_key(one) for one in paper.keywords]
        fits = any(value in values for value in (*condition.ids, *map(name_key, condition.texts)))
        fits = fits or any(_phrase(text, f"{paper.title} {paper.abstract}") for text in condition.texts)
    else:
        return True
    return fits is not condition.negated


def _phrase(wanted: str, text: str) -> bool:
    key = name_key(wanted)
    return bool(key) and f" {key} " in f" {name_key(text)} "


def _ends(wanted: str, text: str) -> bool:
    key = name_key(wanted)
    return bool(key) and f" {name_key(text)}".endswith(f" {key}")

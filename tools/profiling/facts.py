"""Aggregates over an author's papers, computed from the catalogue alone."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from stores.records import Paper
from tools.profiling.base import (
    Citations,
    Coauthor,
    CountryCount,
    Facts,
    FunderCount,
    OrganizationCount,
    PaperLine,
    PersonCount,
    Span,
    VenueCount,
    Window,
    WindowReason,
)
from tools.profiling.places import country_name, work_places
from tools.profiling.topics import topics

if TYPE_CHECKING:
    from tools.profiling.clusters import Vector

_YEARS = 5
_TOP_VENUES = 5
_TOP_COAUTHORS = 10
_MOST_CITED = 3
_RECENT = 2


def facts(catalogue: Catalogue, author_id: str, window: Window, vectors: "Mapping[str, Vector] | None" = None) -> Facts:
    """Return the aggregates of an author's papers in a window.

    Args:
        catalogue: where the papers are.
        author_id: the author.
        window: the years, inclusive.
        vectors: a vector of shape (d,) for each paper id, for topics by clustering; papers without one are left out of
            the clusters.
    """
    papers = catalogue.papers.by_author(author_id, window.year_from, window.year_to)
    known = catalogue.papers.by_author(author_id)
    years = Counter(paper.year for paper in papers if paper.year is not None)
    first, last = (min(years), max(years)) if years else (None, None)
    recent = _recent_from(first, last)
    venues = _ordered(Counter(paper.venue for paper in papers if paper.venue))
    top_venues = [VenueCount(venue=venue, papers=n) for venue, n in venues.items()]
    coauthors = _coauthors(papers, author_id)
    counts = [PersonCount(id=one.id, name=one.name, papers=one.papers) for one in coauthors]
    organizations, countries, with_affiliation = _places(catalogue, papers, author_id)
    found = topics(papers, vectors or {}, recent, lambda terms: _rarity(catalogue, terms))
    return Facts(
        papers_in_window=len(papers),
        papers_per_year=_per_year(years, window),
        first_year_in_window=first,
        last_year_in_window=last,
        papers_in_catalogue=len(known),
        single_author_papers=sum(len(paper.authors) == 1 for paper in papers),
        venues=venues,
        top_venues=tuple(top_venues[:_TOP_VENUES]),
        top_venues_tied_beyond=tuple(
            one.venue for one in top_venues[_TOP_VENUES:] if one.papers == top_venues[_TOP_VENUES - 1].papers
        ),
        n_coauthors=len(coauthors),
        coauthors=coauthors,
        top_coauthors=tuple(counts[:_TOP_COAUTHORS]),
        coauthors_tied_beyond_10=tuple(
            one for one in counts[_TOP_COAUTHORS:] if one.papers == counts[_TOP_COAUTHORS - 1].papers
        ),
        organizations=organizations,
        papers_with_affiliation=with_affiliation,
        countries_of_work=countries,
        funders=_funders(papers),
        papers_with_funding=sum(bool(paper.funding) for paper in papers),
        funding_statements=sum(bool(paper.funding_statement) for paper in papers),
        citations=_citations(papers),
        topics=found,
        n_venues=len(venues),
        n_organizations=len(organizations),
        n_groups=sum(one.kind == "cluster" for one in found),
        emerging_since=recent,
        papers_since=sum(n for year, n in years.items() if recent is not None and year >= recent),
        papers_before=sum(n for year, n in years.items() if recent is not None and year < recent),
        busiest_years=tuple(sorted(year for year, n in years.items() if n == max(years.values()))),
        halves=_halves(years, _covered(catalogue, window)),
        titles=tuple(_line(paper) for paper in papers),
    )


def default_window(years: Iterable[int], today: dt.date | None = None) -> tuple[Window, WindowReason]:
    """Return the last five calendar years if a paper falls into them, else the five up to the latest paper.

    Args:
        years: the years of all papers.
        today: the date to count back from; now by default.
    """
    now = (today or dt.datetime.now(tz=dt.UTC).date()).year
    latest = max(years, default=None)
    if latest is not None and latest <= now - _YEARS:
        return Window(year_from=latest - _YEARS + 1, year_to=latest), "five years up to the last paper"
    return Window(year_from=now - _YEARS + 1, year_to=now), "last five years"


def _recent_from(first: int | None, last: int | None) -> int | None:
    """Return the first of the last two years, or None when nothing lies before it to compare with."""
    if first is None or last is None or last - _RECENT + 1 <= first:
        return None
    return last - _RECENT + 1


def _bounds(years: Mapping[int, int], window: Window) -> tuple[int, int] | None:
    start = window.year_from if window.year_from is not None else min(years, default=None)
    end = window.year_to if window.year_to is not None else max(years, default=None)
    return None if start is None or end is None else (start, end)


def _per_year(years: Counter[int], window: Window) -> dict[int, int]:
    bounds = _bounds(years, window)
    return {year: years[year] for year in range(bounds[0], bounds[1] + 1)} if bounds else {}


def _rarity(catalogue: Catalogue, terms: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequency of terms over all passages, at least 0."""
    total = catalogue.papers.counts()["passages"]
    found = catalogue.search.document_frequency(terms)
    return {term: log((total + 1) / (found[term] + 1)) if total else 1.0 for term in terms}


def _covered(catalogue: Catalogue, window: Window) -> Window:
    """Return the part of a window for which the catalogue holds any papers, so that a year not yet loaded is no fall."""
    ((first, last),) = catalogue.database.rows("SELECT min(year), max(year) FROM paper")
    starts = [year for year in (window.year_from, first) if year is not None]
    ends = [year for year in (window.year_to, last) if year is not None]
    return Window(year_from=max(starts, default=None), year_to=min(ends, default=None))


def _halves(years: Counter[int], window: Window) -> tuple[Span, ...]:
    """Return the papers of equally many years at the start and at the end of the window; an odd year is left out."""
    bounds = _bounds(years, window)
    if not bounds or not years or bounds[1] <= bounds[0]:
        return ()
    start, end = bounds
    half = (end - start + 1) // 2
    spans = ((start, start + half - 1), (end - half + 1, end))
    return tuple(
        Span(year_from=a, year_to=b, papers=sum(n for year, n in years.items() if a <= year <= b)) for a, b in spans
    )


def _coauthors(papers: Sequence[Paper], author_id: str) -> tuple[Coauthor, ...]:
    found: dict[str, list[Paper]] = defaultdict(list)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        for one in {author.id: author for author in paper.authors if author.id != author_id}.values():
            found[one.id].append(paper)
            names[one.id][one.name] += 1
    order = sorted(found, key=lambda id_: (-len(found[id_]), id_))
    coauthors = []
    for id_ in order:
        years = [paper.year for paper in found[id_] if paper.year is not None]
        coauthors.append(
            Coauthor(
                id=id_, name=most_common(names[id_]), papers=len(found[id_]),
                first_year=min(years, default=None), last_year=max(years, default=None),
            )
        )  # fmt: skip
    return tuple(coauthors)


def _places(
    catalogue: Catalogue, papers: Sequence[Paper], author_id: str
) -> tuple[tuple[OrganizationCount, ...], tuple[CountryCount, ...], int]:
    counts: Counter[str] = Counter()
    places: dict[str, tuple[str | None, Counter[str]]] = {}
    last: dict[str, int] = {}
    countries: Counter[str] = Counter()
    with_affiliation = 0
    for paper in papers:
        at, codes = work_places(paper, author_id)
        with_affiliation += bool(at)
        countries.update(codes)
        for key, (id_, name) in at.items():
            counts[key] += 1
            places.setdefault(key, (id_, Counter()))[1][name] += 1
            last[key] = max(last.get(key, 0), paper.year or 0)
    registry = {
        one.id: one.name for one in catalogue.authorities.get("organization", [i for i, _ in places.values() if i])
    }
    organizations = []
    for key, (id_, names) in places.items():
        # A resolved institution is always spelled alike; strings as published differ, so the registry's name stands.
        name = (registry.get(id_ or "") if len(names) > 1 else None) or most_common(names)
        organizations.append(OrganizationCount(id=id_, name=name, papers=counts[key], last_year=last[key] or None))
    organizations.sort(key=lambda one: (-one.papers, -(one.last_year or 0), one.name))
    named = [
        CountryCount(code=code, name=country_name(catalogue, code), papers=n)
        for code, n in sorted(countries.items(), key=lambda item: (-item[1], item[0]))
    ]
    return tuple(organizations), tuple(named), with_affiliation


def _funders(papers: Sequence[Paper]) -> tuple[FunderCount, ...]:
    found: dict[str, set[str]] = defaultdict(set)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    ids: dict[str, str | None] = {}
    grants: dict[str, dict[str, None]] = defaultdict(dict)
    for paper in papers:
        for one in paper.funding:
            key = one.funder_id or one.name
            found[key].add(paper.id)
            names[key][one.name] += 1
            ids[key] = one.funder_id
            grants[key].update(dict.fromkeys(one.grants))
    order = sorted(found, key=lambda key: (-len(found[key]), most_common(names[key])))
    return tuple(
        FunderCount(id=ids[k], name=most_common(names[k]), papers=len(found[k]), grants=tuple(grants[k])) for k in order
    )


def _citations(papers: Sequence[Paper]) -> Citations:
    counted = [paper for paper in papers if paper.cited_by_count is not None]
    counted.sort(key=lambda paper: (-(paper.cited_by_count or 0), paper.year or 0, paper.id))
    values = [paper.cited_by_count or 0 for paper in counted]
    return Citations(
        total=sum(values),
        papers_with_count=len(values),
        h_index=sum(value >= rank for rank, value in enumerate(values, 1)),
        most_cited=tuple(_line(paper) for paper in counted[:_MOST_CITED]),
    )


def _line(paper: Paper) -> PaperLine:
    return PaperLine(id=paper.id, year=paper.year, title=paper.title, cited_by_count=paper.cited_by_count)


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def most_common(names: Counter[str]) -> str:
    """Return the most frequent name, the first in the alphabet among equals, or an empty string."""
    return min(names, key=lambda name: (-names[name], name), default="")

"""Aggregates over an author's papers, computed from the catalogue alone."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from stores.catalogue import Catalogue
from tools.profiling.base import Window
from tools.profiling.counting import line
from tools.profiling.fact_records import Facts, PersonCount, Span
from tools.profiling.people import circle, coauthors, pairs, per_year
from tools.profiling.places import places
from tools.profiling.records import citations, funders
from tools.profiling.topics import topics_in
from tools.profiling.venues import venues

if TYPE_CHECKING:
    from tools.profiling.clusters import Vector

_TOP_VENUES = 5
_TOP_COAUTHORS = 10
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
    known = catalogue.papers.by_author(author_id)
    papers = [paper for paper in known if _within(paper.year, window)]
    years = Counter(paper.year for paper in papers if paper.year is not None)
    first, last = (min(years), max(years)) if years else (None, None)
    recent = _recent_from(first, last)
    appeared = venues(papers)
    everybody = coauthors(papers, author_id)
    counts = [PersonCount(id=one.id, name=one.name, papers=one.papers) for one in everybody]
    organizations, countries, with_affiliation = places(catalogue, papers, author_id)
    found = topics_in(catalogue, papers, vectors or {}, recent)
    return Facts(
        papers_in_window=len(papers),
        papers_per_year=_per_year(years, window),
        first_year_in_window=first,
        last_year_in_window=last,
        papers_in_catalogue=len(known),
        single_author_papers=sum(len(paper.authors) == 1 for paper in papers),
        venues={one.venue: one.papers for one in appeared},
        top_venues=tuple(appeared[:_TOP_VENUES]),
        top_venues_tied_beyond=tuple(
            one.venue for one in appeared[_TOP_VENUES:] if one.papers == appeared[_TOP_VENUES - 1].papers
        ),
        n_coauthors=len(everybody),
        coauthors_per_year=per_year(papers, author_id),
        circle=circle(everybody, recent),
        coauthor_pairs=pairs(papers, everybody),
        coauthors=everybody,
        top_coauthors=tuple(counts[:_TOP_COAUTHORS]),
        coauthors_tied_beyond_10=tuple(
            one for one in counts[_TOP_COAUTHORS:] if one.papers == counts[_TOP_COAUTHORS - 1].papers
        ),
        organizations=organizations,
        papers_with_affiliation=with_affiliation,
        countries_of_work=countries,
        funders=funders(papers),
        papers_with_funding=sum(bool(paper.funding) for paper in papers),
        funding_statements=sum(bool(paper.funding_statement) for paper in papers),
        citations=citations(papers),
        topics=found,
        n_venues=len(appeared),
        n_organizations=len(organizations),
        n_groups=sum(one.kind == "cluster" for one in found),
        emerging_since=recent,
        papers_since=sum(n for year, n in years.items() if recent is not None and year >= recent),
        papers_before=sum(n for year, n in years.items() if recent is not None and year < recent),
        busiest_years=tuple(sorted(year for year, n in years.items() if n == max(years.values()))),
        halves=_halves(years, _covered(catalogue, window)),
        titles=tuple(map(line, papers)),
    )


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


def _covered(catalogue: Catalogue, window: Window) -> Window:
    """Return the part of a window for which the catalogue holds any papers, so that a year not yet loaded is no fall."""
    first, last = catalogue.papers.years()
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


def _within(year: int | None, window: Window) -> bool:
    if year is None:
        return window.year_from is None and window.year_to is None
    return (window.year_from is None or window.year_from <= year) and (window.year_to is None or year <= window.year_to)

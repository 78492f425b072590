"""Sections on what records say of people, places, money and citations."""

from collections.abc import Iterable

from tools.profiling.base import Facts
from tools.profiling.english import counted, listing, one_line
from tools.profiling.lines import LISTED, Lines, Subject, be, cited, these

_GRANTS = 5


def collaboration(subject: Subject, facts: Facts) -> Lines:
    """Word coauthors, affiliations and countries."""
    total = facts.papers_in_window
    if not total:
        return Lines(sentences=("There is no paper to name coauthors or affiliations from.",))
    if facts.n_coauthors == 0:
        sentences = [f"No coauthor is recorded on {these(total)}."]
    else:
        sentences = [f"{counted(facts.n_coauthors, 'coauthor')} {be(facts.n_coauthors)} named on {these(total)}."]
        repeated = [one for one in facts.top_coauthors if one.papers > 1][:LISTED]
        if repeated:
            named = [f"{one_line(one.name)} ({counted(one.papers, 'paper')})" for one in repeated]
            more = sum(one.papers == repeated[-1].papers for one in facts.coauthors) > sum(
                one.papers == repeated[-1].papers for one in repeated
            )
            opening = "Among the most frequent are" if more else "The most frequent are"
            sentences.append(f"{opening if len(named) > 1 else 'The most frequent is'} {listing(named)}.")
        elif total > 1:
            sentences.append("No coauthor appears on more than 1 of them.")
        if facts.single_author_papers:
            alone = facts.single_author_papers
            sentences.append(f"{counted(alone, 'paper')} {be(alone)} by {subject.name} alone.")
    sentences += _places(facts)
    return Lines(sentences=tuple(sentences), paper_ids=tuple(paper.id for paper in facts.titles))


def funding(_: Subject, facts: Facts) -> Lines:
    """Word funders and grant numbers."""
    total = facts.papers_in_window
    if not total:
        return Lines(sentences=("There is no paper to name funders from.",))
    sentences = []
    if facts.funders:
        named = []
        for one in facts.funders[:LISTED]:
            grants = listing([one_line(grant) for grant in one.grants[:_GRANTS]])
            noun = "grant" if len(one.grants) == 1 else "grants"
            named.append(
                f"{one_line(one.name)} ({counted(one.papers, 'paper')}{f', {noun} {grants}' if grants else ''})"
            )
        opening = "including" if len(facts.funders) > LISTED else "namely"
        sentences.append(
            f"Funders are recorded for {facts.papers_with_funding} of {counted(total, 'paper')}, {opening} {listing(named)}."
        )
    else:
        sentences.append(f"No funder is recorded for {these(total)}.")
    if facts.funding_statements:
        n = facts.funding_statements
        sentences.append(f"{counted(n, 'paper')} {'carries' if n == 1 else 'carry'} a funding statement.")
    return Lines(sentences=tuple(sentences))


def citations(_: Subject, facts: Facts) -> Lines:
    """Word citation counts."""
    counts = facts.citations
    if not facts.papers_in_window:
        return Lines(sentences=("There is no paper to count citations of.",))
    if not counts.papers_with_count:
        return Lines(sentences=(f"No citation count is recorded for {these(facts.papers_in_window)}.",))
    sentences = [
        (
            f"Citation counts are recorded for {counts.papers_with_count} of {counted(facts.papers_in_window, 'paper')}:"
            f" {counted(counts.total, 'citation')} in all, and an h-index of {counts.h_index} within this set."
        )
    ]
    top = [one for one in counts.most_cited if one.cited_by_count]
    if top:
        named = [cited(one, counted(one.cited_by_count or 0, "citation")) for one in top]
        sentences.append(f"The most cited {be(len(named))} {listing(named)}.")
    return Lines(sentences=tuple(sentences), paper_ids=tuple(one.id for one in top))


def _places(facts: Facts) -> Iterable[str]:
    if not facts.organizations:
        yield "No affiliation of the author is recorded on them."
        return
    named = [
        f"{one_line(one.name)} ({counted(one.papers, 'paper')}{f', last in {one.last_year}' if one.last_year else ''})"
        for one in facts.organizations[:LISTED]
    ]
    opening = "including" if facts.n_organizations > LISTED else "namely"
    yield (
        f"The author's affiliation is recorded on {facts.papers_with_affiliation} of {counted(facts.papers_in_window, 'paper')},"
        f" {opening} {listing(named)}."
    )
    if facts.countries_of_work:
        where = [f"{one.name} ({counted(one.papers, 'paper')})" for one in facts.countries_of_work[:LISTED]]
        yield f"The {'country is' if len(where) == 1 else 'countries are'} {listing(where)}."

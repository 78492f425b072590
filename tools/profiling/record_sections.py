"""Sections on what records say of people, places, money and citations."""

from collections.abc import Iterator

from tools.profiling.base import Statement
from tools.profiling.english import counted, listing, one_line
from tools.profiling.fact_records import Circle, Coauthor, Facts
from tools.profiling.lines import (
    LISTED,
    Lines,
    Subject,
    be,
    cited,
    every,
    of_years,
    people,
    say,
    these,
    when,
)

_GRANTS = 5
_STANDS_OUT = 0.4  # share of all citations that the papers of one year must have to be named


def collaboration(subject: Subject, facts: Facts) -> Lines:
    """Word coauthors, how they change, affiliations and countries."""
    if not facts.papers_in_window:
        return [say("There is no paper to name coauthors or affiliations from.")]
    return [*_coauthors(subject, facts), *change(facts.circle), *places(facts)]


def funding(_: Subject, facts: Facts) -> Lines:
    """Word funders and grant numbers."""
    total = facts.papers_in_window
    if not total:
        return [say("There is no paper to name funders from.")]
    found = []
    if facts.funders:
        named = []
        for one in facts.funders[:LISTED]:
            grants = listing([one_line(grant) for grant in one.grants[:_GRANTS]])
            more = "" if len(one.grants) <= _GRANTS else f" {counted(len(one.grants), 'grant')}, among them"
            noun = more or (" grant" if len(one.grants) == 1 else " grants")
            years = when(min(one.per_year, default=None), max(one.per_year, default=None))
            named.append(
                f"{one_line(one.name)} ({counted(one.papers, 'paper')}{years}{f',{noun} {grants}' if grants else ''})"
            )
        opening = "including" if len(facts.funders) > LISTED else "namely"
        text = f"Funders are recorded for {facts.papers_with_funding} of {counted(total, 'paper')}, {opening} {listing(named)}."
        found.append(say(text, (id_ for one in facts.funders for id_ in one.paper_ids)))
    else:
        found.append(say(f"No funding is recorded for {these(total)}.", every(facts)))
    if n := facts.funding_statements:
        found.append(say(f"{counted(n, 'paper')} {'carries' if n == 1 else 'carry'} a funding statement."))
    return found


def citations(_: Subject, facts: Facts) -> Lines:
    """Word citation counts."""
    counts = facts.citations
    if not facts.papers_in_window:
        return [say("There is no paper to count citations of.")]
    if not counts.papers_with_count:
        return [say(f"No citation count is recorded for {these(facts.papers_in_window)}.", every(facts))]
    found = [
        say(
            f"Citation counts are recorded for {counts.papers_with_count} of {counted(facts.papers_in_window, 'paper')}:"
            f" {counted(counts.total, 'citation')} in all, {counts.mean} a paper, and an h-index of {counts.h_index} within"
            " this set.",
            (one.id for one in facts.titles if one.cited_by_count is not None),
        )
    ]
    top = [one for one in counts.most_cited if one.cited_by_count]
    if top:
        named = [cited(one, counted(one.cited_by_count or 0, "citation")) for one in top]
        found.append(say(f"The most cited {be(len(named))} {listing(named)}.", (one.id for one in top)))
    if len(counts.per_year) > 1:
        year = max(counts.per_year, key=lambda year: (counts.per_year[year], year))
        if counts.per_year[year] > _STANDS_OUT * counts.total:
            text = (
                f"The papers of {year} were cited most, {counts.per_year[year]:,} of {counted(counts.total, 'time')}."
            )
            found.append(say(text, of_years(facts, year)))
    return found


def _coauthors(subject: Subject, facts: Facts) -> Iterator[Statement]:
    total = facts.papers_in_window
    if facts.n_coauthors == 0:
        yield say(f"No coauthor is recorded on {these(total)}.", every(facts))
        return
    yield say(
        f"{counted(facts.n_coauthors, 'coauthor')} {be(facts.n_coauthors)} named on {these(total)}.", every(facts)
    )
    repeated = [one for one in facts.coauthors[:LISTED] if one.papers > 1]
    if repeated:
        fewest = repeated[-1].papers
        more = sum(one.papers == fewest for one in facts.coauthors) > sum(one.papers == fewest for one in repeated)
        opening = "Among the most frequent are" if more else "The most frequent are"
        opening = opening if len(repeated) > 1 else "The most frequent is"
        yield say(f"{opening} {people(repeated)}.", _joint(repeated))
    elif total > 1:
        yield say("No coauthor appears on more than 1 of them.", every(facts))
    if alone := facts.single_author_papers:
        yield say(f"{counted(alone, 'paper')} {be(alone)} by {subject.name} alone.")


def change(circle: Circle | None) -> Iterator[Statement]:
    """Word who came and who stayed; nothing where all are of one time."""
    if circle is None or not circle.new + circle.kept:
        return
    since = circle.since
    if circle.kept:
        kept = f"Of the coauthors before {since}, {circle.kept} of {circle.before} are still there since then"
        yield say(f"{kept}, first of all {people(circle.lasting[:3])}.", _joint(circle.lasting))
    elif circle.left:
        text = f"None of the {counted(circle.left, 'coauthor')} before {since} is named since then."
        yield say(text if circle.left > 1 else f"The only coauthor before {since} is not named since then.")
    if circle.new:
        repeated = [one for one in circle.newcomers if one.papers > 1][:3]
        most = f", most often {people(repeated)}" if repeated else ""
        text = f"{counted(circle.new, 'coauthor')} {be(circle.new)} new since {since}{most}."
        yield say(text, _joint(repeated or circle.newcomers))


def _joint(found: tuple[Coauthor, ...] | list[Coauthor]) -> Iterator[str]:
    return (id_ for one in found for id_ in one.paper_ids)


def places(facts: Facts) -> Iterator[Statement]:
    """Word where the author worked."""
    if not facts.organizations:
        yield say("No affiliation of the author is recorded on them.", every(facts))
        return
    named = [
        f"{one_line(one.name)} ({counted(one.papers, 'paper')}{when(one.first_year, one.last_year)})"
        for one in facts.organizations[:LISTED]
    ]
    opening = "including" if facts.n_organizations > LISTED else "namely"
    yield say(
        f"The author's affiliation is recorded on {facts.papers_with_affiliation} of {counted(facts.papers_in_window, 'paper')},"
        f" {opening} {listing(named)}.",
        (id_ for one in facts.organizations for id_ in one.paper_ids),
    )
    if facts.countries_of_work:
        where = [f"{one.name} ({counted(one.papers, 'paper')})" for one in facts.countries_of_work[:LISTED]]
        yield say(f"The {'country is' if len(where) == 1 else 'countries are'} {listing(where)}.")

"""The plots of a page, each with its legend and the table of what it draws."""

from collections.abc import Callable

from agent.pages.bars import panels, shares
from agent.pages.network import MOST, network, ring
from agent.pages.tables import (
    TOPICS,
    by_year,
    funder_years,
    joint,
    organization_years,
    plotted_topics,
    shown_years,
    topic_years,
)
from agent.pages.view import Table
from stores.records import Record
from tools.profiling.base import Profile
from tools.profiling.english import counted, listing
from tools.profiling.fact_records import TopicShare


class Figure(Record):
    """A plot, or a table whose colours make it one.

    Attributes:
        name: letters and digits that its ids begin with.
        title: its heading.
        caption: how to read it.
        svg: the drawing; empty where the table is the plot.
        legend: variables of the style sheet that hold a colour, with what it stands for.
        table: what is drawn.
    """

    name: str
    title: str
    caption: str
    table: Table
    svg: str = ""
    legend: tuple[tuple[str, str], ...] = ()


def figures(profile: Profile) -> dict[str, Figure]:
    """Return every plot that the facts have something for, by name."""
    makers: tuple[Callable[[Profile], Figure | None], ...] = (_years, _topics, _network, _organizations, _funders)
    return {figure.name: figure for make in makers if (figure := make(profile)) is not None}


def _years(profile: Profile) -> Figure | None:
    facts = profile.facts
    if not any(facts.papers_per_year.values()):
        return None
    counts = {"Papers": facts.papers_per_year}
    caption = "By year of publication."
    if any(facts.citations.per_year.values()):
        counts["Citations to the papers of the year"] = facts.citations.per_year
        caption += " Citations are those that the papers of a year have had until now."
    if any(facts.coauthors_per_year.values()):
        counts["Coauthors on the papers of the year"] = facts.coauthors_per_year
    title = listing([name.split()[0].lower() for name in counts]).capitalize() + " by year"
    svg = panels("years", title, counts, shown_years(facts))
    return Figure(name="years", title=title, caption=caption, svg=svg, table=by_year(facts))


def _topics(profile: Profile) -> Figure | None:
    found = plotted_topics(profile.facts) if profile.facts.topics else []
    table = topic_years(profile.facts)
    if not found or not table.rows or len(table.columns) == 1:
        return None
    if found[0].kind != "cluster":
        # A paper carries several of these, so that stacked they would pass the whole.
        caption = (
            f"The percentage of each year's papers that carry a topic: {_of(len(table.rows), len(found), 'topic')}. A paper can"
            " carry several, so columns need not add up to 100."
        )
        return Figure(name="topics", title="Topics by year, percent of papers", caption=caption, table=table)
    drawn = found[:TOPICS]
    papers = {year: n for year, n in profile.facts.papers_per_year.items() if n}
    years = sorted(papers)
    # Of the counts, as rounded shares can pass the whole.
    series = [(one.name, {year: one.per_year.get(year, 0) / papers[year] for year in years}) for one in drawn]
    rest = any(sum(one.per_year.get(year, 0) for one in drawn) < papers[year] for year in years)
    legend = [(f"c{n}", one.name + _mark(one)) for n, one in enumerate(drawn)]
    legend += [("other", "other")] if rest else []
    title = "Share of each year's papers by topic"
    svg = shares("topics", title, series, years, rest=rest)
    caption = "Each paper counts in one group of papers alike in content; groups are named after their own terms."
    return Figure(name="topics", title=title, caption=caption, svg=svg, legend=tuple(legend), table=table)


def _of(shown: int, all_: int, noun: str) -> str:
    return f"the {shown} most frequent of {counted(all_, noun)}" if shown < all_ else counted(shown, noun)


def _mark(one: TopicShare) -> str:
    return " (rising)" if one.emerging else " (fading)" if one.fading else ""


def _network(profile: Profile) -> Figure | None:
    facts = profile.facts
    if not facts.coauthors:
        return None
    shown = min(len(facts.coauthors), MOST)
    whom = _of(shown, facts.n_coauthors, "coauthor")
    caption = f"The author in the middle of {whom}; a line is the wider, the more joint papers there are."
    if any(group is not None for group in ring(facts).groups):
        caption += " Outer lines join coauthors of the same papers; those who publish together share a colour."
    svg = network("network", "Coauthors", profile.name, facts)
    table = joint(facts, MOST)
    return Figure(name="network", title="Coauthors", caption=caption, svg=svg, table=table)


def _organizations(profile: Profile) -> Figure | None:
    table = organization_years(profile.facts)
    if not table.rows:
        return None
    whom = _of(len(table.rows), profile.facts.n_organizations, "organization")
    caption = f"Papers with an affiliation of the author, by year: {whom}."
    return Figure(name="organizations", title="Organizations by year", caption=caption, table=table)


def _funders(profile: Profile) -> Figure | None:
    table = funder_years(profile.facts)
    if not table.rows:
        return None
    caption = f"Papers that name a funder, by year: {_of(len(table.rows), len(profile.facts.funders), 'funder')}."
    return Figure(name="funders", title="Funders by year", caption=caption, table=table)

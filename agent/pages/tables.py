"""The tables of a page: everything that its plots draw, and the lists that its sentences only begin."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agent.pages.text import href
from agent.pages.view import Cell, Table
from tools.profiling.fact_records import Facts, FunderCount, OrganizationCount, PaperLine, TopicShare

TOPICS = 8  # drawn in a plot; the rest is "other"
HEAT_ROWS = 8
HEAT_YEARS = 12  # columns that a table of years has room for
_LISTED_TOPICS = 12
_GRANTS = 12  # numbers listed of one funder
_BESIDE = 5  # others listed beside a coauthor
_LONG_SPAN = 30  # years from which on the empty ones at both ends are left out


def tables(facts: Facts) -> dict[str, Table]:
    """Return every table that has rows, by name."""
    found = [
        by_year(facts), topics(facts), most_cited(facts), _venues(facts), _coauthors(facts), _organizations(facts),
        _countries(facts), _funders(facts),
    ]  # fmt: skip
    return {table.name: table for table in found if table.rows}


def shown_years(facts: Facts) -> list[int]:
    """Return the years of the window; of a long one those from the first to the last paper."""
    years = sorted(facts.papers_per_year)
    if len(years) <= _LONG_SPAN:
        return years
    busy = [year for year in years if facts.papers_per_year[year]] or years[:1]
    return [year for year in years if busy[0] <= year <= busy[-1]]


def by_year(facts: Facts) -> Table:
    """Return papers, citations and coauthors of each year; columns of which nothing is recorded are left out."""
    columns: dict[str, Mapping[int, int]] = {
        "Papers": facts.papers_per_year,
        "Citations to them": facts.citations.per_year,
        "Coauthors": facts.coauthors_per_year,
    }
    columns = {name: counts for name, counts in columns.items() if counts}
    years = shown_years(facts) if facts.papers_in_window else []
    rows = [(_text(str(year)), *(_count(counts.get(year, 0)) for counts in columns.values())) for year in years]
    note = "Citations are those that the papers of a year have had until now." if facts.citations.per_year else ""
    return Table(name="years", title="By year", columns=("Year", *columns), rows=tuple(rows), note=note)


def plotted_topics(facts: Facts) -> list[TopicShare]:
    """Return the topics of the first kind there is, clusters before topics, keywords and terms; the largest first."""
    return [topic for topic in facts.topics if topic.kind == facts.topics[0].kind]


def topics(facts: Facts) -> Table:
    """Return the topics with their shares before and after the start of the latest years."""
    found = plotted_topics(facts)[:_LISTED_TOPICS]
    since = facts.emerging_since
    columns = ["Topic", "Papers", "Share"]
    columns += [f"Before {since}", f"Since {since}", "Course"] if since is not None else []
    rows = []
    for one in found:
        row = [_text(one.name, one.id), _count(one.papers), _share(one.percent)]
        if since is not None:
            row += [_share(one.percent_before), _share(one.percent_recent), Cell(text=_course(one))]
        rows.append(tuple(row))
    return Table(name="topics", title="Topics and their course", columns=tuple(columns), rows=tuple(rows))


def topic_years(facts: Facts) -> Table:
    """Return the share of each year's papers that the largest topics take, as a table whose colours can be read."""
    found = plotted_topics(facts)[:HEAT_ROWS]
    years = _heat_years(year for one in found for year in one.share_per_year)
    rows = [
        (_text(one.name, one.id), *(_warm(one.share_per_year.get(year), percent=True) for year in years))
        for one in found
    ]
    return Table(
        name="topic-years",
        title="Percent of each year's papers",
        columns=("Topic", *map(str, years)),
        rows=tuple(rows),
        note=_latest(years),
    )


def organization_years(facts: Facts) -> Table:
    """Return the papers by year at each of the most frequent organizations."""
    return _by_years("organization-years", "Organization", facts.organizations)


def funder_years(facts: Facts) -> Table:
    """Return the papers by year that name each of the most frequent funders."""
    return _by_years("funder-years", "Funder", facts.funders)


def _by_years(name: str, what: str, items: Sequence[OrganizationCount | FunderCount]) -> Table:
    found = [one for one in items if one.per_year][:HEAT_ROWS]
    years = _heat_years(year for one in found for year in one.per_year)
    most = max((n for one in found for n in one.per_year.values()), default=1)
    rows = [(_text(one.name, one.id), *(_warm(one.per_year.get(year), most=most) for year in years)) for one in found]
    return Table(
        name=name,
        title=f"Papers by {what.lower()} and year",
        columns=(what, *map(str, years)),
        rows=tuple(rows),
        note=_latest(years),
    )


def joint(facts: Facts, most: int) -> Table:
    """Return the most frequent coauthors, each with those of the others who were on the same papers."""
    found = facts.coauthors[:most]
    names = {one.id: one.name for one in found}
    beside: dict[str, list[str]] = defaultdict(list)
    for pair in facts.coauthor_pairs:
        if pair.a in names and pair.b in names:
            beside[pair.a].append(f"{names[pair.b]} ({pair.papers:,})")
            beside[pair.b].append(f"{names[pair.a]} ({pair.papers:,})")
    rows = [(_text(one.name, one.id), _count(one.papers), _text(_cut(beside[one.id], _BESIDE))) for one in found]
    return Table(name="joint", title="Joint papers", columns=("Coauthor", "Papers", "Together with"), rows=tuple(rows))


def most_cited(facts: Facts) -> Table:
    """Return the papers cited most."""
    rows = [
        (_paper(one), _text(_year(one.year)), _count(one.cited_by_count or 0)) for one in facts.citations.most_cited
    ]
    return Table(name="most-cited", title="Most cited", columns=("Paper", "Year", "Citations"), rows=tuple(rows))


def _venues(facts: Facts) -> Table:
    rows = [(_text(name), _count(n)) for name, n in facts.venues.items()]
    return Table(name="venues", title="Venues", columns=("Venue", "Papers"), rows=tuple(rows))


def _coauthors(facts: Facts) -> Table:
    rows = [
        (_text(one.name, one.id), _count(one.papers), _text(_year(one.first_year)), _text(_year(one.last_year)))
        for one in facts.coauthors
    ]
    return Table(name="coauthors", title="Coauthors", columns=("Coauthor", "Papers", "First", "Last"), rows=tuple(rows))


def _organizations(facts: Facts) -> Table:
    rows = [
        (_text(one.name, one.id), _count(one.papers), _text(_year(one.first_year)), _text(_year(one.last_year)))
        for one in facts.organizations
    ]
    return Table(
        name="organizations",
        title="Organizations",
        columns=("Organization", "Papers", "First", "Last"),
        rows=tuple(rows),
        note=f"An affiliation is recorded on {facts.papers_with_affiliation:,} of {facts.papers_in_window:,} papers.",
    )


def _countries(facts: Facts) -> Table:
    rows = [(_text(one.name), _count(one.papers)) for one in facts.countries_of_work]
    return Table(name="countries", title="Countries", columns=("Country", "Papers"), rows=tuple(rows))


def _funders(facts: Facts) -> Table:
    wide = 3 if any(one.grants for one in facts.funders) else 2
    rows = [(_text(one.name, one.id), _count(one.papers), _text(_cut(one.grants, _GRANTS))) for one in facts.funders]
    columns = ("Funder", "Papers", "Grants")[:wide]
    return Table(name="funders", title="Funders", columns=columns, rows=tuple(row[:wide] for row in rows))


def _course(one: TopicShare) -> str:
    if one.emerging:
        return "↑ new" if not one.papers_before else "↑ rising"
    return "↓ fading" if one.fading else ""


def _heat_years(found: Iterable[int]) -> list[int]:
    years = set(found)
    return list(range(max(min(years), max(years) - HEAT_YEARS + 1), max(years) + 1)) if years else []


def _latest(years: Sequence[int]) -> str:
    return f"At most the last {HEAT_YEARS} years are shown." if len(years) == HEAT_YEARS else ""


def _warm(value: float | None, *, most: float = 1.0, percent: bool = False) -> Cell:
    if not value:
        return Cell(text="", number=True)
    text = f"{round(100 * value)}" if percent else f"{value:,}"
    return Cell(text=text, number=True, heat=round(min(value / most, 1.0), 2))


def _cut(items: Sequence[str], most: int) -> str:
    more = f" and {len(items) - most:,} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _text(text: str, id_: str | None = None) -> Cell:
    return Cell(text=text, href=href(id_))


def _count(n: int) -> Cell:
    return Cell(text=f"{n:,}", number=True)


def _share(percent: int) -> Cell:
    return Cell(text=f"{percent}%", number=True)


def _year(year: int | None) -> str:
    return "" if year is None else str(year)


def _paper(paper: PaperLine) -> Cell:
    return _text(paper.title, paper.id)

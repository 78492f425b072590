"""What a page shows of a profile, before any markup: statements with numbered papers, tables, and how it was made."""

from collections.abc import Iterable

from agent.pages.text import href
from stores.records import Record
from tools.profiling.base import Profile, Section, Window
from tools.profiling.fact_records import Facts, PaperLine


class Cell(Record):
    """A cell of a table.

    Attributes:
        text: what it shows, not yet cleaned nor escaped.
        href: where it leads, or nothing.
        number: whether it is set flush right.
        heat: how strongly it is coloured, 0 to 1; None leaves it plain.
    """

    text: str
    href: str = ""
    number: bool = False
    heat: float | None = None


class Table(Record):
    """A titled table; the first cell of each row names the row. `note` says what the reader must know of it."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


class Reference(Record):
    """A paper with the number that statements refer to it by."""

    number: int
    paper: PaperLine
    href: str


class Said(Record):
    """A sentence, and the numbers of the papers behind it, ascending."""

    text: str
    numbers: tuple[int, ...]


class Chapter(Record):
    """A section of the profile."""

    title: str
    by_model: bool
    said: tuple[Said, ...]


class View(Record):
    """All that a page shows in words."""

    name: str
    id: str
    href: str
    window: str
    reason: str
    tiles: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]
    references: tuple[Reference, ...]


def view(profile: Profile) -> View:
    """Return what a page shows of a profile; papers are numbered in the order of `facts.titles`."""
    known = {paper.id for paper in profile.facts.titles}
    # A statement may rest on papers outside the window; these have no line of their own, so their ids stand for them.
    beyond = dict.fromkeys(id_ for one in profile.sections for id_ in _behind(one) if id_ not in known)
    lines = [*profile.facts.titles, *(PaperLine(id=id_, year=None, title=id_) for id_ in beyond)]
    references = tuple(Reference(number=n, paper=one, href=href(one.id)) for n, one in enumerate(lines, 1))
    numbers = {one.paper.id: one.number for one in references}
    return View(
        name=profile.name,
        id=profile.author_id,
        href=href(profile.author_id),
        window=span_of(profile.window),
        reason="the years asked for" if profile.window_reason == "asked" else f"the {profile.window_reason}",
        tiles=tuple(_tiles(profile.facts)),
        chapters=tuple(_chapter(one, numbers) for one in profile.sections),
        references=references,
    )


def span_of(window: Window) -> str:
    """Return "2018–2022", "since 2018", "until 2022" or "all years"."""
    first, last = window.year_from, window.year_to
    if first is not None and last is not None:
        return str(first) if first == last else f"{first}–{last}"
    if first is None and last is None:
        return "all years"
    return f"until {last}" if first is None else f"since {first}"


def _behind(section: Section) -> Iterable[str]:
    yield from section.paper_ids
    for one in section.statements:
        yield from one.paper_ids


def _chapter(section: Section, numbers: dict[str, int]) -> Chapter:
    said = [(one.text, one.paper_ids) for one in section.statements] or [(section.text, section.paper_ids)]
    return Chapter(
        title=section.title,
        by_model=section.wording == "model",
        said=tuple(Said(text=text, numbers=tuple(sorted({numbers[id_] for id_ in ids}))) for text, ids in said if text),
    )


def _tiles(facts: Facts) -> Iterable[tuple[str, str]]:
    yield f"{facts.papers_in_window:,}", "paper" if facts.papers_in_window == 1 else "papers"
    if facts.citations.papers_with_count:
        yield f"{facts.citations.total:,}", "citations"
        yield f"{facts.citations.h_index:,}", "h-index of these papers"
    for n, one, many in (
        (facts.n_coauthors, "coauthor", "coauthors"),
        (facts.n_organizations, "organization", "organizations"),
        (facts.n_venues, "venue", "venues"),
        (len(facts.funders), "funder", "funders"),
    ):
        if n:
            yield f"{n:,}", one if n == 1 else many

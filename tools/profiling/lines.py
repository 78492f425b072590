"""What the writers of sections share: whom they write about, what they return, and small phrases."""

from collections.abc import Iterable

from stores.records import Record
from tools.profiling.base import Statement, Window
from tools.profiling.english import counted, listing, one_line, quoted, span
from tools.profiling.fact_records import Coauthor, Facts, PaperLine

LISTED = 5  # how many items a sentence lists at most

Lines = list[Statement]


class Subject(Record):
    """Whom a profile is about, and which years."""

    name: str
    window: Window


def say(text: str, papers: Iterable[str] = ()) -> Statement:
    """Return a sentence with the ids of the papers that it counts or names, each once."""
    return Statement(text=text, paper_ids=tuple(dict.fromkeys(papers)))


def every(facts: Facts) -> list[str]:
    """Return the ids of all papers of the window."""
    return [paper.id for paper in facts.titles]


def of_years(facts: Facts, first: int, last: int | None = None) -> list[str]:
    """Return the ids of the papers of these years, the last one included."""
    return [one.id for one in facts.titles if one.year is not None and first <= one.year <= (last or first)]


def cited(paper: PaperLine, more: str = "") -> str:
    """Return “Title” (year, more)."""
    details = ", ".join(part for part in (str(paper.year) if paper.year is not None else "", more) if part)
    return quoted(paper.title) + (f" ({details})" if details else "")


def people(found: Iterable[Coauthor]) -> str:
    """Return coauthors with their numbers of joint papers."""
    return listing([f"{one_line(one.name)} ({counted(one.papers, 'paper')})" for one in found])


def when(first: int | None, last: int | None) -> str:
    """Return ", 2018–2023", or nothing where the years are not known."""
    return f", {span(first, last)}" if first is not None and last is not None else ""


def these(n: int) -> str:
    """Return "this paper" or "these 12 papers"."""
    return "this paper" if n == 1 else f"these {n:,} papers"


def be(n: int) -> str:
    """Return the verb for so many things."""
    return "is" if n == 1 else "are"

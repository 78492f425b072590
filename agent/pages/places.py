"""Which plots and tables stand beside which section."""

from collections.abc import Collection, Sequence

from agent.pages.view import Chapter
from stores.records import Record

_FIRST = ("years", "organizations")  # the plots that stand before the sections
_BESIDE = {
    "Main research areas and trends": ("topics",),
    "Emerging topics or new directions": ("topics table",),
    "Collaboration and institutions": ("network",),
    "Grants and funding": ("funders", "funders table"),
    "Citations and influence": ("most-cited table",),
}
# Tables of all that there is, in the order in which they end the page.
_LISTS = ("topics", "venues", "coauthors", "organizations", "countries", "funders")


class Placed(Record):
    """A section with the names of the plots and of the tables beside it."""

    chapter: Chapter
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


class Rest(Record):
    """What no section took: the plots before all sections and after them, and the tables that end the page."""

    first: tuple[str, ...]
    figures: tuple[str, ...]
    tables: tuple[str, ...]


def placed(
    chapters: Sequence[Chapter], figures: Collection[str], tables: Collection[str]
) -> tuple[tuple[Placed, ...], Rest]:
    """Return the sections with what stands beside them, and the rest."""
    done = []
    for chapter in chapters:
        beside = _BESIDE.get(chapter.title, ())
        done.append(
            Placed(
                chapter=chapter,
                figures=tuple(name for name in beside if name in figures),
                tables=tuple(name for one in beside if (name := one.removesuffix(" table")) != one and name in tables),
            )
        )
    used = {*_FIRST, *(name for one in done for name in one.figures)}
    beside_tables = {name for one in done for name in one.tables}
    return tuple(done), Rest(
        first=tuple(name for name in _FIRST if name in figures),
        figures=tuple(name for name in figures if name not in used),
        tables=tuple(name for name in _LISTS if name in tables and name not in beside_tables),
    )

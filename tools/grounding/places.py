"""Name the page and the section of a paper that an offset lies in."""

from bisect import bisect_right
from typing import NamedTuple

from stores.records import Paper, Section


class Place(NamedTuple):
    """A page and a heading; None where the paper's source does not tell them."""

    page: str | None = None
    heading: str | None = None


def place_of(paper: Paper, section: Section, offset: int) -> Place:
    """Return the last page and the last section that begin at or before `offset` of the paper's `section`."""
    if section != "body" or not paper.marks:
        return Place()
    before = paper.marks[: bisect_right(paper.marks, offset, key=lambda mark: mark.start)]
    page, heading = (
        next((mark.label for mark in reversed(before) if mark.kind == kind), None) for kind in ("page", "section")
    )
    return Place(page, heading)

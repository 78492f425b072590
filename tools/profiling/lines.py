"""What the writers of sections share: whom they write about, what they return, and small phrases."""

from stores.records import Record
from tools.profiling.base import PaperLine, Window
from tools.profiling.english import quoted

LISTED = 5  # how many items a sentence lists at most


class Subject(Record):
    """Whom a profile is about, and which years."""

    name: str
    window: Window


class Lines(Record):
    """Sentences, and the ids of the papers that they rest on."""

    sentences: tuple[str, ...]
    paper_ids: tuple[str, ...] = ()


def cited(paper: PaperLine, more: str = "") -> str:
    """Return “Title” (year, more)."""
    details = ", ".join(part for part in (str(paper.year) if paper.year is not None else "", more) if part)
    return quoted(paper.title) + (f" ({details})" if details else "")


def these(n: int) -> str:
    """Return "this paper" or "these 12 papers"."""
    return "this paper" if n == 1 else f"these {n:,} papers"


def be(n: int) -> str:
    """Return the verb for so many things."""
    return "is" if n == 1 else "are"

"""The six sections in the program's own sentences: plain, true of the facts, and silent where nothing is recorded."""

from collections.abc import Callable

from stores.records import Record
from tools.profiling.base import Facts
from tools.profiling.content_sections import areas, emerging, trajectory
from tools.profiling.lines import Lines, Subject
from tools.profiling.record_sections import citations, collaboration, funding

SECTIONS: dict[str, Callable[[Subject, Facts], Lines]] = {
    "Main research areas and trends": areas,
    "Emerging topics or new directions": emerging,
    "Collaboration and institutions": collaboration,
    "Grants and funding": funding,
    "Citations and influence": citations,
    "Overall trajectory": trajectory,
}


class Draft(Record):
    """A section as the program words it, with the papers that it rests on."""

    title: str
    sentences: tuple[str, ...]
    paper_ids: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the sentences as one paragraph."""
        return " ".join(self.sentences)


def drafts(subject: Subject, facts: Facts) -> list[Draft]:
    """Return the six sections in their order."""
    return [_draft(title, write(subject, facts)) for title, write in SECTIONS.items()]


def _draft(title: str, lines: Lines) -> Draft:
    return Draft(
        title=title, sentences=tuple(filter(None, lines.sentences)), paper_ids=tuple(dict.fromkeys(lines.paper_ids))
    )

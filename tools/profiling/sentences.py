"""The six sections in the program's own sentences: plain, true of the facts, and silent where nothing is recorded."""

from collections.abc import Callable

from stores.records import Record
from tools.profiling.aspects import AREAS, CITATIONS, COLLABORATION, EMERGING, FUNDING, TRAJECTORY
from tools.profiling.base import Statement
from tools.profiling.content_sections import areas, emerging, trajectory
from tools.profiling.fact_records import Facts
from tools.profiling.lines import Lines, Subject
from tools.profiling.record_sections import citations, collaboration, funding

SECTIONS: dict[str, Callable[[Subject, Facts], Lines]] = {
    AREAS: areas,
    EMERGING: emerging,
    COLLABORATION: collaboration,
    FUNDING: funding,
    CITATIONS: citations,
    TRAJECTORY: trajectory,
}


class Draft(Record):
    """A section as the program words it."""

    title: str
    statements: tuple[Statement, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return the statements without their papers."""
        return tuple(one.text for one in self.statements)

    @property
    def text(self) -> str:
        """Return the sentences as one paragraph."""
        return " ".join(self.sentences)

    @property
    def paper_ids(self) -> tuple[str, ...]:
        """Return the papers behind any statement, each once."""
        return tuple(dict.fromkeys(id_ for one in self.statements for id_ in one.paper_ids))


def drafts(subject: Subject, facts: Facts) -> list[Draft]:
    """Return the six sections in their order."""
    return [Draft(title=title, statements=tuple(write(subject, facts))) for title, write in SECTIONS.items()]

"""What a profile is made of: aggregates over an author's papers, and the sections that word them."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from stores.records import Record
from tools.grounding.base import TokenUsage
from tools.profiling.fact_records import Facts

WindowReason = Literal["asked", "last five years of the data", "last five years", "five years up to the last paper"]


class Window(Record):
    """The years that a profile covers, inclusive; None leaves a side open."""

    year_from: int | None = None
    year_to: int | None = None


class Statement(Record):
    """A sentence of a profile, and the papers that it counts or names."""

    text: str
    paper_ids: tuple[str, ...] = ()


class Section(Record):
    """A titled part of a profile; `wording` says who worded the facts.

    Attributes:
        text: the statements as one paragraph.
        statements: the sentences with the papers behind each; of a model's wording one for the whole section.
        paper_ids: the papers behind any of them.
    """

    title: str
    text: str
    wording: Literal["program", "model"] = "program"
    statements: tuple[Statement, ...] = ()
    paper_ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, title: str, statements: Iterable[Statement], wording: Literal["program", "model"] = "program") -> Self:
        """Return the section of these statements; text and papers follow from them."""
        kept = tuple(statements)
        ids = tuple(dict.fromkeys(id_ for one in kept for id_ in one.paper_ids))
        text = " ".join(one.text for one in kept)
        return cls(title=title, text=text, wording=wording, statements=kept, paper_ids=ids)


class Violation(Record):
    """A number or name that the facts do not hold, a changed meaning, or a fault of the model."""

    section: str
    kind: Literal["number", "name", "meaning", "model"]
    text: str


class Checks(Record):
    """What the check of all sections found.

    Attributes:
        numbers: how many numbers were checked in the text that is shown.
        names: how many names were checked in it.
        violations: those of the text that is shown; always empty.
        rejected: those for which a model's wording was put aside.
        model_sections: how many sections the model worded in the end.
    """

    numbers: int = 0
    names: int = 0
    violations: tuple[Violation, ...] = ()
    rejected: tuple[Violation, ...] = ()
    model_sections: int = 0


class DraftScore(Record):
    """The parts are shares between 0 and 1; `total` is out of 100.

    Attributes:
        coverage: of the numbers and names of the program's sentences, those that are there.
        support: of its sentences, those whose numbers and names come from the program's.
        repetition: of its runs of three words, those that were there before.
        length: 1 between half of the program's length and all of it, less outside.
        total: 40 for coverage, 40 for support, 10 for no repetition, 10 for length.
    """

    coverage: float
    support: float
    repetition: float
    length: float
    total: float


class RankedDraft(Record):
    """One wording of a section that was tried, with its figures.

    Attributes:
        origin: "program", or the seed of the model's draft.
        passed: whether it keeps to the facts; what does not is never shown.
        chosen: whether it is the one shown.
    """

    section: str
    origin: str
    text: str
    score: DraftScore
    passed: bool
    chosen: bool = False


class Profile(Record):
    """An author's facts in numbers and in words."""

    author_id: str
    name: str
    window: Window
    window_reason: WindowReason
    facts: Facts
    sections: tuple[Section, ...]
    checks: Checks
    drafts: tuple[RankedDraft, ...] = ()
    model: str | None
    usage: TokenUsage = TokenUsage()
    timings: dict[str, float] = Field(default_factory=dict)

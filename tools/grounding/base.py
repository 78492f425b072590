"""What a grounded answer is made of: evidence copied from papers, and sentences that cite it."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from prompts.characters import printable
from stores.records import Record, Section

Outcome = Literal["answered", "refused", "needs_clarification", "failed"]
# Words for a person, made from papers and records: what is invisible there does not get through.
Shown = Annotated[str, AfterValidator(printable)]


class Citation(Record):
    """A quotation copied by program: `quote == paper.section(section)[start:end]`, code points, end exclusive.

    `page` and `heading` name the page and the section that it begins in, where the paper's source tells them.
    """

    paper_id: str
    passage_id: str
    section: Section
    start: int
    end: int
    quote: str
    page: str | None = None
    heading: str | None = None


class Evidence(Record):
    """A sentence of a retrieved passage that bears on the question."""

    citation: Citation
    title: str
    year: int | None
    score: float


class Sentence(Record):
    """A sentence of an answer with what supports it.

    Attributes:
        wording: whether a model, a quotation or the program worded it.
        heading: what it stands under, in an answer of several parts.
        paper_ids: all papers that it counts, where these are more than it cites.
    """

    text: Shown
    citations: tuple[Citation, ...]
    wording: Literal["model", "quotation", "program"] = "quotation"
    heading: Shown | None = None
    paper_ids: tuple[str, ...] | None = None


class TokenUsage(Record):
    """What the chat model was asked to do for one question."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def plus(self, other: "TokenUsage") -> "TokenUsage":
        """Return both together."""
        return TokenUsage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


class Refinement(Record):
    """What became of the attempt to have a second model word something better.

    Attributes:
        model: its name.
        accepted: whether its words are shown.
        reason: why the draft stands; empty when it does not.
    """

    model: str = ""
    accepted: bool
    reason: Shown = ""

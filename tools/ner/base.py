"""What understanding a question means: its mentions, intent and filters, and the boundary of a tagger."""

from collections.abc import Sequence
from typing import Literal, Protocol

from stores.records import EntityType, Record, Sort

Intent = Literal[
    "author_profile",
    "find_papers",
    "paper_question",
    "rank_themes",
    "similar_papers",
    "entity_lookup",
    "collaborators",
    "chitchat",
    "out_of_scope",
]
MentionSource = Literal["rule", "gazetteer", "model", "chat"]


class Message(Record):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


class Mention(Record):
    """A span of a question that names something; offsets are code points, `question[start:end] == text`.

    `source` says who found it: a rule, a list of names, a trained model, or the chat model.
    """

    start: int
    end: int
    text: str
    type: EntityType
    confidence: float
    source: MentionSource
    negated: bool = False


class QuestionFilters(Record):
    """What a question asks beyond its entities; years inclusive, `last_n_years` relative to today."""

    year_from: int | None = None
    year_to: int | None = None
    last_n_years: int | None = None
    sort: Sort | None = None
    limit: int | None = None
    exclude: tuple[str, ...] = ()


class Understanding(Record):
    """A question understood.

    Attributes:
        question: the question as asked; offsets of mentions count in it.
        intent: what is wanted.
        mentions: in the order of the question, never overlapping.
        filters: years, order, number and exclusions.
        paper_ids: papers that the question names by id or by quoted title.
        rewritten: the stand-alone question, when the history was needed to complete it.
        context: mentions that the history contributes to a follow-up; offsets count in `rewritten`.
    """

    question: str
    intent: Intent
    mentions: tuple[Mention, ...] = ()
    filters: QuestionFilters = QuestionFilters()
    paper_ids: tuple[str, ...] = ()
    rewritten: str | None = None
    context: tuple[Mention, ...] = ()


class Tagger(Protocol):
    """Finds the mentions of a question."""

    def tag(self, question: str) -> Sequence[Mention]:
        """Return non-overlapping mentions in order."""
        ...

"""What travels through the question graph, split by who may write it."""

from typing import Annotated, Any, NotRequired, TypedDict

from graphs.question.record import ReplayRecord
from stores.records import PaperFilter, Record
from stores.usage import Call
from tools.grounding.base import Citation, Evidence, Outcome, Refinement, Sentence, Shown, TokenUsage
from tools.linking.base import Link
from tools.linking.resolve import ResolvedQuestion
from tools.ner.base import Intent, Message, Understanding
from tools.retrieval.base import Hit
from tools.retrieval.find import FoundPaper
from tools.retrieval.relax import Relaxation, Satisfied


class Entity(Record):
    """A mention with what it was linked to, as a reply shows it."""

    start: int
    end: int
    text: str
    type: str
    confidence: float
    source: str
    negated: bool
    link: Link


class Option(Record):
    """One of the records that an ambiguous name may mean."""

    id: str
    name: Shown
    facts: Shown = ""


class Clarification(Record):
    """What must be asked before the question can be answered."""

    question: Shown
    mention: Shown
    options: tuple[Option, ...]


class Reply(Record):
    """The end of every question, whatever became of it.

    Attributes:
        outcome: answered, refused for want of evidence, needs clarification, or failed.
        reason: why it was not answered.
        model: name of the chat model that could word it.
        refinement: whether a second model's words are shown; None where none was asked.
        calls: of chat models, with the reason where one stood in for another; the caller of the graph adds them.
        timings: seconds by step.
        satisfied: how many papers of the library satisfy each condition alone, where papers were to be found.
        relaxations: filters near to the one that no paper satisfies, with their numbers of papers.
        record: what it was made from, and how to ask it again; the caller of the graph adds it.
        digest: SHA-256 of what was answered, timings left out; added with the record.
    """

    outcome: Outcome
    intent: Intent | None = None
    answer: Shown = ""
    sentences: tuple[Sentence, ...] = ()
    papers: tuple[FoundPaper, ...] = ()
    total: int | None = None
    entities: tuple[Entity, ...] = ()
    filters: PaperFilter | None = None
    clarification: Clarification | None = None
    reason: Shown | None = None
    rewritten: str | None = None
    model: str = ""
    usage: TokenUsage = TokenUsage()
    refinement: Refinement | None = None
    calls: tuple[Call, ...] = ()
    timings: dict[str, float] = {}  # noqa: RUF012 - pydantic copies it
    satisfied: tuple[Satisfied, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    record: ReplayRecord | None = None
    digest: str = ""

    @property
    def lists(self) -> bool:
        """Return whether its papers are themselves the answer, and not only what an answer rests on."""
        return bool(self.total) and (self.intent in {"find_papers", "similar_papers"} or bool(self.satisfied))


def merge(old: dict[str, float], new: dict[str, float]) -> dict[str, float]:
    """Join the timings of two steps; a step that comes again is added up."""
    return old | {name: round(old.get(name, 0.0) + seconds, 4) for name, seconds in new.items()}


class Input(TypedDict):
    """What a caller gives; `chosen` are choices made before, by the names that `clarify.key` gives."""

    question: str
    history: list[Message]
    chosen: NotRequired[dict[str, str]]


class Turn(TypedDict, total=False):
    """What the steps of one question write; begun anew by `understand`."""

    understanding: Understanding
    resolved: ResolvedQuestion | None
    wanted: PaperFilter | None
    hits: list[Hit]
    evidence: list[Evidence]
    draft: str
    remaining: list[Evidence]
    sentences: list[Sentence]
    papers: list[FoundPaper]
    total: int | None
    satisfied: list[Satisfied]
    relaxations: list[Relaxation]
    outcome: Outcome
    reason: str | None
    clarification: Clarification | None
    usage: TokenUsage
    refinement: Refinement | None
    timings: Annotated[dict[str, float], merge]


class State(Input, Turn):
    """The whole state: the conversation so far, the choices made in it, and the turn."""

    reply: Reply


class Output(TypedDict):
    """What a caller gets."""

    reply: Reply


Update = dict[str, Any]
__all__ = ["Citation", "Clarification", "Entity", "Input", "Option", "Output", "Reply", "State", "Turn", "Update"]

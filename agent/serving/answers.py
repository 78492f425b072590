"""What answers of the plain routes look like, for the OpenAPI document; the fields are those of the scripted interface."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graphs.question.state import Clarification
from tools.grounding.base import Outcome, Sentence
from tools.retrieval.find import FoundPaper


class _Answer(BaseModel):
    model_config = ConfigDict(extra="allow")


class ChatAnswer(_Answer):
    """What became of a turn; beside these, all that `quodvide ask` writes."""

    thread: str
    outcome: Outcome
    answer: str = ""
    sentences: list[Sentence] = Field(default=[], description="each with the quotations behind it")
    papers: list[FoundPaper] = []
    clarification: Clarification | None = Field(default=None, description="the question back; the next text answers it")
    reason: str | None = Field(default=None, description="why it was not answered")


class ThemeScored(_Answer):
    """A theme with its score, and where its best sentence lies in the text."""

    label: str
    score: float = Field(ge=0, le=100, description="50 is the border of relevance")
    start: int | None = None
    end: int | None = None
    negated: bool = Field(default=False, description="whether the text sets it aside")


class ThemesAnswer(_Answer):
    """All themes, the best first."""

    ranking: list[ThemeScored]
    top: list[str]
    summary: dict[str, Any] | None = None
    timings: dict[str, float]
    cached: list[str] = Field(description="steps whose results were kept from before")


class Similar(_Answer):
    """The nearest papers, the nearest first."""

    paper_id: str | None
    results: list[FoundPaper]


class Usage(BaseModel):
    """Tokens read and written."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    reused_tokens: int = Field(description="of those read, what was read before")


class Ended(BaseModel):
    """How a text came about; the last event of a stream."""

    parsed: Any = Field(default=None, description="the text as JSON, where a schema was given and it was not cut off")
    model: str
    finish_reason: Literal["stop", "length"]
    usage: Usage
    timings: dict[str, float] = Field(description="seconds: waiting for the model, reading the prompt, writing")


class Generated(Ended):
    """What the chat model wrote, and how."""

    text: str


class GenerateModel(BaseModel):
    """The model of `/generate`."""

    model: str
    context_tokens: int | None = Field(description="prompt and text together, at most; unknown of a model elsewhere")
    max_tokens: int = Field(description="of a text for which a request gives no bound")


class Models(BaseModel):
    """The models in use, by their part."""

    chat: str | None = Field(description="file of the chat model; none where there is none")
    words_answers: bool = Field(description="whether it words sentences of answers")
    embedding: str
    generate: GenerateModel | None = Field(description="what /generate writes with")

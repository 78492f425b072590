"""What requests and answers of the server look like; the fields are those of the scripted interface."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_LONGEST_QUESTION = 20_000
_LONGEST_TEXT = 2_000_000


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Turn(_Request):
    """Something that was said before."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=_LONGEST_QUESTION)


class AskRequest(_Request):
    """A question that stands for itself, with what was said before it."""

    question: str = Field(min_length=1, max_length=_LONGEST_QUESTION)
    history: list[Turn] = Field(default=[], max_length=200)


class ProfileWindow(_Request):
    """Years, both included; what is left out is open."""

    year_from: int | None = Field(default=None, ge=1000, le=9999)
    year_to: int | None = Field(default=None, ge=1000, le=9999)


class ProfileRequest(_Request):
    """An author by id or name."""

    author_id: str = Field(min_length=1, max_length=1000)
    window: ProfileWindow | None = None


class ThemeGiven(_Request):
    """A theme to score."""

    label: str = Field(min_length=1, max_length=300)
    description: str = Field(default="", max_length=5_000)


class ThemesRequest(_Request):
    """A text and the themes that it is scored against; those of the library where none are given."""

    text: str = Field(min_length=1, max_length=_LONGEST_TEXT)
    themes: list[ThemeGiven] | None = Field(default=None, max_length=2_000)
    summary: bool = False


class SimilarRequest(_Request):
    """A paper, or a text."""

    paper_id: str | None = Field(default=None, min_length=1, max_length=1000)
    text: str | None = Field(default=None, min_length=1, max_length=_LONGEST_TEXT)
    top: int = Field(default=10, ge=1, le=1000)


class ChatRequest(_Request):
    """Something said in a conversation: a question, or the choice that was asked for."""

    thread: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=_LONGEST_QUESTION)


class Failure(BaseModel):
    """Why a request failed."""

    error: dict[str, Any]

"""What requests of the server look like; the fields are those of the scripted interface."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

_LONGEST_QUESTION = 20_000
_LONGEST_TEXT = 2_000_000
_LONGEST_PROMPT = 200_000
_MOST_TOKENS = 8192
_LARGEST_SEED = 2**32 - 1
MAX_TOKENS = 256  # of a text for which a request gives no bound


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe what may be left out by its type alone, because the playground's forms draw no null."""
        schema = handler(core)
        described: JsonSchemaValue = handler.resolve_ref_schema(schema)
        for name, part in described["properties"].items():
            kinds = [kind for kind in part.get("anyOf", ()) if kind != {"type": "null"}]
            if len(kinds) == 1:
                described["properties"][name] = kinds[0] | {
                    key: value for key, value in part.items() if key not in {"anyOf", "default"}
                }
        return schema


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


class GenerateRequest(_Request):
    """What the chat model shall write, and how."""

    prompt: str = Field(min_length=1, max_length=_LONGEST_PROMPT)
    system: str = Field(default="", max_length=_LONGEST_PROMPT, description="instructions before the prompt")
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        le=_MOST_TOKENS,
        description=f"{MAX_TOKENS} where there is no schema, and as many as it may need where there is",
    )
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 always takes the best token")
    seed: int = Field(default=0, ge=0, le=_LARGEST_SEED, description="of sampling; the same seed gives the same text")
    stop: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[], max_length=16, description="texts before which it ends"
    )
    output_schema: dict[str, Any] | None = Field(
        default=None, alias="schema", description="a JSON schema that the text follows, enforced token by token"
    )
    stream: bool = Field(default=False, description="whether to send pieces as Server-Sent Events")


class Failure(BaseModel):
    """Why a request failed."""

    error: dict[str, Any]

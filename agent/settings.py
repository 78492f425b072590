"""All settings, from one place: arguments, then QUODVIDE_* variables, then `settings.toml` of the home folder.

Nested settings are written with two underscores, for example QUODVIDE_CHAT__MODEL=/models/qwen.gguf.
"""

import os
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from agent import offline, tracing
from stores.errors import ConfigError
from stores.records import EntityType


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Backend = Literal["onnx", "sentence-transformers", "fastembed", "model2vec"]
Precision = Literal["fp32", "int8"]


class EmbeddingSettings(_Group):
    """The model that turns text into vectors."""

    backend: Backend = Field(
        "onnx", description="onnx starts in 0.2 s and needs no torch; fastembed and model2vec are extras"
    )
    model: str = Field(
        "all-MiniLM-L6-v2",
        description="the bundled model's name, a folder, or a hub name; with sentence-transformers also MODEL+ADAPTER",
    )
    max_tokens: int = Field(256, ge=16, le=8192, description="tokens read of each text; the rest is cut")
    threads: int = Field(0, ge=0, description="processor threads; 0 means one for each core")
    precision: Precision = Field("fp32", description="of onnx: int8 is faster, and finds a little less")
    names: Precision = Field(
        "int8", description="precision of vectors of names with onnx: int8 takes a third of the time and links as well"
    )


class DocumentSettings(_Group):
    """Another model for the vectors of whole papers (similar papers, clusters of topics); none of it by default."""

    model: str = Field("", description="as embedding.model; empty for the same as the passages'")
    backend: Backend = Field("onnx", description="as embedding.backend")
    max_tokens: int = Field(256, ge=16, le=8192, description="tokens read of each paper; the rest is cut")
    precision: Precision = Field("fp32", description="as embedding.precision")


class IngestOptions(_Group):
    """How papers are cut into passages."""

    words: int = Field(512, ge=20, le=4096, description="words in a chunk")
    overlap: int = Field(50, ge=0, le=1000, description="words that neighbouring chunks share")
    max_chunks: int = Field(100, ge=1, le=10_000, description="chunks kept of one paper")
    document_characters: int = Field(5000, ge=100, description="characters that the document vector is made from")


class ChatSettings(_Group):
    """The local chat model."""

    model: str = Field(
        "bundled",
        description="'bundled' (SmolLM2-135M-Instruct), a name of `quodvide models list`, a GGUF file, or 'none'",
    )
    adapter: Path | None = Field(None, description="a LoRA adapter for this model, as a GGUF file")
    adapter_scale: float = Field(1, ge=0, le=100, description="how strongly the adapter counts; 0 is without it")
    n_ctx: int = Field(4096, ge=256, description="tokens of context")
    max_tokens: int = Field(160, ge=8, description="tokens of one answer sentence at most")
    threads: int = Field(0, ge=0, description="processor threads at most; 0 means one for each core")
    seed: int = Field(0, ge=0)
    contexts: int = Field(
        1,
        ge=1,
        le=16,
        description="answers worded at once; two gave 1.3 to 1.5 times the tokens a second on two cores, for 230 MB with the bundled model",
    )
    answer_calls: int | None = Field(
        None,
        ge=0,
        le=3,
        description="sentences of an answer that the model may word, the rest are quoted; by default none for the bundled"
        " model, whose wordings were measured to add nothing, 1 for another, and 3 for a model elsewhere",
    )
    profile_calls: int = Field(
        0,
        ge=0,
        le=6,
        description="sections of a profile that the model may reword; the bundled model gets 1 in 15 right",
    )
    profile_drafts: int = Field(
        1,
        ge=1,
        le=8,
        description="drafts of each of these sections; the best by coverage, support, repetition and length",
    )


class ModelsSettings(_Group):
    """Where `quodvide models pull` fetches models from."""

    hub: str = Field(
        "https://huggingface.co",
        pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
        description="address of the hub, or of a mirror that speaks as it does; a token is read from HF_TOKEN alone",
    )


class ProfileSettings(_Group):
    """Profiles of authors."""

    counted: Literal["data", "calendar"] = Field(
        "data", description="what the last five years are counted back from: the latest paper stored here, or today"
    )
    side_by_side: int = Field(4, ge=1, le=64, description="authors of a batch that are summarized at once")


class RetrievalSettings(_Group):
    """What is retrieved for a question."""

    passages: int = Field(24, ge=1, le=1000, description="passages retrieved for a question")
    per_paper: int = Field(3, ge=1, description="passages of one paper at most")
    evidence: int = Field(6, ge=1, le=50, description="sentences an answer may cite")
    papers: int = Field(10, ge=1, le=1000, description="papers listed when no number is asked for")
    reranker: str = Field(
        "none", description="'none', or a sentence-transformers cross-encoder: a folder or a cached hub name"
    )


class ThemeSettings(_Group):
    """Ranking themes for a text."""

    library: int = Field(
        100, ge=1, le=2000, description="topics of the library that are its themes, where none are given"
    )
    reranker: str = Field(
        "none", description="'none', or a sentence-transformers cross-encoder that puts the first ten themes in order"
    )
    cached: int = Field(1000, ge=0, le=100_000, description="results that are kept in the home folder; 0 keeps none")


class ConversationSettings(_Group):
    """What is kept of conversations; by default all of them, and the last turns of each in full."""

    turns: int = Field(50, ge=1, le=10_000, description="turns of a conversation that are kept whole, for export")
    threads: int = Field(0, ge=0, description="conversations kept, the latest ones; 0 keeps all")
    days: int = Field(0, ge=0, description="days after its last turn that a conversation is kept; 0 keeps it for ever")


LOCAL = "local"
Role = Literal["understand", "word", "profile", "themes", "generate", "refine"]
ROLES: tuple[Role, ...] = get_args(Role)


class RemoteSettings(_Group):
    """A chat model elsewhere: an OpenAI-compatible server, or a provider that LangChain knows."""

    model: str = Field(
        min_length=1, description="provider:model, such as openai:gpt-4o-mini; with base_url the server's name of it"
    )
    base_url: str = Field(
        "",
        description="address of an OpenAI-compatible server (llama-server, vLLM, Ollama), such as http://127.0.0.1:8080/v1",
    )
    key_env: str = Field(
        "", description="environment variable that holds the key; the provider's usual one, for a server none"
    )
    timeout: float = Field(60, gt=0, le=3600, description="seconds without a sign of it after which it has failed")
    retries: int = Field(2, ge=0, le=10, description="times that a failed request is sent again, when that may help")
    max_tokens: int = Field(1024, ge=8, description="tokens of an answer at most, where nothing else says so")
    structured: Literal["schema", "object", "prompt"] = Field(
        "schema",
        description="how it is held to a schema: OpenAI's json_schema, llama-cpp-python's json_object with schema, or by words"
        " alone; what comes is checked in any case",
    )
    takes: tuple[Literal["max_tokens", "temperature", "seed", "stop"], ...] | None = Field(
        None, description="options that it accepts; by default all, of other providers than OpenAI all but the seed"
    )
    input_price: float | None = Field(
        None, ge=0, description="dollars for a million tokens read; for estimates and `usage`"
    )
    output_price: float | None = Field(None, ge=0, description="dollars for a million tokens written")

    @model_validator(mode="after")
    def _address(self) -> "RemoteSettings":
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise ValueError("base_url must begin with http:// or https://")
        if (self.input_price is None) != (self.output_price is None):
            raise ValueError("input_price and output_price go together")
        return self


def _names(value: object) -> object:
    """Let one name, or names with commas, stand for a list."""
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


class RoleSettings(_Group):
    """Which chat models do what: names of `remotes`, or local; when the first fails the next one is asked."""

    default: tuple[str, ...] | str = Field((LOCAL,), description="all that is not named here, but refine")
    understand: tuple[str, ...] | str | None = Field(None, description="the second tier, and tagger = chat")
    word: tuple[str, ...] | str | None = Field(None, description="sentences of answers")
    profile: tuple[str, ...] | str | None = Field(None, description="sections of profiles")
    themes: tuple[str, ...] | str | None = Field(None, description="summaries of texts against themes")
    generate: tuple[str, ...] | str | None = Field(None, description="/generate of the server")
    refine: tuple[str, ...] | str = Field(
        (), description="a last wording of answers, from what was checked; none by default"
    )

    @field_validator("*", mode="after")
    @classmethod
    def _as_names(cls, value: object) -> object:
        return _names(value)

    def of(self, role: Role) -> tuple[str, ...]:
        """Return the names of the models of a role, the first one first."""
        own = getattr(self, role)
        return tuple(self.default if own is None else own)


class UsageSettings(_Group):
    """The log of calls of chat models: model, tokens, seconds, cost and purpose, never a text."""

    keep: bool = Field(True, description="whether calls are counted")
    days: int = Field(0, ge=0, description="days that a call is kept; 0 keeps it for ever")


class UnderstandingSettings(_Group):
    """How the names in a question are found."""

    tagger: str = Field(
        "default", description="'default', 'rules', 'chat', or 'hf:', 'spacy:' or 'gliner:' and the model"
    )
    labels: dict[str, EntityType | Literal["none"]] = Field(
        default_factory=dict,
        description="what labels of an hf or spacy model mean, or what to ask gliner for; added to the usual ones",
    )
    second_tier: bool = Field(False, description="whether the chat model is asked where the tagger is unsure")
    unsure_below: float = Field(
        0.75, ge=0, le=1, description="confidence under which a mention is unsure; for the second tier"
    )


class GroundingSettings(_Group):
    """How a sentence that the chat model worded is checked against its quotation."""

    verifier: str = Field(
        "words",
        description="what decides on words that the quotation has not: 'words' (none may be), 'trained', or 'cross-encoder:' and the model",
    )
    sure: float = Field(0.9, ge=0, le=1, description="probability that a cross-encoder must give a sentence")


class ServerSettings(_Group):
    """What `quodvide serve` offers, and to whom."""

    host: str = Field("127.0.0.1", description="address to listen at; other than loopback needs a key")
    port: int = Field(8000, ge=0, le=65535, description="0 for any that is free")
    keys: tuple[str, ...] = Field((), description="beside those of keys.txt: a name and the key's SHA-256 each")
    running: int = Field(0, ge=0, le=64, description="requests worked on at once; 0 for one a core")
    waiting: int = Field(32, ge=0, le=10_000, description="requests that may wait; over it 429")
    patience: float = Field(
        0.35,
        ge=0,
        le=3600,
        description="seconds that a request may have to wait, by the times of the latest; over it 429",
    )
    generating: int = Field(8, ge=0, le=10_000, description="generations of /generate that may wait; over it 429")
    together: int = Field(16, ge=1, le=10_000, description="requests of one key, waiting or worked on")
    rate: str = Field("600/minute", description="requests of one key, such as 10/second; none for any number")
    largest_body: int = Field(2_000_000, ge=1000, description="bytes of a request")
    batch: int = Field(100, ge=1, le=10_000, description="inputs of a batch; over it 413")
    origins: tuple[str, ...] = Field((), description="web pages' origins that may call (CORS); none by default")


class TracingSettings(_Group):
    """Where traces of what runs are sent; nowhere by default. They hold questions and answers."""

    langsmith: bool = Field(False, description="to LangSmith, with the key of LANGSMITH_API_KEY")
    otlp: str = Field("", description="address of an OpenTelemetry collector (OTLP over HTTP); needs the extra tracing")


class Settings(BaseSettings):
    """Every setting of Quodvide."""

    model_config = SettingsConfigDict(
        env_prefix="QUODVIDE_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
    )

    home: Path = Field(Path("~/.quodvide"), description="where everything is kept")
    offline: bool = Field(False, description="whether every model that is not on this machine is refused")
    prompts: Path | None = Field(
        None, description="a folder whose files stand for the shipped prompts of the same names"
    )
    embedding: EmbeddingSettings = EmbeddingSettings()
    documents: DocumentSettings = DocumentSettings()
    ingest: IngestOptions = IngestOptions()
    understanding: UnderstandingSettings = UnderstandingSettings()
    chat: ChatSettings = ChatSettings()
    models: ModelsSettings = ModelsSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    profiles: ProfileSettings = ProfileSettings()
    themes: ThemeSettings = ThemeSettings()
    conversations: ConversationSettings = ConversationSettings()
    usage: UsageSettings = UsageSettings()
    remotes: dict[str, RemoteSettings] = Field(
        default_factory=dict,
        description="chat models elsewhere, by names of your own; none is asked unless roles say so",
    )
    roles: RoleSettings = RoleSettings()
    grounding: GroundingSettings = GroundingSettings()
    server: ServerSettings = ServerSettings()
    tracing: TracingSettings = TracingSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - a .env file in the working folder is not ours to read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, which wins over the home folder's file."""
        home = init_settings().get("home") or os.environ.get("QUODVIDE_HOME") or "~/.quodvide"
        toml = TomlConfigSettingsSource(settings_cls, Path(home).expanduser() / "settings.toml")
        return init_settings, env_settings, toml


def load(home: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings in force.

    Raises:
        ConfigError: a value is wrong or a name is not a setting.
    """
    given = {"home": home, **overrides} if home else overrides
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{first['msg']} (got {first.get('input')!r:.80})", where=f"setting {name}") from error
    except ValueError as error:  # tomllib's errors
        raise ConfigError(f"is not valid TOML ({error})", where="settings.toml of the home folder") from error
    # Before anything of LangChain runs, which sends traces as soon as a variable says so.
    tracing.begin(settings.tracing)
    if settings.offline:
        offline.check(settings)
        offline.seal()
    return settings.model_copy(update={"home": settings.home.expanduser()})


def with_chat(settings: Settings, **changes: Any) -> Settings:
    """Return the settings with some of the chat model's changed, such as `model="none"` for quotations alone."""
    return settings.model_copy(update={"chat": settings.chat.model_copy(update=changes)})

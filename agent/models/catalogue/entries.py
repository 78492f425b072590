"""The catalogue of chat models, and what one that is not here yet will need."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.models.gguf import Header

GB = 10**9
BUNDLED = "bundled"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelFile(_Part):
    """One quantization of a model: its file, its size in 10^9 bytes (rounded), and its digest where that is known."""

    file: str
    gb: float = Field(gt=0)
    sha256: str = ""


class Entry(_Part):
    """A model of the catalogue; catalogue.toml says what its fields mean."""

    name: str
    title: str
    parameters: float = Field(gt=0)
    licence: str
    commercial: bool = True
    context: int = Field(gt=0)
    layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    kv_heads: int = Field(gt=0)
    head_dim: int = Field(gt=0)
    embedding: int = Field(gt=0)
    vocabulary: int = Field(gt=0)
    repository: str = ""
    default: str
    template: str = ""
    note: str = ""
    files: dict[str, ModelFile]

    @model_validator(mode="after")
    def _whole(self) -> "Entry":
        if self.default not in self.files:
            raise ValueError(f"{self.name}: the default {self.default} is not among its files")
        if bool(self.repository) == (self.name == BUNDLED):
            raise ValueError(f"{self.name}: all but the bundled model come from a repository")
        return self

    def header(self, quantization: str) -> Header:
        """Return what the header of a file will say, for estimates of memory."""
        return Header(
            architecture="",
            name=self.title,
            n_layers=self.layers,
            n_heads=self.heads,
            n_head_kv=(self.kv_heads,) * self.layers,
            key_dim=self.head_dim,
            value_dim=self.head_dim,
            context_length=self.context,
            embedding_length=self.embedding,
            vocab_size=self.vocabulary,
            file_size=int(self.files[quantization].gb * GB),
        )


class _Catalogue(_Part):
    models: tuple[Entry, ...]


@cache
def entries() -> dict[str, Entry]:
    """Return the models of the catalogue by name, smallest first."""
    text = resources.files(__package__ or "").joinpath("catalogue.toml").read_text(encoding="utf-8")
    found = _Catalogue.model_validate(tomllib.loads(text)).models
    return {entry.name: entry for entry in found}

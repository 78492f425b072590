"""Which embedder makes which vectors: those that the settings name, or those that an index was made with.

Each index is searched with the model that made it. While the settings name another, the index is stale: it goes on
serving with its own model, where that can still be opened, until `quodvide rebuild` has made a new one.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.settings import Backend, Precision, Settings
from stores.catalogue import Catalogue
from stores.errors import QuodvideError, StoreError

if TYPE_CHECKING:
    from tools.embedding.base import Embedder

Part = Literal["passages", "documents", "names"]
PARTS: tuple[Part, ...] = ("passages", "documents", "names")


class Choice(BaseModel):
    """How an embedder is opened, but for its threads; an index's is kept beside it, to search it by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Backend
    model: str
    max_tokens: int
    precision: Precision


def choice(settings: Settings, part: Part) -> Choice:
    """Return how the settings want the vectors of a part to be made."""
    texts, documents = settings.embedding, settings.documents
    chosen = documents if part == "documents" and documents.model else texts
    precision = texts.names if part == "names" else chosen.precision
    if chosen.backend != "onnx":
        precision = "fp32"  # the others run a model as it is
    return Choice(backend=chosen.backend, model=chosen.model, max_tokens=chosen.max_tokens, precision=precision)


class Embedders:
    """The embedders of one home folder, each opened once, when it is first wanted; threads wait for one another.

    Args:
        settings: in force.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: dict[Choice, Embedder] = {}
        self._lock = Lock()

    def wanted(self, part: Part) -> "Embedder":
        """Return what the settings name for a part.

        Raises:
            ConfigError: there is no such model, or its backend cannot run it.
            ModelError: its files are damaged.
        """
        return self._open(choice(self._settings, part))

    def serving(
        self, part: Part, made_by: set[str], catalogue: Catalogue, say: Callable[[str], None] = lambda _: None
    ) -> "Embedder":
        """Return what searches an index: the model that made it.

        Args:
            part: of the home folder.
            made_by: names of the embedders that made the index; none when it is empty.
            catalogue: knows how they are opened.
            say: is told when the settings name another.

        Raises:
            StoreError: the settings name another model than the index's, which cannot be opened here.
        """
        wanted = self.wanted(part)
        if not made_by - {wanted.name}:
            return wanted
        own = min(made_by - {wanted.name})
        said = f"the {part} index was made with {own}, but the settings name {wanted.name}"
        found = self._as_made(own, catalogue) if len(made_by) == 1 else None
        if found is None:
            raise StoreError(
                said, where=str(self._settings.home), hint="Run `quodvide rebuild`, or set the embedding model back"
            )
        say(f"{said}; it is searched with its own until `quodvide rebuild {part}`")
        return found

    def remember(self, catalogue: Catalogue, *parts: Part) -> None:
        """Keep beside the vectors of these parts how their embedders are opened."""
        for part in parts:
            name, made = self.wanted(part).name, choice(self._settings, part)
            if (folder := Path(made.model).expanduser()).is_dir():
                made = made.model_copy(update={"model": str(folder.resolve())})
            if catalogue.indexing.recipe(name) != (recipe := made.model_dump_json()):
                with catalogue.database.transaction() as connection:
                    catalogue.indexing.remember(connection, name, recipe)

    def _as_made(self, name: str, catalogue: Catalogue) -> "Embedder | None":
        """Return the embedder of this name, opened as it was when it made vectors here; None where that fails."""
        try:
            model = self._open(Choice.model_validate_json(catalogue.indexing.recipe(name) or ""))
        except (ValidationError, QuodvideError):
            return None
        return model if model.name == name else None

    def _open(self, wanted: Choice) -> "Embedder":
        from tools.embedding.open import open_embedder

        with self._lock:
            if wanted not in self._opened:
                self._opened[wanted] = open_embedder(
                    wanted.backend,
                    wanted.model,
                    max_tokens=wanted.max_tokens,
                    threads=self._settings.embedding.threads,
                    precision=wanted.precision,
                )
            return self._opened[wanted]


def check_model(catalogue: Catalogue, embedders: Embedders, part: Literal["passages", "documents"]) -> None:
    """Refuse to mix vectors of two models in one index.

    Raises:
        StoreError: the papers there were embedded by another model than the settings name.
    """
    made_by = catalogue.indexing.models() if part == "passages" else catalogue.indexing.document_models()
    name = embedders.wanted(part).name
    if made_by - {name}:
        raise StoreError(
            f"its vectors of {part} were made by {', '.join(sorted(made_by))}, but the settings name {name}",
            where=str(catalogue.database.path.parent),
            hint="Run `quodvide rebuild`, or set the embedding model back",
        )


def embedder(settings: Settings) -> "Embedder":
    """Return what embeds passages and questions, as the settings name it."""
    return Embedders(settings).wanted("passages")

"""What a server opens once, and shares among its requests."""

from pathlib import Path
from threading import Thread
from typing import Any

import typer
from langchain_core.runnables import Runnable

from agent.chat_models import answer_calls, chat_model_path
from agent.models.gguf import read_header
from agent.profiles import context_of
from agent.serving.answers import GenerateModel, Models
from agent.serving.metrics import Metrics
from agent.serving.runnables import asking, profiling, ranking
from agent.serving.schemas import MAX_TOKENS
from agent.settings import Settings
from agent.themes import Themes
from agent.wiring import Parts, read_ahead, session_over, wording_here
from stores.conversations import Conversations, served_name
from stores.errors import QuodvideError


class Loading(QuodvideError):
    """The models are still being loaded."""

    code = "loading"


class Served:
    """The parts of a server over one home folder.

    Args:
        settings: in force.
        metrics: where is counted.

    Attributes:
        parts: of the home folder.
        asking: the runnable of questions.
        profiling: that of profiles.
        ranking: that of themes.
        conversations: all that are kept; `thread` names those of one key.
        in_threads: the session that remembers.

    Raises:
        StoreMissing: nothing was ingested.
        StoreError: the conversations cannot be opened.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        self.parts = Parts(settings)
        self.conversations = Conversations(self.parts.home.conversations)
        self.in_threads = session_over(self.parts, self.conversations, interactive=True)
        self._themes = Themes(settings, tools=self.parts)
        self.asking: Runnable[Any, Any] = asking(session_over(self.parts))
        self.profiling: Runnable[Any, Any] = profiling(context_of(self.parts))
        self.ranking: Runnable[Any, Any] = ranking(self._themes)
        self._failure: QuodvideError | None = None
        self._loading = Thread(target=self._load, name="load-ahead", daemon=True)
        self._loading.start()

    def _load(self) -> None:
        """Open the models; requests that need them wait, and what is wrong with them is said here too."""
        try:
            _ = self.parts.embedder.dimension
        except QuodvideError as error:
            self._failure = error
            typer.echo(f"quodvide: {error}", err=True)
        try:
            if wording_here(self.settings):
                read_ahead(self.parts)
        except QuodvideError as error:  # what needs no chat model is answered all the same
            typer.echo(f"quodvide: {error}", err=True)

    def thread(self, holder: str, name: str) -> str:
        """Return the name under which a conversation of a key's holder is kept; no other holder can come to it."""
        return served_name(holder, name)

    def ready(self) -> int:
        """Return how many papers there are.

        Raises:
            Loading: the embedding model is not there yet.
            QuodvideError: the library cannot be read, or the model not loaded.
        """
        if self._loading.is_alive():
            raise Loading("the embedding model is being loaded")
        if self._failure is not None:
            raise self._failure
        return self.parts.catalogue.papers.count()

    def models(self) -> Models:
        """Return the models in use, by their part."""
        path = chat_model_path(self.settings)
        chosen = self.settings.chat
        generate = None
        if (name := self.parts.models.name("generate")) != "none":
            here = path is not None and name == path.name
            holds = min(chosen.n_ctx, read_header(path).context_length) if path is not None and here else None
            generate = GenerateModel(
                model=Path(name).stem if here else name, context_tokens=holds, max_tokens=MAX_TOKENS
            )
        return Models(
            chat=None if (word := self.parts.models.name("word")) == "none" else word,
            words_answers=bool(answer_calls(self.settings)),
            embedding=self.parts.embedder.name,
            generate=generate,
        )

    def close(self) -> None:
        """Close what was opened."""
        self._loading.join()
        self._themes.close()
        self.conversations.close()
        self.parts.close()

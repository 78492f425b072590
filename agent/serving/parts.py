"""What a server opens once, and shares among its requests."""

from pathlib import Path
from threading import Thread
from typing import Any

import typer
from langchain_core.runnables import Runnable

from agent.chat_models import answer_calls, chat_model_path
from agent.generations import Generations
from agent.loaded import Loaded
from agent.models.gguf import read_header
from agent.profiles import context_of
from agent.serving.answers import GenerateModel, Models
from agent.serving.metrics import Metrics
from agent.serving.runnables import asking, profiling, ranking
from agent.serving.schemas import MAX_TOKENS
from agent.settings import Settings
from agent.themes import Themes
from agent.wiring import Parts, existing, read_ahead, session_over, wording_here
from stores.conversations import Conversations, served_name
from stores.errors import QuodvideError


class Loading(QuodvideError):
    """The models are still being loaded."""

    code = "loading"


class Library:
    """What requests are answered from, as the home folder is at one time.

    Args:
        settings: in force.
        conversations: where turns are kept.
        loaded: the models.

    Attributes:
        parts: of the home folder.
        alone: the session of questions that stand for themselves.
        in_threads: the session that remembers.
        profiles: what the graph of profiles is run with.
        themes: ranks themes.
    """

    def __init__(self, settings: Settings, conversations: Conversations, loaded: Loaded) -> None:
        self.parts = Parts(settings, loaded)
        try:
            self.alone = session_over(self.parts)
            self.in_threads = session_over(self.parts, conversations, interactive=True)
            self.profiles = context_of(self.parts)
            self.themes = Themes(settings, tools=self.parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close what was opened."""
        self.parts.close()


class Served:
    """What a server has over one home folder; questions see what other processes change there, from the next one on.

    Args:
        settings: in force.
        metrics: where is counted.

    Attributes:
        asking: the runnable of questions.
        profiling: that of profiles.
        ranking: that of themes.
        conversations: all that are kept; `thread` names those of one key.
        chats: the chat models.
        library: gives the newest library, to work with for a while.

    Raises:
        StoreMissing: nothing was ingested.
        StoreError: the conversations cannot be opened.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        home = existing(settings)
        self.conversations = Conversations(home.conversations)
        self._loaded = Loaded(settings)
        self.chats = self._loaded.models
        self._libraries = Generations(
            home, lambda: Library(settings, self.conversations, self._loaded), lambda library: library.close()
        )
        self.library = self._libraries.now
        self.asking: Runnable[Any, Any] = asking(self.library)
        self.profiling: Runnable[Any, Any] = profiling(self.library)
        self.ranking: Runnable[Any, Any] = ranking(self.library)
        self._failure: QuodvideError | None = None
        self._loading = Thread(target=self._load, name="load-ahead", daemon=True)
        self._loading.start()

    def _load(self) -> None:
        """Open the models; requests that need them wait, and what is wrong with them is said here too."""
        try:
            with self.library() as library:
                _ = library.parts.embedder.dimension
        except QuodvideError as error:
            self._failure = error
            typer.echo(f"quodvide: {error}", err=True)
        try:
            if wording_here(self.settings):
                with self.library() as library:
                    read_ahead(library.parts)
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
        with self.library() as library:
            return library.parts.catalogue.papers.count()

    def models(self) -> Models:
        """Return the models in use, by their part."""
        path = chat_model_path(self.settings)
        chosen = self.settings.chat
        generate = None
        if (name := self.chats.name("generate")) != "none":
            here = path is not None and name == path.name
            holds = min(chosen.n_ctx, read_header(path).context_length) if path is not None and here else None
            generate = GenerateModel(
                model=Path(name).stem if here else name, context_tokens=holds, max_tokens=MAX_TOKENS
            )
        with self.library() as library:
            embedding = library.parts.embedder.name
        return Models(
            chat=None if (word := self.chats.name("word")) == "none" else word,
            words_answers=bool(answer_calls(self.settings)),
            embedding=embedding,
            generate=generate,
        )

    def close(self) -> None:
        """Close what was opened."""
        self._loading.join()
        self._libraries.close()
        self._loaded.close()
        self.conversations.close()

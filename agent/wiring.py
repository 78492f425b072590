"""The composition root: builds the parts from the settings and hands them to the graph; nothing else does."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import typer

from agent.chat_models import ChatModels, answer_calls, chat_model_path
from agent.clock import today
from agent.loaded import Loaded
from agent.settings import LOCAL, Settings
from stores.catalogue import Catalogue
from stores.errors import ConfigError, QuodvideError, StoreMissing
from stores.home import Home

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.language_models import BaseChatModel

    from agent.embedders import Part
    from agent.session import Session
    from graphs.question.context import Context
    from stores.conversations import Conversations
    from stores.passages import PassageIndex
    from stores.vectors import VectorIndex
    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier
    from tools.linking.linker import CatalogueLinker
    from tools.ner.understand import Understander
    from tools.retrieval.hybrid import HybridRetriever
    from tools.retrieval.similar import SimilarPapers
    from tools.themes.rank import ThemeRanker


def understander(
    settings: Settings, catalogue: Catalogue, chat: "Callable[[], BaseChatModel | None]"
) -> "Understander":
    """Return what understands questions, with the tagger that the settings name; `chat` gives the chat model."""
    from tools.ner.backends.open import open_tagger
    from tools.ner.neural.model import NeuralReader
    from tools.ner.understand import Understander

    chosen = settings.understanding
    reader = None if chosen.tagger == "rules" else NeuralReader()
    tagger = open_tagger(
        chosen.tagger, catalogue=catalogue, labels=chosen.labels, chat=chat, today=today, reader=reader
    )
    if chosen.second_tier and chosen.tagger != "chat":
        from tools.ner.second_tier import SecondTier

        tagger = SecondTier(
            tagger, open_tagger("chat", catalogue=catalogue, chat=chat, today=today), chosen.unsure_below
        )
    return Understander(catalogue, tagger, today, reader)


def verifier(settings: Settings, embedder: "Embedder") -> "Verifier | None":
    """Return what decides on a wording with words of its own; None when it may have none."""
    from tools.grounding.verifiers.open import open_verifier

    chosen = settings.grounding
    return open_verifier(chosen.verifier, embedder, chosen.sure)


def existing(settings: Settings) -> Home:
    """Return the home folder.

    Raises:
        StoreMissing: it is no folder.
    """
    home = Home(settings.home)
    if not home.root.is_dir():
        raise StoreMissing("is no folder", where=str(home.root), hint="Run `quodvide ingest FILE --home FOLDER` first")
    return home


class Parts:
    """The parts of one home folder, each built when it is first wanted.

    Args:
        settings: in force.
        loaded: models that another closes; None for its own.

    Raises:
        StoreMissing: nothing was ingested there.
        StoreError: an index was made by another model than the settings name, which cannot be opened.
    """

    def __init__(self, settings: Settings, loaded: Loaded | None = None) -> None:
        self.settings = settings
        self.home = existing(settings)
        _use_prompts(settings.prompts)
        self.catalogue = Catalogue(self.home.catalogue)
        self._own: Loaded | None = None
        if loaded is None:
            loaded = self._own = Loaded(settings)
        self._loaded = loaded
        # Read at once and kept: after a rebuild this process goes on with the index and the model that belong together.
        folder, self._passage_models = self.catalogue.indexing.passage_index()
        self._passage_folder = self.home.root / folder

    @cached_property
    def embedder(self) -> "Embedder":
        """The encoder of questions and passages, opened when it first embeds."""
        return self._on_demand("passages", lambda: self._passage_models)

    @cached_property
    def document_embedder(self) -> "Embedder":
        """The encoder of texts that are compared with whole papers, opened when it first embeds."""
        return self._on_demand("documents", lambda: _made_by(self.documents))

    @cached_property
    def name_embedder(self) -> "Embedder":
        """The encoder of names and mentions, opened when it first embeds."""
        return self._on_demand("names", lambda: _made_by(self.names))

    def _on_demand(self, part: "Part", made_by: "Callable[[], set[str]]") -> "Embedder":
        from tools.embedding.on_demand import OnDemandEmbedder

        return OnDemandEmbedder(lambda: self._loaded.embedders.serving(part, made_by(), self.catalogue, _say))

    @cached_property
    def passages(self) -> "PassageIndex":
        """The passage index."""
        from stores.passages import PassageIndex

        return PassageIndex(self._passage_folder)

    @cached_property
    def retriever(self) -> "HybridRetriever":
        """Question to passages."""
        from stores.passages import look_for
        from tools.retrieval.hybrid import HybridRetriever

        look_for(self._passage_folder)
        # Most kinds of questions search no passages, and Chroma takes half a second to open.
        return HybridRetriever(self.catalogue, lambda: self.passages, self.embedder, self._loaded.reranker)

    @cached_property
    def names(self) -> "VectorIndex | None":
        """The index of names; None when no authority was loaded."""
        return self._index(self.home.names)

    @cached_property
    def documents(self) -> "VectorIndex":
        """The index of documents."""
        index = self._index(self.home.documents)
        if index is None:
            raise StoreMissing(
                "there is no document index", where=str(self.home.documents), hint="Run `quodvide rebuild`"
            )
        return index

    @cached_property
    def similar(self) -> "SimilarPapers":
        """Paper or text to papers."""
        from tools.retrieval.similar import SimilarPapers

        return SimilarPapers(self.catalogue, lambda: self.documents, self.document_embedder)

    @cached_property
    def linker(self) -> "CatalogueLinker":
        """Mention to canonical record."""
        from tools.linking.linker import CatalogueLinker

        return CatalogueLinker(self.catalogue, self.names, self.name_embedder, registries=self.home.words)

    @cached_property
    def understander(self) -> "Understander":
        """Question to intent, mentions and filters."""
        return understander(self.settings, self.catalogue, lambda: self.models.of("understand"))

    @property
    def models(self) -> ChatModels:
        """The chat models, by what they are asked for."""
        return self._loaded.models

    @property
    def themes(self) -> "ThemeRanker":
        """Text and themes to scores."""
        return self._loaded.themes

    @cached_property
    def verifier(self) -> "Verifier | None":
        """What decides on a wording with words of its own; None when it may have none."""
        return verifier(self.settings, self.embedder)

    def _index(self, folder: Path) -> "VectorIndex | None":
        from stores.vectors import VectorIndex

        if not folder.is_dir():
            return None
        return VectorIndex.load(folder)

    def vectors(self, ids: Sequence[str]) -> Mapping[str, "np.ndarray[Any, Any]"]:
        """Return the document vectors of these papers, leaving out papers without one."""
        return self.catalogue.indexing.vectors(ids)

    def close(self) -> None:
        """Close what was opened."""
        self.catalogue.close()
        if (passages := self.__dict__.get("passages")) is not None:
            passages.close()
        if self._own is not None:
            self._own.close()


def _made_by(index: "VectorIndex | None") -> set[str]:
    return {index.manifest.model} if index is not None and index.manifest else set()


def _say(what: str) -> None:
    typer.echo(f"quodvide: {what}", err=True)


def _use_prompts(folder: Path | None) -> None:
    import prompts

    try:
        prompts.use(folder)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be used ({error})", where=f"setting prompts: {folder}") from error


def open_session(
    settings: Settings,
    conversations: "Conversations | None" = None,
    *,
    interactive: bool = False,
    ready: Callable[[], None] = lambda: None,
    loaded: Loaded | None = None,
) -> "tuple[Session, Callable[[], None]]":
    """Build a session over the home folder; the second value closes it.

    The chat model is loaded in a thread meanwhile, because a question needs it last; in a conversation the embedding model
    too, because the first question takes time to type.

    Args:
        settings: which home folder, and with which models.
        conversations: where turns are kept; None for questions that stand for themselves.
        interactive: whether a question back can be answered.
        ready: is called once the embedding model is there, or cannot be, which the first question that needs it says.
        loaded: models that another closes; None for its own.
    """
    parts = Parts(settings, loaded)
    ahead: list[Thread] = []

    def close() -> None:
        for thread in ahead:
            thread.join()
        parts.close()

    try:
        if wording_here(settings):
            ahead.append(_load_ahead(lambda: read_ahead(parts)))
        if interactive:
            ahead.append(_load_ahead(lambda: parts.embedder.dimension, ready))
        else:
            _ = parts.embedder.dimension
            ready()
        return session_over(parts, conversations, interactive=interactive), close
    except BaseException:
        close()
        raise


def session_over(parts: Parts, conversations: "Conversations | None" = None, *, interactive: bool = False) -> "Session":
    """Build a session over parts that others may use too.

    Args:
        parts: of the home folder.
        conversations: where turns are kept; None for questions that stand for themselves.
        interactive: whether a question back can be answered.
    """
    from agent.digests import Digests
    from agent.recording import Recorder
    from agent.session import Session
    from graphs.question.graph import build

    settings = parts.settings
    if conversations is not None:
        # There is time while the first question is typed, and threads of a server must not open it twice.
        _ = parts.passages
    digests = Digests(parts.home.cache / "digests.json")
    recorder = Recorder(
        settings,
        parts.catalogue,
        chat_model_path(settings),
        lambda: parts.embedder.name,
        digests,
        parts.models.name("word"),
    )
    return Session(
        build(conversations.saver if conversations else None),
        question_context(parts, interactive=interactive),
        recorder=recorder,
        conversations=conversations,
        kept=settings.conversations,
        debug=bool(os.environ.get("QUODVIDE_DEBUG")),
    )


def question_context(parts: Parts, *, interactive: bool = False) -> "Context":
    """Return what the question graph is run with; `interactive` says whether a question back can be answered."""
    from graphs.question.context import Context, Limits

    settings = parts.settings
    chosen = settings.retrieval
    limits = Limits(
        passages=chosen.passages,
        per_paper=chosen.per_paper,
        evidence=chosen.evidence,
        papers=chosen.papers,
        answer_calls=answer_calls(settings),
        profile_calls=settings.chat.profile_calls,
        themes=settings.themes.library,
    )
    return Context(
        understander=parts.understander,
        linker=parts.linker,
        catalogue=parts.catalogue,
        retriever=parts.retriever,
        similar=parts.similar,
        themes=parts.themes,
        embedder=parts.embedder,
        chat=parts.models.of("word"),
        profiler=parts.models.of("profile"),
        refiner=parts.models.of("refine"),
        refiner_model=parts.models.name("refine") if settings.roles.of("refine") else "",
        verifier=parts.verifier,
        vectors=parts.vectors,
        today=today,
        model=parts.models.name("word"),
        interactive=interactive,
        limits=limits,
        counted=settings.profiles.counted,
    )


def _load_ahead(load: Callable[[], object], then: Callable[[], None] = lambda: None) -> Thread:
    """Load a model in a thread; a failure is met again, and said, where the model is first used."""

    def run() -> None:
        try:
            with suppress(QuodvideError):
                load()
        finally:
            then()

    thread = Thread(target=run, name="load-ahead", daemon=True)
    thread.start()
    return thread


def wording_here(settings: Settings) -> bool:
    """Return whether the local chat model is the first that is asked to word answers."""
    return settings.roles.of("word")[:1] == (LOCAL,) and answer_calls(settings) > 0 and settings.chat.model != "none"


def read_ahead(parts: Parts) -> None:
    """Load the local chat model and let it read the instructions that every answer begins with.

    Raises:
        ModelError: it cannot be loaded.
    """
    import prompts

    if (chat := parts.models.local) is not None:
        chat.read_ahead(prompts.load("word").system, parts.home.cache / "instructions")

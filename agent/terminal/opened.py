"""The session of a conversation, whose chat model can be exchanged while it goes on."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from agent import offline
from agent.chat_models import ChatModels, answer_calls
from agent.generations import Generations
from agent.loaded import Loaded
from agent.models.catalogue.names import is_known
from agent.session import Session
from agent.settings import LOCAL, Settings
from agent.wiring import open_session
from stores.home import Home

if TYPE_CHECKING:
    from stores.conversations import Conversations


class Opened:
    """A session over a home folder and its conversations.

    Args:
        settings: which home folder, and with which models.
        conversations: where turns are kept.

    Attributes:
        loaded: set once the embedding model is there, which questions wait for.
    """

    def __init__(self, settings: Settings, conversations: "Conversations") -> None:
        self._conversations = conversations
        self.loaded = Event()
        self._begin(settings, Loaded(settings))

    def _begin(self, settings: Settings, loaded: Loaded) -> None:
        """Open the library, now and whenever another process has changed it."""

        def opened() -> tuple[Session, Callable[[], None]]:
            return open_session(settings, self._conversations, interactive=True, ready=self.loaded.set, loaded=loaded)

        self._sessions = Generations(Home(settings.home), opened, lambda pair: pair[1]())
        self._settings, self._models = settings, loaded

    @property
    def session(self) -> Session:
        """The one to ask now; another once something was exchanged, or another process has changed the library."""
        return self._sessions.latest()[0]

    def models(self) -> tuple[str, ...]:
        """Return which models are in use, a line each."""
        names, calls = ChatModels(self._settings).names("word"), answer_calls(self._settings)
        chat = ", then ".join(names) or "none; answers are quotations"
        sentences = "no sentence" if not calls else f"{calls} sentence{'s' if calls > 1 else ''}"
        words = (f"  {sentences} of an answer worded by it (chat.answer_calls)",) if names else ()
        chosen = self._settings.embedding
        return f"Chat model: {chat}", *words, f"Embedding model: {chosen.model} ({chosen.backend})"

    @property
    def home(self) -> Home:
        """The home folder."""
        return Home(self._settings.home)

    def people(self, beginning: str, most: int) -> list[str]:
        """Return names of authors that begin like this."""
        with self._sessions.now() as (session, _):
            return session.people(beginning, most)

    def exchange(self, model: str) -> None:
        """Take another chat model from now on: "bundled", "none", one that was pulled, a GGUF file, or a model elsewhere.

        Raises:
            ModelError: it cannot be used; the session is as before.
            ConfigError: a model elsewhere has no key or library, or this run is to stay offline.
        """
        settings = self._with(model)
        loaded, sessions, before = Loaded(settings), self._sessions, self._models
        try:
            if settings.roles.of("word")[0] == LOCAL and (chat := loaded.models.local) is not None:
                chat.load()
            self._begin(settings, loaded)
        except BaseException:
            loaded.close()
            raise
        sessions.close()
        before.close()

    def _with(self, model: str) -> Settings:
        """Return the settings with a model that words answers; where that is elsewhere, the local one stands in for it."""
        chosen = self._settings
        here = is_known(model) or Path(model).exists()
        elsewhere = model in chosen.remotes or (":" in model and not here)
        roles = chosen.roles.model_copy(update={"word": (model, LOCAL) if elsewhere else (LOCAL,)})
        if elsewhere:
            settings = chosen.model_copy(update={"roles": roles})
            if settings.offline:
                offline.check(settings)
            return settings
        return chosen.model_copy(
            update={"roles": roles, "chat": chosen.chat.model_copy(update={"model": model, "adapter": None})}
        )

    def close(self) -> None:
        """Close what was opened."""
        self._sessions.close()
        self._models.close()

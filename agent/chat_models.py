"""The chat models by what they are asked for: local ones, models elsewhere, and chains of both, as the settings say."""

from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from agent.settings import LOCAL, RemoteSettings, Role, Settings
from stores.errors import ConfigError
from stores.home import Home

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.metering import Price
    from agent.models.local import ChatLlama
    from agent.models.remote.chat import RemoteChat
    from stores.usage import UsageLog

_MOST_WORDED = 3  # sentences of a text that a model elsewhere words, where no setting says so


class ChatModels:
    """The chat models of one home folder, each made once, when it is first wanted, and loaded when it is first asked.

    Args:
        settings: in force.

    Raises:
        ConfigError: a role names a model that is not described.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_role: dict[Role, BaseChatModel | None] = {}
        self._remotes: dict[str, RemoteChat] = {}
        self._lock = RLock()

    @property
    def local(self) -> "ChatLlama | None":
        """The model that runs in this process; None when none is wanted."""
        with self._lock:
            return self._local

    @cached_property
    def _local(self) -> "ChatLlama | None":
        return chat_model(self._settings)

    @cached_property
    def usage(self) -> "UsageLog | None":
        """Where calls are counted; None when they are not."""
        from agent.metering import usage_log

        return usage_log(self._settings)

    def of(self, role: Role) -> "BaseChatModel | None":
        """Return what is asked in a role: one model, or several that stand in for one another; None for none.

        Raises:
            ConfigError: a model is not described, or its library or key is missing.
        """
        with self._lock:
            if role not in self._by_role:
                self._by_role[role] = self._made(role)
            return self._by_role[role]

    def names(self, role: Role) -> list[str]:
        """Return the names of the models of a role, as answers and the log of usage have them."""
        return [self._name(name) for name in self._named(role)]

    def name(self, role: Role) -> str:
        """Return the name of the first model of a role, "none" where there is none."""
        return next(iter(self.names(role)), "none")

    def close(self) -> None:
        """Close what was opened."""
        for chat in self._remotes.values():
            chat.close()
        local = self.__dict__.get("_local")
        if local is not None:
            local.close()
        usage = self.__dict__.get("usage")
        if usage is not None:
            usage.close()

    def _made(self, role: Role) -> "BaseChatModel | None":
        from agent.metering import metered

        named = self._named(role)
        if not named:
            return None
        members = tuple(metered(self._model(name), self.usage, role, self._price(name)) for name in named)
        if len(members) == 1:
            return members[0]
        from agent.models.chain import ChatChain

        return ChatChain(members=members, names=tuple(self._name(name) for name in named))

    def _named(self, role: Role) -> list[str]:
        """Return the names of a role's models, without the local one where none is wanted."""
        without = self._settings.chat.model == "none"
        return [name for name in self._settings.roles.of(role) if not (name == LOCAL and without)]

    def _model(self, name: str) -> "BaseChatModel":
        if name == LOCAL:
            assert self.local is not None, "names of models that are not wanted are left out"  # noqa: S101
            return self.local
        return self._remote(name)

    def _remote(self, name: str) -> "RemoteChat":
        if name not in self._remotes:
            from agent.models.remote.open import open_remote

            self._remotes[name] = open_remote(name, remote(self._settings, name))
        return self._remotes[name]

    def _name(self, name: str) -> str:
        if name != LOCAL:
            return self._remote(name).label
        path = chat_model_path(self._settings)
        return path.name if path else "none"

    def _price(self, name: str) -> "Price | None":
        from agent.metering import FREE

        return FREE if name == LOCAL else price(remote(self._settings, name))


def chat_model_path(settings: Settings) -> Path | None:
    """Return the GGUF file of the chat model, or None when none is wanted."""
    if settings.chat.model == "none":
        return None
    from agent.models.catalogue.kept import model_file

    return model_file(settings.chat.model, Home(settings.home).models)


def chat_model(settings: Settings) -> "ChatLlama | None":
    """Return the chat model, not yet loaded, or None when none is wanted."""
    path = chat_model_path(settings)
    if path is None:
        return None
    from agent.models.adapters import Adapter
    from agent.models.local import ChatLlama

    chosen = settings.chat
    return ChatLlama(
        model_path=path,
        adapter=Adapter(chosen.adapter.expanduser(), chosen.adapter_scale) if chosen.adapter else None,
        n_ctx=chosen.n_ctx,
        n_threads=chosen.threads,
        max_tokens=chosen.max_tokens,
        seed=chosen.seed,
        n_contexts=chosen.contexts,
    )


def remote(settings: Settings, name: str) -> RemoteSettings:
    """Return what the settings say of a model elsewhere; `provider:model` needs no description.

    Raises:
        ConfigError: it is not described.
    """
    found = settings.remotes.get(name)
    if found is not None:
        return found
    if ":" in name:
        return RemoteSettings(model=name)
    known = ", ".join([LOCAL, *settings.remotes])
    raise ConfigError(
        f"no model {name!r} is described", where="setting roles", hint=f"Known: {known}; or provider:model"
    )


def price(chosen: RemoteSettings) -> "Price | None":
    """Return what a model's tokens cost; None where the settings do not say."""
    from agent.metering import Price

    if chosen.input_price is None or chosen.output_price is None:
        return None
    return Price(input=chosen.input_price, output=chosen.output_price)


def answer_calls(settings: Settings, role: Role = "word") -> int:
    """Return how many sentences of a text a role's model may word; the bundled one none, where no setting says so."""
    if settings.chat.answer_calls is not None:
        return settings.chat.answer_calls
    if settings.roles.of(role)[:1] != (LOCAL,):
        return _MOST_WORDED
    return 0 if settings.chat.model in {"bundled", "none"} else 1

"""Makes the chat model that a `remotes` setting describes."""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.models.remote.chat import RemoteChat
from agent.models.remote.faults import RemoteError
from agent.offline import is_here
from stores.errors import ConfigError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.settings import RemoteSettings

_ALL = frozenset({"max_tokens", "temperature", "seed", "stop"})
# What servers without keys are sent in place of one, because the library insists.
_NO_KEY = "none"
_EXTRAS = {"openai": "openai", "anthropic": "anthropic", "google_genai": "google"}
_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google_genai": "GOOGLE_API_KEY"}


def open_remote(name: str, chosen: "RemoteSettings") -> RemoteChat:
    """Return the model, not yet connected.

    Args:
        name: of the setting.
        chosen: the setting.

    Raises:
        ConfigError: its library is not installed, its key is not set, or its name has no provider.
    """
    where = f"setting remotes.{name}"
    provider, _, model = chosen.model.partition(":")
    if chosen.base_url:
        # Ollama's names of models have a colon of their own, so only the word openai is taken for a provider.
        model = model if provider == "openai" and model else chosen.model
        provider = "openai"
    elif not model:
        raise ConfigError(
            f"{chosen.model!r} names no provider", where=where, hint="Write provider:model, or give base_url"
        )
    _check_installed(provider, where)
    variable = chosen.key_env or ("" if chosen.base_url else _KEYS.get(provider, ""))
    key = os.environ.get(variable, "") if variable else ""
    if variable and not key:
        raise ConfigError(f"the environment variable {variable} holds no key", where=where, hint=f"Set {variable}")
    takes = frozenset(chosen.takes) if chosen.takes is not None else _ALL if provider == "openai" else _ALL - {"seed"}
    return RemoteChat(
        label=f"{provider}:{model}" if not chosen.base_url else f"{model} at {_host(chosen.base_url)}",
        opens=lambda: _opened(provider, model, chosen, key, where),
        takes=takes,
        structured=chosen.structured,
        form_in_body=provider == "openai",
        key=variable,
        max_tokens=chosen.max_tokens,
    )


def _opened(provider: str, model: str, chosen: "RemoteSettings", key: str, where: str) -> "BaseChatModel":
    options: dict[str, Any] = {"timeout": chosen.timeout, "max_retries": chosen.retries}
    if chosen.base_url:
        # Not ChatOpenAI, which sends max_tokens under a name that other servers do not know and so ignore.
        from langchain_openai.chat_models.base import BaseChatOpenAI
        from openai import DefaultHttpxClient

        if is_here(chosen.base_url):
            # What is asked of this machine does not take the way by a proxy that the environment names.
            options["http_client"] = DefaultHttpxClient(trust_env=False)
        opened = BaseChatOpenAI(
            model=model,
            base_url=chosen.base_url,
            api_key=key or _NO_KEY,
            stream_usage=True,
            use_responses_api=False,
            **options,
        )
        # A key of OpenAI's in the environment is not for this server, nor is whom OpenAI should bill.
        opened.root_client.organization = opened.root_client.project = None
        return opened
    from langchain.chat_models import init_chat_model

    if key:
        options["api_key"] = key
    try:
        found: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except (ImportError, ValueError) as error:
        # Found only now, at the first call, so another model may stand in.
        raise RemoteError(str(error).partition("\n")[0], where=where) from error
    return found


def _check_installed(provider: str, where: str) -> None:
    extra = _EXTRAS.get(provider)
    package = f"langchain_{provider}"
    if extra is not None and find_spec(package) is None:
        raise ConfigError(
            f"the library for {provider} is not installed", where=where, hint=f"pip install 'quodvide[{extra}]'"
        )


def _host(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url

"""The one switch that keeps everything on this machine: no setting may name a model elsewhere, and no connection leaves."""

import ipaddress
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stores.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.settings import Settings

_HINT = "Change it, or do without --offline"
_sealed = False


def check(settings: "Settings") -> None:
    """Refuse settings that would send anything away.

    Raises:
        ConfigError: names the setting.
    """
    for setting, what in leaving(settings):
        raise ConfigError(what, where=f"offline: setting {setting}", hint=_HINT)


def leaving(settings: "Settings") -> "Iterator[tuple[str, str]]":
    """Yield each setting by which something leaves this machine, and what."""
    from agent.settings import LOCAL, ROLES

    for role in ROLES:
        for name in settings.roles.of(role):
            remote = settings.remotes.get(name)
            if name != LOCAL and not (remote and is_here(remote.base_url)):
                yield f"roles.{role}", f"{name} is a model elsewhere"
    if settings.tracing.langsmith:
        yield "tracing.langsmith", "traces go to LangSmith"
    if settings.tracing.otlp and not is_here(settings.tracing.otlp):
        yield "tracing.otlp", f"traces go to {settings.tracing.otlp}"


def is_here(url: str) -> bool:
    """Return whether an address is this very machine's."""
    return is_loopback(urlsplit(url).hostname or "")


def seal() -> None:
    """Refuse, from now on, every connection and look-up of this process that would leave the machine; it cannot be undone.

    Python's own sockets are watched, which all libraries here use that connect to anything but ONNX Runtime, whose reports
    are off in any case (`tools`).
    """
    global _sealed  # noqa: PLW0603 - an audit hook stays for the life of the process, so there is one at most
    if not _sealed:
        sys.addaudithook(_refuse)
        _sealed = True


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        # Addresses of sockets within the machine are paths.
        host = str(address[0]) if isinstance(address, tuple) and len(address) > 1 else ""
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host = str(arguments[0] or "") if not isinstance(arguments[0], bytes) else arguments[0].decode("latin-1")
    else:
        return
    if host and not is_loopback(host):
        raise OSError(f"offline: nothing may connect to {host}")


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False

"""`quodvide serve`: checks who may come, opens the parts, and answers until it is told to stop."""

import socket
from contextlib import suppress
from pathlib import Path

import typer

from agent import settings as settings_
from agent.offline import is_loopback
from agent.serving.keys import FILE, KeysInForce, new_key
from agent.settings import Settings
from stores.errors import ConfigError

_STOP_SECONDS = 30


def serve(home: Path | None, host: str | None, port: int | None) -> int:
    """Answer requests until interrupted; what runs then is finished first.

    Raises:
        ConfigError: the address is not loopback and there is no key, or it cannot be used.
        StoreMissing: nothing was ingested.
    """
    settings = _with_address(settings_.load(home), host, port)
    keys = KeysInForce(settings.home, settings.server.keys)
    if not keys.closed and not is_loopback(settings.server.host):
        raise ConfigError(
            f"{settings.server.host} can be reached from other machines, and there is no key",
            hint="Make one with `quodvide serve --new-key NAME`, or listen at 127.0.0.1",
        )
    from agent.serving.metrics import Metrics
    from agent.serving.parts import Served

    served = Served(settings, Metrics())
    import uvicorn
    from sse_starlette.sse import AppStatus

    from agent.serving.app import create_app

    listening = _listen(settings.server.host, settings.server.port)
    address = f"http://{_in_address(settings.server.host)}:{listening.getsockname()[1]}"
    app = create_app(served, keys)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_STOP_SECONDS, server_header=False)
    typer.echo(f"Answering at {address} ({'with keys' if keys.closed else 'without keys'}); Ctrl-C ends it", err=True)
    # Else LangServe's streams would be broken off at once; each of ours ends by itself, and uvicorn waits so long.
    AppStatus.enable_automatic_graceful_drain = False
    with suppress(KeyboardInterrupt):  # uvicorn raises it once all that ran has been answered
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def make_key(home: Path | None, name: str) -> int:
    """Print a new key, which is shown this once."""
    settings = settings_.load(home)
    typer.echo(new_key(settings.home, name))
    typer.echo(f"Shown this once; {settings.home / FILE} keeps its hash. Delete its line to take it back.", err=True)
    return 0


def _in_address(host: str) -> str:
    """Return a host as it stands in an address: one of IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return settings.model_copy(update={"server": settings.server.model_copy(update=changes)})


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"cannot listen at {host}:{port} ({error.strerror or error})", hint="Choose another with --host and --port"
        ) from error

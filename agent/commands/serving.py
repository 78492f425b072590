"""The command that serves."""

from typing import Annotated

import typer

from agent.commands.options import Home


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(serve)


def serve(
    home: Home = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen at; 127.0.0.1 by default.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Port; 8000 by default, 0 for any.", show_default=False),
    ] = None,
    new_key: Annotated[
        str, typer.Option("--new-key", metavar="NAME", help="Make an API key, print it, and end.", show_default=False)
    ] = "",
) -> int:
    """Answer over HTTP: LangServe routes /ask, /profile and /themes, and plain ones."""
    from agent.serving import run

    if new_key:
        return run.make_key(home, new_key)
    return run.serve(home, host, port)

"""The command that says what chat models were called for."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from agent.commands.options import Home, Json
from stores.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(usage)


def usage(
    home: Home = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="What is added up: day, thread, model, route or role, or several with commas; model,route.",
            show_default=False,
        ),
    ] = "",
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="The first day, in UTC.", show_default=False),
    ] = None,
    export: Annotated[
        Literal["csv"] | None, typer.Option("--export", help="Write every call as a line.", show_default=False)
    ] = None,
    target: Annotated[
        str, typer.Option("--output", "-o", help="Where CSV and JSON go; - for standard output; .gz compresses.")
    ] = "-",
    json: Json = False,
) -> int:
    """Show what chat models were called for: calls, tokens, seconds and cost, by model and route."""
    if export and (json or by):
        raise ConfigError("--export writes every call, so that it goes with neither --json nor --by")
    if target != "-" and not (export or json):
        raise ConfigError("--output needs --export csv or --json", hint="A table goes to the terminal")
    from agent.usage import report

    return report(home, by, since.date() if since else None, target, export=export is not None, json=json)

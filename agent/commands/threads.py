"""Commands about conversations that are kept."""

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import Home, Json, Output

Name = Annotated[str, typer.Argument(help="The conversation.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    threads = typer.Typer(rich_markup_mode=None, add_completion=False)
    threads.callback(invoke_without_command=True)(list_threads)
    for name, command in (("show", show), ("export", export), ("delete", delete)):
        threads.command(name)(command)
    app.add_typer(threads, name="threads", help="List conversations; show, export or delete one.")


def list_threads(context: typer.Context, home: Home = None, json: Json = False) -> int:
    """List conversations; show, export or delete one."""
    if context.invoked_subcommand is not None:
        return 0
    from agent.threads import print_list

    return print_list(home, json=json)


def show(context: typer.Context, name: Name, home: Home = None) -> int:
    """Print a conversation."""
    from agent.threads import print_thread

    return print_thread(_home(context, home), name)


def export(context: typer.Context, name: Name, home: Home = None, target: Output = "-") -> int:
    """Write a conversation as JSON Lines, a record a turn, which `quodvide replay` reads."""
    from agent.threads import export_thread

    return export_thread(_home(context, home), name, target)


def delete(context: typer.Context, name: Name, home: Home = None) -> int:
    """Delete a conversation."""
    from agent.threads import delete_thread

    return delete_thread(_home(context, home), name)


def _home(context: typer.Context, home: Path | None) -> Path | None:
    """Return the home folder, which may be given before the subcommand too."""
    before: Path | None = context.parent.params.get("home") if context.parent else None
    return home or before

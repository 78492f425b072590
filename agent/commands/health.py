"""The command that says what is wrong with an installation."""

import typer

from agent.commands.options import Home


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(doctor)


def doctor(home: Home = None) -> int:
    """Check the installation: packages, home folder, embedding model, and the chat model in a process of its own."""
    from agent.doctor import examine

    return examine(home)

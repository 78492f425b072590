"""The command that ranks themes."""

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import Budget, Home, Input, Json, Output, Refine, Refiner, Resume, Top, Yes
from stores.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(themes)


def themes(
    text: Annotated[str | None, typer.Argument(help="The text.", show_default=False)] = None,
    text_file: Annotated[
        Path | None, typer.Option("--text-file", help="A file with the text; - for standard input.", show_default=False)
    ] = None,
    themes_file: Annotated[
        Path | None,
        typer.Option(
            "--themes",
            help='Themes: JSON Lines or a JSON list of {label, description?}, or lines "Label: description". Without'
            " them, the most frequent topics of the papers here.",
            show_default=False,
        ),
    ] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Say what the text says of the best themes.")] = False,
    top: Top = 10,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither take nor keep results.")] = False,
    home: Home = None,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
    json: Json = False,
    refine: Refine = 0,
    refiner: Refiner = "",
    yes: Yes = False,
    budget: Budget = None,
) -> int:
    """Rank themes by how well they fit a text, from 0 to 100; --top of them are shown, as JSON all."""
    if sum((text is not None, text_file is not None, bool(source))) != 1:
        raise ConfigError("give a text, --text-file, or --input FILE with one JSON object a line")
    from agent.refining import wish_of
    from agent.theme_command import rank_themes

    wish = wish_of(refine, refiner, budget, yes=yes)
    if wish and not summary:
        raise ConfigError("--refine words summaries better, so it needs --summary")
    return rank_themes(
        home, text, text_file, themes_file, source, target,
        summary=summary, top=top, keep=not no_cache, resume=resume, json=json, wish=wish,
    )  # fmt: skip

"""Commands about the local chat models: which there are, which suits this machine, fetching and choosing one."""

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import Home, Json

Name = Annotated[
    str,
    typer.Argument(
        help="A name of `models list`: qwen2.5-1.5b, or with its quantization qwen2.5-1.5b:Q8_0; or any file of the hub:"
        " hf:OWNER/REPOSITORY/FILE.gguf.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    models = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
    for name, command in (("list", list_models), ("recommend", recommend), ("pull", pull), ("use", use), ("remove", remove), ("verify", verify)):  # fmt: skip
        models.command(name)(command)
    app.add_typer(models, name="models", help="Local chat models: list, recommend, pull, use, remove or verify them.")


def list_models(
    name: Annotated[
        str | None,
        typer.Argument(help="Show all quantizations of this model, and what to know of it.", show_default=False),
    ] = None,
    home: Home = None,
    every: Annotated[bool, typer.Option("--all", help="Show every quantization of every model.")] = False,
    json: Json = False,
) -> int:
    """List the models that are known and those that are here: size, memory needed, licence, and whether they fit."""
    from agent.model_listing import print_list

    return print_list(home, name, every=every, json=json)


def recommend(
    home: Home = None,
    within: Annotated[
        float, typer.Option("--within", min=0.1, help="Seconds that a sentence of an answer may take.")
    ] = 20,
    json: Json = False,
) -> int:
    """Say which models fit this machine's memory, how fast they will be, and which one to take."""
    from agent.model_listing import print_recommendation

    return print_recommendation(home, within, json=json)


def pull(name: Name, home: Home = None) -> int:
    """Fetch a model from the hub; goes on after any interruption, and checks its checksum.

    The hub is the setting models.hub; a token for models that want one is read from HF_TOKEN.
    """
    from agent.model_changes import pull as fetch

    return fetch(home, name)


def use(
    name: Annotated[
        str,
        typer.Argument(
            help="A model that was pulled, a GGUF file, bundled, or none.",
            show_default=False,
        ),
    ],
    home: Home = None,
    adapter: Annotated[
        Path | None, typer.Option("--adapter", help="A LoRA adapter for it, as a GGUF file.", show_default=False)
    ] = None,
    scale: Annotated[float, typer.Option("--adapter-scale", min=0, max=100, help="How strongly it counts.")] = 1.0,
) -> int:
    """Make a model the chat model from now on, after checking that it is there, sound, and fits the memory.

    It is written into settings.toml of the home folder, where all else stays as it is, but for an adapter of the model before.
    """
    from agent.model_changes import use as take

    return take(home, name, adapter, scale)


def remove(name: Name, home: Home = None) -> int:
    """Remove a model that was pulled, or what was pulled of it."""
    from agent.model_changes import remove as take_away

    return take_away(home, name)


def verify(
    name: Annotated[str | None, typer.Argument(help="This one only; all by default.", show_default=False)] = None,
    home: Home = None,
) -> int:
    """Compare the files of models with the checksums that they came with; exit status 1 when one differs."""
    from agent.model_changes import verify as compare

    return compare(home, name)

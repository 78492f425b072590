"""The `quodvide` command: names the commands, and turns every failure into one line and an exit status."""

import gc
import os
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer

from agent.commands import answering, data, health, models, serving, themes, threads, usage
from prompts.characters import printable
from stores.errors import QuodvideError

app = typer.Typer(
    name="quodvide",
    help="Answers questions about scholarly literature and its people, and shows where every sentence comes from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (answering, themes, serving, data, threads, models, usage, health):
    module.register(app)


@app.callback()
def options(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show the stack trace of a failure.")] = False,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Refuse every model elsewhere, and every connection that leaves this machine."),
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Hold the options that stand before the command."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(version_of("quodvide"))
        raise typer.Exit
    if debug:
        os.environ["QUODVIDE_DEBUG"] = "1"
    if offline:
        os.environ["QUODVIDE_OFFLINE"] = "1"


def main() -> None:
    """Run the command line; the exit status is 0, 1 (failed) or 2 (bad usage), 130 after Ctrl-C."""
    # Start-up makes many objects that all stay; collecting among them takes a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    os.environ.pop("QUODVIDE_DEBUG", None)
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    for plugin in entry_points(group="quodvide.commands"):
        # Benchmarks and evaluations stand above the application, so they bring their commands themselves.
        app.command(plugin.name, help=_HELP.get(plugin.name), add_help_option=False, context_settings=_ANY)(
            _later(plugin)
        )
    status = _run()
    # At its end the interpreter would look through every object once more for nothing, which takes 0.4 s.
    gc.freeze()
    sys.exit(status)


_HELP = {
    "bench": "Measure speed: ingest, chat, embeddings, linking, ask, retrieval, profiles, themes, serve.",
    "eval": "Measure quality: run, compare, report, sweep; questions, linking, retrieval, answers, refusals, support, injection, profiles, themes, topics.",
    "train": "Train what is shipped: tagger, linker, support, theme-encoder, themes.",
}
_ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


def _later(plugin: EntryPoint) -> Callable[[typer.Context], Any]:
    """Return a command that loads the plugin when it is called, and hands it its arguments."""

    def command(context: typer.Context) -> Any:
        return plugin.load()(context.args)

    return command


_INTERRUPTED = 130  # what typer makes of Ctrl-C
# Typer keeps its own copy of click and shows only the leaves of its errors.
_UsageError: Any = typer.BadParameter.__base__


def _run() -> int:
    try:
        status = app(standalone_mode=False)
    except QuodvideError as error:
        if os.environ.get("QUODVIDE_DEBUG"):
            raise
        return _fail(str(error), error.exit_status)
    except _UsageError as error:
        error.show()
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("QUODVIDE_DEBUG"):
            raise
        return _fail(f"internal error ({type(error).__name__}: {error}). Run `quodvide --debug ...` and report it", 1)
    if status == _INTERRUPTED:
        return _fail("interrupted; the same command goes on where it stopped", status)
    return status if isinstance(status, int) else 0


def _fail(line: str, status: int) -> int:
    typer.echo(f"quodvide: {printable(line)}", err=True)
    return status

"""Commands that answer one input, or JSON Lines of them."""

from typing import Annotated, Literal

import typer

from agent.commands.options import Budget, Home, Input, Json, Output, Refine, Refiner, Resume, Top, Yes
from stores.errors import ConfigError

Type = Literal["organization", "funder", "author", "country", "topic"]
Format = Literal["markdown", "json", "html"]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (ask, chat, replay, understand, link, retrieve, profile, similar):
        app.command()(command)


def _one(argument: str | None, source: str, what: str) -> None:
    if (argument is None) == (not source):
        raise ConfigError(f"give {what}, or --input FILE with one JSON object a line")


def ask(
    question: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    home: Home = None,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
    json: Json = False,
) -> int:
    """Answer a question, with the quotation behind every sentence."""
    _one(question, source, "a question")
    from agent import answers

    return answers.ask(home, question, source, target, resume=resume, json=json)


def chat(
    home: Home = None,
    thread: Annotated[str, typer.Option("--thread", help="The conversation to start or go on with.")] = "",
) -> int:
    """Talk in the terminal; the conversation is kept."""
    from agent.repl import converse

    return converse(home, thread)


def replay(
    source: Annotated[str, typer.Argument(help="What `ask` or `threads export` wrote; - for standard input.")],
    home: Home = None,
    target: Output = "-",
    resume: Resume = False,
) -> int:
    """Answer recorded questions again, and say whether the answers are the same bytes and what else has changed."""
    from agent.replaying import replay_records

    return replay_records(home, source, target, resume=resume)


def understand(
    question: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    home: Home = None,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
) -> int:
    """Show what a question means: intent, entities with their links, filters."""
    _one(question, source, "a question")
    from agent import answers

    return answers.understand(home, question, source, target, resume=resume)


def link(
    text: Annotated[str | None, typer.Argument(help="A name.", show_default=False)] = None,
    type_: Annotated[Type, typer.Option("--type", help="What the name names.")] = "organization",
    home: Home = None,
    top: Top = 10,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
) -> int:
    """Link a name to canonical records, best first."""
    _one(text, source, "a name")
    from agent import answers

    return answers.link(home, text, type_, top, source, target, resume=resume)


def retrieve(
    query: Annotated[str | None, typer.Argument(help="What to look for.", show_default=False)] = None,
    home: Home = None,
    top: Top = 100,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
) -> int:
    """Find documents by their best passage."""
    _one(query, source, "a query")
    from agent import answers

    return answers.retrieve(home, query, top, source, target, resume=resume)


def profile(
    author_id: Annotated[str | None, typer.Argument(help="The author's id or name.", show_default=False)] = None,
    home: Home = None,
    year_from: Annotated[int | None, typer.Option("--from", help="First year.")] = None,
    year_to: Annotated[int | None, typer.Option("--to", help="Last year.")] = None,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
    json: Json = False,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="As a page or as JSON; with --input, --output is then a folder that gets a page for each author.",
            show_default=False,
        ),
    ] = None,
    refine: Refine = 0,
    refiner: Refiner = "",
    yes: Yes = False,
    budget: Budget = None,
) -> int:
    """Summarize an author's work from the records."""
    _one(author_id, source, "an author's id or name")
    if json and form not in {None, "json"}:
        raise ConfigError(f"--json and --format {form} are two formats", hint="Give one")
    from agent.profile_command import profile as run
    from agent.refining import wish_of

    form = "json" if json else form
    wish = wish_of(refine, refiner, budget, yes=yes)
    return run(home, author_id, (year_from, year_to), source, target, resume=resume, form=form, wish=wish)


def similar(
    paper_id: Annotated[str | None, typer.Argument(help="A paper's id.", show_default=False)] = None,
    text: Annotated[str | None, typer.Option("--text", help="A text, in place of a paper.")] = None,
    home: Home = None,
    top: Top = 10,
    source: Input = "",
    target: Output = "-",
    resume: Resume = False,
) -> int:
    """Find the papers nearest to a paper or a text."""
    if sum(given is not None and given != "" for given in (paper_id, text, source)) != 1:
        raise ConfigError("give a paper's id, --text, or --input FILE with one JSON object a line")
    from agent import answers

    return answers.similar(home, paper_id, text, top, source, target, resume=resume)

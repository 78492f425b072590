"""Commands that load, count, check and remake what is kept."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import Home

Files = Annotated[list[Path], typer.Argument(help="Files to read; gzip or not.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(ingest)
    app.command()(authorities)
    app.command()(status)
    app.command()(verify)
    app.command()(rebuild)


def ingest(
    files: Files,
    home: Home = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="The form of the files, when it is not recognised: quodvide, generic, works, openalex, crossref, beir, csv, "
            "bibtex, text, markdown, pdf, or a LangChain document loader as langchain:ClassName or langchain:module:ClassName.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Read only the first records.")] = None,
) -> int:
    """Load papers: new and changed ones are stored and indexed, unchanged ones skipped; resumes after any interruption."""
    from agent.loading import ingest_files

    return ingest_files(home, files, format_, limit)


def authorities(
    files: Files,
    home: Home = None,
    kind: Annotated[str | None, typer.Option("--kind", help="What the records are, when it is not recognised.")] = None,
) -> int:
    """Load canonical records: organizations, funders, people, topics, countries."""
    from agent.loading import load_authorities

    return load_authorities(home, files, kind)


def status(
    home: Home = None,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> int:
    """Show counts, models and manifests."""
    from agent.upkeep import show_status

    return show_status(home, json=json)


def verify(home: Home = None) -> int:
    """Check the catalogue, and the indexes derived from it against it."""
    from agent.upkeep import verify_home

    return verify_home(home)


class Index(StrEnum):
    """The indexes that can be made anew by themselves."""

    passages = "passages"
    documents = "documents"
    names = "names"


def rebuild(
    indexes: Annotated[list[Index] | None, typer.Argument(help="Which; all by default.", show_default=False)] = None,
    home: Home = None,
) -> int:
    """Make the derived indexes anew from the catalogue; the old ones serve until the new ones are whole."""
    from agent.rebuilding import rebuild_home

    return rebuild_home(home, [index.value for index in indexes or ()])

"""`quodvide profile --format`: the page of one author, or a folder of pages, one an author."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import typer

from agent import batch
from agent.pages.text import slug
from agent.pages.view import span_of
from stores.errors import ConfigError, QuodvideError
from tools.profiling.base import Profile

PageFormat = Literal["markdown", "html"]
ProfileFormat = Literal["markdown", "json", "html"]
Profiler = Callable[[list[dict[str, Any]]], Iterator[Profile | QuodvideError]]
_ENDINGS: dict[PageFormat, str] = {"markdown": ".md", "html": ".html"}
INDEX = "pages.jsonl"


def write_page(found: Profile, form: PageFormat, target: str) -> int:
    """Write the page of one author to a path, compressed when it ends in .gz, or to standard output for "-".

    Raises:
        ConfigError: the path cannot be written.
    """
    page = _page(found, form)
    if target == "-":
        typer.echo(page, nl=False)
        return 0
    with batch.writing(target) as out:
        out.write(page.encode())
    return 0


def write_pages(source: str, folder: str, form: PageFormat, profiles: Profiler, at_once: int, *, resume: bool) -> int:
    """Write a page for every record of `source` into a folder; return the exit status (0 all well, 1 some failed).

    The folder's `pages.jsonl` gets a line for each record: the author with the page's name, or the error.

    Args:
        source: JSON Lines of authors, a path or "-".
        folder: where the pages go; made when it is not there.
        form: what the pages are written in.
        profiles: makes the profiles of some records, in order.
        at_once: how many records it is given at most.
        resume: skip authors that `pages.jsonl` already names.

    Raises:
        ConfigError: no folder is given, or it cannot be made or written.
    """
    if folder == "-":
        raise ConfigError(f"pages of many authors need --output FOLDER, one {_ENDINGS[form]} file goes in for each")
    into = Path(folder)
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"is no folder to write pages into ({error.strerror})", where=folder) from error

    def handle(records: list[dict[str, Any]]) -> Iterator[dict[str, Any] | QuodvideError]:
        for record, found in zip(records, profiles(records), strict=True):
            if isinstance(found, QuodvideError):
                yield found
                continue
            name = page_name(found, form)
            _write(into / name, _page(found, form))
            yield {"author_id": record["author_id"], "name": found.name, "page": name}

    return batch.run_many(source, str(into / INDEX), handle, at_once, key="author_id", resume=resume)


def page_name(found: Profile, form: PageFormat) -> str:
    """Return the name of an author's page; years that were asked for are part of it."""
    years = f"_{span_of(found.window)}".replace("–", "-").replace(" ", "-") if found.window_reason == "asked" else ""
    return f"{slug(found.author_id)}{years}{_ENDINGS[form]}"


def _page(found: Profile, form: PageFormat) -> str:
    if form == "html":
        from agent.pages.html import to_html

        return to_html(found)
    from agent.pages.markdown import to_markdown

    return to_markdown(found)


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, "utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"cannot be written ({error.strerror})", where=str(path)) from error

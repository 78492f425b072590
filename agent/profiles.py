"""`quodvide profile`: an author by id or by name, as a record or as a person reads it."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from agent.wiring import Parts
from stores.errors import InputError
from tools.profiling.base import Profile, Window
from tools.profiling.profile import profile

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def one_author(parts: Parts, chat: "BaseChatModel | None", author: str, window: dict[str, Any] | None) -> Profile:
    """Return the profile of the author with this id or, when there is none, of the one person with this name.

    Raises:
        InputError: nobody is known by it, several are, or the window cannot be read.
    """
    try:
        years = Window.model_validate(window) if window else None
    except ValidationError as error:
        raise InputError(
            f"'window' cannot be read ({error.errors()[0]['msg']})", hint="It is {year_from, year_to}"
        ) from error
    id_ = author if _known(parts, author) else _by_name(parts, author)
    ids = [paper.id for paper in parts.catalogue.papers.by_author(id_)]
    calls = parts.settings.chat.profile_calls
    return profile(parts.catalogue, id_, years, chat if calls else None, parts.vectors(ids), max_calls=calls)


def _known(parts: Parts, id_: str) -> bool:
    return bool(parts.catalogue.authorities.get("author", [id_]))


def _by_name(parts: Parts, name: str) -> str:
    link = parts.linker.link("author", name)
    if link.nil or not link.candidates:
        raise InputError(
            f"no author with the id or name {name!r} is known", hint="Look with `quodvide link --type author NAME`"
        )
    if link.ambiguous:
        several = "; ".join(f"{c.id} ({c.facts})" for c in link.candidates[:5])
        raise InputError(f"{name!r} can be several people: {several}", hint="Give the id")
    return link.candidates[0].id


def to_record(found: Profile) -> dict[str, Any]:
    """Return the record of the scripted interface."""
    return found.model_dump(mode="json")


def print_profile(found: Profile) -> None:
    """Print a profile with the papers that it rests on."""
    from rich.console import Console

    from agent.show import one_line, safe

    console = Console(emoji=False)
    window = f"{found.window.year_from or ''}–{found.window.year_to or ''}"
    console.print(
        f"[bold]{one_line(found.name)}[/bold], {window} [dim]({one_line(found.author_id)}; {safe(found.window_reason)})[/dim]"
    )
    for section in found.sections:
        console.print(f"\n[bold]{safe(section.title)}[/bold]")
        console.print(safe(section.text), highlight=False)
    console.print("\n[bold]Papers[/bold]")
    for paper in found.facts.titles:
        console.print(
            f"{paper.year or '    '}  {one_line(paper.title)} [dim]({one_line(paper.id)})[/dim]", highlight=False
        )

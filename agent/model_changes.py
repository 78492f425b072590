"""`quodvide models pull`, `use`, `remove` and `verify`: what is fetched, taken into use, and checked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from agent import settings as settings_
from agent.models.adapters import Adapter, is_adapter
from agent.models.adapters import check as check_adapter
from agent.models.catalogue import hub as hubs
from agent.models.catalogue import kept as kept_
from agent.models.catalogue.download import Fetch, Tick, digest
from agent.models.catalogue.entries import BUNDLED, entries
from agent.models.catalogue.hub import HubFile
from agent.models.catalogue.kept import Kept, Origin, model_file
from agent.models.catalogue.names import Source, here, is_path, source
from agent.models.catalogue.needs import check, memory_of
from agent.models.gguf import GIB, memory_available, read_header
from agent.settings import Settings
from agent.settings_file import change
from prompts.characters import printable
from stores.errors import ConfigError, InputError, ModelError, QuodvideError
from stores.home import Home


def pull(home: Path | None, name: str) -> int:
    """Fetch a model, or go on where an earlier pull ended."""
    settings = settings_.load(home)
    wanted = _wanted(settings, name)
    target = wanted.path(Home(settings.home).models)
    hub = settings.models.hub.rstrip("/")
    with hubs.opened() as client:
        about = hubs.look(client, hub, wanted)
        there = _is_there(target, about)
        if not there:
            typer.echo(f"{about.size / 1e9:.2f} GB from {hub}/{wanted.repository}/{wanted.file}", err=True)
            with _progress(wanted.file) as tick:
                Fetch(client, hub, wanted, target, tick).run(about)
    _record(target, wanted, hub, about)
    if there:
        typer.echo(f"{wanted.name} is here already, as the hub has it.")
        return 0
    typer.echo(f"{wanted.name} is here: {about.size / 1e9:.2f} GB, its checksum is right.")
    _tell_use(wanted, target, settings)
    return 0


def _tell_use(wanted: Source, target: Path, settings: Settings) -> None:
    """Say how what was fetched is taken into use, and whether it can be."""
    if is_adapter(target):
        typer.echo(f"It is an adapter: `quodvide models use MODEL --adapter {target}` puts it on a model.")
        return
    needed, available = memory_of(read_header(target), settings.chat), memory_available()
    fits = f"`quodvide models use {wanted.name}` takes it into use."
    short = f"That is more than the {available / GIB:.1f} GiB that is available now."
    typer.echo(f"It needs {needed / GIB:.1f} GiB of memory. {fits if needed <= available else short}")


def _wanted(settings: Settings, name: str) -> Source:
    """Return what to fetch.

    Raises:
        ConfigError: nothing may be fetched, or there is no such name.
    """
    if settings.offline:
        raise ConfigError(
            "nothing is fetched", where="offline", hint="Do without --offline, QUODVIDE_OFFLINE and the setting offline"
        )
    if name.lower() == BUNDLED:
        raise ConfigError("the bundled model comes with the installation, there is nothing to fetch")
    if is_path(name):
        raise ConfigError(
            f"{name!r} is a path",
            hint="A file that is here needs no pull: `quodvide models use PATH`; one of the hub is hf:OWNER/REPOSITORY/FILE.gguf",
        )
    return source(name)


def _is_there(target: Path, about: HubFile) -> bool:
    """Return whether a file is the hub's; one that came without us is read."""
    if not target.is_file() or target.stat().st_size != about.size:
        return False
    origin = kept_.origin(target)
    return (origin.sha256 if origin else digest(target)) == about.sha256


def _record(target: Path, wanted: Source, hub: str, about: HubFile) -> None:
    kept_.record(
        target,
        Origin(
            name=wanted.name,
            repository=wanted.repository,
            file=wanted.file,
            hub=hub,
            revision=about.revision,
            sha256=about.sha256,
            bytes=about.size,
            fetched=datetime.now(UTC).replace(microsecond=0),
        ),
    )


def use(home: Path | None, name: str, adapter: Path | None, scale: float) -> int:
    """Make a model the chat model, by writing its name into settings.toml."""
    settings = settings_.load(home)
    folder = Home(settings.home)
    chosen = _chosen(name, folder.models)
    values: dict[str, str | float | None] = {"model": chosen, "adapter": None, "adapter_scale": None}
    said = "no chat model: answers are quotations"
    if chosen == "none":
        if adapter:
            raise ConfigError("an adapter needs a model")
    else:
        path = model_file(chosen, folder.models)
        if not path.is_file():
            raise ModelError(
                f"{name} is not here", hint=f"Run `quodvide models pull {name}`" if not is_path(name) else ""
            )
        header = read_header(path)
        if adapter:
            values |= {"adapter": str(adapter.resolve()), "adapter_scale": scale}
            more = check_adapter(Adapter(adapter.resolve()), header)
            header = header._replace(file_size=header.file_size + more)
        needed = check(header, settings.chat, str(path))
        said = f"{chosen}{f' with {adapter.name}' if adapter else ''}, {needed / GIB:.1f} GiB of memory"
    change(folder.settings, "chat", values)
    typer.echo(f"In use: {said} (chat.model in {folder.settings}).")
    if os.environ.get("QUODVIDE_CHAT__MODEL"):
        typer.echo("QUODVIDE_CHAT__MODEL is set, and wins over it.", err=True)
    return 0


def _chosen(name: str, folder: Path) -> str:
    """Return what chat.model shall be: a name in full, an absolute path, "bundled" or "none"."""
    if name.lower() in {BUNDLED, "none"}:
        return name.lower()
    if is_path(name):
        return str(Path(name).expanduser().resolve())
    return here(name, folder).name


def remove(home: Path | None, name: str) -> int:
    """Remove a model that was fetched, or what was fetched of it."""
    settings = settings_.load(home)
    folder = Home(settings.home).models
    if name.lower() == BUNDLED:
        raise ConfigError("the bundled model belongs to the installation and stays")
    if is_path(name):
        raise ConfigError(f"{name!r} is a path", hint="Only models that were pulled are removed, by their names")
    chosen = here(name, folder)
    if settings.chat.model != "none" and model_file(settings.chat.model, folder) == chosen.path(folder):
        raise ConfigError(f"{chosen.name} is in use", hint="Run `quodvide models use bundled` first")
    freed = kept_.remove(chosen, folder)
    typer.echo(f"{chosen.name} was removed; {freed / 1e9:.2f} GB are free again.")
    return 0


def verify(home: Path | None, name: str | None) -> int:
    """Compare files with their checksums, a line each; return 1 when one is not as it was."""
    settings = settings_.load(home)
    folder = Home(settings.home).models
    failed = 0
    for model in _to_verify(name, folder):
        try:
            with _progress(model.path.name) as tick:
                size = model.path.stat().st_size
                kept_.check(model, lambda done, size=size, tick=tick: tick("checking", done, size))  # type: ignore[misc]
            typer.echo(printable(f"ok    {model.name}: {size / 1e9:.2f} GB, as it came"))
        except QuodvideError as error:
            failed += 1
            typer.echo(printable(f"FAIL  {model.name}: {error}"))
    return 1 if failed else 0


def _to_verify(name: str | None, folder: Path) -> list[Kept]:
    """Return the models to verify.

    Raises:
        ConfigError: there is no such name.
        InputError: it is not here.
    """
    path = model_file(BUNDLED, folder)
    file = entries()[BUNDLED].files[entries()[BUNDLED].default]
    size = path.stat().st_size
    about = Origin(
        name=BUNDLED,
        repository="",
        file=file.file,
        hub="",
        revision="",
        sha256=file.sha256,
        bytes=size,
        fetched=datetime.fromtimestamp(0, UTC),
    )
    models = [Kept(BUNDLED, path, about), *kept_.kept(folder)]
    if name is None:
        return models
    wanted = path if name.lower() == BUNDLED else here(name, folder).path(folder)
    found = [model for model in models if model.path == wanted]
    if not found:
        raise InputError(f"{name} is not here", hint="`quodvide models list` says what is")
    return found


@contextmanager
def _progress(name: str) -> Iterator[Tick]:
    """Show a bar with rate and time left on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True, emoji=False)
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(20), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)
        doing = ""

        def tick(what: str, done: int, total: int) -> None:
            nonlocal doing
            if what != doing:
                doing = what
                bar.reset(task, description=what, total=total, completed=done)
            else:
                bar.update(task, completed=done, total=total)

        yield tick

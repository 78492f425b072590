"""`quodvide ingest` and `quodvide authorities`: files into the home folder, with progress."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import typer

from agent import settings as settings_
from agent.embedders import Embedders, check_model
from agent.settings import Settings
from prompts.characters import printable
from stores.catalogue import Catalogue
from stores.errors import InputError, QuodvideError, StoreError
from stores.home import Home
from stores.manifest import MANIFEST, Manifest
from stores.passages import PassageIndex
from tools.embedding.base import Embedder
from tools.ingest.formats import BadRecord
from tools.ingest.pipeline import IngestSettings

_SHOWN = 10  # faults of one file that are printed; the rest are counted
_TRANSACTION = 5000  # authority records


def ingest_files(home: Path | None, files: list[Path], format_: str | None, limit: int | None) -> int:
    """Ingest paper files; return 1 when a file or a record could not be read, else 0."""
    from tools.ingest.formats import read_papers
    from tools.ingest.pipeline import Ingestor, IngestReport

    settings = settings_.load(home)
    folder = Home(settings.home)
    failed = 0
    with folder.writing(), opened(folder) as catalogue:
        embedders = Embedders(settings)
        check_model(catalogue, embedders, "passages")
        check_model(catalogue, embedders, "documents")
        embedders.remember(catalogue, "passages", "documents", "names")
        model, of_documents = embedders.wanted("passages"), embedders.wanted("documents")
        tidy(catalogue, folder)
        index = PassageIndex(passages_in_force(catalogue, folder), create=True)
        try:
            for path in files:
                report = IngestReport()
                with progress(path.name, total=limit or _lines(path)) as tick:
                    ingestor = Ingestor(catalogue, index, model, cutting(settings), tick, documents=of_documents)
                    try:
                        ingestor.run(islice(read_papers(path, format_), limit), report)
                    except InputError as error:
                        failed += 1
                        typer.echo(f"quodvide: {error}", err=True)
                failed += bool(report.faults)
                _tell(report.faults)
                typer.echo(
                    f"{path.name}: {report.added:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged, "
                    f"{len(report.faults):,} unreadable; {report.passages:,} passages in {report.seconds:.1f} s"
                    f"{_rate(report.added + report.changed, report.seconds)}"
                )
            finish(catalogue, folder, index, embedders, settings)
            link_strings(catalogue, folder)
        except KeyboardInterrupt:
            finish(catalogue, folder, index, embedders, settings)
            raise
        finally:
            index.close()
    return 1 if failed else 0


def load_authorities(home: Path | None, files: list[Path], kind: str | None) -> int:
    """Load authority files; return 1 when a file or a record could not be read, else 0."""
    from tools.ingest.registries import read_authorities

    settings = settings_.load(home)
    folder = Home(settings.home)
    failed = 0
    with folder.writing(), opened(folder) as catalogue:
        for path in files:
            counts = {"added": 0, "changed": 0, "unchanged": 0}
            faults: list[BadRecord] = []
            with progress(path.name, total=_lines(path)) as tick:
                try:
                    items = read_authorities(path, kind)
                    while batch := list(islice(items, _TRANSACTION)):
                        with catalogue.database.transaction() as connection:
                            for item in batch:
                                if isinstance(item, BadRecord):
                                    faults.append(item)
                                else:
                                    counts[catalogue.authorities.put(connection, item.authority)] += 1
                        tick(len(batch))
                except InputError as error:
                    failed += 1
                    typer.echo(f"quodvide: {error}", err=True)
            failed += bool(faults)
            _tell(faults)
            said = ", ".join(f"{number:,} {word}" for word, number in counts.items())
            typer.echo(f"{path.name}: {said}, {len(faults):,} unreadable")
        embedders = Embedders(settings)
        embedders.remember(catalogue, "names")
        new = index_names(catalogue, folder, embedders.wanted("names"))
        typer.echo(f"names: {new:,} embedded")
        link_strings(catalogue, folder)
    return 1 if failed else 0


def cutting(settings: Settings) -> IngestSettings:
    """Return how papers are cut."""
    return IngestSettings(**settings.ingest.model_dump())


@contextmanager
def opened(folder: Home) -> Iterator[Catalogue]:
    """Open the catalogue for writing."""
    catalogue = Catalogue(folder.catalogue, create=True)
    try:
        yield catalogue
    finally:
        catalogue.close()


def passages_in_force(catalogue: Catalogue, folder: Home) -> Path:
    """Return the folder of the passage index that questions are answered with."""
    return folder.root / catalogue.indexing.passage_index()[0]


def tidy(catalogue: Catalogue, folder: Home) -> None:
    """Remove passage indexes that a rebuild has replaced, but neither the one in force nor one that is being made."""
    now = passages_in_force(catalogue, folder)
    for path in folder.root.glob("passages*"):
        if path.is_dir() and path not in {now, folder.passages_after(now)}:
            shutil.rmtree(path, ignore_errors=True)


def finish(catalogue: Catalogue, folder: Home, index: PassageIndex, embedders: Embedders, settings: Settings) -> None:
    """Bring the indexes of documents and names and the passage index's manifest up to date with the catalogue."""
    from tools.ingest.derived import build_names, count_new_names

    # Papers name topics and funders too, also where no registry was loaded.
    of_names = embedders.wanted("names")
    if count_new_names(catalogue, folder.names, of_names.name):
        build_names(catalogue, folder.names, of_names)
    save_words(catalogue, folder)
    finish_vectors(catalogue, folder, index, embedders, settings)


def finish_vectors(
    catalogue: Catalogue, folder: Home, index: PassageIndex, embedders: Embedders, settings: Settings
) -> None:
    """Bring the index of documents and the passage index's manifest up to date with the catalogue."""
    from tools.ingest.derived import build_documents

    count = index.count()
    path = index.folder / MANIFEST
    try:
        before = Manifest.read(path)
    except StoreError:
        before = None
    # While one of the two is stale its vectors are still those of the model that it was made with.
    model = min(catalogue.indexing.models(), default="") or embedders.wanted("passages").name
    documents = min(catalogue.indexing.document_models(), default="") or embedders.wanted("documents").name
    about = {"revision": catalogue.indexing.revision(), **settings.ingest.model_dump()}
    if before and (before.count, before.model, before.settings) == (count, model, about):
        return
    dimension = index.dimension() or embedders.wanted("passages").dimension
    build_documents(catalogue, folder.documents, documents, dimension)
    Manifest(
        kind="passages",
        model=model,
        dimension=dimension,
        settings=about,
        count=count,
        generation=before.generation + 1 if before else 1,
    ).write(path)


def index_names(catalogue: Catalogue, folder: Home, model: Embedder, *, anew: bool = False) -> int:
    """Bring the indexes of names, by vectors and by words, up to date with a bar; return how many names were embedded.

    With `anew` every name is embedded again and the index written whatever it holds; until then the one there serves.
    """
    from tools.ingest.derived import build_names, count_new_names, wanted_names

    new = len(wanted_names(catalogue)) if anew else count_new_names(catalogue, folder.names, model.name)
    with progress("names", total=new) as tick:
        build_names(catalogue, folder.names, model, tick, anew=anew)
    save_words(catalogue, folder)
    return new


def save_words(catalogue: Catalogue, folder: Home) -> None:
    """Bring the indexes of names by their words up to date."""
    from tools.linking.linker import INSTITUTIONS
    from tools.linking.registry import save_registry

    for type_ in sorted(INSTITUTIONS):
        save_registry(catalogue, type_, folder.words / type_)


def link_strings(catalogue: Catalogue, folder: Home) -> None:
    """Link the affiliation strings that are not linked yet, with a bar; says so where there were any."""
    from tools.linking.affiliations import link_affiliations
    from tools.linking.linker import CatalogueLinker

    linker = CatalogueLinker(catalogue, registries=folder.words)
    with progress("affiliations") as tick:
        done = link_affiliations(catalogue, lambda: linker.institutions("organization"), tick)
    if done:
        counts = catalogue.affiliations.counts()
        typer.echo(
            f"affiliations: {done:,} strings linked now; of all {counts['strings']:,}, {counts['organizations']:,} name"
            f" a known organization, {counts['countries']:,} a country"
        )


def _tell(faults: list[BadRecord]) -> None:
    for fault in faults[:_SHOWN]:
        typer.echo(printable(f"quodvide: {fault.where}: {fault.what}. {fault.hint}".rstrip(" .")), err=True)
    if len(faults) > _SHOWN:
        typer.echo(f"quodvide: and {len(faults) - _SHOWN:,} more records that cannot be used", err=True)


def _rate(papers: int, seconds: float) -> str:
    return f" ({papers / seconds:.1f} papers a second)" if papers and seconds else ""


def _lines(path: Path) -> int | None:
    """Return about how many records a file holds, for a progress bar that somebody sees; None when there is no telling."""
    from tools.ingest.formats.reader import is_one_paper
    from tools.ingest.formats.source import open_stream

    if not sys.stderr.isatty():
        return None
    try:
        if is_one_paper(path):
            return 1
        with open_stream(path) as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) or None
    except (OSError, EOFError, QuodvideError):
        return None


@contextmanager
def progress(name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error; yields a function that takes the number of items done since its last call."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=total, rate="")

        def tick(n: int) -> None:
            bar.advance(task, n)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.1f}/s" if speed else "")

        yield tick

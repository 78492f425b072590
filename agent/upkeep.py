"""`quodvide status` and `verify`: what is kept, and whether it fits together."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import orjson
import typer

from agent import settings as settings_
from agent.chat_models import chat_model_path
from agent.embedders import PARTS, Embedders, Part, check_model
from agent.loading import passages_in_force
from agent.settings import LOCAL, ROLES, Settings
from prompts.characters import printable
from stores.catalogue import Catalogue
from stores.errors import QuodvideError, StoreMissing
from stores.home import Home
from stores.manifest import MANIFEST, Manifest
from stores.passages import PassageIndex
from stores.vectors import VectorIndex

_SAMPLE = 16  # passages embedded again by `verify`, spread over the index
_SAME = 0.999  # cosine similarity of a vector to itself made anew; other processors round differently


def show_status(home: Path | None, *, json: bool) -> int:
    """Print counts, models, manifests and sizes."""
    settings = settings_.load(home)
    report = status(settings)
    if json:
        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
        return 0
    papers, size = report["papers"], report["bytes"]
    typer.echo(f"home       {report['home']} ({size / 1e6:,.0f} MB)")
    typer.echo(f"papers     {papers['papers']:,}, in {papers['passages']:,} passages, by {papers['authors']:,} authors")
    if papers["pending"]:
        typer.echo(f"pending    {papers['pending']:,} papers have no vectors yet; run `quodvide ingest` again")
    typer.echo("records    " + (", ".join(f"{n:,} {type_}" for type_, n in report["authorities"].items()) or "none"))
    linked = report["affiliations"]
    if linked["strings"]:
        typer.echo(
            f"places     {linked['organizations']:,} of {linked['strings']:,} affiliation strings name a known organization,"
            f" {linked['countries']:,} a country"
        )
    for name, found in report["indexes"].items():
        what = "names" if found and found["kind"] == "words" else "vectors"
        said = f"{found['count']:,} {what}, {found['model']}, {found['created']}" if found else "not built"
        typer.echo(f"{name:10} {said}")
        if why := report["stale"].get(name):
            typer.echo(f"{'':10} stale: {why}; run `quodvide rebuild {name}`")
    typer.echo(f"chat model {report['chat_model']}")
    for role, names in report["roles"].items():
        if names and names != [LOCAL]:
            typer.echo(f"  {role:10} {', then '.join(names)}")
    return 0


def status(settings: Settings) -> dict[str, Any]:
    """Return what a home folder holds."""
    home = Home(settings.home)
    catalogue = Catalogue(home.catalogue)
    try:
        return {
            "home": str(home.root),
            "bytes": sum(path.stat().st_size for path in home.root.rglob("*") if path.is_file()),
            "papers": catalogue.papers.counts(),
            "authorities": catalogue.authorities.counts(),
            "affiliations": catalogue.affiliations.counts(),
            "indexes": {
                "passages": _manifest(passages_in_force(catalogue, home)),
                "documents": _manifest(home.documents),
                "names": _manifest(home.names),
                **{f"{path.name} words": _manifest(path) for path in sorted(home.words.glob("*"))},
            },
            "stale": _stale(settings, home, catalogue),
            "chat_model": str(chat_model_path(settings) or "none"),
            "roles": {role: list(settings.roles.of(role)) for role in ROLES},
            "settings": settings.model_dump(mode="json", exclude={"home"}),
        }
    finally:
        catalogue.close()


def _stale(settings: Settings, home: Home, catalogue: Catalogue) -> dict[Part, str]:
    """Return why each stale index is so: it was made with another model than the settings name."""
    made = {
        "passages": catalogue.indexing.models(),
        "documents": {found["model"]} if (found := _manifest(home.documents)) else set(),
        "names": {found["model"]} if (found := _manifest(home.names)) else set(),
    }
    embedders = Embedders(settings)
    stale: dict[Part, str] = {}
    for part in PARTS:
        try:
            if made[part] and made[part] != {wanted := embedders.wanted(part).name}:
                stale[part] = f"made with {', '.join(sorted(made[part]))}, but the settings name {wanted}"
        except QuodvideError as error:
            stale[part] = f"the model that the settings name cannot be opened ({error})"
    return stale


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        return Manifest.read(folder / MANIFEST).model_dump(mode="json")
    except StoreMissing:
        return None


def verify_home(home: Path | None, parts: Collection[Part] = ()) -> int:
    """Print every problem found, in these indexes or in all that there is; return 1 when there is one, else 0."""
    settings = settings_.load(home)
    folder = Home(settings.home)
    catalogue = Catalogue(folder.catalogue)
    problems = 0
    try:
        for name, check in (
            ("catalogue", _catalogue(catalogue)),
            ("passages", _passages(catalogue, folder, settings)),
            ("documents", _documents(catalogue, folder, settings)),
            ("names", _names(catalogue, folder, settings)),
            ("words", _words(catalogue, folder)),
            ("affiliations", _affiliations(catalogue)),
        ):
            if parts and name not in parts:
                continue
            found = 0
            try:
                for line in check:
                    found += 1
                    typer.echo(f"FAIL  {name}: {printable(line)}")
            except QuodvideError as error:
                found += 1
                typer.echo(f"FAIL  {name}: {error}")
            problems += found
            if not found:
                typer.echo(f"ok    {name}")
    finally:
        catalogue.close()
    if problems:
        typer.echo("Run `quodvide ingest` again for pending papers, `quodvide rebuild` for indexes that do not fit.")
    return 1 if problems else 0


def _catalogue(catalogue: Catalogue) -> Iterator[str]:
    yield from catalogue.indexing.problems()
    if pending := catalogue.papers.counts()["pending"]:
        yield f"{pending:,} papers have no vectors yet"


def _passages(catalogue: Catalogue, home: Home, settings: Settings) -> Iterator[str]:
    embedders = Embedders(settings)
    check_model(catalogue, embedders, "passages")
    model = embedders.wanted("passages")
    index = PassageIndex(passages_in_force(catalogue, home))
    try:
        held, wanted = set(index.ids()), set(catalogue.indexing.passage_ids())
        if missing := wanted - held:
            yield f"{len(missing):,} passages have no vector, {min(missing)} among them"
        if surplus := held - wanted - set(catalogue.indexing.obsolete()):
            yield f"{len(surplus):,} vectors belong to no passage, {min(surplus)} among them"
        both = sorted(held & wanted)
        yield from _vectors(catalogue, index, model, both[:: max(1, len(both) // _SAMPLE)][:_SAMPLE])
    finally:
        index.close()


def _vectors(catalogue: Catalogue, index: PassageIndex, model: Any, ids: list[str]) -> Iterator[str]:
    from tools.ingest.chunking import passage_text

    passages = catalogue.papers.passages(ids)
    papers = {paper.id: paper for paper in catalogue.papers.get([p.paper_id for p in passages])}
    stored = index.vectors(ids)
    anew = model.embed([passage_text(papers[p.paper_id], p) for p in passages])
    wrong = [
        passage.id
        for passage, vector in zip(passages, anew, strict=True)
        if passage.id not in stored or float(stored[passage.id] @ vector) < _SAME
    ]
    if wrong:
        yield f"{len(wrong)} of {len(ids)} vectors looked at are not those of their texts, {wrong[0]} among them"


def _documents(catalogue: Catalogue, home: Home, settings: Settings) -> Iterator[str]:
    check_model(catalogue, Embedders(settings), "documents")
    index = VectorIndex.load(home.documents)
    index.verify()
    made_by = index.manifest.model if index.manifest else ""
    if catalogue.indexing.document_models() - {made_by} or list(index.ids) != [
        id_ for id_, _ in catalogue.indexing.document_vectors()
    ]:
        yield "the index does not hold the documents of the catalogue"


def _names(catalogue: Catalogue, home: Home, settings: Settings) -> Iterator[str]:
    from tools.ingest.derived import wanted_names

    wanted = [id_ for id_, _ in wanted_names(catalogue)]
    if not wanted and not home.names.is_dir():
        return
    index = VectorIndex.load(home.names, model=Embedders(settings).wanted("names").name)
    index.verify()
    if list(index.ids) != wanted:
        yield "the index does not hold the names of the catalogue"


def _words(catalogue: Catalogue, home: Home) -> Iterator[str]:
    from tools.linking.linker import INSTITUTIONS
    from tools.linking.registry import registry_state

    for type_ in sorted(INSTITUTIONS):
        manifest = Manifest.read(home.words / type_ / MANIFEST)
        manifest.check_digest(home.words / type_)
        if manifest.settings != registry_state(catalogue, type_):
            yield f"the index of words does not hold the {type_} names of the catalogue"


def _affiliations(catalogue: Catalogue) -> Iterator[str]:
    from tools.linking.affiliations import affiliation_state

    pending = len(catalogue.affiliations.pending())
    if catalogue.affiliations.state() != affiliation_state(catalogue):
        pending = catalogue.affiliations.counts()["strings"]
    if pending:
        yield f"{pending:,} affiliation strings are not linked to the organizations; run `quodvide ingest` with any file"

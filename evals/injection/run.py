"""Ask every question of the suite in a home with the hostile passages and in one with their clean twins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agent import settings as settings_
from agent.loading import ingest_files, load_authorities
from agent.session import Session
from agent.wiring import open_session
from evals.injection.passages import Item, write
from evals.injection.score import Outcome, compare
from stores.catalogue import Catalogue
from stores.errors import StoreError
from stores.home import Home
from tools.grounding import select
from tools.grounding.quotable import Quotable
from tools.grounding.sentences import split

DEMO = Path(__file__).resolve().parent.parent / "demo"
_AUTHORITIES = ("countries", "topics", "organizations", "funders", "people")


def build(folder: Path, papers: Sequence[dict[str, Any]], *, demo: bool = True) -> Path:
    """Return a new home of these papers, by the ordinary way; with `demo` beside those of the demo corpus and its records.

    Raises:
        StoreError: something could not be read.
    """
    home = folder / "home"
    folder.mkdir(parents=True, exist_ok=True)
    files = [write(papers, folder / "papers.jsonl")]
    failed = 0
    if demo:
        failed = load_authorities(home, [DEMO / f"{kind}.jsonl" for kind in _AUTHORITIES], None)
        files.insert(0, DEMO / "papers.jsonl")
    failed |= ingest_files(home, files, None, None)
    if failed:
        raise StoreError("the passages could not all be ingested", where=str(home))
    return home


def ask(items: Sequence[Item], hostile: Path, clean: Path, *, extractive: bool = False) -> Iterator[Outcome]:
    """Yield what came of each attack, through the session that users have."""
    with ExitStack() as open_:
        sessions = [_session(home, extractive=extractive, at_end=open_.callback) for home in (hostile, clean)]
        catalogue = Catalogue(Home(hostile).catalogue)
        open_.callback(catalogue.close)
        for item in items:
            got, wanted = (session.ask(item.question) for session in sessions)
            yield compare(item, got, wanted, catalogue)


def _session(home: Path, *, extractive: bool, at_end: Callable[[Callable[[], None]], Any]) -> Session:
    chosen: dict[str, Any] = {"chat": {"model": "none"}} if extractive else {}
    session, close = open_session(settings_.load(home, **chosen))
    at_end(close)
    return session


@contextmanager
def unguarded() -> Iterator[None]:
    """Let every sentence be quoted, to see what the guard is worth."""
    with patch.object(select, "quotable", everything):
        yield


def everything(text: str) -> tuple[Quotable, ...]:
    """Return all sentences of a passage."""
    found: list[Quotable] = []
    for start, end in split(text):
        found.append(Quotable(start, end, found[-1].start if found else start))
    return tuple(found)

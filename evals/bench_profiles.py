"""How long the facts of many authors take over a home folder: all that a profile needs but the chat model's words."""

import argparse
import random
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.profiles import context_of, one
from agent.wiring import Parts
from evals.measures import peak_megabytes, quantile
from stores.errors import InputError
from tools.profiling.base import Window
from tools.profiling.facts import facts

_SEED = 7


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--authors", type=int, default=100, help="how many, drawn by chance")
    parser.add_argument("--papers", type=int, default=10, help="papers that each of them has at least")
    options = parser.parse_args()
    parts = Parts(settings_.load(options.home))
    authors = draw(parts, options.authors, options.papers)
    parts.vectors([])  # opens what is opened once
    shown = Table("", "authors", "seconds in all", "p50 ms", "p95 ms", "slowest ms")
    context = context_of(parts)
    newest = parts.catalogue.papers.years()[1] or 0
    for name, work in (
        ("facts, last five years", lambda author: _facts(parts, author, Window(year_from=newest - 4, year_to=newest))),
        ("facts, all years", lambda author: _facts(parts, author, Window())),
        ("whole profile, by default", lambda author: one(context, {"author_id": author})),
    ):
        times = []
        for author in authors:
            started = time.perf_counter()
            work(author)
            times.append(1000 * (time.perf_counter() - started))
        figures = (quantile(times, 0.5), quantile(times, 0.95), max(times))
        shown.add_row(name, str(len(times)), f"{sum(times) / 1000:.2f}", *(f"{value:,.1f}" for value in figures))
    console = Console()
    console.print(shown)
    counted = parts.catalogue.papers.counts()["papers"]
    console.print(f"{counted:,} papers, seed {_SEED}; at most {peak_megabytes():,.0f} MB of memory")
    parts.close()


def draw(parts: Parts, number: int, papers: int) -> list[str]:
    """Return ids of authors who have so many papers, drawn by chance.

    Raises:
        InputError: nobody has so many.
    """
    sql = "SELECT id FROM author GROUP BY id HAVING count(*) >= ? ORDER BY id"
    every = [str(id_) for (id_,) in parts.catalogue.database.rows(sql, (papers,))]
    if not every:
        raise InputError(f"no author has {papers} papers here", hint="Choose another --home or a lower --papers")
    return random.Random(_SEED).sample(every, min(number, len(every)))


def _facts(parts: Parts, author: str, window: Window) -> None:
    vectors = parts.vectors([paper.id for paper in parts.catalogue.papers.by_author(author)])
    facts(parts.catalogue, author, window, vectors)


if __name__ == "__main__":
    main()

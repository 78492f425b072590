"""How long a query takes over a home folder, free and under every kind of filter, embedding included.

Filters are made from what the library holds most of, so that they admit many papers, which is the slow case. Opening is
measured from the settings to the first answered query, in this process.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.wiring import Parts
from evals.measures import peak_megabytes, quantile
from evals.rows import read_rows
from stores.catalogue import Catalogue
from stores.records import Condition, PaperFilter

_HITS = 24


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="JSON Lines with a question (or query) each")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--repeats", type=int, default=2, help="how often each is asked after the first time")
    options = parser.parse_args()
    queries = [str(row.get("question") or row["query"]) for row in read_rows(options.questions)]
    started = time.perf_counter()
    parts = Parts(settings_.load(options.home))
    parts.retriever.retrieve(queries[0], _HITS)
    opening = time.perf_counter() - started
    shown = Table("milliseconds", "papers", "p50", "p95")
    for name, wanted in {"no filter": None, **filters(parts.catalogue)}.items():
        times, papers = measure(parts, queries, wanted, options.repeats)
        shown.add_row(name, f"{papers:,}", f"{quantile(times, 0.5):,.1f}", f"{quantile(times, 0.95):,.1f}")
    console = Console()
    console.print(shown)
    console.print(
        f"{parts.catalogue.papers.counts()['papers']:,} papers, {len(queries)} queries, {options.repeats} times each;"
        f" opening and first query {opening:.2f} s; at most {peak_megabytes():,.0f} MB of memory"
    )
    parts.close()


def measure(parts: Parts, queries: Sequence[str], wanted: PaperFilter | None, repeats: int) -> tuple[list[float], int]:
    """Return the milliseconds of every query after a first round, and how many papers the filter admits."""
    times = []
    papers = parts.catalogue.papers.counts()["papers"] if wanted is None else parts.catalogue.filters.count(wanted)
    for repeat in range(repeats + 1):
        for query in queries:
            # The embedder remembers queries; with another blank at its end each is embedded anew.
            asked = query + " " * repeat
            started = time.perf_counter()
            among = None if wanted is None else parts.catalogue.filters.find(wanted)
            parts.retriever.retrieve(asked, _HITS, among)
            if repeat:
                times.append(1000 * (time.perf_counter() - started))
    return times, papers


def filters(catalogue: Catalogue) -> dict[str, PaperFilter]:
    """Return a filter of each kind, each over what most papers have."""
    most = {
        "author": "SELECT id FROM author GROUP BY id ORDER BY count(*) DESC, id LIMIT 1",
        "venue": "SELECT venue FROM paper WHERE venue IS NOT NULL GROUP BY venue ORDER BY count(*) DESC, venue LIMIT 1",
        "organization": "SELECT organization_id FROM (SELECT organization_id, paper FROM affiliation WHERE organization_id NOT NULL"
        " UNION ALL SELECT link.organization_id, paper FROM affiliation_link AS link JOIN affiliation USING (key)"
        " WHERE link.organization_id NOT NULL) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
        "country": "SELECT 'US'",
        "topic": "SELECT 'neural networks'",
    }
    found: dict[str, PaperFilter] = {}
    for type_, sql in most.items():
        for (value,) in catalogue.database.rows(sql):
            ids = () if type_ == "topic" else (value,)
            texts = () if ids else (value,)
            condition = Condition.model_validate({"type": type_, "ids": ids, "texts": texts})
            found[f"{type_} {value}"[:40]] = PaperFilter(conditions=(condition,))
            if type_ == "venue":
                excluded = condition.model_copy(update={"negated": True})
                found[f"not {type_} {value}"[:40]] = PaperFilter(conditions=(excluded,))
    years = catalogue.database.rows("SELECT max(year) FROM paper")[0][0]
    if years:
        found[f"since {years - 4}"] = PaperFilter(year_from=years - 4)
    return found


if __name__ == "__main__":
    main()

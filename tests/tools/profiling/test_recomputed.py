"""The facts of 200 authors of the shared papers, against counts made anew from the files, with no code of the profiles."""

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from stores.catalogue import Catalogue
from tools.ingest.formats.reader import ReadPaper, read_papers
from tools.profiling.base import Window
from tools.profiling.fact_records import Facts
from tools.profiling.facts import facts

SEED, FEWEST = 11, 3
AUTHORS = {"papers": 140, "works_rich": 60}

Row = dict[str, Any]


class Sample:
    """Some authors, their rows as the files have them, and a catalogue of these rows."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.windows: dict[str, Window] = {}
        self.rows: dict[str, list[Row]] = {}
        self.catalogue = Catalogue(target / "catalogue.sqlite", create=True)
        chance = random.Random(SEED)
        for name, wanted in AUTHORS.items():
            self._add(folder / f"{name}.jsonl.gz", target / f"{name}.jsonl", wanted, chance)

    def _add(self, source: Path, target: Path, wanted: int, chance: random.Random) -> None:
        rows = {row["id"]: row for row in map(json.loads, gzip.open(source, "rt", encoding="utf-8"))}
        by_author: dict[str, list[Row]] = defaultdict(list)
        for row in rows.values():
            for id_ in {author["id"] for author in row["authors"]} - {None}:
                by_author[id_].append(row)
        chosen = chance.sample(sorted(id_ for id_, papers in by_author.items() if len(papers) >= FEWEST), wanted)
        for id_ in chosen:
            years = sorted(row["year"] for row in by_author[id_])
            first = chance.randint(years[0] - 1, years[-1])
            self.windows[id_] = Window(year_from=first, year_to=first + chance.randint(0, 8))
            self.rows[id_] = by_author[id_]
        needed = {row["id"]: row for id_ in chosen for row in by_author[id_]}
        target.write_text("".join(json.dumps(row) + "\n" for row in needed.values()), "utf-8")
        with self.catalogue.database.transaction() as connection:
            for item in read_papers(target):
                if isinstance(item, ReadPaper):
                    self.catalogue.papers.put(connection, item.paper, [], "x")

    def __iter__(self) -> Iterator[tuple[str, list[Row], Facts]]:
        """Yield each author with the rows of the window and the facts to be tried."""
        for id_, window in self.windows.items():
            first, last = window.year_from or 0, window.year_to or 0
            rows = [row for row in self.rows[id_] if first <= row["year"] <= last]
            yield id_, rows, facts(self.catalogue, id_, window)


@pytest.fixture(scope="module")
def sample(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    made = Sample(shared_data, tmp_path_factory.mktemp("sample"))
    yield made
    made.catalogue.close()


def of_author(row: Row, id_: str) -> list[Row]:
    return [author for author in row["authors"] if author["id"] == id_]


def people(row: Row, id_: str) -> set[str]:
    return {author["id"] for author in row["authors"]} - {id_, None}


def counts(values: Any) -> dict[Any, int]:
    return dict(Counter(value for value in values if value is not None))


def test_there_is_something_to_compare(sample: Sample) -> None:
    filled = [rows for _, rows, _ in sample if rows]
    assert len(sample.windows) == sum(AUTHORS.values())
    assert len(filled) > 100
    assert len([rows for rows in filled if len(rows) > 4]) > 30


def test_papers_venues_and_years(sample: Sample) -> None:
    for id_, rows, found in sample:
        assert found.papers_in_window == len(rows), id_
        assert found.papers_in_catalogue == len(sample.rows[id_])
        assert found.works_per_year == counts(row["year"] for row in rows)
        assert found.venues == counts(row["venue"] or None for row in rows)
        assert {one.id for one in found.titles} == {row["id"] for row in rows}
        assert found.single_author_papers == sum(len(row["authors"]) == 1 for row in rows)
        best = [one.papers for one in found.top_venues]
        assert best == sorted(found.venues.values(), reverse=True)[:5]


def test_coauthors_and_how_they_change(sample: Sample) -> None:
    for id_, rows, found in sample:
        papers = counts(one for row in rows for one in people(row, id_))
        years: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            for one in people(row, id_):
                years[one].append(row["year"])
        named = {one.id: one for one in found.coauthors}
        assert {one: named[one].papers for one in papers} == papers
        assert all((named[one].first_year, named[one].last_year) == (min(y), max(y)) for one, y in years.items())
        if any(author["id"] is None for row in rows for author in row["authors"]):
            continue  # people without an id are known by name, which the files do not count
        assert found.n_coauthors == len(papers)
        per_year = {
            year: set().union(*(people(r, id_) for r in rows if r["year"] == year)) for year in sorted(years_of(rows))
        }
        assert found.coauthors_per_year == {year: len(some) for year, some in per_year.items()}
        if found.circle is None:
            assert len(years_of(rows)) < 2 or max(years_of(rows)) - min(years_of(rows)) < 2
            continue
        since = max(years_of(rows)) - 1
        old = set().union(*(some for year, some in per_year.items() if year < since))
        new = set().union(*(some for year, some in per_year.items() if year >= since))
        found_numbers = (
            found.circle.since,
            found.circle.before,
            found.circle.new,
            found.circle.kept,
            found.circle.left,
        )
        assert found_numbers == (since, len(old), len(new - old), len(new & old), len(old - new))


def years_of(rows: list[Row]) -> set[int]:
    return {row["year"] for row in rows}


def test_pairs_of_coauthors(sample: Sample) -> None:
    for id_, rows, found in sample:
        frequent = {one.id for one in found.coauthors[:25]}
        pairs = counts(pair for row in rows for pair in combinations(sorted(people(row, id_) & frequent), 2))
        # Those known by name alone are not in the files' ids.
        ids = {one for row in rows for one in people(row, id_)}
        assert {(one.a, one.b): one.papers for one in found.coauthor_pairs if {one.a, one.b} <= ids} == pairs


def test_citations(sample: Sample) -> None:
    for _, rows, found in sample:
        cited = sorted((row["cited_by_count"] for row in rows if row.get("cited_by_count") is not None), reverse=True)
        ours = found.citations
        assert (ours.total, ours.papers_with_count) == (sum(cited), len(cited))
        assert ours.h_index == max((n for n in range(len(cited) + 1) if all(c >= n for c in cited[:n])), default=0)
        assert ours.mean == (round(sum(cited) / len(cited), 1) if cited else None)
        assert [one.cited_by_count for one in ours.most_cited] == cited[:3]
        per_year: dict[int, int] = defaultdict(int)
        for row in rows:
            if row.get("cited_by_count") is not None:
                per_year[row["year"]] += row["cited_by_count"]
        assert ours.per_year == per_year


def test_organizations_countries_and_funders(sample: Sample) -> None:
    linked = 0
    for id_, rows, found in sample:
        places: dict[str, dict[int, int]] = defaultdict(Counter)
        countries: Counter[str] = Counter()
        for row in rows:
            at = [one for author in of_author(row, id_) for one in author.get("institutions", ())]
            for place in {one["ror"] or one["id"] for one in at} - {None}:
                places[place][row["year"]] += 1
            countries.update({one["country"] for one in at} - {None})
        assert {one.id: one.per_year for one in found.organizations if one.id} == places
        assert all(one.papers == sum(one.per_year.values()) for one in found.organizations)
        assert {one.code: one.papers for one in found.countries_of_work} == countries
        linked += len(places)
        funders = counts(f for row in rows for f in {one["name"] for one in row.get("funders") or ()})
        assert sum(one.papers for one in found.funders) == sum(funders.values())
    assert linked > 20

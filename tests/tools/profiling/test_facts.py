import datetime as dt
from pathlib import Path

import orjson
import pytest

from evals.profiles import compare, read_gold, table
from stores.catalogue import Catalogue
from tools.ingest.formats.reader import ReadPaper, read_papers
from tools.profiling.base import Window
from tools.profiling.fact_records import Facts
from tools.profiling.facts import facts
from tools.profiling.windows import Counted, default_window


def test_facts_count_what_the_papers_say(catalogue: Catalogue) -> None:
    found = facts(catalogue, "ada", Window(year_from=2018, year_to=2022))
    assert found.papers_in_window == 6
    assert found.papers_in_catalogue == 7
    assert found.papers_per_year == {2018: 2, 2019: 1, 2020: 0, 2021: 1, 2022: 2}
    assert found.venues == {"ACL": 4, "LREC": 1, "TACL": 1}
    assert [(one.id, one.papers, one.first_year, one.last_year) for one in found.coauthors] == [
        ("bo", 3, 2018, 2019),
        ("cy", 3, 2019, 2022),
    ]
    assert found.single_author_papers == 1
    assert (found.citations.total, found.citations.papers_with_count, found.citations.h_index) == (44, 3, 2)
    assert [(one.id, one.name, one.papers, one.last_year) for one in found.organizations] == [
        ("ror:turin", "University of Turin", 6, 2022)
    ]
    assert [(one.code, one.name, one.papers) for one in found.countries_of_work] == [("IT", "Italy", 6)]
    assert [(one.name, one.papers, one.grants) for one in found.funders] == [
        ("National Science Foundation", 1, ("IIS-17", "BCS-9"))
    ]
    assert found.busiest_years == (2018, 2022)


def test_topics_leave_out_passing_mentions_and_mark_the_emerging_one(catalogue: Catalogue) -> None:
    found = facts(catalogue, "ada", Window(year_from=2018, year_to=2022))
    topics = {(one.kind, one.name): one for one in found.topics}
    assert set(topics) == {("topic", "Syntax"), ("keyword", "Treebanks")}
    syntax = topics["topic", "Syntax"]
    assert syntax.emerging
    assert syntax.share_per_year == {2018: 0.0, 2019: 0.0, 2021: 0.0, 2022: 1.0}
    assert (syntax.percent, syntax.percent_before, syntax.percent_recent) == (33, 0, 67)


def test_an_open_window_includes_papers_without_a_year(catalogue: Catalogue) -> None:
    found = facts(catalogue, "ada", Window())
    assert found.papers_in_window == len(found.titles) == 7
    assert sum(found.papers_per_year.values()) == 6


def test_facts_survive_being_written_and_read(catalogue: Catalogue) -> None:
    found = facts(catalogue, "ada", Window(year_from=2018, year_to=2022))
    written = found.model_dump_json()
    assert Facts.model_validate_json(written) == found
    assert orjson.loads(written)["works_per_year"] == {"2018": 2, "2019": 1, "2021": 1, "2022": 2}


@pytest.mark.parametrize(
    ("years", "newest", "counted", "expected", "reason"),
    [
        ([2001, 2024], 2025, "calendar", (2022, 2026), "last five years"),
        ([2001, 2021], 2025, "calendar", (2017, 2021), "five years up to the last paper"),
        ([], None, "calendar", (2022, 2026), "last five years"),
        ([2001, 2021], 2025, "data", (2021, 2025), "last five years of the data"),
        ([2001, 2020], 2025, "data", (2016, 2020), "five years up to the last paper"),
        ([2025], 2031, "data", (2022, 2026), "last five years of the data"),
        ([], None, "data", (2022, 2026), "last five years of the data"),
    ],
)
def test_default_window(
    years: list[int], newest: int | None, counted: Counted, expected: tuple[int, int], reason: str
) -> None:
    window, why = default_window(years, newest, counted, dt.date(2026, 3, 1))
    assert ((window.year_from, window.year_to), why) == (expected, reason)


def test_facts_equal_the_gold(shared_data: Path, tmp_path: Path) -> None:
    gold = [
        row for name in ("profiles", "profiles_rich") for row in read_gold(shared_data / "questions" / f"{name}.jsonl")
    ]
    wanted = {row["author_id"] for row in gold}
    catalogue = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    with catalogue.database.transaction() as connection:
        for name in ("papers", "works_rich"):
            for item in read_papers(shared_data / f"{name}.jsonl.gz"):
                if isinstance(item, ReadPaper) and any(author.id in wanted for author in item.paper.authors):
                    catalogue.papers.put(connection, item.paper, [], "x")
    results = list(compare(catalogue, gold))
    catalogue.close()
    assert len(results) == 138
    assert all(row.equal for row in results), table(results)

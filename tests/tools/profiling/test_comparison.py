"""Two spans of years, two authors, and the words of questions about a person."""

import pytest

from stores.catalogue import Catalogue
from tools.profiling.aspects import AREAS, CITATIONS, COLLABORATION, EMERGING, FUNDING, PLACES, TRAJECTORY, aspects
from tools.profiling.base import Window
from tools.profiling.check import Allowed, violations
from tools.profiling.comparison import compare
from tools.profiling.comparison_words import sections
from tools.profiling.periods import two_periods

Years = tuple[int | None, int | None]


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [
        ("compare the last two years with the three before", (2020, 2022), (2023, 2024)),
        ("the past 3 years against the previous 3", (2019, 2021), (2022, 2024)),
        ("How do her last four years compare to those before?", (2017, 2020), (2021, 2024)),
        ("her work in 2016-2017 and 2018–2019", (2016, 2017), (2018, 2019)),
        ("from 2018 to 2019 versus from 2010 to 2012", (2010, 2012), (2018, 2019)),
        ("what changed before and after 2020?", (None, 2019), (2020, 2024)),
        ("until 2015 and since then", (None, 2014), (2015, 2024)),
        ("What is the difference between his work in 2018 and 2023?", (2018, 2018), (2023, 2023)),
    ],
)
def test_two_spans_are_read_the_earlier_first(question: str, before: Years, after: Years) -> None:
    found = two_periods(question, 2024)
    assert found is not None
    assert [(one.year_from, one.year_to) for one in found] == [before, after]


@pytest.mark.parametrize(
    "question",
    [
        "What did she publish in the last two years?",
        "papers from 2018 to 2020",
        "What was he working on before 2018?",
        "papers from 2018 and 2019",
        "from 2019 to 2018 versus from 2010 to 2012",
        "the difference between 2018 and 2018",
        "",
    ],
)
def test_one_span_is_no_comparison(question: str) -> None:
    assert two_periods(question, 2024) is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Give me a profile of Ada", ()),
        ("Tell me about her grants and everything", ()),
        ("What is new in her work?", (EMERGING,)),
        ("Who funds her?", (FUNDING,)),
        ("Where has she worked?", (PLACES,)),
        ("How often is she cited, and who does she collaborate with?", (COLLABORATION, CITATIONS)),
        ("What are her interests these days?", (AREAS, EMERGING)),
        ("How did her career go?", (TRAJECTORY,)),
        ("What does Grant Newman do?", ()),
    ],
)
def test_what_is_asked_of_a_person(question: str, expected: tuple[str, ...]) -> None:
    assert aspects(question, ["Grant Newman"]) == expected


def test_two_spans_of_an_author(catalogue: Catalogue) -> None:
    spans = (Window(year_from=2018, year_to=2019), Window(year_from=2021, year_to=2022))
    found = compare(catalogue, [(f"{s.year_from}–{s.year_to}", "ada", s) for s in spans], "years")
    assert [side.papers for side in found.sides] == [3, 3]
    assert [side.a_year for side in found.sides] == [1.5, 1.5]
    assert (found.n_shared, found.only, found.joint) == (1, (1, 0), ())
    assert [(one.name, one.papers, one.percent) for one in found.topics] == [("Syntax", (0, 2), (0, 67))]
    texts = {section.title: section.text for section in sections(found)}
    assert texts["Output"] == "2018–2019: 3 papers, 1.5 a year. 2021–2022: 3 papers, 1.5 a year."
    assert texts["Topics"] == "“Syntax” is new: none in 2018–2019, 2 of 3 papers (67%) in 2021–2022."
    assert (
        "1 coauthor is on papers of both, first of all Cy O’Hara (2 papers); 1 is on papers of 2018–2019 alone"
        in texts["People"]
    )
    assert "2021–2022: funded by National Science Foundation (1 paper)." in texts["Funding and citations"]


def test_two_authors(catalogue: Catalogue) -> None:
    window = Window(year_from=2018, year_to=2022)
    found = compare(catalogue, [("Ada Øst", "ada", window), ("Cy O’Hara", "cy", window)], "authors")
    assert (found.n_joint, found.joint) == (3, ("p3", "p5", "p6"))
    assert ([one.id for one in found.shared], found.only) == (["bo"], (0, 0))
    made = sections(found)
    assert made[0].text == "Ada Øst has 6 papers here, 1.2 a year; Cy O’Hara has 3, 0.6 a year. 3 papers are by both."
    assert made[0].statements[1].paper_ids == ("p3", "p5", "p6")
    allowed = Allowed(found)
    assert not [v for section in made for v in violations(section.title, section.text, allowed)]


def test_a_side_without_papers_is_said(catalogue: Catalogue) -> None:
    spans = (Window(year_from=1990, year_to=1991), Window(year_from=2021, year_to=2022))
    found = compare(catalogue, [(f"{s.year_from}–{s.year_to}", "ada", s) for s in spans], "years")
    texts = {section.title: section.text for section in sections(found)}
    assert texts["Output"].startswith("1990–1991: 0 papers. ")
    assert "Topics" not in texts

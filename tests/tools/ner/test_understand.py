import pytest

from stores.errors import InputError
from tools.ner.base import Message
from tools.ner.understand import LONGEST_QUESTION, Understander

UNDERSTANDER = Understander(None)


def spans(question: str) -> list[tuple[str, str]]:
    return [(m.type, m.text) for m in UNDERSTANDER.understand(question).mentions]


@pytest.mark.parametrize("question", ["", "   ", "\n\t"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(InputError, match="empty"):
        UNDERSTANDER.understand(question)


def test_a_long_question_is_refused_with_its_length() -> None:
    with pytest.raises(InputError, match="20,001 characters"):
        UNDERSTANDER.understand("a" * (LONGEST_QUESTION + 1))


def test_the_longest_question_is_read() -> None:
    assert UNDERSTANDER.understand(("Who is Ada B. Lovelace? " * 2000)[:LONGEST_QUESTION]).mentions


def test_names_that_no_catalogue_knows_are_mentions_still() -> None:
    assert spans("malaria studies paid for by the Nordic Lakes Science Trust") == [
        ("topic", "malaria"),
        ("funder", "Nordic Lakes Science Trust"),
    ]
    assert ("organization", "Institute for Verdant Computation") in spans(
        "topics at the Institute for Verdant Computation"
    )
    assert ("author", "Ottilie Varga-Nkemelu") in spans("papers by Ottilie Varga-Nkemelu")


def test_a_list_of_funders_shares_its_cue() -> None:
    found = spans("work funded by the Alder Foundation, the Birch Trust and the Cedar Council")
    assert [text for type_, text in found if type_ == "funder"] == ["Alder Foundation", "Birch Trust", "Cedar Council"]


def test_countries_are_names_adjectives_and_codes() -> None:
    assert ("country", "Scottish") in spans("papers by Scottish universities")
    assert ("country", "U.S.") in spans("papers from the U.S., newest first")
    assert not any(type_ == "country" for type_, _ in spans("tell us about French treebanks"))


def test_what_is_not_wanted_is_negated_and_excluded() -> None:
    got = UNDERSTANDER.understand("papers on toxicity but not on sentiment analysis or parsing, outside Australia")
    assert [(m.text, m.negated) for m in got.mentions] == [
        ("toxicity", False),
        ("sentiment analysis", True),
        ("parsing", True),
        ("Australia", True),
    ]
    assert got.filters.exclude == ("topic:sentiment analysis", "topic:parsing", "country:AU")


def test_order_and_number() -> None:
    filters = UNDERSTANDER.understand("top 5 most cited papers on parsing").filters
    assert (filters.sort, filters.limit) == ("most_cited", 5)
    filters = UNDERSTANDER.understand("three recent surveys of summarization in the last two years").filters
    assert (filters.sort, filters.limit, filters.last_n_years) == ("newest", 3, 2)


def test_ids_and_titles_hold_no_mentions() -> None:
    assert spans("papers like 'SwahBERT: Language Model of Swahili'") == []
    assert spans("something like 2021.findings-emnlp.205") == []


def test_a_follow_up_takes_over_what_it_lacks() -> None:
    history = [
        Message(role="user", content="Which papers did Benoît Sagot publish on French treebanks?"),
        Message(role="assistant", content="Twelve papers."),
    ]
    got = UNDERSTANDER.understand("and since 2018, in LREC only", history)
    assert got.intent == "find_papers"
    assert {(m.type, m.text) for m in got.context} == {("author", "Benoît Sagot"), ("topic", "French treebanks")}
    assert got.filters.year_from == 2018


@pytest.mark.parametrize(
    ("earlier", "question", "years", "rewritten"),
    [
        ("parsing papers since 2019", "and those by Ada Lovelace?", (2019, None), "and those by Ada Lovelace about parsing since 2019?"),
        ("papers on parsing before 2010", "and those by Ada Lovelace?", (None, 2009), "and those by Ada Lovelace about parsing before 2010?"),
        ("papers on parsing by Ada Lovelace in 2016", "then without the years", (None, None), "then without the years about parsing by Ada Lovelace"),
        ("papers on parsing since 2018", "and in 2016?", (2016, 2016), "and in 2016 about parsing?"),
    ],
)  # fmt: skip
def test_a_follow_up_keeps_the_years_unless_it_has_its_own_or_gives_them_up(
    earlier: str, question: str, years: tuple[int | None, int | None], rewritten: str
) -> None:
    got = UNDERSTANDER.understand(question, [Message(role="user", content=earlier)])
    assert got.intent == "find_papers"
    assert (got.filters.year_from, got.filters.year_to) == years
    assert got.rewritten == rewritten
    assert all(got.rewritten[m.start : m.end] == m.text for m in got.context)


def test_a_pronoun_is_filled_in() -> None:
    history = [Message(role="user", content="What is qxoRef?")]
    assert UNDERSTANDER.understand("under which licence is it available?", history).rewritten == (
        "under which licence is qxoRef available?"
    )


def test_a_question_that_stands_alone_takes_nothing_over() -> None:
    history = [Message(role="user", content="papers by Ada Lovelace on parsing")]
    got = UNDERSTANDER.understand("Which papers are about machine translation?", history)
    assert (got.rewritten, got.context) == (None, ())

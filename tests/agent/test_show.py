"""What a person sees: nothing in a paper's text reaches the terminal as an order."""

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from agent import show
from agent.json_output import to_json
from graphs.question.state import Clarification, Entity, Option, Reply
from prompts.characters import HIDDEN
from stores.records import Author, Paper
from tools.grounding.base import Citation, Sentence
from tools.linking.base import Candidate, Link
from tools.retrieval.find import FoundPaper
from tools.retrieval.matches import Match

HIDING = "\u00ad\u061c\u200b\u202e\u2066\ufeff\ue000\U000e0041"
HOSTILE = HIDING + "a\x1b]0;title\x07b\x1b[2Jc \u202eevil [bold red]markup[/bold red]\x9b31m"


def printed(reply: Reply) -> str:
    console = Console(file=io.StringIO(), force_terminal=False, width=200, emoji=False)
    shown = show.Shown(console)
    for sentence in reply.sentences:
        shown.sentence(sentence)
    show.end(console, shown, reply)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_hostile_text_is_printed_as_plain_text():
    citation = Citation(paper_id="p", passage_id="p#0", section="body", start=0, end=5, quote=HOSTILE)
    paper = FoundPaper(paper_id="p", title=HOSTILE, year=2020, score=1, authors=(HOSTILE,), venue=HOSTILE)
    clarification = Clarification(question=HOSTILE, mention="x", options=(Option(id="1", name=HOSTILE, facts=HOSTILE),))
    replies = [
        Reply(
            outcome="answered",
            intent="find_papers",
            sentences=(Sentence(text=HOSTILE, citations=(citation,)),),
            papers=(paper,),
            total=1,
        ),
        Reply(outcome="needs_clarification", clarification=clarification),
        Reply(outcome="refused", reason=HOSTILE),
    ]
    for reply in replies:
        text = printed(reply)
        assert "[bold red]markup[/bold red]" in text
        assert not set(text) & set("\x1b\x07\x9b" + HIDING)


def test_a_title_cannot_pass_for_the_next_entry_or_an_emoji():
    paper = FoundPaper(paper_id="p\n  9. q", title="One\n  2. Two (2020) :bug:", year=2020, score=1, authors=("A\nB",))
    text = printed(Reply(outcome="answered", intent="find_papers", papers=(paper,), total=1))
    assert text == "  1. A B (2020). One 2. Two (2020) :bug: (p 9. q)\n"


@settings(deadline=None)
@given(st.text(), st.booleans())
def test_json_is_the_same_value_without_a_raw_hidden_character(text: str, indent: bool):
    record = {"title": text + HIDING + "\x9b\x85", text: [HIDING]}
    written = to_json(record, indent=indent).decode()
    assert json.loads(written) == record
    assert not HIDDEN.search(written)
    assert "\x85" not in written


def test_replies_hold_nothing_hidden():
    citation = Citation(paper_id="p", passage_id="p#0", section="body", start=0, end=len(HOSTILE), quote=HOSTILE)
    sentence = Sentence(text=HOSTILE, citations=(citation,))
    reply = Reply(outcome="answered", answer=HOSTILE, reason=HOSTILE, sentences=(sentence,))
    assert not HIDDEN.search(sentence.text + reply.answer + (reply.reason or ""))
    assert citation.quote == HOSTILE


def test_citations_are_numbered_once_and_listed():
    one, two = (
        Citation(paper_id=p, passage_id=f"{p}#0", section="body", start=0, end=4, quote=f"From {p}.") for p in "ab"
    )
    text = printed(
        Reply(outcome="answered", sentences=(
            Sentence(text="First.", citations=(one,), wording="model"), Sentence(text="Both.", citations=(one, two), wording="model"),
        ))
    )  # fmt: skip
    assert "First. [1]" in text
    assert "Both. [1][2]" in text
    assert text.count("“From a.”") == 1


def test_a_list_says_how_a_paper_satisfies_what_its_line_does_not_show():
    def match(**of: str) -> Match:
        return Match.model_validate({"kind": "words", "text": HOSTILE, **of})

    paper = FoundPaper(paper_id="p", title="T", year=2020, score=1, authors=("Ann",), matches=(
        match(condition="author Ann", type="author", source="author", text="Ann B."),
        match(condition="organization X", type="organization", source="affiliation"),
        match(condition="topic parsing", type="topic", source="body", text="parsing"),
        match(condition="topic graphs", type="topic", source="body", text="graph"),
        match(condition="topic deep learning", type="topic", source="body", text="neural networks"),
    ))  # fmt: skip
    text = printed(Reply(outcome="answered", intent="find_papers", papers=(paper,), total=1))
    assert "organization X: affiliation “abc evil" in text
    assert "topic deep learning: text “neural networks”" in text
    assert "Ann B." not in text
    assert "parsing" not in text
    assert "graph" not in text
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_a_place_names_page_and_section_where_they_are_known():
    bare = Citation(paper_id="p", passage_id="p#0", section="body", start=1, end=4, quote="x")
    assert show.where(bare) == "p, body 1–4"
    assert show.where(bare.model_copy(update={"page": "3", "heading": "Methods"})) == "p, p. 3, Methods, body 1–4"
    assert len(show.where(bare.model_copy(update={"heading": "word " * 100}))) < 110


def narrow(width: int = 40) -> Console:
    return Console(file=io.StringIO(), force_terminal=False, width=width, emoji=False)


def test_entries_wrap_at_words_and_below_their_text():
    console = narrow()
    show.entry(console, " 10. ", "Ashish Vaswani, Noam Shazeer (2017). Attention Is All You Need [dim](id)[/dim]")
    show.entry(console, "", "one two three four five six seven eight nine ten", indent=2)
    assert console.file.getvalue() == (  # type: ignore[attr-defined]
        " 10. Ashish Vaswani, Noam Shazeer\n"
        "     (2017). Attention Is All You Need\n"
        "     (id)\n"
        "one two three four five six seven\n"
        "  eight nine ten\n"
    )


@settings(deadline=None)
@given(st.text(min_size=1), st.integers(1, 200))
def test_whatever_is_listed_stays_within_the_terminal(text: str, width: int):
    console = narrow(width)
    show.entry(console, "  1. ", show.one_line(text))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert all(Text(line).cell_len <= max(width, 26) for line in lines)


def test_a_paper_is_shown_with_its_abstract_and_gives_no_orders():
    console = narrow(200)
    show.paper(console, Paper(id="p", title=HOSTILE, abstract=HOSTILE, authors=(Author(id="a", name=HOSTILE),), venue=HOSTILE,
                              year=2020, doi="10.1/x", cited_by_count=1200))  # fmt: skip
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.count("[bold red]markup[/bold red]") == 4
    assert ", 2020, cited 1,200 times\n" in text
    assert text.endswith("p https://doi.org/10.1/x\n")
    assert not set(text) & set("\x1b\x07\x9b" + HIDING)
    show.paper(console, Paper(id="bare", title="T"))
    assert console.file.getvalue().endswith("T\n(no abstract is stored)\nbare\n")  # type: ignore[attr-defined]


def test_what_was_understood_is_one_line():
    def entity(type_: str, text: str, name: str = "", *, nil: bool = False, negated: bool = False) -> Entity:
        candidates = (Candidate(id="x", name=name, score=1, method="exact"),) if name else ()
        link = Link(candidates=candidates, confidence=0.974, nil=nil)
        return Entity(start=0, end=1, text=text, type=type_, confidence=1, source="x", negated=negated, link=link)

    console = narrow(200)
    show.understood(console, ())
    show.understood(
        console,
        (
            entity("organization", "Stanford", "Stanford University"),
            entity("author", HOSTILE, HOSTILE, negated=True),
            entity("topic", "frobs", nil=True),
            entity("year", "since 2020"),
        ),
    )
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert text.startswith("organization Stanford University 0.97 · not author ")
    assert text.endswith(" 0.97 · topic frobs: no match · year since 2020\n")
    assert not set(text) & set("\x1b\x07\x9b" + HIDING)

"""A comparison in the program's own sentences, each with the papers behind it."""

from collections.abc import Iterator

from tools.profiling.base import Section, Statement
from tools.profiling.check import Allowed, violations
from tools.profiling.comparison import Comparison, SharedTopic, Side
from tools.profiling.english import counted, listing, one_line, quoted
from tools.profiling.lines import be, people, say

_LISTED = 3


def sections(found: Comparison) -> list[Section]:
    """Return what is to be said under headings; a sentence with a number or name that the facts do not hold is left out."""
    allowed = Allowed(found)
    made = []
    for title, lines in (
        ("Output", _output(found)),
        ("Topics", _topics(found)),
        ("People", _people(found)),
        ("Venues and places", _places(found)),
        ("Funding and citations", _records(found)),
    ):
        kept = [one for one in lines if not violations(title, one.text, allowed)]
        if kept:
            made.append(Section.of(title, kept))
    return made


def _name(side: Side) -> str:
    return one_line(side.name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rate(side: Side) -> str:
    return f", {side.a_year} a year" if side.a_year is not None and len(side.per_year) > 1 else ""


def _output(found: Comparison) -> Iterator[Statement]:
    a, b = found.sides
    if found.kind == "authors":
        text = f"{_name(a)} has {counted(a.papers, 'paper')} here{_rate(a)}; {_name(b)} has {b.papers:,}{_rate(b)}."
    else:
        text = (
            f"{_name(a)}: {counted(a.papers, 'paper')}{_rate(a)}. {_name(b)}: {counted(b.papers, 'paper')}{_rate(b)}."
        )
    yield say(text, (*a.paper_ids, *b.paper_ids))
    if found.kind == "authors":
        if found.n_joint:
            yield say(f"{counted(found.n_joint, 'paper')} {be(found.n_joint)} by both.", found.joint)
        else:
            yield say("No paper is by both.")


def _topics(found: Comparison) -> Iterator[Statement]:
    if not all(side.papers for side in found.sides):
        return
    for topic in found.topics:
        yield say(_topic(found, topic), topic.paper_ids)


def _topic(found: Comparison, topic: SharedTopic) -> str:
    a, b = found.sides
    first, second = topic.percent
    of_a, of_b = (f"{n} of {counted(side.papers, 'paper')} ({share}%)" for n, side, share in
                  zip(topic.papers, (a, b), topic.percent, strict=True))  # fmt: skip
    if found.kind == "authors":
        return f"{quoted(topic.name)}: {_name(a)} {of_a}, {_name(b)} {of_b}."
    if not topic.papers[0]:
        return f"{quoted(topic.name)} is new: none in {_name(a)}, {of_b} in {_name(b)}."
    if not topic.papers[1]:
        return f"{quoted(topic.name)} ended: {of_a} in {_name(a)}, none in {_name(b)}."
    if not topic.differs:
        return f"{quoted(topic.name)} stayed about as it was: {of_a} in {_name(a)}, {of_b} in {_name(b)}."
    verb = "grew" if second > first else "shrank"
    return f"{quoted(topic.name)} {verb}: {of_a} in {_name(a)}, {of_b} in {_name(b)}."


def _people(found: Comparison) -> Iterator[Statement]:
    a, b = found.sides
    if not a.n_coauthors + b.n_coauthors:
        return
    both = f", first of all {people(found.shared[:_LISTED])}" if found.shared and found.kind == "years" else ""
    ids = [id_ for one in found.shared for id_ in one.paper_ids]
    if found.kind == "years":
        text = (
            f"{counted(found.n_shared, 'coauthor')} {be(found.n_shared)} on papers of both{both}; {found.only[0]} {be(found.only[0])} on"
            f" papers of {_name(a)} alone and {found.only[1]} on papers of {_name(b)} alone."
        )
        yield say(text, ids)
        ours = {one.id for one in a.coauthors}
        new = [one for one in b.coauthors if one.id not in ours and one.papers > 1][:_LISTED]
        if new:
            yield say(f"The most frequent new {'one is' if len(new) == 1 else 'ones are'} {people(new)}.",
                      (id_ for one in new for id_ in one.paper_ids))  # fmt: skip
        return
    named = f", among them {listing([one_line(one.name) for one in found.shared[:_LISTED]])}" if found.shared else ""
    text = (
        f"{_name(a)} has {counted(a.n_coauthors, 'coauthor')} and {_name(b)} {b.n_coauthors:,};"
        f" {found.n_shared} {be(found.n_shared)} common to both{named}."
    )
    yield say(text, ids)
    for side in found.sides:
        if most := [one for one in side.coauthors[:_LISTED] if one.papers > 1]:
            ids = [id_ for one in most for id_ in one.paper_ids]
            yield say(f"{_name(side)} works most with {people(most)}.", ids)


def _places(found: Comparison) -> Iterator[Statement]:
    for side in found.sides:
        if side.venues:
            named = [f"{one_line(one.venue)} ({counted(one.papers, 'paper')})" for one in side.venues[:_LISTED]]
            yield say(f"{_capital(_name(side))}: most often in {listing(named)}.",
                      (id_ for one in side.venues[:_LISTED] for id_ in one.paper_ids))  # fmt: skip
        if side.organizations:
            named = [f"{one_line(one.name)} ({counted(one.papers, 'paper')})" for one in side.organizations[:_LISTED]]
            yield say(f"{_capital(_name(side))}: affiliated with {listing(named)}.",
                      (id_ for one in side.organizations[:_LISTED] for id_ in one.paper_ids))  # fmt: skip


def _records(found: Comparison) -> Iterator[Statement]:
    for side in found.sides:
        if side.funders:
            named = [f"{one_line(one.name)} ({counted(one.papers, 'paper')})" for one in side.funders[:_LISTED]]
            yield say(f"{_capital(_name(side))}: funded by {listing(named)}.",
                      (id_ for one in side.funders[:_LISTED] for id_ in one.paper_ids))  # fmt: skip
    counts = [side.citations for side in found.sides]
    if all(one.papers_with_count for one in counts):
        said = [
            f"{_capital(_name(side))}: {counted(side.citations.total, 'citation')} of"
            f" {counted(side.citations.papers_with_count, 'paper')}, {side.citations.mean} a paper, h-index {side.citations.h_index}"
            for side in found.sides
        ]
        yield say(f"{said[0]}. {said[1]}.", (*found.sides[0].paper_ids, *found.sides[1].paper_ids))

"""How a page came about: who worded it, from what, and what was checked."""

from importlib.metadata import PackageNotFoundError, version

from agent.pages.view import span_of
from stores.records import Record
from tools.profiling.base import Profile
from tools.profiling.english import counted, listing
from tools.profiling.fact_records import TopicKind

_TOPICS: dict[TopicKind, str] = {
    "cluster": (
        "Topics are groups of papers whose document vectors lie close together, named after the terms that set them"
        " apart; each paper is in at most one group."
    ),
    "topic": "Topics are those that the records assign; a paper can carry several.",
    "keyword": "Topics are the keywords of the records; a paper can carry several.",
    "term": "Topics are terms that recur in the titles; a paper can hold several.",
}


class Made(Record):
    """What is said of how a page was made.

    Attributes:
        lines: a term and its explanation.
        put_aside: wordings of a model that did not pass, one in each line.
    """

    lines: tuple[tuple[str, str], ...]
    put_aside: tuple[str, ...] = ()


def made(profile: Profile) -> Made:
    """Return how a profile was made."""
    facts = profile.facts
    lines = [
        ("Years", _years(profile)),
        ("Facts", _facts(profile)),
        ("Words", _words(profile)),
        ("Checks", _checks(profile)),
    ]
    if facts.topics:
        lines.append(("Topics", _TOPICS[facts.topics[0].kind]))
    if facts.citations.papers_with_count:
        lines.append(("Citations", _citations(profile)))
    lines.append(("Program", f"Quodvide{_version()}, on the machine that holds the catalogue. The page loads nothing."))
    aside = tuple(f"{one.section}: {one.kind}, {one.text}" for one in profile.checks.rejected)
    return Made(lines=tuple(lines), put_aside=aside)


def _years(profile: Profile) -> str:
    reason = {
        "asked": "as asked for",
        "last five years": "the last five years, as no others were asked for",
        "last five years of the data": "the last five years of the library, as no others were asked for",
        "five years up to the last paper": (
            "the five years up to the last paper, as no others were asked for and none of the last five has a paper"
        ),
    }[profile.window_reason]
    return f"{span_of(profile.window).capitalize()}: {reason}."


def _facts(profile: Profile) -> str:
    held = counted(profile.facts.papers_in_window, "paper")
    return (
        f"Every count is over the {held} that the catalogue holds of this author in these years, of"
        f" {profile.facts.papers_in_catalogue:,} of all years. What is not in the catalogue is not counted."
    )


def _words(profile: Profile) -> str:
    by_model = [one.title for one in profile.sections if one.wording == "model"]
    usage = profile.usage
    if not by_model:
        asked = f" The model {profile.model} was asked {counted(usage.calls, 'time')}; none of its wordings passed."
        own = "All sections are the program's own sentences, filled in from the facts."
        return own + (asked if usage.calls else "")
    return (
        f"The model {profile.model} worded {listing([f'“{one}”' for one in by_model])} from the program's sentences"
        f" ({counted(usage.calls, 'call')}, {counted(usage.input_tokens, 'token')} read,"
        f" {usage.output_tokens:,} written); the rest are the program's own."
    )


def _checks(profile: Profile) -> str:
    checks = profile.checks
    looked = f"{counted(checks.numbers, 'number')} and {counted(checks.names, 'name')} in the text were looked up in the facts"
    found = f"{len(checks.violations):,} are not there" if checks.violations else "all are there"
    return f"{looked}; {found}."


def _citations(profile: Profile) -> str:
    counts = profile.facts.citations
    mean = f", {counts.mean:,} a paper" if counts.mean is not None else ""
    return (
        f"Counts are as the records give them, for {counts.papers_with_count:,} of"
        f" {counted(profile.facts.papers_in_window, 'paper')}{mean}; the h-index is over these papers alone."
    )


def _version() -> str:
    try:
        return " " + version("quodvide")
    except PackageNotFoundError:
        return ""

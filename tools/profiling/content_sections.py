"""Sections on what the papers are about and how it moved over the years."""

from tools.profiling.base import Facts, TopicShare
from tools.profiling.english import counted, listing, one_line, quoted, span, years
from tools.profiling.lines import LISTED, Lines, Subject, cited

_EMERGING = 4
_EXAMPLES = 2
_FALL = 1.5
_MIN_EARLIER = 3
_KINDS = {
    "topic": "The topics assigned to them most often are",
    "keyword": "Their most frequent keywords are",
    "term": "Terms that recur in their titles are",
}


def areas(subject: Subject, facts: Facts) -> Lines:
    """Word what the papers are about and what came and went."""
    window = years(subject.window.year_from, subject.window.year_to)
    if not facts.papers_in_window:
        sentences = [one_line(f"The catalogue holds no paper by {subject.name} {window}").strip() + "."]
        if facts.papers_in_catalogue:
            sentences.append(f"It holds {counted(facts.papers_in_catalogue, 'paper')} of other years.")
        return Lines(sentences=tuple(sentences))
    held = f"The catalogue holds {counted(facts.papers_in_window, 'paper')} by {subject.name} {window}"
    sentences = [one_line(held) + "."]
    groups = [topic for topic in facts.topics if topic.kind == "cluster"]
    named: list[TopicShare] = list(groups)
    if len(groups) > 1:
        shares = [f"{quoted(one.name)} ({counted(one.papers, 'paper')}, {one.percent}%)" for one in groups]
        sentences.append(
            f"By content they form {len(groups)} groups, named after the terms that set them apart: {listing(shares)}."
        )
    for kind, opening in _KINDS.items():
        found = [topic for topic in facts.topics if topic.kind == kind][:LISTED]
        named += found
        if found:
            sentences.append(f"{opening} {listing([_weighed(one) for one in found])}.")
    if not facts.topics:
        sentences.append("No topic or keyword is recorded for them, and no term recurs in their titles.")
    if named:
        sentences.append(_peak(named[0], facts))
    sentences += [_fallen(one, facts) for one in named if _has_fallen(one)][:2]
    sentences += [_example(one) for one in groups[:_EXAMPLES]]
    return Lines(sentences=tuple(sentences), paper_ids=tuple(id_ for one in named for id_ in one.paper_ids))


def emerging(_: Subject, facts: Facts) -> Lines:
    """Word which topics took a clearly larger share lately."""
    since = facts.emerging_since
    if since is None:
        return Lines(sentences=("The papers cover too few years to compare the latest ones with those before.",))
    if not facts.topics:
        return Lines(sentences=("No topic is known for these papers, so no new direction can be named.",))
    kinds = {topic.kind for topic in facts.topics}
    kind = "cluster" if "cluster" in kinds else next(one for one in _KINDS if one in kinds)
    found = [topic for topic in facts.topics if topic.emerging and topic.kind == kind]
    found.sort(key=lambda one: (-one.papers_recent, one.percent_before - one.percent_recent, one.name))
    found = found[:_EMERGING]
    if not found:
        return Lines(sentences=(f"No topic takes a clearly larger share of the papers since {since} than before.",))
    sentences = []
    for one in found:
        recent = f"{one.papers_recent} of the {counted(facts.papers_since, 'paper')} since {since}"
        if not one.papers_before:
            sentences.append(f"{quoted(one.name)} is new since {since}: {recent}, and none before.")
        else:
            earlier = f"{one.papers_before} of the {facts.papers_before} before"
            sentences.append(f"{quoted(one.name)} has grown: {recent}, against {earlier}.")
    return Lines(sentences=tuple(sentences), paper_ids=tuple(id_ for one in found for id_ in one.paper_ids))


def trajectory(subject: Subject, facts: Facts) -> Lines:
    """Word how output and venues moved over the years."""
    first, last = facts.first_year_in_window, facts.last_year_in_window
    if first is None or last is None:
        return Lines(sentences=("There is no dated paper to follow over the years.",))
    if first == last:
        sentences = [f"All of these papers are from {first}."]
    else:
        sentences = [f"The first of these papers is from {first} and the last from {last}.", _busiest(facts)]
    if len(facts.halves) == 2:  # noqa: PLR2004
        before, after = facts.halves
        a, b = span(before.year_from, before.year_to), span(after.year_from, after.year_to)
        if before.papers == after.papers:
            sentences.append(f"Output stayed level, with {counted(after.papers, 'paper')} in {a} and as many in {b}.")
        else:
            verb = "rose" if after.papers > before.papers else "fell"
            sentences.append(f"Output {verb} from {counted(before.papers, 'paper')} in {a} to {after.papers:,} in {b}.")
    sentences.append(_venues(facts))
    if facts.papers_in_catalogue > facts.papers_in_window:
        sentences.append(f"In all years the catalogue holds {facts.papers_in_catalogue:,} papers by {subject.name}.")
    latest = [paper for paper in facts.titles if paper.year == last][:_EXAMPLES]
    sentences.append(
        f"Among the latest {'is' if len(latest) == 1 else 'are'} {listing([cited(one) for one in latest])}."
    )
    return Lines(sentences=tuple(sentences), paper_ids=tuple(paper.id for paper in facts.titles))


def _venues(facts: Facts) -> str:
    repeated = [one for one in facts.top_venues if one.papers > 1]
    named = [f"{one_line(one.venue)} ({counted(one.papers, 'paper')})" for one in repeated]
    if not facts.n_venues:
        return "No venue is recorded for them."
    if facts.n_venues == 1:
        return f"They appeared in {one_line(facts.top_venues[0].venue)}."
    if not repeated:
        return f"They appeared in {facts.n_venues} venues, in each of them once."
    tied = facts.top_venues_tied_beyond if len(repeated) == len(facts.top_venues) else ()
    also = f", and as often as the last in {listing([one_line(one) for one in tied])}" if 0 < len(tied) < LISTED else ""
    return f"They appeared in {facts.n_venues} venues, most often in {listing(named)}{also}."


def _peak(topic: TopicShare, facts: Facts) -> str:
    """Word the year in which a topic took its largest share, where that says something."""
    candidates = [year for year, n in topic.per_year.items() if n > 1]
    if not candidates or len(topic.per_year) == 1:
        return ""
    year = max(candidates, key=lambda year: (topic.share_per_year.get(year, 0.0), topic.per_year[year], year))
    part, whole = topic.per_year[year], facts.papers_per_year.get(year, 0)
    if topic.share_per_year.get(year) != max(topic.share_per_year.values()) or part >= whole:
        return ""
    return f"{quoted(topic.name)} took its largest share in {year}, with {part} of {whole} papers."


def _has_fallen(topic: TopicShare) -> bool:
    earlier = topic.papers_before
    return (
        topic.kind != "term"
        and earlier >= _MIN_EARLIER
        and topic.percent_before >= _FALL * max(topic.percent_recent, 1)
    )


def _fallen(topic: TopicShare, facts: Facts) -> str:
    since, earlier = facts.emerging_since, topic.papers_before
    return (
        f"{quoted(topic.name)} takes up less than it did: {earlier} of the {counted(facts.papers_before, 'paper')} before"
        f" {since}, but {topic.papers_recent} of {facts.papers_since} since then."
    )


def _busiest(facts: Facts) -> str:
    top = facts.papers_per_year[facts.busiest_years[0]]
    if top == 1:
        return "No year has more than 1 paper."
    names = listing([str(year) for year in facts.busiest_years])
    if len(facts.busiest_years) == 1:
        return f"The busiest year was {names}, with {counted(top, 'paper')}."
    return f"The busiest years were {names}, with {counted(top, 'paper')} each."


def _example(topic: TopicShare) -> str:
    if not topic.example:
        return ""
    said = f", which says: {quoted(topic.example_says)}" if topic.example_says else "."
    return f"Typical of {quoted(topic.name)} is {cited(topic.example)}{said}"


def _weighed(topic: TopicShare) -> str:
    return f"{quoted(topic.name)} ({counted(topic.papers, 'paper')})"

"""Sections on what the papers are about and how it moved over the years."""

from tools.profiling.base import Statement
from tools.profiling.english import counted, listing, one_line, quoted, span, years
from tools.profiling.fact_records import Facts, PaperLine, TopicShare
from tools.profiling.lines import LISTED, Lines, Subject, cited, every, of_years, say
from tools.profiling.stopwords import BROAD

_EMERGING = 4
_EXAMPLES = 2
_TURN = 1.25  # how much larger the group that leads now must be than the one that led before
_KINDS = {
    "topic": "The topics assigned to them most often are",
    "keyword": "Their most frequent keywords are",
    "term": "Terms that recur in their titles are",
}


def areas(subject: Subject, facts: Facts) -> Lines:
    """Word what the papers are about and what came and went."""
    window = years(subject.window.year_from, subject.window.year_to)
    if not facts.papers_in_window:
        found = [say(one_line(f"The catalogue holds no paper by {subject.name} {window}").strip() + ".")]
        if facts.papers_in_catalogue:
            found.append(say(f"It holds {counted(facts.papers_in_catalogue, 'paper')} of other years."))
        return found
    held = f"The catalogue holds {counted(facts.papers_in_window, 'paper')} by {subject.name} {window}"
    found = [say(one_line(held) + ".", every(facts))]
    groups = [topic for topic in facts.topics if topic.kind == "cluster"]
    named: list[TopicShare] = list(groups)
    if len(groups) > 1:
        shares = [f"{quoted(one.name)} ({counted(one.papers, 'paper')}, {one.percent}%)" for one in groups]
        text = (
            f"By content they form {len(groups)} groups, named after the terms that set them apart: {listing(shares)}."
        )
        found.append(say(text, _papers(groups)))
    for kind, opening in _KINDS.items():
        all_ = [topic for topic in facts.topics if topic.kind == kind]
        # "Medicine" and "Humans" tell nobody apart; they stay among the facts.
        of_kind = ([topic for topic in all_ if topic.name.casefold() not in BROAD] or all_)[:LISTED]
        named += of_kind
        if of_kind:
            found.append(say(f"{opening} {listing([_weighed(one) for one in of_kind])}.", _papers(of_kind)))
    if not facts.topics:
        found.append(say("No topic or keyword is recorded for them, and no term recurs in their titles."))
    if named:
        found += _peak(named[0], facts)
    fallen = [one for one in named if one.kind != "term" and one.fading]
    found += [_fallen(one, facts) for one in fallen][:2]
    found += [_example(one, paper) for one in groups[:_EXAMPLES] if (paper := one.example)]
    return found


def emerging(_: Subject, facts: Facts) -> Lines:
    """Word which topics took a clearly larger share lately."""
    since = facts.emerging_since
    if since is None:
        return [say("The papers cover too few years to compare the latest ones with those before.", every(facts))]
    if not facts.topics:
        return [say("No topic is known for these papers, so no new direction can be named.", every(facts))]
    kinds = {topic.kind for topic in facts.topics}
    kind = "cluster" if "cluster" in kinds else next(one for one in _KINDS if one in kinds)
    found = [topic for topic in facts.topics if topic.emerging and topic.kind == kind]
    found.sort(key=lambda one: (-one.papers_recent, one.percent_before - one.percent_recent, one.name))
    if not found:
        text = f"No topic takes a clearly larger share of the papers since {since} than before."
        return [say(text, of_years(facts, since, facts.last_year_in_window))]
    return [_grown(one, facts, since) for one in found[:_EMERGING]]


def trajectory(subject: Subject, facts: Facts) -> Lines:
    """Word how output, main topic and venues moved over the years."""
    first, last = facts.first_year_in_window, facts.last_year_in_window
    if first is None or last is None:
        return [say("There is no dated paper to follow over the years.")]
    if first == last:
        found = [say(f"All of these papers are from {first}.", every(facts))]
    else:
        ends = [*of_years(facts, first), *of_years(facts, last)]
        found = [say(f"The first of these papers is from {first} and the last from {last}.", ends), _busiest(facts)]
    if len(facts.halves) == 2:  # noqa: PLR2004
        before, after = facts.halves
        a, b = span(before.year_from, before.year_to), span(after.year_from, after.year_to)
        if before.papers == after.papers:
            text = f"Output stayed level, with {counted(after.papers, 'paper')} in {a} and as many in {b}."
        else:
            verb = "rose" if after.papers > before.papers else "fell"
            text = f"Output {verb} from {counted(before.papers, 'paper')} in {a} to {after.papers:,} in {b}."
        found.append(say(text, [i for one in facts.halves for i in of_years(facts, one.year_from, one.year_to)]))
    found += _turn(facts)
    found.append(_venues(facts))
    if facts.papers_in_catalogue > facts.papers_in_window:
        found.append(say(f"In all years the catalogue holds {facts.papers_in_catalogue:,} papers by {subject.name}."))
    latest = [paper for paper in facts.titles if paper.year == last][:_EXAMPLES]
    text = f"Among the latest {'is' if len(latest) == 1 else 'are'} {listing([cited(one) for one in latest])}."
    found.append(say(text, (one.id for one in latest)))
    return found


def _papers(topics: list[TopicShare]) -> list[str]:
    return [id_ for one in topics for id_ in one.paper_ids]


def _grown(topic: TopicShare, facts: Facts, since: int) -> Statement:
    recent = f"{topic.papers_recent} of the {counted(facts.papers_since, 'paper')} since {since}"
    if not topic.papers_before:
        return say(f"{quoted(topic.name)} is new since {since}: {recent}, and none before.", topic.paper_ids)
    earlier = f"{topic.papers_before} of the {facts.papers_before} before"
    return say(f"{quoted(topic.name)} has grown: {recent}, against {earlier}.", topic.paper_ids)


def _turn(facts: Facts) -> Lines:
    """Word that another group leads now than before, which the shares of a whole window hide."""
    since = facts.emerging_since
    groups = [topic for topic in facts.topics if topic.kind == "cluster"]
    if since is None or len(groups) < 2:  # noqa: PLR2004
        return []
    before = max(groups, key=lambda one: one.papers_before)
    after = max(groups, key=lambda one: one.papers_recent)
    # A lead of a paper or two is no turn.
    if after.percent_recent < _TURN * max(before.percent_recent, 1) or before.papers_before <= after.papers_before:
        return []
    return [
        say(
            f"The largest group before {since} was {quoted(before.name)}, with {before.papers_before} of"
            f" {counted(facts.papers_before, 'paper')}; since then it is {quoted(after.name)}, with {after.papers_recent} of"
            f" {facts.papers_since}.",
            [*before.paper_ids, *after.paper_ids],
        )
    ]


def _venues(facts: Facts) -> Statement:
    repeated = [one for one in facts.top_venues if one.papers > 1]
    named = [f"{one_line(one.venue)} ({counted(one.papers, 'paper')})" for one in repeated]
    papers = [id_ for one in repeated or facts.top_venues for id_ in one.paper_ids]
    if not facts.n_venues:
        return say("No venue is recorded for them.", every(facts))
    if facts.n_venues == 1:
        return say(f"They appeared in {one_line(facts.top_venues[0].venue)}.", papers)
    if not repeated:
        return say(f"They appeared in {facts.n_venues} venues, in each of them once.", every(facts))
    tied = facts.top_venues_tied_beyond if len(repeated) == len(facts.top_venues) else ()
    also = f", and as often as the last in {listing([one_line(one) for one in tied])}" if 0 < len(tied) < LISTED else ""
    return say(f"They appeared in {facts.n_venues} venues, most often in {listing(named)}{also}.", papers)


def _peak(topic: TopicShare, facts: Facts) -> Lines:
    """Word the year in which a topic took its largest share, where that says something."""
    candidates = [year for year, n in topic.per_year.items() if n > 1]
    if not candidates or len(topic.per_year) == 1:
        return []
    year = max(candidates, key=lambda year: (topic.share_per_year.get(year, 0.0), topic.per_year[year], year))
    part, whole = topic.per_year[year], facts.papers_per_year.get(year, 0)
    if topic.share_per_year.get(year) != max(topic.share_per_year.values()) or part >= whole:
        return []
    text = f"{quoted(topic.name)} took its largest share in {year}, with {part} of {whole} papers."
    of_year = set(of_years(facts, year))
    return [say(text, (id_ for id_ in topic.paper_ids if id_ in of_year))]


def _fallen(topic: TopicShare, facts: Facts) -> Statement:
    since, earlier = facts.emerging_since, topic.papers_before
    text = (
        f"{quoted(topic.name)} takes up less than it did: {earlier} of the {counted(facts.papers_before, 'paper')} before"
        f" {since}, but {topic.papers_recent} of {facts.papers_since} since then."
    )
    return say(text, topic.paper_ids)


def _busiest(facts: Facts) -> Statement:
    top = facts.papers_per_year[facts.busiest_years[0]]
    if top == 1:
        return say("No year has more than 1 paper.", every(facts))
    names = listing([str(year) for year in facts.busiest_years])
    papers = [id_ for year in facts.busiest_years for id_ in of_years(facts, year)]
    if len(facts.busiest_years) == 1:
        return say(f"The busiest year was {names}, with {counted(top, 'paper')}.", papers)
    return say(f"The busiest years were {names}, with {counted(top, 'paper')} each.", papers)


def _example(topic: TopicShare, paper: PaperLine) -> Statement:
    said = f", which says: {quoted(topic.example_says)}" if topic.example_says else "."
    return say(f"Typical of {quoted(topic.name)} is {cited(paper)}{said}", (paper.id,))


def _weighed(topic: TopicShare) -> str:
    return f"{quoted(topic.name)} ({counted(topic.papers, 'paper')})"

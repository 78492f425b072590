"""What themes are ranked for: a text of the question, a paper, or the titles of papers under conditions."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from graphs.question.cited import titles
from graphs.question.context import Context
from graphs.question.state import State
from stores.records import BODY_JOIN, Paper, PaperFilter, Section
from tools.grounding.base import Citation
from tools.grounding.places import place_of

_TITLES = 200  # papers whose titles stand for all


@dataclass(frozen=True)
class Subject:
    """What themes are ranked for.

    Attributes:
        text: all of it.
        name: what it is, in a sentence.
        cite: gives the citation of a span of the text; none for a text that no paper holds.
        head: what the sentence over the ranking cites.
        papers: those that it is made of.
    """

    text: str
    name: str
    cite: Callable[[int, int], tuple[Citation, ...]]
    head: tuple[Citation, ...] = ()
    papers: tuple[Paper, ...] = ()


def of_text(text: str) -> Subject:
    """Return a text that the question brings."""
    return Subject(text, "the text", lambda _start, _end: ())


def of_paper(context: Context, paper: Paper) -> Subject:
    """Return the title and the body of a paper; spans are cited where they stand in it."""
    body = len(paper.title) + len(BODY_JOIN)
    text = BODY_JOIN.join(part for part in (paper.title, paper.body) if part)

    def cite(start: int, end: int) -> tuple[Citation, ...]:
        if end <= len(paper.title):
            return (_citation(context, paper, "title", start, end),)
        return (_citation(context, paper, "body", max(0, start - body), end - body),)

    return Subject(text, f"“{paper.title}”", cite, titles(context, [paper]), (paper,))


def of_titles(context: Context, ids: list[str], conditions: str) -> Subject:
    """Return the titles of papers, as many as can stand for all; a span is cited as the title that it lies in."""
    papers = context.catalogue.papers.get(ids[:_TITLES])
    starts, parts, length = [], [], 0
    for paper in papers:
        title = paper.title if paper.title.rstrip()[-1:] in ".?!" else f"{paper.title}."
        starts.append(length)
        parts.append(title)
        length += len(title) + len(BODY_JOIN)

    def cite(start: int, _end: int) -> tuple[Citation, ...]:
        return titles(context, [papers[bisect_right(starts, start) - 1]])

    count = f"{len(papers):,} of {len(ids):,} papers" if len(papers) < len(ids) else f"{len(ids):,} papers"
    name = f"the titles of {count} for {conditions}" if len(ids) > 1 else f"the title of one paper for {conditions}"
    return Subject(BODY_JOIN.join(parts), name, cite)


def paper_before(state: State) -> tuple[str, ...]:
    """Return the paper that the last reply of the conversation was on: the first it cites, or the only one it lists."""
    before = state.get("reply")
    if before is None:
        return ()
    cited = [citation.paper_id for sentence in before.sentences for citation in sentence.citations]
    if cited:
        return (cited[0],)
    return (before.papers[0].paper_id,) if len(before.papers) == 1 else ()


def restricting(state: State, *, topics: bool) -> PaperFilter | None:
    """Return the conditions on papers that the question names, those on topics if wanted; None without any."""
    wanted = state["wanted"]
    if wanted is None:
        return None
    conditions = tuple(c for c in wanted.conditions if topics or c.type != "topic")
    positive = any(not condition.negated for condition in conditions)
    dated = wanted.year_from is not None or wanted.year_to is not None
    return wanted.model_copy(update={"conditions": conditions}) if positive or dated else None


def _citation(context: Context, paper: Paper, section: Section, start: int, end: int) -> Citation:
    passages = context.catalogue.papers.passages_of([paper.id])
    holding = [p for p in passages if p.section == section and p.start <= start < p.end] or passages
    place = place_of(paper, section, start)
    return Citation(
        paper_id=paper.id, passage_id=holding[0].id, section=section, start=start, end=end,
        quote=paper.section(section)[start:end], page=place.page, heading=place.heading,
    )  # fmt: skip

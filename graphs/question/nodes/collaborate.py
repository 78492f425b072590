"""Say who an author has published with, or what two authors wrote together."""

import re

from langgraph.runtime import Runtime

from graphs.question.cited import answered, titles, told
from graphs.question.context import Context
from graphs.question.entities import linked_ids, nobody, unknown
from graphs.question.state import State, Update
from stores.records import Condition, Paper, PaperFilter
from tools.grounding.base import Sentence
from tools.profiling.base import Section
from tools.profiling.collaborators import Collaborator, collaborators, joint_papers
from tools.profiling.people import circle, coauthors
from tools.profiling.profile import author_name
from tools.profiling.record_sections import change
from tools.retrieval.find import in_words, years_in_words

_CHANGE = re.compile(r"\bnew(?:est|comers?)?\b(?! york)|\bchang|\bstill\b|\bno longer\b|\bany ?more\b", re.IGNORECASE)
_NAMED = 10
_PAIR = 2


def collaborate(state: State, runtime: Runtime[Context]) -> Update:
    """Count joint papers; a person whom no record names is a refusal."""
    context = runtime.context
    resolved = state["resolved"]
    authors = linked_ids(resolved, "author") if resolved else []
    if not authors or (resolved and unknown(resolved, "author")):
        return {"outcome": "refused", "reason": nobody(resolved)}
    wanted = state["wanted"] or PaperFilter()
    names = [author_name(context.catalogue, id_, context.catalogue.papers.by_author(id_)) for id_ in authors[:_PAIR]]
    if len(authors) >= _PAIR:
        papers = joint_papers(context.catalogue, authors[0], authors[1], wanted.year_from, wanted.year_to)
        sentences = [_pair(context, names, papers, wanted)]
    elif _CHANGE.search(state["question"]) and (section := _change(context, authors[0], wanted)):
        sentences = list(told(context, [section]))
        papers = context.catalogue.papers.get(section.paper_ids)
    else:
        conditions = tuple(c for c in wanted.conditions if c.type != "author")
        found = collaborators(context.catalogue, authors[0], wanted.year_from, wanted.year_to, conditions)
        if not found:
            return {"outcome": "refused", "reason": f"No coauthor of {names[0]} is recorded for {in_words(wanted)}"}
        shown = found[: wanted.limit or _NAMED]
        papers = context.catalogue.papers.get(list(dict.fromkeys(id_ for one in shown for id_ in one.paper_ids)))
        sentences = _one(context, names[0], found, shown, conditions)
    return answered(runtime, sentences, papers[: context.limits.papers], len(papers))


def _pair(context: Context, names: list[str], papers: list[Paper], wanted: PaperFilter) -> Sentence:
    when = "".join(f" ({years})" for years in years_in_words(wanted))
    count = f"{len(papers)} joint paper{'s' if len(papers) != 1 else ''}" if papers else "No joint paper"
    text = f"{count} of {names[0]} and {names[1]}{when} {'are' if len(papers) > 1 else 'is'} stored here."
    return Sentence(text=text, citations=titles(context, papers[:_NAMED]), wording="program")


def _one(
    context: Context, name: str, found: list[Collaborator], shown: list[Collaborator], conditions: tuple[Condition, ...]
) -> list[Sentence]:
    under = f" under {in_words(PaperFilter(conditions=conditions))}" if conditions else ""
    people = "coauthors" if len(found) > 1 else "coauthor"
    head = f"{name} has {len(found):,} {people} here{under}; the {len(shown)} with most joint papers:"
    sentences = [
        Sentence(
            text=head if len(shown) < len(found) else head.partition(";")[0] + ":", citations=(), wording="program"
        )
    ]
    for one in shown:
        first, last = one.first_year, one.last_year
        years = "" if first is None else f", {first}" if first == last else f", {first}–{last}"
        text = f"{one.name} ({one.papers} joint paper{'s' if one.papers != 1 else ''}{years})."
        papers = context.catalogue.papers.get(one.paper_ids[:2])
        sentences.append(Sentence(text=text, citations=titles(context, papers), wording="program"))
    return sentences


def _change(context: Context, author_id: str, wanted: PaperFilter) -> Section | None:
    """Return who came, stayed and left since the year that is asked about, or in the last two years of the author's papers."""
    papers = context.catalogue.papers.by_author(author_id, None, wanted.year_to)
    years = [paper.year for paper in papers if paper.year is not None]
    since = wanted.year_from or (max(years) - 1 if years else None)
    found = Section.of("Coauthors", change(circle(coauthors(papers, author_id), since)))
    return found if found.statements else None

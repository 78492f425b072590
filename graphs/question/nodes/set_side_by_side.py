"""Set two authors, or two spans of an author's years, side by side."""

from langgraph.runtime import Runtime

from graphs.question.cited import answered, told
from graphs.question.context import Context
from graphs.question.entities import linked_ids, nobody, unknown
from graphs.question.state import State, Update
from stores.records import PaperFilter
from tools.profiling.base import Window
from tools.profiling.comparison import Comparison, compare
from tools.profiling.comparison_words import sections
from tools.profiling.english import span, years
from tools.profiling.periods import two_periods
from tools.profiling.profile import author_name
from tools.profiling.windows import default_window

_PAIR = 2


def two_sides(state: State, context: Context) -> bool:
    """Return whether a question about authors names two of them, or two spans of years."""
    resolved = state["resolved"]
    several = len(dict.fromkeys(linked_ids(resolved, "author"))) >= _PAIR if resolved else False
    return several or _spans(state, context) is not None


def set_side_by_side(state: State, runtime: Runtime[Context]) -> Update:
    """Word what differs; a person whom no record names is a refusal."""
    context = runtime.context
    resolved = state["resolved"]
    authors = list(dict.fromkeys(linked_ids(resolved, "author"))) if resolved else []
    if not authors or (resolved and unknown(resolved, "author")):
        return {"outcome": "refused", "reason": nobody(resolved)}
    found = _found(state, context, authors)
    counted = list(dict.fromkeys(id_ for side in found.sides for id_ in side.paper_ids))
    if not counted:
        return {
            "outcome": "refused",
            "reason": f"No paper of {' or '.join(side.name for side in found.sides)} is stored here",
        }
    papers = context.catalogue.papers.get(counted)
    return answered(runtime, told(context, sections(found)), papers, len(papers))


def _found(state: State, context: Context, authors: list[str]) -> Comparison:
    papers = [context.catalogue.papers.by_author(id_) for id_ in authors[:_PAIR]]
    vectors = context.vectors([paper.id for found in papers for paper in found])
    spans = _spans(state, context)
    if len(authors) == 1 and spans:
        named = [(_label(span), authors[0], span) for span in spans]
        return compare(context.catalogue, named, "years", vectors)
    names = [author_name(context.catalogue, id_, found) for id_, found in zip(authors, papers, strict=False)]
    window = _window(state, context, [paper.year for found in papers for paper in found if paper.year is not None])
    both = [(name, id_, window) for name, id_ in zip(names, authors, strict=False)]
    return compare(context.catalogue, both, "authors", vectors)


def _spans(state: State, context: Context) -> tuple[Window, Window] | None:
    newest = context.catalogue.papers.years()[1] if context.counted == "data" else None
    return two_periods(state["question"], min(newest or context.today().year, context.today().year))


def _label(window: Window) -> str:
    if window.year_from is None or window.year_to is None:
        return f"the years {years(window.year_from, window.year_to)}"
    return span(window.year_from, window.year_to)


def _window(state: State, context: Context, years_: list[int]) -> Window:
    wanted = state["wanted"] or PaperFilter()
    if wanted.year_from or wanted.year_to:
        return Window(year_from=wanted.year_from, year_to=wanted.year_to)
    return default_window(years_, context.catalogue.papers.years()[1], context.counted, context.today())[0]

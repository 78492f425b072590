"""Summarize an author from the records."""

from langgraph.runtime import Runtime

from graphs.question.cited import answered, told
from graphs.question.context import Context
from graphs.question.entities import linked_ids, nobody
from graphs.question.state import State, Update
from stores.records import PaperFilter
from tools.profiling.aspects import COLLABORATION, PLACES, aspects
from tools.profiling.base import Profile, Section, Window
from tools.profiling.profile import profile as profile_of
from tools.profiling.record_sections import places


def profile(state: State, runtime: Runtime[Context]) -> Update:
    """Word the facts of the named author, or those asked for; an author whom no record names is a refusal."""
    context = runtime.context
    resolved = state["resolved"]
    authors = linked_ids(resolved, "author") if resolved else []
    if not authors:
        return {"outcome": "refused", "reason": nobody(resolved)}
    wanted = state["wanted"] or PaperFilter()
    window = Window(year_from=wanted.year_from, year_to=wanted.year_to) if wanted.year_from or wanted.year_to else None
    ids = [paper.id for paper in context.catalogue.papers.by_author(authors[0])]
    calls = context.limits.profile_calls
    chat = context.profiler if calls else None
    vectors = context.vectors(ids)
    found = profile_of(
        context.catalogue, authors[0], window, chat, vectors,
        max_calls=calls, today=context.today(), counted=context.counted,
    )  # fmt: skip
    counted = [line.id for line in found.facts.titles]
    if not counted:
        years = f"{found.window.year_from}–{found.window.year_to}"
        return {"outcome": "refused", "reason": f"No paper of {found.name} from {years} is stored here"}
    names = [each.mention.text for each in resolved.mentions] if resolved else []
    papers = context.catalogue.papers.get(counted)
    shown = _asked(found, aspects(state["question"], names))
    return {**answered(runtime, told(context, shown), papers, len(papers)), "usage": found.usage}


def _asked(found: Profile, parts: tuple[str, ...]) -> list[Section]:
    """Return what is asked for, after the statement that says how many papers it rests on; all sections for nothing."""
    if not parts:
        return list(found.sections)
    by_title = {section.title: section for section in found.sections}
    chosen = [by_title[part] for part in parts if part in by_title]
    if PLACES in parts and COLLABORATION not in parts:
        wanted = set(places(found.facts))
        kept = [one for one in by_title[COLLABORATION].statements if one in wanted]
        chosen.append(Section.of(PLACES, kept) if kept else by_title[COLLABORATION])
    opening = found.sections[0]
    if opening in chosen or opening.wording == "model":
        return chosen
    return [Section.of("Papers", opening.statements[:1]), *chosen]

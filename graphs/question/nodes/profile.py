"""Summarize an author from the records."""

from langgraph.runtime import Runtime

from graphs.question.cited import titles
from graphs.question.context import Context
from graphs.question.entities import linked_ids, nobody
from graphs.question.state import State, Update
from stores.records import PaperFilter
from tools.grounding.base import Sentence
from tools.profiling.base import Window
from tools.profiling.profile import profile as profile_of
from tools.retrieval.find import summary

_CITED = 3  # papers that each section names as examples


def profile(state: State, runtime: Runtime[Context]) -> Update:
    """Word the facts of the named author; an author whom no record names is a refusal."""
    context = runtime.context
    resolved = state["resolved"]
    authors = linked_ids(resolved, "author") if resolved else []
    if not authors:
        return {"outcome": "refused", "reason": nobody(resolved)}
    wanted = state["wanted"] or PaperFilter()
    window = Window(year_from=wanted.year_from, year_to=wanted.year_to) if wanted.year_from or wanted.year_to else None
    ids = [paper.id for paper in context.catalogue.papers.by_author(authors[0])]
    calls = context.limits.profile_calls
    chat = context.chat if calls else None
    vectors = context.vectors(ids)
    found = profile_of(
        context.catalogue, authors[0], window, chat, vectors,
        max_calls=calls, today=context.today(), counted=context.counted,
    )  # fmt: skip
    counted = [line.id for line in found.facts.titles]
    if not counted:
        years = f"{found.window.year_from}–{found.window.year_to}"
        return {"outcome": "refused", "reason": f"No paper of {found.name} from {years} is stored here"}
    sentences = []
    for section in found.sections:
        shown = [id_ for id_ in section.paper_ids if id_ in counted][:_CITED]
        citations = titles(context, context.catalogue.papers.get(shown))
        wording = "model" if section.wording == "model" else "program"
        sentence = Sentence(text=f"{section.title}: {section.text}", citations=citations, wording=wording)
        runtime.stream_writer(sentence)
        sentences.append(sentence)
    papers = context.catalogue.papers.get(counted)
    return {
        "outcome": "answered",
        "sentences": sentences,
        "papers": [summary(paper, 1.0) for paper in papers],
        "total": len(papers),
        "usage": found.usage,
    }

"""Rank themes for a text, for a paper or for papers under conditions; without any of these, count what papers are about."""

from textwrap import shorten

from langgraph.runtime import Runtime

from graphs.question.cited import answered, titles
from graphs.question.context import Context
from graphs.question.state import State, Update
from graphs.question.themes import Subject, of_paper, of_text, of_titles, paper_before, restricting
from prompts.characters import printable
from stores.errors import InputError
from stores.records import PaperFilter
from tools.grounding.base import Sentence
from tools.grounding.orders import order
from tools.retrieval.find import in_words
from tools.retrieval.relax import reason, relaxations
from tools.themes.asked import Asked, asked_of
from tools.themes.base import Theme, ThemeScore
from tools.themes.corpus import themes_of_papers
from tools.themes.result import Ranking, touches

_LISTED = 20  # themes of the question that are listed; of the library's only the best
_COUNTED = 5  # topics that are listed when no number is asked for
_QUOTED = 300  # characters of a sentence of the text
_CITED = 2  # papers that each of them names
_NO_TEXT = (
    "No text is given to rank themes for; put it after a colon or in quotation marks. Or name a paper by its id or by its"
    " title in quotation marks, or an author, a venue or an institution with papers here"
)


def rank_themes(state: State, runtime: Runtime[Context]) -> Update:
    """Score the themes of the question, or the library's, for what it names; nothing to rank them for is a refusal."""
    context = runtime.context
    try:
        asked = asked_of(state["question"])
    except InputError as error:
        return {"outcome": "refused", "reason": str(error)}
    subject, asked = _subject(state, context, asked)
    if subject is not None:
        return {**_ranked(runtime, asked.themes, subject), "wanted": None}
    wanted = restricting(state, topics=not asked.themes)
    if wanted is None:
        return {"outcome": "refused", "reason": _NO_TEXT}
    ids = context.catalogue.filters.find(wanted)
    if not ids:
        near = relaxations(context.catalogue, wanted)
        why = f"No paper satisfies the conditions. {reason(context.catalogue, wanted, near)}".strip()
        return {"outcome": "refused", "reason": why, "relaxations": list(near), "wanted": wanted}
    if asked.themes:
        return {**_ranked(runtime, asked.themes, of_titles(context, ids, in_words(wanted))), "wanted": wanted}
    return {**_counted(runtime, wanted, ids), "wanted": wanted}


def _subject(state: State, context: Context, asked: Asked) -> tuple[Subject | None, Asked]:
    """Return the text or the paper that themes are ranked for, and what is asked without the paper's title."""
    named = context.catalogue.papers.get(state["understanding"].paper_ids)
    said = {paper.title.casefold().strip(" .?!") for paper in named}
    if asked.text and asked.text.casefold().strip(" .?!") not in said:
        return of_text(asked.text), asked
    themes = tuple(theme for theme in asked.themes if theme.label.casefold() not in said)
    asked = asked._replace(themes=themes)
    if not named and asked.points_back:
        named = context.catalogue.papers.get(paper_before(state))
    return (of_paper(context, named[0]) if named else None), asked


def _ranked(runtime: Runtime[Context], given: tuple[Theme, ...], subject: Subject) -> Update:
    context = runtime.context
    themes = given or themes_of_papers(context.catalogue, context.limits.themes)
    if not themes:
        return {"outcome": "refused", "reason": "The question names no themes, and the papers here carry no topics"}
    ranking = Ranking(scores=tuple(context.themes.rank(subject.text, themes)))
    shown = ranking.scores[:_LISTED] if given else ranking.top
    all_ = f"{len(themes):,} themes" if given else f"the {len(themes):,} most frequent topics of this library"
    listed = f"The {len(shown)} best of {all_}" if len(shown) < len(themes) else all_[0].upper() + all_[1:]
    text = f"{listed}, by how well they fit {subject.name}:" if len(themes) > 1 else f"How well it fits {subject.name}:"
    head = Sentence(text=text, citations=subject.head, wording="program")
    sentences = [head, *(_scored(score, subject) for score in shown)]
    return answered(runtime, sentences, subject.papers, len(subject.papers) or None)


def _scored(score: ThemeScore, subject: Subject) -> Sentence:
    """Return a theme with its score, and where the text has something on it the sentence that says so."""
    text = f"{score.label}: {score.score:.0f} of 100"
    if score.negated:
        return Sentence(text=f"{text}, for the text says that it is not about this.", citations=(), wording="program")
    said = subject.text[score.start : score.end]
    # An order in a text is not for the reader.
    if not touches(score) or order(said) is not None:
        return Sentence(text=f"{text}.", citations=(), wording="program")
    cited = subject.cite(score.start, score.end)
    quote = "" if cited else f" (“{shorten(printable(said), _QUOTED, placeholder=' …')}”)"
    return Sentence(text=f"{text}{quote}.", citations=cited, wording="program")


def _counted(runtime: Runtime[Context], wanted: PaperFilter, ids: list[str]) -> Update:
    context = runtime.context
    topics = context.catalogue.topics.most_frequent(wanted.limit or _COUNTED, ids)
    papers = f"{len(ids):,} paper{'s' if len(ids) > 1 else ''} for {in_words(wanted)}"
    if not topics:
        return {"outcome": "refused", "reason": f"The {papers} carry no topics or keywords"}
    head = f"The {len(topics)} most frequent topics" if len(topics) > 1 else "The one topic"
    sentences = [Sentence(text=f"{head} of {papers}:", citations=(), wording="program")]
    found = []
    for topic in topics:
        carriers = context.catalogue.papers.get(topic.paper_ids[:_CITED])
        count = f"{topic.papers:,} paper{'s' if topic.papers > 1 else ''}"
        sentences.append(
            Sentence(text=f"{topic.name}: {count}.", citations=titles(context, carriers), wording="program")
        )
        found += carriers
    return answered(runtime, sentences, list({paper.id: paper for paper in found}.values()), len(ids))

"""Which papers a question about content points at."""

import re
from typing import NamedTuple

from graphs.question.context import Context
from graphs.question.state import State
from stores.records import Condition, PaperFilter
from tools.grounding.words import content_stems
from tools.linking.resolve import ResolvedMention
from tools.retrieval.find import in_words

# A paper is asked about by its content. An author or a venue says where to look for it; an institution, a funder or a
# country only where it is said of papers or people, and not of what they write about. Topics are left to retrieval.
_WHERE = frozenset({"author", "venue"})
_WHOSE = frozenset({"organization", "funder", "country"})
_OF_WORK = re.compile(
    r"\b(?:papers?|articles?|studies|study|works?|research(?:ers?)?|publications?|authors?|groups?|teams?|labs?|scientists|people"
    r"|colleagues)\b[^,;?]{0,30}\b(?:from|at|of|by|in|funded|supported|paid)\b[^,;?]{0,20}$",
    re.IGNORECASE,
)


class Scope(NamedTuple):
    """Where to look.

    Attributes:
        papers: the papers to search in, None for all.
        said: what restricted them, in words.
        named: names of the question that restricted them, which need not be looked for again.
    """

    papers: list[str] | None
    said: str
    named: tuple[str, ...] = ()

    def rest_of(self, question: str) -> str:
        """Return the question without the names that restricted the papers; the whole of it when nothing else is left."""
        rest = question
        for name in self.named:
            rest = re.sub(re.escape(name) + r"(?:['’]s?\b)?", " ", rest)
        return " ".join(rest.split()) if content_stems(rest) else question


def scopes(state: State, context: Context) -> list[Scope]:
    """Return where to look, the narrowest first; what no paper satisfies is left out, but for years and exclusions.

    Years and exclusions always hold. Names may be dropped when nothing there answers the question, which the answer then
    says.
    """
    if state["understanding"].paper_ids:
        return [Scope(list(state["understanding"].paper_ids), "")]
    wanted = state["wanted"] or PaperFilter()
    always = PaperFilter(
        conditions=tuple(c for c in wanted.conditions if c.negated), year_from=wanted.year_from, year_to=wanted.year_to
    )
    everything = always == PaperFilter()
    widest = Scope(
        None if everything else context.catalogue.filters.find(always), "" if everything else in_words(always)
    )
    names = _names(state)
    if not names:
        return [widest]
    narrow = always.model_copy(update={"conditions": (*always.conditions, *names)})
    found = context.catalogue.filters.find(narrow)
    if not found:
        return [widest]
    resolved = state["resolved"]
    said = [each.mention.text for each in resolved.mentions if each.mention.type in _WHERE] if resolved else []
    return [Scope(found, in_words(narrow), tuple(said)), widest]


def _names(state: State) -> tuple[Condition, ...]:
    """Return the conditions of the names that say where to look; a name that several persons bear means any of them."""
    resolved = state["resolved"]
    wanted = state["wanted"] or PaperFilter()
    if resolved is None:
        return ()
    found = [c for c in wanted.conditions if c.type == "venue" and c.ids and not c.negated]
    for each in resolved.mentions:
        mention, link = each.mention, each.link
        if mention.negated or link is None or link.nil:
            continue
        if mention.type == "author":
            ids = tuple(candidate.id for candidate in link.candidates if _bears(candidate.name, mention.text))
            found.append(Condition(type="author", ids=ids or (link.candidates[0].id,), texts=(mention.text,)))
        elif mention.type in _WHOSE and _is_of_work(each, state["understanding"].question):
            found += [c for c in wanted.conditions if c.type == mention.type and link.candidates[0].id in c.ids]
    return tuple(dict.fromkeys(found))


def _bears(name: str, mentioned: str) -> bool:
    return set(mentioned.casefold().split()) <= set(name.casefold().split())


def _is_of_work(each: ResolvedMention, question: str) -> bool:
    return not each.from_history and bool(_OF_WORK.search(question[: each.mention.start]))

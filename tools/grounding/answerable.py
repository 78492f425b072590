"""Decide whether the evidence can answer a question, or a refusal is honest.

Six features and one threshold, which thirty questions, PubMedQA with and without the right abstract, and the freely worded
questions of `evals/refusal` set: how close the best passage is by words and meaning and by meaning alone, how well the
best sentence fits, how much of the question one paper holds, names of the question that the papers do not hold, and the
thing asked for when they do not hold it. Classifiers trained on PubMedQA, or on it and the freely worded questions, tell
those that they know apart better, and refuse more of those that they do not.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from stores.catalogue import Catalogue
from stores.records import Paper
from tools.grounding.base import Evidence
from tools.grounding.cues import asked
from tools.grounding.words import stem, stems, tokens
from tools.retrieval.base import Hit
from tools.retrieval.terms import STOP_WORDS, query_terms

_PASSAGE, _COSINE, _SENTENCE, _COVERAGE, _NAMES, _THING = 4.0, 5.0, 3.0, 2.0, 6.0, 2.0
_THRESHOLD = 7.0
_NARROWED = 1.0
_MOST_NAMES = 0.4  # of the question's weight; more missing names make it no less answerable
_SENTENCES = 3
_PAPERS = 5  # of the best ones, one of which should hold most of the question
_SELF_EVIDENT = frozenset({"rank", "score", "hardware"})  # a sentence can hold these without naming them
_TITLE_CASE = 0.5

# "How many", "which" and "whose" stand before what is asked for; "what" does where an auxiliary or "of" comes after it.
_THING_ASKED = re.compile(r"\b(how many|which|whose|what)\b(.*)", re.IGNORECASE)
_THING_WORDS = 3
_AUXILIARY = frozenset(
    """am is are was were be been do does did has have had can could will would shall should may might must ought cannot
    of""".split()  # noqa: SIM905
)
_NO_THING = frozenset(
    """much many more most less least few fewer several enough share lot lots kind kinds sort sorts type types way ways thing
    things else exactly other others still just even ever also really roughly about first last""".split()  # noqa: SIM905
)


class Decision(NamedTuple):
    """Whether to answer, and when not, why, in words for the user."""

    answerable: bool
    reason: str


class Features(NamedTuple):
    """What the decision rests on; `names` and `thing` are what is missing, `coverage` the share of the question in one paper."""

    passage: float
    cosine: float
    sentence: float
    coverage: float
    names: dict[str, float]
    thing: list[str]
    thing_share: float

    @property
    def margin(self) -> float:
        """Return how far above the threshold the question stands."""
        missing = min(_MOST_NAMES, sum(self.names.values()))
        near = _PASSAGE * self.passage + _COSINE * self.cosine
        fits = _SENTENCE * self.sentence + _COVERAGE * self.coverage
        return near + fits - _NAMES * missing - _THING * self.thing_share - _THRESHOLD


def decide(
    question: str, evidence: Sequence[Evidence], hits: Sequence[Hit], catalogue: Catalogue, *, narrowed: bool = False
) -> Decision:
    """Return whether the evidence can answer the question.

    Args:
        question: as it was used for retrieval.
        evidence: selected sentences, best first.
        hits: retrieved passages, best first.
        catalogue: where the papers are.
        narrowed: whether names of the question chose the papers, so that less of it need be found in them.
    """
    if not evidence or not hits:
        return Decision(answerable=False, reason="no paper here bears on the question")
    found = features(question, evidence, hits, catalogue)
    if found.margin + (_NARROWED if narrowed else 0.0) >= 0:
        return Decision(answerable=True, reason="")
    if found.names:
        named = ", ".join(sorted(found.names, key=lambda name: (-found.names[name], name)))
        return Decision(answerable=False, reason=f"the papers found do not mention {named}")
    if found.thing:
        return Decision(answerable=False, reason=f"the papers found say nothing on {' '.join(found.thing)}")
    return Decision(answerable=False, reason="no paper found is close enough to the question to answer it")


def features(question: str, evidence: Sequence[Evidence], hits: Sequence[Hit], catalogue: Catalogue) -> Features:
    """Return what the decision rests on."""
    best = evidence[:_SENTENCES]
    shown_papers = list(dict.fromkeys(item.citation.paper_id for item in best))
    first = list(dict.fromkeys(hit.paper_id for hit in hits))[:_PAPERS]
    held = {paper.id: stems(_everything(paper)) for paper in catalogue.papers.get([*shown_papers, *first])}
    known = set().union(*(held[id_] for id_ in shown_papers))
    weights = _weights(question, catalogue)
    names = {name: weights.get(name, 0.0) for name in _names(question) if not _holds(known, name)}
    thing = _thing(question)
    missing = [word for word in thing if not _holds(known, word)]
    shown = " ".join(item.citation.quote for item in best)
    if any(cue.name in _SELF_EVIDENT and cue.sentence.search(shown) for cue in asked(question)):
        missing = []
    return Features(
        passage=max(hit.score for hit in hits),
        cosine=max(hit.cosine for hit in hits),
        coverage=max(sum(w for term, w in weights.items() if _holds(held[id_], term)) for id_ in first),
        sentence=max(item.score for item in best),
        names=names,
        thing=missing,
        thing_share=len(missing) / len(thing) if thing else 0.0,
    )


def _everything(paper: Paper) -> str:
    parts = [paper.title, paper.body, paper.venue or "", str(paper.year or ""), paper.id, *paper.keywords]
    parts += [topic.name for topic in paper.topics] + [funding.name for funding in paper.funding]
    for author in paper.authors:
        parts += [author.name, *(affiliation.text for affiliation in author.affiliations)]
    return " ".join(parts)


def _weights(question: str, catalogue: Catalogue) -> dict[str, float]:
    """Return each term's share of the rarity of all."""
    raw = catalogue.search.rarity(query_terms(question))
    whole = sum(raw.values()) or 1.0
    return {term: weight / whole for term, weight in raw.items()}


def _names(question: str) -> list[str]:
    """Return the words that are written as names: capitals within the sentence, acronyms, and words with digits."""
    terms = [term for term in query_terms(question) if term in tokens(question)]
    capital = [term for term in terms if term[0].isupper()]
    title_case = len(capital) > _TITLE_CASE * len(terms)
    first = (tokens(question) or [""])[0]
    return [
        term
        for term in terms
        if any(ch.isdigit() or ch.isupper() for ch in term[1:])
        or (term in capital and term != first and not title_case)
    ]


def _thing(question: str) -> list[str]:
    """Return the words that say what is asked for: "How many native speakers of ..." -> native, speakers."""
    asked_for = _THING_ASKED.search(question)
    if asked_for is None:
        return []
    found: list[str] = []
    ended = ""
    for word in tokens(asked_for.group(2)):
        plain = word.lower()
        if plain not in STOP_WORDS | _AUXILIARY | _NO_THING and not plain.endswith("ly"):
            found.append(word)
        elif found or plain in _AUXILIARY - {"of"}:
            ended = plain
            break
    return found[:_THING_WORDS] if asked_for.group(1).lower() != "what" or ended in _AUXILIARY else []


def _holds(known: set[str], term: str) -> bool:
    return stem(term) in known or all(stem(part) in known for part in re.split(r"[-'’./]", term) if part)

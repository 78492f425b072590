"""Questions for every route of the question graph, made from what a library itself holds."""

from collections.abc import Sequence

from stores.catalogue import Catalogue
from stores.errors import InputError
from stores.records import Record
from tools.ner.base import Intent

_ABSTRACT = 400  # characters of an abstract that is worth a question
_TITLE = (15, 110)
_OUTSIDE = (
    "What will the weather be like in Paris tomorrow?",
    "Book me a table for two tonight.",
    "Write me a birthday card for my aunt.",
    "How do I bake sourdough bread?",
    "Who won the football match last night?",
    "Translate good morning into Spanish.",
    "What is the price of gold today?",
    "Tell me a joke about cats.",
)
_AUTHORS = """
SELECT min(name) FROM author WHERE key IN (SELECT key FROM author GROUP BY key HAVING count(DISTINCT id) = 1)
GROUP BY id HAVING min(name) LIKE '% %' ORDER BY count(*) DESC, id LIMIT ?"""
_PAPERS = """
SELECT title, abstract FROM paper WHERE length(abstract) >= ? AND length(title) BETWEEN ? AND ?
AND title NOT LIKE '%?%' AND title NOT LIKE '%"%' ORDER BY length(abstract) * 7919 % 9973, id LIMIT ?"""
_ORGANIZATIONS = """
SELECT a.name FROM affiliation AS f JOIN authority AS a ON a.type = 'organization' AND a.id = f.organization_id
WHERE a.name LIKE '% %' GROUP BY a.id ORDER BY count(*) DESC, a.id LIMIT ?"""


class Route(Record):
    """A way through the graph, and questions that take it.

    Attributes:
        name: as a person says it.
        intent: what its questions must be understood as; None for any.
        questions: all different, because what was read once is remembered.
        worded: whether the chat model words the answer.
    """

    name: str
    intent: Intent | None
    questions: tuple[str, ...]
    worded: bool = False


def routes(catalogue: Catalogue, number: int) -> list[Route]:
    """Return every route with so many questions each, fewer where the library has too little.

    Raises:
        InputError: it has nothing to ask about.
    """
    rows = catalogue.database.rows
    people = [str(name) for (name,) in rows(_AUTHORS, (number,))]
    papers = [tuple(map(str, row)) for row in rows(_PAPERS, (_ABSTRACT, *_TITLE, number))]
    places = [str(name) for (name,) in rows(_ORGANIZATIONS, (number,))]
    if not (people and papers and places):
        raise InputError(
            "this library has too little to ask about", hint="It needs papers with abstracts, authors and affiliations"
        )
    titles = [title for title, _ in papers]
    asked = _each("What do papers report about {}?", [title.split(":")[-1].strip() for title in titles])
    return [
        Route(name="find papers", intent="find_papers", questions=_each("Find papers by {}.", people)),
        Route(name="question, quoted", intent="paper_question", questions=asked),
        Route(name="question, worded", intent="paper_question", questions=asked, worded=True),
        Route(name="profile", intent="author_profile", questions=_each("Give me the profile of {}.", people)),
        Route(name="collaborators", intent="collaborators", questions=_each("Who does {} work with?", people)),
        Route(name="similar", intent="similar_papers", questions=_each("Find papers similar to {}.", titles)),
        Route(
            name="themes",
            intent="rank_themes",
            questions=_each("Rank the themes for this text: {}", [text[:_ABSTRACT] for _, text in papers]),
        ),
        Route(name="look-up", intent="entity_lookup", questions=_each("What is {}?", places)),
        Route(name="out of scope", intent="out_of_scope", questions=_OUTSIDE[:number]),
    ]


def _each(form: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(form.format(name) for name in names)

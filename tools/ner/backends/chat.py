"""The chat model as a tagger: it lists names under a fixed form, and what the question does not hold is dropped."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import prompts
from prompts.fence import fenced
from stores.records import EntityType
from tools.ner import cues
from tools.ner.backends.base import Found
from tools.ner.tokens import Token, tokenize

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.ner.base import MentionSource

ASKED: tuple[EntityType, ...] = ("author", "organization", "funder", "topic", "venue")
_CONFIDENCE = 0.6  # chat models give no honest one
_LISTED = 4
_LONGEST_NAME = 80
_LONGEST_QUESTION = 1000  # characters that the model reads


def schema() -> dict[str, Any]:
    """Return the JSON schema of an answer: a short list of short texts for each type."""
    texts = {
        "type": "array",
        "maxItems": _LISTED,
        "items": {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME},
    }
    return {
        "title": "Names",
        "description": "The names in a question, by kind",
        "type": "object",
        "properties": dict.fromkeys(ASKED, texts),
        "required": list(ASKED),
        "additionalProperties": False,
    }


class ChatFinder:
    """Implements `Finder` with a chat model that can be held to a JSON schema.

    Args:
        chat: the model; loaded at the first question.
    """

    types: frozenset[EntityType] = frozenset(ASKED)
    source: "MentionSource" = "chat"

    def __init__(self, chat: "BaseChatModel") -> None:
        self._chat = chat.with_structured_output(schema())
        self._prompt = prompts.load("tag")

    def find(self, question: str) -> Sequence[Found]:
        """Return the names that the model lists and the question holds.

        Raises:
            ModelError: the local model failed; other chat models raise their own errors.
        """
        from langchain_core.messages import HumanMessage, SystemMessage

        text = fenced(question, _LONGEST_QUESTION)
        if not text:
            return []
        filled = self._prompt.fill(question=text)
        # The tag keeps LangGraph from streaming this call's tokens as if they were an answer.
        answer = self._chat.invoke([SystemMessage(filled.system), HumanMessage(filled.user)], {"tags": ["nostream"]})
        return list(located(question, answer))


def located(question: str, answer: Any) -> Iterator[Found]:
    """Yield where the names of an answer stand in the question; a name in two lists goes by the words around it."""
    tokens = tokenize(question)
    places: dict[tuple[int, int], list[EntityType]] = {}
    for type_ in ASKED:
        listed = answer.get(type_) if isinstance(answer, dict) else None
        for name in listed if isinstance(listed, list) else ():
            keys = [token.key for token in tokenize(str(name))]
            place = next((p for p in _places(tokens, keys) if type_ not in places.get(p, ())), None)
            if place is not None:
                places.setdefault(place, []).append(type_)
    for (first, last), types in places.items():
        before, after = cues.left(tokens, first), cues.right(tokens, last)
        best = max(types, key=lambda t: before.get(t, 0.0) + after.get(t, 0.0))
        yield Found(tokens[first].start, tokens[last - 1].end, best, _CONFIDENCE)


def _places(tokens: Sequence[Token], keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where these words stand one after another, whatever their case."""
    for first in range(len(tokens) - len(keys) + 1 if keys else 0):
        if all(token.key == key for token, key in zip(tokens[first:], keys, strict=False)):
            yield first, first + len(keys)

"""A caller's JSON schema for the chat model's output: what is no schema, or too much of one, is the caller's mistake."""

from typing import Any

import orjson

from agent.models.schema import schema_grammar
from stores.errors import InputError, ModelError

_MOST_PARTS = 2_000  # with every reference written out
_DEFINITIONS = ("$defs", "definitions")
_HINT = "Give a JSON schema, such as an object with properties"


def grammar_of(schema: dict[str, Any]) -> tuple[str, int]:
    """Return the grammar of a schema, and the most characters that it lets be written.

    Raises:
        InputError: it is no JSON schema, is too large, or asks for what no grammar can guarantee.
    """
    try:
        orjson.dumps(schema)  # refuses what is no text, such as half of a surrogate pair
        if _parts(schema, schema, {}, ()) > _MOST_PARTS:
            raise InputError(f"the schema has more than {_MOST_PARTS:,} parts", hint="Ask for less at a time")
        return schema_grammar(schema)
    except ModelError as error:
        raise InputError(error.what, where=error.where, hint=error.hint) from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise InputError(f"the schema cannot be read ({type(error).__name__})", hint=_HINT) from error


def _parts(part: Any, whole: dict[str, Any], known: dict[str, int], open_: tuple[str, ...]) -> int:
    """Return how many parts a schema has with every reference written out, in time that does not grow with them."""
    if isinstance(part, list):
        return sum(_parts(each, whole, known, open_) for each in part)
    if not isinstance(part, dict):
        return 1
    reference = part.get("$ref")
    if not isinstance(reference, str):
        return 1 + sum(
            _parts(value, whole, known, open_)
            for key, value in part.items()
            if part is not whole or key not in _DEFINITIONS
        )
    if reference not in known and reference not in open_:  # what contains itself is refused by the translation
        target = _target(reference, whole)
        known[reference] = 1 + _parts(target, whole, known, (*open_, reference))
    return known.get(reference, 1)


def _target(reference: str, whole: dict[str, Any]) -> Any:
    found: Any = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found

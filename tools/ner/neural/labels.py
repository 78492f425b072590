"""The labels that the trained tagger gives to words, and the intents it gives to questions."""

from typing import get_args

from stores.records import EntityType
from tools.ner.base import Intent

OUTSIDE = 0
TYPES: tuple[EntityType, ...] = get_args(EntityType)
INTENTS: tuple[Intent, ...] = get_args(Intent)
# Outside first, then for each type the label of a first word (odd) and of a further word (even).
LABELS: tuple[str, ...] = ("O", *(f"{place}-{type_}" for type_ in TYPES for place in "BI"))


def first_label(type_: EntityType) -> int:
    """Return the label of the first word of a mention."""
    return 1 + 2 * TYPES.index(type_)


def further_label(type_: EntityType) -> int:
    """Return the label of every other word of a mention."""
    return 2 + 2 * TYPES.index(type_)

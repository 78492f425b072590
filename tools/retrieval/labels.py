"""What a condition on papers is called when it is talked about."""

from typing import cast

from stores.catalogue import Catalogue
from stores.catalogue.filters import is_country_code
from stores.records import AuthorityType, Condition, EntityType

_SHOWN = 3


def name_of(condition: Condition, catalogue: Catalogue) -> str:
    """Return what a condition asks for, by the main names of its records, or in its own words where none is known."""
    names = [_record_name(condition.type, id_, catalogue) for id_ in condition.ids[:_SHOWN]]
    if not names:
        names = [f"“{text}”" for text in condition.texts[:1]] or ["(unknown)"]
    return " or ".join(dict.fromkeys(names))


def label_of(condition: Condition, catalogue: Catalogue) -> str:
    """Return a condition in a few words: its type and what it asks for."""
    return f"{'not ' if condition.negated else ''}{condition.type} {name_of(condition, catalogue)}"


def is_known(condition: Condition) -> bool:
    """Return whether a condition is about a record, and not only about a name that nothing is known of."""
    return bool(condition.ids) or condition.type in {"year", "topic"}


def _record_name(type_: EntityType, id_: str, catalogue: Catalogue) -> str:
    if type_ in {"venue", "year"}:
        return id_
    kind = "country" if type_ == "organization" and is_country_code(id_) else cast("AuthorityType", type_)
    found = catalogue.authorities.get(kind, [id_], names=False)
    return found[0].name if found else id_

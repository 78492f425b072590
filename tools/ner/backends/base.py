"""The boundary of a model that finds names, and the map from its labels to our types."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from stores.records import EntityType
from tools.ner.base import MentionSource

Label = EntityType | Literal["none"]
TYPES: frozenset[EntityType] = frozenset(get_args(EntityType))


@dataclass(frozen=True)
class Found:
    """A place where a model sees a name; offsets are code points of the question."""

    start: int
    end: int
    type: EntityType
    confidence: float


class Finder(Protocol):
    """A model that finds names; `Composed` makes a tagger of it.

    Attributes:
        types: what it can find at all.
        source: what its mentions are marked with.
    """

    types: frozenset[EntityType]
    source: MentionSource

    def find(self, question: str) -> Sequence[Found]:
        """Return what it sees, in any order; only one thread calls at a time."""
        ...


class LabelMap:
    """From a model's labels to our types, whatever their case; a label that is not in it is dropped.

    Args:
        defaults: what the labels of this kind of model usually mean.
        own: added by the user, winning over the defaults; "none" drops a label.
    """

    def __init__(self, defaults: Mapping[str, EntityType], own: Mapping[str, Label] | None = None) -> None:
        named: dict[str, Label] = {label.lower(): type_ for label, type_ in defaults.items()}
        named.update((label.lower(), type_) for label, type_ in (own or {}).items())
        self._types: dict[str, EntityType] = {label: type_ for label, type_ in named.items() if type_ != "none"}

    def __iter__(self) -> Iterator[str]:
        """Go through the labels that mean something, in small letters."""
        return iter(self._types)

    def get(self, label: str) -> EntityType | None:
        """Return what a label means, or None."""
        return self._types.get(label.lower())

    def types(self, labels: Iterable[str] | None = None) -> frozenset[EntityType]:
        """Return what these labels, or all, can mean."""
        return frozenset(type_ for label in (self if labels is None else labels) if (type_ := self.get(label)))


def one_line(error: BaseException) -> str:
    """Return the first line of an error's message, which is all of it that helps."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)

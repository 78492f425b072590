"""What travels through the profiles graph, split by who may write it."""

import operator
from typing import Annotated, TypedDict

from stores.records import Record
from tools.profiling.base import Profile, Window


class Request(Record):
    """An author to summarize.

    Attributes:
        author: an id, or a name that one person alone has.
        window: the years; None for the default.
    """

    author: str
    window: Window | None = None


class Failure(Record):
    """Why an author could not be summarized: the code of the error, and its one line."""

    code: str
    message: str


class Outcome(Record):
    """What became of one request; either a profile or a failure.

    Attributes:
        place: of the request among all.
    """

    place: int
    profile: Profile | None = None
    failure: Failure | None = None


class Input(TypedDict):
    """What the caller hands in."""

    requests: list[Request]


class Task(TypedDict):
    """What one run of the node sees."""

    place: int
    request: Request


class State(TypedDict):
    """Everything; outcomes come in the order in which they are ready."""

    requests: list[Request]
    outcomes: Annotated[list[Outcome], operator.add]

"""What a question's steps say while they work, beside the sentences: nothing of it is part of the answer."""

from typing import NamedTuple


class Step(NamedTuple):
    """A step has begun."""

    name: str


class Draft(NamedTuple):
    """A sentence so far, as the chat model words it; it is not checked yet and may be thrown away."""

    text: str

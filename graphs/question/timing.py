"""Every step says that it begins, and records how long it took."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Protocol

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.progress import Step
from graphs.question.state import State, Update


class Node(Protocol):
    """A step of the graph."""

    __name__: str

    def __call__(self, state: State, *, runtime: Runtime[Context]) -> Update:
        """Do the step."""
        ...


def timed(node: Node) -> Callable[..., Update]:
    """Return the node, announced, with its seconds added to the turn's timings unless it writes them itself."""

    @wraps(node)
    def run(state: State, runtime: Runtime[Context]) -> Update:
        runtime.stream_writer(Step(node.__name__))
        started = time.perf_counter()
        update = node(state, runtime=runtime)
        update.setdefault("timings", {node.__name__: time.perf_counter() - started})
        return update

    return run

"""Lanes side by side: each a thread with a model and a cache of its own; their weights are one mapped file.

All calls wait in one line, and a lane that is free takes the next, so that none waits behind a long answer while another
lane has nothing to do. What a call is answered does not depend on the lane, because the same prompt gives the same bytes
whatever a lane computed before.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from agent.models.adapters import Adapter
from agent.models.answering import Answer, Job, Lane

T = TypeVar("T")


class LanePool:
    """Some lanes over one model file.

    Args:
        path: the GGUF file.
        lanes: how many.
        n_ctx: tokens of context of each.
        n_threads: the most threads of each; 0 for every usable core.
        adapter: a LoRA adapter for the model.
    """

    def __init__(self, path: Path, lanes: int, *, n_ctx: int, n_threads: int, adapter: Adapter | None = None) -> None:
        self._lanes = [Lane(path, n_ctx=n_ctx, n_threads=n_threads, adapter=adapter) for _ in range(lanes)]
        self._own = threading.local()
        without = list(self._lanes)

        def take_one() -> None:
            self._own.lane = without.pop(0)

        # A thread is started only when a call comes and all others work, so a second model is loaded when it is needed.
        self._workers = ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="llama", initializer=take_one)
        self._all_at_once = threading.Lock()

    def open(self) -> None:
        """Load the model in every lane that has not.

        Raises:
            ModelError: it cannot be loaded, or does not fit in memory so many times.
        """
        self._on_all(lambda lane: lane.open())

    def close(self) -> None:
        """Free the model once the calls under way have ended."""
        self._on_all(lambda lane: lane.close())

    def count(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return self.run(lambda lane: lane.count(text)).result()

    def submit(self, job: Job, tell: Callable[[str], None] | None = None) -> Future[Answer]:
        """Have a job answered by a lane that is free; `tell` gets each piece of text once it is certain."""
        return self.run(lambda lane: lane.answer(job, tell))

    def run(self, do: Callable[[Lane], T]) -> Future[T]:
        """Have something done with a lane that is free, by its thread."""
        return self._workers.submit(lambda: do(self._own.lane))

    def _on_all(self, do: Callable[[Lane], None]) -> None:
        """Have something done with every lane, by its thread: each waits for the others, so that none takes it twice."""
        together = threading.Barrier(len(self._lanes))

        def step(lane: Lane) -> None:
            together.wait()
            do(lane)

        with self._all_at_once:
            steps = [self.run(step) for _ in self._lanes]
        for each in steps:
            each.result()

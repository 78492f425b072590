"""Lanes side by side: each a thread with a model and a cache of its own; their weights are one mapped file.

A call goes where the fewest wait. What it answers does not depend on that, because the same prompt gives the same bytes
whatever a lane computed before.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from agent.models.adapters import Adapter
from agent.models.answering import Answer, Job, Lane


class Track:
    """A lane, its thread, and how many calls are its."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="llama")
        self.calls = 0


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
        self._tracks = [Track(Lane(path, n_ctx=n_ctx, n_threads=n_threads, adapter=adapter)) for _ in range(lanes)]
        self._lock = threading.Lock()

    @property
    def first(self) -> Track:
        """The lane that is taken first."""
        return self._tracks[0]

    def open(self) -> None:
        """Load the model in every lane that has not.

        Raises:
            ModelError: it cannot be loaded, or does not fit in memory so many times.
        """
        for track in self._tracks:
            track.worker.submit(track.lane.open).result()

    def close(self) -> None:
        """Free the model once the calls under way have ended."""
        for track in self._tracks:
            track.worker.submit(track.lane.close).result()

    def count(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return self.first.worker.submit(self.first.lane.count, text).result()

    def submit(self, job: Job, tell: Callable[[str], None] | None = None) -> Future[Answer]:
        """Have a job answered by the lane with the fewest; `tell` gets each piece of text once it is certain."""
        with self._lock:
            track = min(self._tracks, key=lambda one: one.calls)
            track.calls += 1
        future = track.worker.submit(track.lane.answer, job, tell)
        future.add_done_callback(lambda _: self._ended(track))
        return future

    def _ended(self, track: Track) -> None:
        with self._lock:
            track.calls -= 1

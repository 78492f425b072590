"""The thread that works ahead."""

import threading
import time
from collections.abc import Iterator

import pytest

from tools.ingest.prefetch import Prefetch


def test_items_come_in_order():
    assert list(Prefetch(iter(range(100)), ahead=3)) == list(range(100))


def test_an_exception_of_the_source_is_raised_here():
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    ahead = Prefetch(source(), ahead=2)
    got = []
    with pytest.raises(ValueError, match="broken"):
        got.extend(ahead)
    ahead.close()


def test_it_never_works_far_ahead_and_stops_when_closed():
    made = []

    def source() -> Iterator[int]:
        for n in range(1000):
            made.append(n)
            yield n

    ahead = Prefetch(source(), ahead=2)
    assert next(iter(ahead)) == 0
    time.sleep(0.05)
    ahead.close()
    assert len(made) <= 5
    assert not [thread for thread in threading.enumerate() if thread.name == "prefetch"]

"""Questions of several threads in one pass: every thread gets its own answer or its own fault, and nobody waits for ever."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tools.linking.joining import Joined

MOST = 4
LONG_S = 20


class Squares:
    """Answers with squares; the first pass waits until it may go on, so that the others gather behind it."""

    def __init__(self) -> None:
        self.passes: list[list[int]] = []
        self.began, self.go_on = Event(), Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.passes.append(list(numbers))
        if len(self.passes) == 1:
            self.began.set()
            assert self.go_on.wait(LONG_S)
        if any(number < 0 for number in numbers):
            raise ValueError(f"{min(numbers)} is negative")
        return [number * number for number in numbers]


def asked_behind_the_first(squares: Squares, numbers: Sequence[int]) -> tuple[list[int | str], Joined[int, int]]:
    """Return what becomes of numbers that all wait while the first pass, for 0, is under way."""
    joined = Joined(squares, MOST)

    def ask(number: int) -> int | str:
        try:
            return joined.ask(number)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(ask, 0)
        assert squares.began.wait(LONG_S)
        others = [pool.submit(ask, number) for number in numbers]
        while len(joined._queue) < len(numbers):
            pass
        squares.go_on.set()
        assert first.result(LONG_S) == 0
        return [other.result(LONG_S) for other in others], joined


def test_who_asks_alone_is_answered_alone() -> None:
    squares = Squares()
    squares.go_on.set()
    joined = Joined(squares, MOST)
    assert [joined.ask(number) for number in (3, 4)] == [9, 16]
    assert squares.passes == [[3], [4]]


def test_those_that_wait_are_answered_together_in_their_order() -> None:
    squares = Squares()
    found, joined = asked_behind_the_first(squares, range(1, 7))
    assert found == [1, 4, 9, 16, 25, 36]
    assert [len(each) for each in squares.passes] == [1, MOST, 2]
    assert joined.ask(7) == 49


def test_a_fault_is_raised_only_where_it_belongs() -> None:
    found, joined = asked_behind_the_first(Squares(), [1, -2, 3])
    assert found == [1, "-2 is negative", 9]
    assert joined.ask(5) == 25


def test_whoever_is_interrupted_leaves_the_others_going() -> None:
    def interrupted(_: Sequence[int]) -> list[int]:
        raise KeyboardInterrupt

    joined = Joined(interrupted, MOST)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            joined.ask(1)

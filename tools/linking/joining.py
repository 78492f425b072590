"""Questions that several threads ask at the same time, answered in one pass.

Work that is mostly Python gains nothing from threads: they only take the interpreter from each other. So one of the
threads that wait answers for all of them, and who asks alone is answered at once.
"""

from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Waiting(Generic[Q, A]):
    """A question whose thread sleeps until `woken`: by then it has an answer or a fault, or leads the next pass."""

    def __init__(self, question: Q) -> None:
        self.question = question
        self.woken = Event()
        self.leads = False
        self.answer: A | None = None
        self.fault: BaseException | None = None


class Joined(Generic[Q, A]):
    """Answers one question for each thread that asks, those that wait together.

    Args:
        answer_all: returns an answer for each of some questions; what a question is answered must not depend on the others.
        most: questions in one pass.
    """

    def __init__(self, answer_all: Callable[[Sequence[Q]], Sequence[A]], most: int) -> None:
        self._answer_all = answer_all
        self._most = most
        self._guard = Lock()
        self._queue: list[_Waiting[Q, A]] = []
        self._busy = False

    def ask(self, question: Q) -> A:
        """Return the answer to one question; a fault of another thread's question is not raised here."""
        own: _Waiting[Q, A] = _Waiting(question)
        with self._guard:
            self._queue.append(own)
            own.leads, self._busy = not self._busy, True
        if not own.leads:
            own.woken.wait()
        if own.leads:
            self._lead()
        if own.fault is not None:
            raise own.fault
        return own.answer  # type: ignore[return-value]  # None only where the answer is

    def _lead(self) -> None:
        """Answer what waits, this thread's question first, and leave the next pass to the first that came meanwhile."""
        with self._guard:
            some, self._queue = self._queue[: self._most], self._queue[self._most :]
        try:
            self._answer(some)
        finally:
            with self._guard:
                self._busy = bool(self._queue)
                following = self._queue[:1]
            for one in following:
                one.leads = True
            for one in (*following, *some):
                one.woken.set()

    def _answer(self, some: Sequence[_Waiting[Q, A]]) -> None:
        try:
            answers = self._answer_all([one.question for one in some])
        except BaseException as fault:  # noqa: BLE001 - raised by the threads whose question it belongs to
            if len(some) == 1 or not isinstance(fault, Exception):
                for one in some:
                    one.fault = fault
                return
            for one in some:
                self._answer([one])
            return
        for one, answer in zip(some, answers, strict=True):
            one.answer = answer

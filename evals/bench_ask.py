"""Where the time goes, for each route of a question: cold and warm, idle and beside busy loops, step by step.

Cold is a new process of `quodvide ask` at a terminal, from its start to the first words of the answer (or of its draft, where
a model words it) and to its end, with files that the system has read before. Warm is one session that answers one question
after another, all different, the first of each route not counted. Both are repeated beside processes that only spin. The
questions are made from the library itself.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from agent import settings as settings_
from agent.loading import ingest_files, load_authorities
from agent.settings import Settings
from agent.wiring import open_session
from evals.answers import timed_reply
from evals.at_terminal import shown
from evals.bench_chat import neighbours
from evals.measures import peak_megabytes, quantile
from evals.printed import print_measured
from evals.routes import Route, routes
from evals.rows import AskedRow, read_rows
from stores.catalogue import Catalogue
from stores.errors import ModelError
from stores.home import Home
from stores.records import Record

if TYPE_CHECKING:
    from agent.session import Session

DEMO = Path(__file__).parent / "demo"
FIRST_WORDS_S, QUOTED_S, SLOWER = (
    2.5,
    0.1,
    3.0,
)  # targets: cold, warm without the model, and beside as many loops as cores
_SHOWN_S = 0.001  # a step that takes less than this is not shown


class Asked(Record):
    """One question asked in a session that is open; seconds."""

    question: str
    intent: str | None
    outcome: str
    first_words: float
    whole: float
    steps: dict[str, float]
    calls: int
    input_tokens: int


class Start(Record):
    """One question asked of a new process; seconds from its start."""

    first_words: float
    whole: float


class Measured(Record):
    """One route beside some busy loops; nothing cold where no process was to be started."""

    route: str
    loops: int
    cold: tuple[Start, ...]
    warm: tuple[Asked, ...]

    def cold_p50(self, name: str) -> float:
        """Return the median of a figure of new processes."""
        return quantile([getattr(each, name) for each in self.cold], 0.5)

    def warm_at(self, share: float, name: str = "whole") -> float:
        """Return a quantile of a figure of the open session."""
        return quantile([getattr(each, name) for each in self.warm], share)

    def steps(self) -> dict[str, float]:
        """Return the median of each step, and of what lies between them."""
        names = dict.fromkeys(name for each in self.warm for name in each.steps)
        found = {name: quantile([each.steps.get(name, 0.0) for each in self.warm], 0.5) for name in names}
        return {**found, "between": quantile([each.whole - sum(each.steps.values()) for each in self.warm], 0.5)}


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME; else the demo corpus"
    )
    parser.add_argument(
        "--questions", type=Path, default=None, help="JSON Lines to ask in place of questions for each route"
    )
    parser.add_argument("--number", type=int, default=6, help="questions of a route that are counted, warm")
    parser.add_argument("--cold", type=int, default=1, help="new processes for a route; 0 for none")
    parser.add_argument("--loops", type=int, default=os.cpu_count() or 1, help="busy loops beside; 0 for idle alone")
    parser.add_argument("--json", action="store_true", help="print everything that was measured")
    options = parser.parse_args()
    with ExitStack() as stack:
        home = options.home
        if home is None and "QUODVIDE_HOME" not in os.environ:
            home = _demo(Path(stack.enter_context(TemporaryDirectory())) / "home")
        settings = settings_.load(home)
        chosen = _routes(settings, options.questions, options.number)
        if options.cold:
            for route in {each.worded: each for each in chosen}.values():
                start(settings, route, 0)  # lets the system read the files, and the chat model its instructions
        found = [
            each for loops in sorted({0, options.loops}) for each in measure(settings, chosen, options.cold, loops)
        ]
    if options.json:
        print_measured(found, missed(found))
        return
    console = Console()
    console.print(table(found))
    console.print("\nwarm, step by step, in milliseconds")
    for line in step_lines(found):
        console.print(f"  {line}", highlight=False)
    console.print(
        f"\nMedians of {options.number} questions a route, and of {options.cold} new processes; {os.cpu_count()} cores,"
        f" load average now {os.getloadavg()[0]:.1f}; at most {peak_megabytes():,.0f} MB of memory"
    )
    for line in missed(found) or ["Every target is met."]:
        console.print(line, highlight=False)


def _demo(home: Path) -> Path:
    kinds = ("countries", "topics", "organizations", "funders", "people")
    load_authorities(home, [DEMO / f"{kind}.jsonl" for kind in kinds], None)
    ingest_files(home, [DEMO / "papers.jsonl"], None, None)
    return home


def _routes(settings: Settings, file: Path | None, number: int) -> list[Route]:
    if file is not None:
        asked = tuple(row["question"] for row in read_rows(file, AskedRow))
        return [
            Route(name=f"{file.stem}, {how}", intent=None, questions=asked, worded=how == "worded")
            for how in ("quoted", "worded")
        ]
    catalogue = Catalogue(Home(settings.home).catalogue)
    try:
        return routes(catalogue, number + 1)
    finally:
        catalogue.close()


def measure(settings: Settings, chosen: Sequence[Route], cold: int, loops: int) -> list[Measured]:
    """Return the times of every route beside some busy loops, in sessions of their own."""
    with neighbours(loops):
        started = [tuple(start(settings, route, n) for n in range(cold)) for route in chosen]
        return [
            Measured(route=route.name, loops=loops, cold=before, warm=after)
            for route, before, after in zip(chosen, started, warm(settings, chosen), strict=True)
        ]


def start(settings: Settings, route: Route, n: int) -> Start:
    """Ask a question of a new process, as a person at a terminal does.

    Raises:
        ModelError: it was not answered.
    """
    command = [str(Path(sys.executable).parent / "quodvide"), "ask", route.questions[n % len(route.questions)]]
    calls = str(_with_calls(settings, route).chat.answer_calls)
    variables = {**os.environ, "QUODVIDE_HOME": str(settings.home), "QUODVIDE_CHAT__ANSWER_CALLS": calls}
    found = shown(command, variables)
    if found.status:
        raise ModelError(f"`quodvide ask` ended with status {found.status}", where=route.name)
    return Start(first_words=found.first_words, whole=found.whole)


def warm(settings: Settings, chosen: Sequence[Route]) -> list[tuple[Asked, ...]]:
    """Ask the questions of every route in one session for those quoted, and then in one for those worded."""
    found: dict[str, tuple[Asked, ...]] = {}
    for worded in (False, True):
        same = [route for route in chosen if route.worded == worded]
        if not same:
            continue
        session, close = open_session(_with_calls(settings, same[0]))
        for route in same:
            asked = [_asked(session, question) for question in route.questions]
            found[route.name] = tuple(asked[1:] or asked)
        close()
        del session, close
        gc.collect()  # what was open would count as memory of the next one
    return [found[route.name] for route in chosen]


def _asked(session: "Session", question: str) -> Asked:
    reply, first_words, whole = timed_reply(session, question)
    return Asked(
        question=question,
        intent=reply.intent,
        outcome=reply.outcome,
        first_words=first_words,
        whole=whole,
        steps=reply.timings,
        calls=reply.usage.calls,
        input_tokens=reply.usage.input_tokens,
    )


def _with_calls(settings: Settings, route: Route) -> Settings:
    return settings_.with_chat(settings, answer_calls=(settings.chat.answer_calls or 1) if route.worded else 0)


def table(found: Sequence[Measured]) -> Table:
    """Return a row for each route: idle, and what it becomes beside the loops."""
    shown = Table(Column("milliseconds", no_wrap=True), box=None, pad_edge=False, header_style="bold")
    for name in ("cold: first words", "cold: whole", "warm: whole", "slower"):
        shown.add_column(name, justify="right")
    for idle, busy in _pairs(found):
        both = [idle, busy] if busy else [idle]
        cold = [
            " → ".join(_ms(each.cold_p50(name)) for each in both) if idle.cold else ""
            for name in ("first_words", "whole")
        ]
        times = " → ".join(_ms(each.warm_at(0.5)) for each in both)
        slower = f"{busy.warm_at(0.5) / idle.warm_at(0.5):.1f}" if busy else ""
        shown.add_row(idle.route, *cold, times, slower)
    return shown


def step_lines(found: Sequence[Measured]) -> list[str]:
    """Return a line for each route, warm: the steps that take a millisecond and more, the slow tail, and the model's part."""
    lines = []
    for idle, busy in _pairs(found):
        steps = [each.steps() for each in (idle, busy) if each]
        told = (
            f"{name} {' → '.join(_ms(each.get(name, 0.0)) for each in steps)}"
            for name, seconds in steps[0].items()
            if seconds >= _SHOWN_S
        )
        tail = " → ".join(_ms(each.warm_at(0.95)) for each in (idle, busy) if each)
        read = idle.warm_at(0.5, "input_tokens")
        model = f"; {idle.warm_at(0.5, 'calls'):.0f} model calls, {read:.0f} tokens read" if read else ""
        lines.append(f"{idle.route}: {', '.join(told)}; p95 of the whole {tail}{model}")
    return lines


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


def _pairs(found: Sequence[Measured]) -> list[tuple[Measured, Measured | None]]:
    """Return each route idle, and beside the loops where that was measured."""
    busy = {each.route: each for each in found if each.loops}
    return [(each, busy.get(each.route)) for each in found if not each.loops]


def missed(found: Sequence[Measured]) -> list[str]:
    """Return the targets that are missed, a line each, and the routes whose questions went another way."""
    lines = []
    for idle, busy in _pairs(found):
        if idle.cold and (first := idle.cold_p50("first_words")) > FIRST_WORDS_S:
            lines.append(f"{idle.route}: {first:.1f} s to the first words of a new process, over {FIRST_WORDS_S} s")
        if not idle.warm_at(0.5, "calls") and (whole := idle.warm_at(0.5)) > QUOTED_S:
            lines.append(f"{idle.route}: {_ms(whole)} ms warm, over {_ms(QUOTED_S)} ms")
        if busy and (slower := busy.warm_at(0.5) / idle.warm_at(0.5)) > SLOWER:
            lines.append(f"{idle.route}: {slower:.1f} times slower beside {busy.loops} busy loops, over {SLOWER:.0f}")
        if failed := sum(each.outcome == "failed" for each in idle.warm):
            lines.append(f"{idle.route}: {failed} questions failed")
    return lines


if __name__ == "__main__":
    main()

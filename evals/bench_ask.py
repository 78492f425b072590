"""How long a whole question takes, part by part, with the chat model and without, in one run.

Opens the home folder as `quodvide ask` does, asks every question once to warm up and then in turns with and without the
model, and prints medians and 95th percentiles of each step, of the first words and of the whole, with what the model used.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.settings import Settings
from agent.wiring import open_session
from evals.answers import read_rows, timed_reply
from evals.measures import peak_megabytes, quantile
from stores.records import Record

STEPS = (
    "understand",
    "link",
    "find",
    "retrieve",
    "answer",
    "ground",
    "similar",
    "profile",
    "set_side_by_side",
    "collaborate",
    "look_up",
)
_SHOWN = ("p50", "p95")


class Timing(Record):
    """One question asked once; seconds, and what the model was asked."""

    model: str
    question: str
    outcome: str
    opened: float
    first_words: float
    whole: float
    steps: dict[str, float]
    calls: int
    input_tokens: int


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="JSON Lines with a question each")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--repeats", type=int, default=2, help="how often each is asked after the first time")
    parser.add_argument("--output", type=Path, default=None, help="write each timing there, as JSON Lines")
    options = parser.parse_args()
    settings = settings_.load(options.home)
    questions = [row["question"] for row in read_rows(options.questions)]
    alone = settings_.with_chat(settings, model="none")
    worded = settings_.with_chat(settings, answer_calls=settings.chat.answer_calls or 1)
    timings = measure([alone, worded], questions, options.repeats)
    if options.output is not None:
        options.output.write_bytes(b"".join(each.model_dump_json().encode() + b"\n" for each in timings))
    console = Console()
    console.print(table(timings))
    console.print(
        f"{len(questions)} questions, {options.repeats} times each; at most {peak_megabytes():,.0f} MB of memory"
    )


def measure(ways: Sequence[Settings], questions: Sequence[str], repeats: int) -> list[Timing]:
    """Ask all questions each way, the ways taking turns, so that a machine busy with other things slows all alike."""
    opened = []
    for settings in ways:
        started = time.perf_counter()
        session, close = open_session(settings)
        opened.append((settings, session, close, time.perf_counter() - started))
    timings = []
    for repeat in range(repeats + 1):
        for question in questions:
            for settings, session, _, opening in opened:
                reply, first_words, whole = timed_reply(session, question)
                if repeat:
                    timings.append(
                        Timing(
                            model=settings.chat.model,
                            question=question,
                            outcome=reply.outcome,
                            opened=opening,
                            first_words=first_words,
                            whole=whole,
                            steps=reply.timings,
                            calls=reply.usage.calls,
                            input_tokens=reply.usage.input_tokens,
                        )
                    )
    for _, _, close, _ in opened:
        close()
    return timings


def table(timings: Sequence[Timing]) -> Table:
    """Return a row for each step and two columns for each model."""
    models = list(dict.fromkeys(each.model for each in timings))
    shown = Table("milliseconds", *(f"{model}: {name}" for model in models for name in _SHOWN))
    columns: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in timings:
        for name, seconds in (*each.steps.items(), ("first words", each.first_words), ("whole", each.whole)):
            columns[name][each.model].append(seconds * 1000)
        columns["model calls"][each.model].append(each.calls)
        columns["prompt tokens"][each.model].append(each.input_tokens)
        columns["opening"][each.model].append(each.opened * 1000)
    for name in ("opening", *STEPS, "first words", "whole", "model calls", "prompt tokens"):
        if values := columns.get(name):
            shown.add_row(
                name, *(f"{quantile(values[model], share):,.1f}" for model in models for share in (0.5, 0.95))
            )
    return shown


if __name__ == "__main__":
    main()

"""What an evaluation task is: a dataset, a solver, a scorer, and simple methods and cheaters that stand beside.

A score is a pair, numerator and denominator, and a figure is the sum of the one over the sum of the other: the mean of
single items is then (value, 1), and F1 over all items is (2 tp, 2 tp + fp + fn). A calibration figure pairs a
confidence with whether it was right.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import ConfigDict

from stores.records import Record
from tools.grounding.base import TokenUsage

if TYPE_CHECKING:
    from evals.suites.bench import Bench

Row = TypeVar("Row")
Out = TypeVar("Out")
Score = tuple[float, float]
Scores = dict[str, Score]


class Measure(Record):
    """What is measured.

    Attributes:
        about: what it is, in a few words.
        better: which way is better.
        kind: a share or mean ("ratio"), or the calibration error of confidences ("calibration").
    """

    about: str
    better: Literal["higher", "lower"] = "higher"
    kind: Literal["ratio", "calibration"] = "ratio"


class Item(Record):
    """What came of one item.

    Attributes:
        id: of the item.
        scores: by name of the figure: the name of a measure, and in brackets a group of items if any.
        baselines: scores of simple methods and cheaters.
        seconds: that the solver took.
        usage: of the chat model.
        cost: of its calls, in US dollars; nan where it is not known.
        shown: what was asked, wanted and given.
        error: why it failed; its scores are then those of the task's `failed`.
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    id: str
    scores: Scores
    baselines: dict[str, Scores] = {}  # noqa: RUF012 - pydantic copies it
    seconds: float = 0.0
    usage: TokenUsage = TokenUsage()
    cost: float = 0.0
    shown: dict[str, Any] = {}  # noqa: RUF012
    error: str = ""


@dataclass(frozen=True)
class Solved(Generic[Out]):
    """What a solver gives for one row.

    Attributes:
        output: what is scored.
        usage: what the chat model was asked.
        seconds: where the solver measured itself.
        cost: of the calls, in US dollars.
    """

    output: Out
    usage: TokenUsage = field(default_factory=TokenUsage)
    seconds: float | None = None
    cost: float = 0.0


@dataclass(frozen=True)
class Ways(Generic[Row, Out]):
    """How rows are solved: by the product, and by what stands beside it."""

    solve: Callable[[Row], Solved[Out]]
    baselines: Mapping[str, Callable[[Row], Out]] = field(default_factory=dict)


@dataclass(frozen=True)
class Task(Generic[Row, Out]):
    """One suite.

    Attributes:
        name: of the suite.
        about: what it measures, in one sentence.
        measures: by name.
        dataset: reads the rows.
        solver: opens what is needed, and closes it.
        scorer: judges an output.
        shown: what a reader sees of an item.
        failed: what stands for the output where the solver failed, scored like any other.
        modes: contexts that it can be run in; "full" is the product as it is, "oracle" hands it the right papers.
    """

    name: str
    about: str
    measures: Mapping[str, Measure]
    dataset: Callable[["Bench"], Sequence[Row]]
    solver: Callable[["Bench", Sequence[Row]], AbstractContextManager[Ways[Row, Out]]]
    scorer: Callable[[Row, Out], Scores]
    shown: Callable[[Row, Out], dict[str, Any]]
    failed: Callable[[Row], Out]
    modes: tuple[str, ...] = ("full",)


def yes(value: bool) -> Score:
    """Return the score of something that is so or not."""
    return float(value), 1.0


def share(marks: Sequence[bool]) -> Score:
    """Return the score of some marks, which count each."""
    return float(sum(marks)), float(len(marks))


def measure_of(figure: str) -> str:
    """Return the name of the measure that a figure is of, without its group."""
    return figure.partition(" (")[0]


def identity(row: Any) -> str:
    """Return the id of a row, which is an object or a record."""
    return str(row["id"] if isinstance(row, dict) else row.id)

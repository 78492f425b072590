"""Tables of how well mentions are linked, the methods beside each other, and the single mentions as JSON Lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from rich.table import Table

from evals.linker.gold import Example
from evals.linker.measures import Figures, figures
from evals.linker.methods import Answer, is_right
from evals.linker.speed import Speed
from stores.manifest import replace


@dataclass(frozen=True)
class Measured:
    """What the methods answered for the held-out mentions of one type.

    Attributes:
        type: of the records.
        examples: the mentions.
        answers: by method, one a mention; the linker of the product comes first.
        sources: whether to show the figures of each source of labels as well.
    """

    type: str
    examples: Sequence[Example]
    answers: Mapping[str, Sequence[Answer]]
    sources: bool = False

    def groups(self) -> dict[str, list[int]]:
        """Return the mentions (places) that figures are shown for, by name."""
        every = range(len(self.examples))
        found = {"all": list(every), "not a known name": [n for n in every if not self.examples[n].known]}
        if self.sources:
            for source in sorted({example.source for example in self.examples}):
                found[source] = [n for n in every if self.examples[n].source == source]
        return {name: rows for name, rows in found.items() if rows}

    def figures(self, method: str, rows: Sequence[int]) -> Figures:
        """Return the figures of one method over some of the mentions."""
        examples = [self.examples[n] for n in rows]
        answers = [self.answers[method][n] for n in rows]
        return figures(
            [is_right(example, answer) for example, answer in zip(examples, answers, strict=True)],
            [answer.confidence or 0.0 for answer in answers],
            [answer.nil for answer in answers],
            [bool(example.ids) for example in examples],
        )

    def ours(self) -> Figures:
        """Return the figures of the linker of the product over all mentions."""
        return self.figures(next(iter(self.answers)), range(len(self.examples)))


def quality(measured: Measured) -> Table:
    """Return the table of one type."""
    title = f"{measured.type}: held-out mentions, 95 % bootstrap intervals"
    table = Table(
        "mentions", "method", "n (linked)", "first right, linked", "right, no match counted", "no match P / R", "ECE",
        title=title,
    )  # fmt: skip
    for group, rows in measured.groups().items():
        linked = sum(bool(measured.examples[n].ids) for n in rows)
        for place, (method, answers) in enumerate(measured.answers.items()):
            value = measured.figures(method, rows)
            sure = any(answer.confidence is not None for answer in answers)
            table.add_row(
                "" if place else group,
                method,
                "" if place else f"{len(rows):,} ({linked:,})",
                share(value.linked) if linked else "-",
                share(value.overall),
                f"{value.nil_precision:.2f} / {value.nil_recall:.2f}" if linked < len(rows) else "-",
                f"{value.error:.3f}" if sure else "-",
                end_section=place == len(measured.answers) - 1,
            )
    return table


def share(value: tuple[float, float, float]) -> str:
    """Return a share with its interval."""
    return f"{value[0]:.3f} ({value[1]:.3f}-{value[2]:.3f})"


def speeds(values: Mapping[str, Speed]) -> Table:
    """Return times and what the indexes cost, a column for each type."""
    table = Table("time and memory", *values, title="Speed")
    one = {name: np.quantile(value.milliseconds, (0.5, 0.95)) for name, value in values.items()}
    table.add_row("one mention, p50", *(f"{ms[0]:.1f} ms" for ms in one.values()))
    table.add_row("one mention, p95", *(f"{ms[1]:.1f} ms" for ms in one.values()))
    table.add_row(
        "links a second, one by one", *(f"{1000 / np.mean(value.milliseconds):,.0f}" for value in values.values())
    )
    table.add_row("links a second, batches of 256", *(f"{value.together:,.0f}" for value in values.values()))
    table.add_row("loading the index of words", *(f"{value.seconds:.2f} s" for value in values.values()))
    table.add_row("  on disk", *(f"{value.disk:.0f} MB" for value in values.values()))
    table.add_row("  in memory", *(f"{value.megabytes[0]:.0f} MB" for value in values.values()))
    table.add_row("  at most, while it loads", *(f"{value.megabytes[1]:.0f} MB" for value in values.values()))
    return table


def write_items(path: Path, every: Sequence[Measured]) -> None:
    """Write each mention with what the linker of the product answered."""
    lines = []
    for measured in every:
        answers = next(iter(measured.answers.values()))
        for example, answer in zip(measured.examples, answers, strict=True):
            right = not answer.nil and is_right(example, answer) if example.ids else answer.nil
            item = {
                "type": measured.type, "text": example.text, "gold_ids": sorted(example.ids), "candidates": answer.ids,
                "confidence": round(answer.confidence or 0.0, 4), "nil": answer.nil, "right": right,
                "first_right": is_right(example, answer), "source": example.source, "known": example.known,
            }  # fmt: skip
            lines.append(orjson.dumps(item))
    replace(path, b"\n".join(lines) + b"\n")

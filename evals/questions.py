"""How well questions are understood and their mentions linked, over a file of labelled questions.

Entities count as found when type and offsets are the same; a topic already when the spans overlap, as its borders are
judgement. A link is right when the first candidate is among the ids, or when there is none for a NIL.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from agent import settings as settings_
from agent.wiring import Parts, understander
from evals.rows import UnderstoodRow, read_rows
from evals.suites.figures import figure
from evals.suites.task import Score, share, yes
from stores.catalogue import Catalogue
from stores.errors import InputError
from tools.linking.base import Linker
from tools.linking.resolve import ResolvedMention, resolve
from tools.ner.base import Mention, Message, Understanding
from tools.ner.understand import Understander

Counts = Counter[tuple[str, str]]


@dataclass
class Item:
    """What came out for one question.

    Attributes:
        id: of the question.
        intent: whether the intent was right.
        filters: whether all filters were right.
        counts: by (type, "tp" | "fp" | "fn").
        links: by type, right or not, of each mention that was found and has a gold id or is NIL.
        seconds: time to understand it.
        wrong: what was wrong, in words.
    """

    id: str
    intent: bool
    filters: bool
    counts: Counts
    links: list[tuple[str, bool]]
    seconds: float
    wrong: list[str] = field(default_factory=list)


def read_questions(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of labelled questions.

    Raises:
        InputError: a line is no labelled question.
    """
    return read_rows(path, UnderstoodRow)


def evaluate(
    rows: Sequence[dict[str, Any]], understander: Understander, linker: Linker, catalogue: Catalogue
) -> list[Item]:
    """Return what came out for each question; each is understood once beforehand, so that times are warm."""
    items = []
    for row in rows:
        history = [Message(role=turn["role"], content=turn["content"]) for turn in row.get("history") or ()]
        understander.understand(row["question"], history)
        start = perf_counter()
        understanding = understander.understand(row["question"], history)
        seconds = perf_counter() - start
        resolved = resolve(understanding, linker, catalogue)
        items.append(judged(row, understanding, [m for m in resolved.mentions if not m.from_history], seconds))
    return items


def judged(row: dict[str, Any], got: Understanding, mentions: Sequence[ResolvedMention], seconds: float) -> Item:
    """Return how what came out for a question compares with its labels."""
    counts: Counts = Counter()
    links: list[tuple[str, bool]] = []
    wrong: list[str] = []
    free = list(mentions)
    for gold in row["entities"]:
        found = next((m for m in free if same(m.mention, gold)), None)
        counts[gold["type"], "tp" if found else "fn"] += 1
        if found is None:
            wrong.append(f"missed {gold['type']} {gold['text']!r}")
            continue
        free.remove(found)
        if found.link is not None and (gold.get("ids") or gold.get("nil")):
            right = linked(found, gold)
            links.append((gold["type"], right))
            if not right:
                wrong.append(f"linked {gold['text']!r} to {[c.id for c in found.link.candidates[:1]]}")
    for extra in free:
        counts[extra.mention.type, "fp"] += 1
        wrong.append(f"invented {extra.mention.type} {extra.mention.text!r}")
    filters = got.filters.model_dump(exclude_none=True, mode="json")
    filters = {key: value for key, value in filters.items() if value != []}
    if got.intent != row["intent"]:
        wrong.append(f"intent {got.intent}, not {row['intent']}")
    if filters != row["filters"]:
        wrong.append(f"filters {filters}, not {row['filters']}")
    return Item(row["id"], got.intent == row["intent"], filters == row["filters"], counts, links, seconds, wrong)


def same(mention: Mention, gold: dict[str, Any]) -> bool:
    """Return whether a mention is a labelled entity: by overlap for a topic, else exactly."""
    if mention.type != gold["type"]:
        return False
    if mention.type == "topic":
        return mention.start < gold["end"] and int(gold["start"]) < mention.end
    return (mention.start, mention.end) == (gold["start"], gold["end"])


def linked(found: ResolvedMention, gold: dict[str, Any]) -> bool:
    """Return whether a mention's first candidate is right."""
    link = found.link
    if link is None or link.nil or not link.candidates:
        return bool(gold.get("nil"))
    wanted = [gold["context_id"]] if gold.get("context_id") else gold["ids"]
    return link.candidates[0].id in wanted


def f1(counts: Counts, type_: str | None = None) -> float:
    """Return the micro-averaged F1 of all types, or of one."""
    hits, of = counted(counts, type_)
    return hits / of if of else 0.0


def counted(counts: Counts, type_: str | None = None) -> Score:
    """Return 2 tp and 2 tp + fp + fn of all types, or of one; their ratio is F1, of the sums of several the micro-average."""
    of_type = [(kind, n) for (t, kind), n in counts.items() if type_ in {None, t}]
    hits = sum(2 * n for kind, n in of_type if kind == "tp")
    return float(hits), float(hits + sum(n for kind, n in of_type if kind != "tp"))


def interval(items: Sequence[Item], measure: str) -> tuple[float, float, float]:
    """Return a measure ("intent", "filters", "links" or "entities") with its 95 % bootstrap interval over questions."""
    scores: Mapping[str, Callable[[Item], Score]] = {
        "entities": lambda item: counted(item.counts),
        "links": lambda item: share([right for _, right in item.links]),
        "intent": lambda item: yes(item.intent),
        "filters": lambda item: yes(item.filters),
    }
    found = figure(list(map(scores[measure], items)))
    return found.value, found.low, found.high


def report(runs: Mapping[str, Sequence[Item]]) -> Table:
    """Return the figures as a table, the taggers side by side."""
    table = Table("measure", *runs, "n", title="Questions")
    every = list(runs.values())
    for name, measure in (("intent accuracy", "intent"), ("entities, micro F1", "entities"), ("filters exact", "filters"),
                          ("first link right", "links")):  # fmt: skip
        values = [interval(items, measure) for items in every]
        number = sum(len(i.links) for i in every[0]) if measure == "links" else len(every[0])
        table.add_row(name, *(f"{value:.3f} ({low:.3f}-{high:.3f})" for value, low, high in values), str(number))
    counts: list[Counts] = [sum((item.counts for item in items), Counter()) for items in every]
    for type_ in sorted({t for each in counts for t, _ in each}):
        links = [[ok for item in items for t, ok in item.links if t == type_] for items in every]
        notes = [f", links {sum(marks)}/{len(marks)}" if marks else "" for marks in links]
        table.add_row(
            f"  {type_}",
            *(f"{f1(each, type_):.3f}{note}" for each, note in zip(counts, notes, strict=True)),
            str(counts[0][type_, "tp"] + counts[0][type_, "fn"]),
        )
    times = [sorted(1000 * item.seconds for item in items) for items in every]
    table.add_row("understand, p50 (max)", *(f"{median(ms):.1f} ms ({ms[-1]:.1f})" for ms in times), str(len(every[0])))
    return table


def runs(
    rows: Sequence[dict[str, Any]], parts: Parts, home: Path | None, taggers: Sequence[str], *, second_tier: bool
) -> dict[str, list[Item]]:
    """Return what came out with each tagger, and with the second tier behind it, over one catalogue and linker."""
    found = {}
    for name in taggers:
        for second in (False, True) if second_tier and name != "chat" else (False,):
            chosen = settings_.load(home, understanding={"tagger": name, "second_tier": second})
            understands = understander(chosen, parts.catalogue, lambda: parts.models.of("understand"))
            found[f"{name} + second tier" if second else name] = evaluate(
                rows, understands, parts.linker, parts.catalogue
            )
    return found


def main() -> None:
    """Understand and link a file of questions over a home folder and print the figures; with --items what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, help="questions as JSON Lines, as in the shared questions.jsonl")
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument(
        "--tagger", action="append", help="as in understanding.tagger; may be repeated, to compare in one run"
    )
    parser.add_argument("--second-tier", action="store_true", help="each tagger also with the chat model behind it")
    parser.add_argument("--first", type=int, default=None, help="take only so many questions from the file's beginning")
    parser.add_argument("--items", action="store_true", help="print every item that is wrong")
    arguments = parser.parse_args()
    rows = read_questions(arguments.questions)[: arguments.first]
    if not rows:
        raise InputError("holds no question", where=str(arguments.questions))
    settings = settings_.load(arguments.home)
    parts = Parts(settings)
    taggers = list(dict.fromkeys(arguments.tagger or [settings.understanding.tagger]))
    found = runs(rows, parts, arguments.home, taggers, second_tier=arguments.second_tier)
    console = Console()
    console.print(report(found))
    for name, items in found.items() if arguments.items else ():
        for item in items:
            if item.wrong:
                console.print(f"{name}: {item.id}: {'; '.join(item.wrong)}", markup=False)
    parts.close()

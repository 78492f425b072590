"""Whether names are linked to the right record, or honestly to none, and whether the confidence is true.

Spellings that the shared labels were made from are left out of the index while they are tested, and of the files that
the shipped rankers were trained on (`*_dev`) only the fifth counts that they never saw.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from evals.linker.authors import persons
from evals.linker.gold import HELD_OUT, Example, read_examples
from evals.linker.methods import Answer, by_exact_name, by_ranker, is_right
from evals.linker.pools import pools_of
from evals.suites.bench import Bench
from evals.suites.task import Measure, Scores, Solved, Task, Ways, yes
from stores.records import AuthorityType
from tools.linking.features import FEATURES
from tools.linking.linker import NEAR
from tools.linking.near import NearNames
from tools.linking.ranker import Ranker
from tools.linking.registry import open_registry

_FILES = {"organization": "gold/affiliations*", "funder": "gold/funders*", "author": "gold/authors*"}
_TRAINED_ON = "_dev"


class Row(NamedTuple):
    """A labelled mention, with what the linker, a look-up of names and "no match" answer."""

    id: str
    type: str
    example: Example
    answers: Mapping[str, Answer]
    seconds: float


def _rows(bench: Bench) -> list[Row]:
    rows: list[Row] = []
    for type_, pattern in _FILES.items():
        for path in bench.found(pattern):
            rows += _persons(bench, path) if type_ == "author" else _institutions(bench, type_, path)
    if not rows:
        bench.files(*_FILES.values())
    return rows


def _persons(bench: Bench, path: Path) -> list[Row]:
    measured, seconds = persons(bench.parts.home.catalogue, path)
    return _joined("author", path, measured.examples, measured.answers, seconds)


def _institutions(bench: Bench, kind: str, path: Path) -> list[Row]:
    parts, type_ = bench.parts, cast("AuthorityType", kind)
    registry = open_registry(parts.catalogue, type_, parts.home.words / type_)
    examples = read_examples(type_, path, parts.catalogue, registry)
    if path.name.partition(".")[0].endswith(_TRAINED_ON):
        examples = [example for example in examples if example.fold == HELD_OUT]
    near = NearNames(registry, parts.names, parts.name_embedder) if type_ in NEAR and parts.names is not None else None
    started = time.perf_counter()
    found = by_ranker(examples, pools_of(examples, registry, near), registry, Ranker(type_, FEATURES))
    spent = (time.perf_counter() - started) / max(1, len(examples))
    answers = {"linker": found, "exact name": by_exact_name(examples, type_, parts.catalogue, registry)}
    return _joined(type_, path, examples, answers, [spent] * len(examples))


def _joined(
    type_: str,
    path: Path,
    examples: Sequence[Example],
    answers: Mapping[str, Sequence[Answer]],
    seconds: Sequence[float],
) -> list[Row]:
    name = path.name.partition(".")[0]
    return [
        Row(f"{name}:{n}", type_, example, {way: given[n] for way, given in answers.items()}, seconds[n])
        for n, example in enumerate(examples)
    ]


@contextmanager
def _solver(_: Bench, __: Sequence[Row]) -> Iterator[Ways[Row, Answer]]:
    # Candidates of all mentions are looked for together, so the rows bring their answers.
    yield Ways(
        lambda row: Solved(row.answers["linker"], seconds=row.seconds),
        {"exact name": lambda row: row.answers["exact name"], "always no match": lambda _: Answer(())},
    )


def _score(row: Row, answer: Answer) -> Scores:
    first, some = is_right(row.example, answer), bool(row.example.ids)
    scores: Scores = {"right": yes(first and not answer.nil if some else answer.nil)}
    if some:
        scores["first right"] = yes(first)
    else:
        scores["no match, recall"] = yes(answer.nil)
    if answer.nil:
        scores["no match, precision"] = yes(not some)
    if answer.confidence is not None:
        scores["calibration error"] = (answer.confidence, float(first))
    return {f"{name} ({row.type})": score for name, score in scores.items()}


def _shown(row: Row, answer: Answer) -> dict[str, Any]:
    return {
        "text": row.example.text,
        "type": row.type,
        "wanted": sorted(row.example.ids) or "no match",
        "given": "no match" if answer.nil else next(iter(answer.ids), "nothing"),
        "confidence": answer.confidence,
        "source": row.example.source,
    }


TASK = Task(
    name="linking",
    about="Names of organizations, funders and authors linked to their record, or to none.",
    measures={
        "first right": Measure(about="first candidate right, where there is a record"),
        "right": Measure(about="right, no match counted"),
        "no match, precision": Measure(about="of those linked to nothing, how many have no record"),
        "no match, recall": Measure(about="of those without a record, how many are linked to nothing"),
        "calibration error": Measure(
            about="expected calibration error of the confidence", better="lower", kind="calibration"
        ),
    },
    dataset=_rows,
    solver=_solver,
    scorer=_score,
    shown=_shown,
    failed=lambda _: Answer((), nil=False),
)

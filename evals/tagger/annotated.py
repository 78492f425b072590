"""Real text with annotations as examples: what is annotated with other types, or not at all, hides from the loss."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from evals.tagger.examples import Example, Span
from evals.tagger.sources import read_records
from stores.records import EntityType
from tools.ner.tokens import tokenize

TAGGED = (
    "ner/acknowledgements_dev.jsonl", "ner/crossner_ai_train.jsonl", "ner/crossner_ai_dev.jsonl", "ner/crossner_science_train.jsonl",
    "ner/crossner_science_dev.jsonl",
)  # fmt: skip
QUESTIONS = "qa/pubmedqa_dev.jsonl.gz"
LONGEST = 64
_TYPES: dict[str, EntityType] = {
    "funder": "funder", "individual": "author", "researcher": "author", "scientist": "author", "institution": "organization",
    "university": "organization", "organisation": "organization", "country": "country", "field": "topic", "task": "topic",
    "discipline": "topic", "academicjournal": "venue",
}  # fmt: skip
_SENTENCE = re.compile(r"(?<=[a-z)\d][.!?])\s+(?=[A-Z])")
_NUMBER = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def tagged_examples(folder: Path) -> Iterator[Example]:
    """Yield sentences of the annotated files; nothing is known of their intent."""
    for name in TAGGED:
        for record in read_records(folder / name):
            whole = _example(record)
            yield from _sentences(whole)


def intent_examples(folder: Path) -> Iterator[Example]:
    """Yield the even rows of the biomedical questions: all ask what papers say, nothing is known of their words."""
    for n, record in enumerate(read_records(folder / QUESTIONS)):
        if n % 2 == 0:
            yield Example(record["question"], intent="paper_question", tagged=False, source="question")


def _example(record: dict[str, Any]) -> Example:
    text = record["text"]
    spans: list[Span] = []
    hidden: list[tuple[int, int]] = []
    for entity in record["entities"]:
        type_ = _TYPES.get(entity["type"])
        if type_ is None or entity["end"] - entity["start"] > 120:  # noqa: PLR2004
            hidden.append((entity["start"], entity["end"]))
        else:
            spans.append(Span(entity["start"], entity["end"], type_))
    # Nobody annotated years.
    hidden += [match.span() for match in _NUMBER.finditer(text)]
    return Example(text, tuple(sorted(spans, key=lambda span: span.start)), hidden=tuple(hidden), source="annotated")


def _sentences(whole: Example) -> Iterator[Example]:
    """Yield an example's sentences, cut where they are longer than a question ever is; no mention is cut."""
    borders = [0, *(match.end() for match in _SENTENCE.finditer(whole.text)), len(whole.text)]
    for start, end in pairwise(borders):
        if any(span.start < start < span.end or span.start < end < span.end for span in whole.spans):
            continue
        words = tokenize(whole.text[start:end])
        if len(words) > LONGEST:
            end = start + words[LONGEST - 1].end  # noqa: PLW2901
        yield part_of(whole, start, end)


def part_of(whole: Example, start: int, end: int) -> Example:
    """Return the stretch of an example with the mentions that lie in it; one that its end cuts is left out and hidden."""
    inside = [span for span in whole.spans if start <= span.start and span.end <= end]
    cut = [(span.start, span.end) for span in whole.spans if start <= span.start < end < span.end]
    text = whole.text[start:end]
    return Example(
        text.rstrip(),
        tuple(Span(span.start - start, span.end - start, span.type) for span in inside),
        hidden=tuple(
            (max(a, start) - start, min(b, end) - start) for a, b in (*whole.hidden, *cut) if a < end and b > start
        ),
        source=whole.source,
    )


def changed(rng: random.Random, example: Example) -> Example:
    """Return a real example as it is or in small letters; offsets stay."""
    text = example.text.lower()
    if rng.random() < 0.3 and len(text) == len(example.text):  # noqa: PLR2004
        return Example(text, example.spans, example.intent, example.hidden, example.tagged, example.source)
    return example


def without_names(examples: Sequence[Example], held: frozenset[str]) -> list[Example]:
    """Return the examples that name nothing whose name is held out."""
    return [
        example
        for example in examples
        if not any(example.text[span.start : span.end].casefold() in held for span in example.spans)
    ]

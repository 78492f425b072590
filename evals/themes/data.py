"""Graded texts: reading them, and drawing the themes that each is ranked against.

`texts.jsonl` holds our own: what people say of their work, the grades of the fields that it touches (3 is its heart, 1 is
touched), near fields that it is not about, and such as it sets aside. The other themes of a text are drawn from the fields
that its writer had in mind: those of its batch, and of the first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from pydantic import Field, ValidationError

from stores.errors import InputError
from stores.records import Record
from tools.themes.base import Theme
from tools.themes.known import fields

OWN_TEXTS = Path(__file__).resolve().parent / "texts.jsonl"
_FEWEST, _MOST = 20, 25


class GradedText(Record):
    """A text with the themes it is ranked against.

    Attributes:
        id: of the text.
        text: what is read.
        themes: to be ranked.
        relevant: a grade from 0 to 3 by label; themes without one have 0.
        negated: labels of the themes that the text says it is not about.
        batch: that the text was written in; 0 for those of others.
    """

    id: str
    text: str = Field(min_length=1)
    themes: tuple[Theme, ...] = Field(min_length=1)
    relevant: dict[str, int]
    negated: tuple[str, ...] = ()
    batch: int = 0


def read_graded(path: Path) -> list[GradedText]:
    """Return the texts of a JSON Lines file with id, text, themes, relevant and, if any, negated.

    Raises:
        InputError: a line is not such a text.
    """
    found = []
    for number, row in enumerate(path.read_bytes().splitlines(), start=1):
        if not row.strip():
            continue
        try:
            found.append(GradedText.model_validate(_fields_of(orjson.loads(row))))
        except (orjson.JSONDecodeError, ValidationError, TypeError) as error:
            raise InputError(
                "not a graded text", where=f"{path}:{number}", hint="It needs id, text, themes and relevant"
            ) from error
    return found


def own_texts(seed: int = 0, path: Path = OWN_TEXTS) -> Iterator[GradedText]:
    """Yield our own texts, each with 20 to 25 themes: those graded, those near, and others drawn by the seed."""
    listed = {field.label: Theme(label=field.label, description=field.description) for field in fields()}
    rows = [orjson.loads(row) for row in path.read_bytes().splitlines()]
    # A field that no text grades or is near to may be relevant to several: whoever graded them did not think of it.
    thought_of: dict[int, set[str]] = {}
    for told in rows:
        thought_of.setdefault(told["batch"], set()).update(*(told[part] for part in ("grades", "hard", "negated")))
    for number, told in enumerate(rows):
        drawn = np.random.default_rng([seed, number])
        labels = list(dict.fromkeys([*told["grades"], *told["hard"], *told["negated"]]))
        size = int(drawn.integers(_FEWEST, _MOST + 1))
        pool = sorted(thought_of[told["batch"]] | thought_of.get(0, set()))
        others = [label for label in drawn.permutation(pool).tolist() if label not in labels]
        labels += others[: max(0, size - len(labels))]
        yield GradedText(
            id=told["id"],
            text=told["text"],
            themes=tuple(listed[labels[n]] for n in drawn.permutation(len(labels))),
            relevant=told["grades"],
            negated=tuple(told["negated"]),
            batch=told["batch"],
        )


def _fields_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are read; others, such as remarks, are left alone."""
    return {key: row[key] for key in ("id", "text", "themes", "relevant", "negated") if key in row}

"""What kind of answer a question asks for, and which sentences hold that kind."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

_MOST = 0.6  # what cues may add to a score in all, so that they order sentences but do not choose the paper


@dataclass(frozen=True)
class Cue:
    """A kind of answer: the questions that ask for it and the sentences that hold it."""

    name: str
    question: re.Pattern[str]
    sentence: re.Pattern[str]
    weight: float


@cache
def _cues() -> tuple[Cue, ...]:
    content = tomllib.loads(resources.files(__package__ or "").joinpath("cues.toml").read_text("utf-8"))
    return tuple(
        Cue(
            row["name"],
            re.compile(row["question"], re.IGNORECASE),
            re.compile(row["sentence"], re.IGNORECASE),
            row["weight"],
        )
        for row in content["cue"]
    )


def asked(question: str) -> list[Cue]:
    """Return the kinds of answer that a question asks for."""
    return [cue for cue in _cues() if cue.question.search(question)]


def held(cues: list[Cue], sentence: str) -> float:
    """Return the weight of those kinds that a sentence holds, 0 to 0.6."""
    return min(_MOST, sum(cue.weight for cue in cues if cue.sentence.search(sentence)))

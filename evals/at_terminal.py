"""A command as a person runs it: at a terminal, where drafts are seen as they grow; says when the first words came."""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

_COLUMNS = "100"
# What is dim tells what is done; a draft is told so too.
_TOLD = re.compile(r"\x1b\[2m(?!wording: \w).*?(?:\x1b\[0m|\Z)", re.DOTALL)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]?")
_WORD = re.compile(r"\w")


class Shown(NamedTuple):
    """What a terminal got, and when; seconds from the start of the process."""

    written: str
    first_words: float
    whole: float
    status: int


def shown(command: Sequence[str], variables: Mapping[str, str], term: str = "xterm") -> Shown:
    """Run a command at a terminal of its own, to its end.

    Args:
        command: the program and its arguments.
        variables: the environment; colours and size are those of this terminal.
        term: kind of terminal.
    """
    reading, writing = os.openpty()
    own = {"TERM": term, "COLUMNS": _COLUMNS}
    environment = {name: value for name, value in variables.items() if name != "NO_COLOR"} | own
    written, first = b"", 0.0
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, env=environment
    ) as process:
        os.close(writing)
        with suppress(OSError):  # what a terminal says when the other side has gone
            while read := os.read(reading, 65536):
                written += read
                if not first and has_words(written.decode("utf-8", "replace")):
                    first = time.perf_counter() - began
    os.close(reading)
    return Shown(written.decode("utf-8", "replace"), first, time.perf_counter() - began, process.returncode)


def has_words(written: str) -> bool:
    """Return whether a terminal shows a word of an answer or of its draft, and not only what is being done."""
    return bool(_WORD.search(_CONTROL.sub("", _TOLD.sub("", written))))

"""`quodvide ask` on a terminal: what is done is said meanwhile, drafts are seen as they are worded, and all of it goes again."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

QUESTION = "How many BLEU points did the Transformer reach on English-to-German translation?"


def on_a_terminal(home: Path, term: str) -> str:
    """Return what is written to a terminal."""
    reading, writing = os.openpty()
    variables = {**os.environ, "QUODVIDE_HOME": str(home), "QUODVIDE_CHAT__ANSWER_CALLS": "1", "TERM": term}
    command = [str(Path(sys.executable).parent / "quodvide"), "ask", QUESTION]
    written = b""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, env=variables) as process:
        os.close(writing)
        with suppress(OSError):  # what a terminal says when the other side has gone
            while read := os.read(reading, 65536):
                written += read
    os.close(reading)
    assert process.returncode == 0, written
    return written.decode()


def test_a_draft_is_seen_and_taken_away(demo_home: Path):
    said = on_a_terminal(demo_home, "xterm")
    assert "wording: " in said
    after = said[said.rindex("wording: ") :]
    assert "\x1b[2K" in after, "the line is erased before the answer is written"
    assert "28.4" in after.rpartition("\x1b[2K")[2]


def test_a_dumb_terminal_gets_the_answer_alone(demo_home: Path):
    said = on_a_terminal(demo_home, "dumb")
    assert "wording: " not in said
    assert "\x1b" not in said
    assert "28.4" in said

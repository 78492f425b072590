"""`quodvide ask` on a terminal: what is done is said meanwhile, drafts are seen as they are worded, and all of it goes again."""

import os
import sys
from pathlib import Path

import pytest

from evals.at_terminal import Shown, has_words, shown

QUESTION = "How many BLEU points did the Transformer reach on English-to-German translation?"


def asked(home: Path, term: str) -> Shown:
    variables = {**os.environ, "QUODVIDE_HOME": str(home), "QUODVIDE_CHAT__ANSWER_CALLS": "1"}
    found = shown([str(Path(sys.executable).parent / "quodvide"), "ask", QUESTION], variables, term)
    assert found.status == 0, found.written
    return found


def test_a_draft_is_seen_and_taken_away(demo_home: Path):
    found = asked(demo_home, "xterm")
    before, _, after = found.written.rpartition("wording: ")
    assert before
    assert "\x1b[2K" in after, "the line is erased before the answer is written"
    assert "28.4" in after.rpartition("\x1b[2K")[2]
    assert 0 < found.first_words < found.whole


def test_a_dumb_terminal_gets_the_answer_alone(demo_home: Path):
    said = asked(demo_home, "dumb").written
    assert "wording: " not in said
    assert "\x1b" not in said
    assert "28.4" in said


@pytest.mark.parametrize(("written", "words"), [
    ("", False),
    ("\x1b[?25l\x1b[2mlooking for passages\x1b[0m", False),
    ("\x1b[?25l\x1b[2mlooking for pass", False),
    ("\x1b[2mwording the answer 1 s\x1b[0m\r\x1b[2K\x1b[?25h\n", False),
    ("\x1b[2mwording: ", False),
    ("\x1b[2mlinking names\x1b[0m\r\x1b[2K\x1b[2mwording: The\x1b[0m", True),
    ("\x1b[2mlinking names\x1b[0m\r\x1b[2K“The sky is blue.” \x1b[36m[1]", True),
    ("The sky", True),
])  # fmt: skip
def test_what_is_being_done_is_no_answer(written: str, words: bool):
    assert has_words(written) == words

"""What others wrote enters a prompt as one visible line that spells no sign of a template, and otherwise unchanged."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prompts.characters import HIDDEN, printable, visible
from prompts.fence import fenced

TOKENS = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|begin_of_text|>", "<|user|>",
    "<|end|>", "<|assistant|>", "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<s>", "</s>", "<<SYS>>", "<</SYS>>",
    "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "<tool_call>", "<think>",
    "<｜User｜>", "</q>", "<q>", "```", "~~~", "### ", "[1]", "[12]", '{"', "{{", "}}", "{%", "<img ", "<a ",
]  # fmt: skip
# Visible although Unicode counts them among the format characters: signs that stand over or under numbers.
SHOWN_FORMATS = set(range(0x600, 0x606)) | {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
PIECES = st.lists(
    st.one_of(
        st.sampled_from(TOKENS), st.sampled_from(list("<>[]{}|`~# /\n\u200b\u200d\u202e\xad\x1b\u0301\U000e0041")), st.text()
    )
).map("".join)  # fmt: skip


def bare(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None)
@given(PIECES)
@example("\u037e\u1fef\u1fef\u1fef")  # the normal form of a Greek accent is the backtick
@example("<\u0338|im_end|>")
def test_no_sign_survives_whatever_the_text(text: str):
    safe = fenced(text)
    assert not [token for token in TOKENS if token.strip() in safe]
    assert not HIDDEN.search(safe)
    assert "\n" not in safe
    assert len(safe) <= 600
    assert fenced(safe) == safe


@settings(deadline=None)
@given(PIECES)
def test_nothing_but_white_space_changes(text: str):
    assert bare(fenced(text, 10**6)) == bare(unicodedata.normalize("NFC", visible(text)))


@settings(deadline=None)
@given(st.text())
def test_what_is_shown_holds_no_hidden_character(text: str):
    shown = printable(text)
    assert printable(shown) == shown
    for ch in shown:
        assert unicodedata.category(ch) not in {"Cc", "Co", "Cs", "Zl", "Zp"} or ch in "\n\t"
        assert unicodedata.category(ch) != "Cf" or ord(ch) in SHOWN_FORMATS or ch in "\u200c\u200d"
    assert not set(visible(text)) & set("\u200c\u200d")


@pytest.mark.parametrize(
    "text",
    [
        "We reach an F1 of 81.5% (p < 0.05, n <= 3) on [MASK]-free data, ± 2 µm at 10² K and ½ the cost; Σ|x|>1.",
        "Łódź’s naïve ‘co-training’ – “good” … α→β, 中文 and العربية; a_{i,j} ∈ ℝ³ as in ``quotes''.",
    ],
)
def test_plain_scientific_text_stays(text: str):
    assert bare(fenced(text)) == bare(text)
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb\x1b[0m\x1b[2Jc", "abc"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;https://x.example/\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x9b31mb\x85c\r\nd\te", "ab c \nd\te"),
        ("soft\xadhyphen, \U000e0049\U000e0067tag, \u202ebidi\u202c, \u061cmark, \ufeffbom", "softhyphen, tag, bidi, mark, bom"),
        ("می\u200cشود but ig\u200cnore and ig\u200b\u200dnore", "می\u200cشود but ignore and ignore"),
        ("lone \ud800 surrogate", "lone  surrogate"),
    ],
)  # fmt: skip
def test_hidden_orders_are_left_out(text: str, shown: str):
    assert printable(text) == shown


def test_a_long_text_is_cut():
    assert fenced("word " * 1000, 12) == "word word wo"
    assert re.fullmatch(r"(?:word )+word", fenced("word " * 1000))

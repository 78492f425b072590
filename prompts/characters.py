"""Characters that a reader does not see: what of a text is shown, and what a prompt may hold.

Papers are data. Control characters drive terminals, marks of direction turn what follows, and tag or zero-width characters
hide words from people that a model reads. Nothing else of a text is changed here.
"""

import re

__all__ = ["HIDDEN", "TERMINAL", "printable", "visible"]

_NONCHARACTERS = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
# In the order of code points: controls, soft hyphen, grapheme joiner, Arabic letter mark, fillers and inherent vowels,
# Mongolian selectors, zero-width space, marks of direction, invisible operators, surrogates, private use, selectors,
# byte order mark, annotations, controls of hieroglyphs, shorthand and music, tags and the planes for private use.
HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    f"{_NONCHARACTERS}]"
)
# What a terminal takes for an order goes as a whole: colours and movements, titles and links, two-letter orders.
TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-Z\\^-~]"
)
_SPACES = re.compile("[\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029]")
_JOINERS = re.compile("[\u200c\u200d]")
# Persian and the scripts of India spell with joiners; elsewhere they only hide.
_JOINED = "\u0600-\u0dff"
_LOOSE_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")


def printable(text: str) -> str:
    """Return a text as a person sees it, with what is invisible or drives a terminal left out; lines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return _LOOSE_JOINER.sub("", HIDDEN.sub("", _SPACES.sub(" ", TERMINAL.sub("", text))))


def visible(text: str) -> str:
    """Return `printable` text without any joiner."""
    return _JOINERS.sub("", printable(text))

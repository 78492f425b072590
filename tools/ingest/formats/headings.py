"""The headings of a Markdown text: "# Heading", and headings underlined with "=" or "-"."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MARKED = re.compile(r" {0,3}(#{1,6})[ \t]")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_NO_PARAGRAPH = re.compile(r" {0,3}(?:[>#|]|[-*+][ \t]|\d{1,9}[.)][ \t]|```|~~~)| {4}|\t|\s*$")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_INLINE = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_LONGEST = 500


class Heading(NamedTuple):
    """A heading: where its line begins, its level from 1, its words."""

    start: int
    level: int
    text: str


def headings(text: str, start: int = 0) -> Iterator[Heading]:
    """Yield the headings of a Markdown text from `start` on; lines inside of fenced code are none."""
    fence = ""
    before: tuple[int, str] | None = None  # the line before, where it may be a heading that is underlined
    while start < len(text):
        found = _LINE.match(text, start)
        end = found.end() if found else len(text)
        line = text[start:end].rstrip("\r\n")
        marks = _FENCE.match(line)
        if fence:
            fence = "" if marks and marks[1].startswith(fence) and not line.strip().strip(fence[0]) else fence
            before = None
        elif marks:
            fence, before = marks[1], None
        elif len(line) > _LONGEST:
            before = None
        elif (marked := _MARKED.match(line)) and (words := plain_heading(_unclosed(line[marked.end() :]))):
            yield Heading(start, len(marked[1]), words)
            before = None
        elif before and (under := _UNDERLINE.match(line)) and (words := plain_heading(before[1])):
            yield Heading(before[0], 1 if under[1][0] == "=" else 2, words)
            before = None
        elif _NO_PARAGRAPH.match(line):
            before = None
        else:
            # Of a paragraph of several lines none is taken for a heading.
            before = (start, line) if _follows_blank(text, start) else None
        start = end


def _unclosed(text: str) -> str:
    """Return the text of a heading without the "#" that may close it."""
    bare = text.strip()
    open_ = bare.rstrip("#")
    return open_ if not open_ or open_[-1].isspace() else bare


def plain_heading(text: str) -> str:
    """Return a heading's words without the marks for emphasis, code and links."""
    return " ".join(_INLINE.sub("", _LINK.sub(r"\1", text)).split())


def _follows_blank(text: str, start: int) -> bool:
    line_before = text[text.rfind("\n", 0, max(0, start - 1)) + 1 : start]
    return start == 0 or not line_before.strip() or line_before.strip() == "---"

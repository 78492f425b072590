"""Take JSON values one after another from a text of any length: an array's elements, or values in a row."""

import codecs
import re
from collections.abc import Iterator
from json import JSONDecodeError
from json.decoder import JSONDecoder
from typing import Any, BinaryIO, NamedTuple

MAX_RECORD_BYTES = 50 * 1024 * 1024
_CHUNK_BYTES = 1 << 20
_SEPARATORS = re.compile(r"[\s,\ufeff]*")
_BLANK = re.compile(r"[\s\ufeff]*")
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{\[]+|[}\]]+', re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]]+")
_ESCAPED_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class Value(NamedTuple):
    """One decoded value; `fault` says why there is none, `dirty` that its text may hold what cannot be stored."""

    line: int
    value: Any
    fault: str = ""
    dirty: bool = False


class _Window:
    """The part of the text that is in memory, decoded as it is read; `at` is the next character."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._counted = 0
        self._line = 1
        self.text = ""
        self.at = 0
        self.ended = False

    @property
    def line(self) -> int:
        """Return the number, from 1, of the line that the next character is on."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def grow(self) -> None:
        """Read as much again as is pending, so that a long value costs linear time."""
        _ = self.line
        pending = self.text[self.at :]
        data = self._stream.read(max(_CHUNK_BYTES, len(pending)))
        self.ended = not data
        self.text = pending + self._decoder.decode(data, final=self.ended)
        self.at = self._counted = 0

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Step over `pattern` and return the next character, or "" at the end of the text."""
        while True:
            match = pattern.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text) or self.ended:
                return self.text[self.at : self.at + 1]
            self.grow()


def iter_values(stream: BinaryIO) -> Iterator[Value]:
    """Yield the elements of the array that the stream holds, or the values that stand in it one after another.

    A value that is not JSON is yielded with its fault, and reading goes on behind its closing bracket. Memory is
    bounded by the largest value; one of more than `MAX_RECORD_BYTES` characters ends the reading with a fault.

    Raises:
        UnicodeDecodeError: the text is not UTF-8.
    """
    window = _Window(stream)
    decoder = JSONDecoder()
    in_array = window.skip(_BLANK) == "["
    window.at += in_array
    while character := window.skip(_SEPARATORS):
        if in_array and character == "]":
            window.at += 1
            if window.skip(_BLANK):
                yield Value(window.line, None, "there is text after the end of the array")
            return
        value = _take(window, decoder)
        yield value
        if not window.text:
            return
    if in_array:
        yield Value(window.line, None, "the file ends before its JSON array does")


def _take(window: _Window, decoder: JSONDecoder) -> Value:
    """Decode the value at the window's position and step over it."""
    line = window.line
    while True:
        start = window.at
        try:
            value, end = decoder.raw_decode(window.text, start)
        except (JSONDecodeError, RecursionError, ValueError) as error:
            end_of_broken = _end_of_value(window.text, start)
            if end_of_broken is not None:
                window.at = end_of_broken
                return Value(line, None, _reason(error))
            if window.ended or len(window.text) - start > MAX_RECORD_BYTES:
                what = "the file ends inside this record" if window.ended else "this record is longer than 50 MB"
                window.text, window.at = "", 0
                return Value(line, None, what)
            window.grow()
            continue
        dirty = _ESCAPED_UNSTORABLE.search(window.text, start, end) is not None
        window.at = end
        return Value(line, value, "", dirty)


def _end_of_value(text: str, start: int) -> int | None:
    """Return where a broken value ends: behind the bracket that closes it, or None when the text holds no such."""
    if text[start] not in '{["':
        match = _SCALAR.match(text, start)
        end = match.end() if match else start + 1
        return end if end < len(text) else None
    depth = 0
    for token in _TOKENS.finditer(text, start):
        run = token.group()
        if run[0] == '"':
            if depth == 0:
                return token.end() if token.end() < len(text) else None
        elif run[0] in "{[":
            depth += len(run)
        elif len(run) >= depth:
            return token.start() + depth
        else:
            depth -= len(run)
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the JSON is nested too deeply"
    if isinstance(error, JSONDecodeError):
        return f"this is not valid JSON ({error.msg})"
    return "this is not usable JSON (a number is too long)"

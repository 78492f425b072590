r"""Turn the LaTeX of a bibliography into plain text: accents, symbols, fonts, simple mathematics."""

import codecs
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

_COMBINING = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "H": "\u030b", "c": "\u0327", "v": "\u030c", "u": "\u0306", "k": "\u0328", "r": "\u030a", "b": "\u0331", "d": "\u0323",
}  # fmt: skip
_TOKEN = re.compile(
    r"""
      \\(?P<accent>[`'^"~=.]) \s* (?: \{\s*(?P<braced>\\?[^\W\d_]*)\s*\} | (?P<bare>\\[ij](?![A-Za-z])|[^\W\d_]) )
    | \\(?P<letter>[Hcvukrbd]) (?: \s*\{\s*(?P<braced2>\\?[^\W\d_])\s*\} | [ ]+(?P<bare2>\\[ij]|[^\W\d_])(?![A-Za-z]) )
    | \\(?P<command>[A-Za-z]+)\*? (?P<blanks>\s*) (?P<brace>\{)?
    | \\(?P<escaped>[^A-Za-z]|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_FONTS = re.compile(
    "emph|text(?:it|bf|tt|rm|sf|sc|sl|up|md|normal|superscript|subscript)?|math[a-z]+|mbox|ensuremath|underline|url|href|"
    "enquote|operatorname|em|it|bf|sc|tt|rm|sf|sl|itshape|bfseries|scshape|upshape|small|large|left|right|relax|protect"
)
_SYMBOLS = {
    "textless": "<", "textgreater": ">", "textbar": "|", "textbackslash": "\\", "textasciicircum": "^",
    "textasciitilde": "~", "textunderscore": "_", "textdollar": "$", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textmu": "µ", "textquotesingle": "'", "i": "i", "j": "j",
    "newline": " ", "par": " ", "quad": " ", "qquad": " ", "ldots": "…", "dots": "…", "textellipsis": "…",
}  # fmt: skip
_ESCAPED = {
    ",": " ",
    ";": " ",
    ":": " ",
    " ": " ",
    "\n": " ",
    "\\": " ",
    "!": "",
    "/": "",
    "-": "",
    "(": "",
    ")": "",
    "": "",
}
# What is meant as it stands, while braces and dashes around it are layout.
_KEPT = {"{": "\ue000", "}": "\ue001", "~": "\ue002", "$": "\ue003"}
_BACK = {ord(stand_in): character for character, stand_in in _KEPT.items()}
_MATHS = re.compile(r"\$([^$]{1,2000})\$")
_IS_MATHS = re.compile(r"[\\^_{}=<>]|^\s*[A-Za-z]\w?\s*$")
_TIE = re.compile(r"(?<!\s)~|~(?![\d.])")
_LAYOUT = re.compile(r"[{}\\`'~$-]")
_PARAGRAPHS = re.compile(r"\n[^\S\n]*\n\s*")
_CACHED_CHARS = 100


def plain(text: str) -> str:
    r"""Return the text without LaTeX: `{\"o}` is "ö", `{BERT}` is "BERT"; blanks in a row are one, paragraphs stay.

    Of a command that it does not know the words stay; it never fails.
    """
    return _short(text) if len(text) <= _CACHED_CHARS else _plain(text)


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    return _plain(text)


def _plain(text: str) -> str:
    shown = _without_layout(text) if _LAYOUT.search(text) else text
    if "\n" not in shown:
        return " ".join(shown.split())
    paragraphs = (" ".join(part.split()) for part in _PARAGRAPHS.split(shown))
    return "\n\n".join(part for part in paragraphs if part)


def _without_layout(text: str) -> str:
    text = text.replace(r"\$", _KEPT["$"])
    if "$" in text:
        text = _MATHS.sub(lambda found: f"{{{found[1]}}}" if _IS_MATHS.search(found[1]) else found[0], text)
    if "\\" in text:
        text = _TOKEN.sub(_token, text)
    text = text.replace("{", "").replace("}", "").replace("---", "—").replace("--", "–")
    text = text.replace("``", "“").replace("''", "”")
    return _TIE.sub(" ", text).translate(_BACK)


def _token(found: re.Match[str]) -> str:
    if mark := found["accent"] or found["letter"]:
        base = next((b for b in (found["braced"], found["bare"], found["braced2"], found["bare2"]) if b), "")
        base = base.lstrip("\\")
        if not base:
            return _KEPT.get(mark, mark)
        return unicodedata.normalize("NFC", base[0] + _COMBINING[mark]) + base[1:]
    if command := found["command"]:
        return _named(command, found["blanks"], found["brace"] or "")
    escaped = found["escaped"]
    return _ESCAPED.get(escaped, _KEPT.get(escaped, escaped))


def _named(command: str, blanks: str, brace: str) -> str:
    symbol = _symbol(command)
    if symbol is not None:
        # "\o re" is one word; "n \leq m" is three.
        swallows = symbol.isalpha() or command.startswith("text")
        return symbol + ("" if swallows else blanks) + brace
    if brace or _FONTS.fullmatch(command):
        return brace
    return command + blanks


@cache
def _decoder() -> Callable[[Any], tuple[str, int]]:
    import latexcodec  # noqa: F401 - makes the codec known

    return codecs.getdecoder("ulatex")


@lru_cache(maxsize=2048)
def _symbol(command: str) -> str | None:
    """Return the characters that a command stands for, by the table of latexcodec; None when it is not there."""
    if command in _SYMBOLS:
        return "".join(_KEPT.get(character, character) for character in _SYMBOLS[command])
    for latex in (f"\\{command}", f"$\\{command}$"):
        try:
            found = _decoder()(latex)[0]
        except ValueError:
            continue
        if "\\" not in found and "$" not in found:
            return found.strip() or " "
    return None

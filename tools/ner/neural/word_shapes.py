"""How words are written, as small numbers: the encoder reads text without case and accents, so it is told of them."""

from collections.abc import Sequence

from tools.ner.tokens import Token

_NAMES = (
    "none", "mark", "lower", "lower accented", "title", "title accented", "upper", "letter", "mixed", "digits", "year",
    "letters and digits", "dotted", "caseless", "first title", "first upper", "first mixed",
)  # fmt: skip
# What stands outside words: blanks' places such as [CLS] and [SEP], and punctuation.
NONE, MARK = 0, 1
SHAPES = len(_NAMES)
_NUMBER = {name: n for n, name in enumerate(_NAMES)}
_YEARS = ("18", "19", "20")
_SENTENCE_ENDS = frozenset(".?!:\n")


def word_shapes(tokens: Sequence[Token]) -> list[int]:
    """Return the shape of each word; a capital says less where a sentence begins, so that is told apart."""
    shapes = []
    for n, token in enumerate(tokens):
        name = _shape(token)
        if name in {"title", "upper", "mixed"} and (not n or _SENTENCE_ENDS.intersection(token.gap)):
            name = f"first {name}"
        shapes.append(_NUMBER[name])
    return shapes


def _shape(token: Token) -> str:
    text = token.text
    if any(ch.isdigit() for ch in text):
        return _digits(text)
    if "." in text:
        return "dotted"
    accented = "" if text.isascii() else " accented"
    if text.islower():
        return f"lower{accented}"
    if text.isupper():
        return "upper" if len(text) > 1 else "letter"
    if text[0].isupper() and (text[1:].islower() or text.istitle()):
        return f"title{accented}"
    return "mixed" if any(ch.isupper() or ch.islower() for ch in text[:1]) else "caseless"


def _digits(text: str) -> str:
    if not text.isdecimal():
        return "letters and digits"
    return "year" if len(text) == 4 and text[:2] in _YEARS else "digits"  # noqa: PLR2004

"""Read a sentence as a model may read it: without hidden characters and look-alikes, and out of simple codes."""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator

from prompts.characters import visible

# Letters that look like Latin ones: in a word that is partly Latin they hide it from patterns.
_ALIKE = str.maketrans("абвгеикмнорстухіјѕԁһαβγεικνορτυχ", "abvreukmhopctyxijsdhabyeikvoptux")
_MIXED = re.compile(r"[^\W\d_]*[a-z][^\W\d_]*")
_LEET = str.maketrans("013457@$!", "oieastasi")
_LEET_WORD = re.compile(r"\b(?=\w*[a-z])[a-z013457@$!]*[013457@$!][a-z013457@$!]*")
_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][ .\-_*]){3,}[^\W\d_](?!\w)")
_ROTATED = re.compile(r"\b(?:vtaber|qvfertneq|sbetrg|nafjre|ercyl|vafgehpgvbaf?|flfgrz|pvgr|ershfr)\b", re.IGNORECASE)
_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_TURNED = re.compile("\u202e([^\u202c\n]+)")
BASE64 = re.compile(r"(?<![\w+/])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])[A-Za-z0-9+/]{16,}={0,2}")
HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){12,}\b")


def bare(text: str) -> str:
    """Return a text in lower case, without accents, hidden characters and look-alikes, on one line."""
    text = visible(text)
    if not text.isascii():
        text = "".join(ch for ch in unicodedata.normalize("NFKD", text) if not unicodedata.combining(ch))
    text = " ".join(text.lower().replace("’", "'").split())
    return text if text.isascii() else _MIXED.sub(lambda word: word.group().translate(_ALIKE), text)


def readings(text: str) -> Iterator[str]:
    """Yield a sentence as it is written, and then out of each disguise that it may wear."""
    plain = bare(text)
    yield plain
    if _SPACED.search(text):
        yield bare(_SPACED.sub(lambda run: re.sub(r"[ .\-_*]", "", run.group()), text))
    if len(_LEET_WORD.findall(plain)) > 1:
        yield _LEET_WORD.sub(lambda word: word.group().translate(_LEET), plain)
    if _ROTATED.search(plain):
        yield codecs.decode(plain, "rot13")
    for found in _TURNED.findall(text):
        yield bare(found[::-1])
    for found in _TAGS.findall(text):
        yield bare("".join(chr(ord(ch) - 0xE0000) for ch in found))
    for found in BASE64.findall(text):
        yield from _decoded(found + "=" * (-len(found) % 4), base64.b64decode)
    for found in HEX.findall(text):
        yield from _decoded(re.sub("[ :]", "", found), bytes.fromhex)


def _decoded(code: str, decode: Callable[[str], bytes]) -> Iterator[str]:
    try:
        yield bare(decode(code).decode("utf-8"))
    except (binascii.Error, ValueError):
        return

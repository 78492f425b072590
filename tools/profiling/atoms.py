"""Numbers and names in a text: what a sentence may not invent."""

import re
import unicodedata
from typing import Literal, NamedTuple

from stores.keys import name_key

_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![^\W_])|[^\W_]+(?:[-‐‑'’.&/][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;…]|[\"“”«»(\[]$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_JOINED = "of for the de la le van von der den del della di da do dos du el al bin ibn y"
_JOINERS = frozenset(_JOINED.split())
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
)
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_WORDS.split())} | {
    "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
    "hundred": "100", "thousand": "1000", "million": "1000000", "dozen": "12", "twice": "2", "thrice": "3", "half": "50",
    "double": "2", "doubled": "2", "triple": "3", "tripled": "3", "quarter": "25",
}  # fmt: skip
_COUNTED = re.compile(r"\s+(?!of\b|another\b)[a-z]")  # after "one": a counted thing, as in "one paper"


class Atom(NamedTuple):
    """A number in its plain form ("1290", "42"), or a name in its normal form; `text` as written."""

    kind: Literal["number", "name"]
    key: str
    text: str
    opens: bool = False
    """A name whose first word opens a sentence, where any word has a capital."""


def atoms(text: str) -> list[Atom]:
    """Return the numbers and names of a text in order.

    A name is a run of words with a capital, of another script than Latin, or of letters mixed with digits; small
    words such as "of" inside a run belong to it. Number words count as numbers.
    """
    text = unicodedata.normalize("NFKC", text)
    found: list[Atom] = []
    run: list[str] = []
    pending: list[str] = []
    opens = run_opens = False
    end = 0
    for match in _TOKEN.finditer(text):
        token, between = match.group(), text[end : match.start()]
        opens = end == 0 or bool(_SENTENCE_END.search(between.strip()))
        end = match.end()
        if run and between.strip():
            found.append(_name(run, run_opens))
            run, pending = [], []
        if _is_name(token):
            run_opens = run_opens if run else opens
            run += [*pending, token]
            pending = []
            continue
        if run and token in _JOINERS:
            pending.append(token)
            continue
        if run:
            found.append(_name(run, run_opens))
            run, pending = [], []
        found += _numbers(token, text[end:])
    if run:
        found.append(_name(run, run_opens))
    return found


def words(text: str) -> str:
    """Return the words of a text in the normal form of names, cut as `atoms` cuts them, with one blank between."""
    return " ".join(filter(None, map(name_key, _TOKEN.findall(unicodedata.normalize("NFKC", text)))))


def _is_name(token: str) -> bool:
    letters = [ch for ch in token if ch.isalpha()]
    if not letters or token.casefold() in _NUMBER_WORDS:
        return False
    if any(ch.isupper() or ch.istitle() for ch in letters) or len(letters) < len(re.sub(r"\W", "", token)):
        return True
    return any("LATIN" not in unicodedata.name(ch, "") for ch in letters)


def _name(run: list[str], opens: bool) -> Atom:
    text = " ".join(run)
    return Atom("name", words(text) or text, text, opens)


def _numbers(token: str, after: str) -> list[Atom]:
    if token.casefold() == "one" and not _COUNTED.match(after):
        return []
    found = []
    for part in re.split(r"[-‐‑&/]", token.replace(",", "")):
        values = [_NUMBER_WORDS[part.casefold()]] if part.casefold() in _NUMBER_WORDS else _NUMBER.findall(part)
        found += [Atom("number", _plain(value), part) for value in values]
    return found


def _plain(number: str) -> str:
    if not number.isascii():
        number = "".join(str(unicodedata.decimal(ch, ch)) for ch in number)
    whole, dot, part = number.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if dot and part else str(int(whole))

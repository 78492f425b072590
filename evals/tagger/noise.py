"""What happens to questions between a head and a keyboard: small letters, lost punctuation, typing errors."""

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from evals.tagger.examples import Part

Parts = list[Part]

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOST = re.compile(r"[.,;:!?\"“”„()]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_FRONT = (
    "please ", "Please ", "hi, ", "Hi! ", "hey ", "Hello, ", "ok ", "OK, ", "so ", "Now ", "also, ", "quick question: ",
    "One question: ", "could you please ", "Thanks. ", "Well, ", "I need this for a report: ", "for my thesis: ", "um, ",
)  # fmt: skip
_BACK = (
    " please", ", please", " thanks", " Thanks!", " thank you", ", thanks in advance", " pls", " plz", " asap", "...", " ??", "!!",
    ", if possible", " if you can", " - thanks", " :)", ", would be great", " or so", " ok?",
)  # fmt: skip


def noisy(rng: random.Random, parts: Sequence[Part]) -> Parts:
    """Return the parts as a hurried person might have typed them; most stay as they are."""
    result = list(parts)
    for chance, change in _CHANGES:
        if rng.random() < chance:
            result = change(rng, result)
    return result


def each(parts: Sequence[Part], change: Callable[[str], str]) -> Parts:
    """Return the parts with their texts changed."""
    return [replace(part, text=change(part.text)) for part in parts]


def lowered(_: random.Random, parts: Parts) -> Parts:
    """Write all in small letters."""
    return each(parts, str.lower)


def capitals(_: random.Random, parts: Parts) -> Parts:
    """Write all in capitals."""
    return each(parts, str.upper)


def names_lowered(rng: random.Random, parts: Parts) -> Parts:
    """Write some of the names in small letters."""
    return [replace(part, text=part.text.lower()) if part.type and rng.random() < 0.6 else part for part in parts]  # noqa: PLR2004


def end_dropped(_: random.Random, parts: Parts) -> Parts:
    """Leave out the punctuation at the end."""
    last = parts[-1]
    return parts if last.filled else [*parts[:-1], replace(last, text=last.text.rstrip(" ?.!"))]


def punctuation_dropped(_: random.Random, parts: Parts) -> Parts:
    """Leave out punctuation everywhere."""
    return each(parts, lambda text: _LOST.sub("", text))


def blanks_lost(rng: random.Random, parts: Parts) -> Parts:
    """Leave out the blanks after commas, or put some before punctuation."""
    if rng.random() < 0.5:  # noqa: PLR2004
        return each(parts, lambda text: re.sub(r"([,;:/]) ", r"\1", text))
    return each(parts, lambda text: re.sub(r"([,;:?!])", r" \1", text))


def blanks_doubled(rng: random.Random, parts: Parts) -> Parts:
    """Put more than one blank somewhere."""
    return each(parts, lambda text: text.replace(" ", "  ") if rng.random() < 0.3 else text)  # noqa: PLR2004


def plain_letters(_: random.Random, parts: Parts) -> Parts:
    """Write letters without accents."""
    return each(parts, unaccented)


def unaccented(text: str) -> str:
    """Return the text without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(ch for ch in decomposed if not unicodedata.combining(ch)))


def curly(_: random.Random, parts: Parts) -> Parts:
    """Write typographic apostrophes and quotes."""
    return each(parts, lambda text: re.sub(r'"([^"]*)"', r"“\1”", text.replace("'", "’")))


def apostrophe_dropped(_: random.Random, parts: Parts) -> Parts:
    """Leave out apostrophes in ordinary words: dont, whats."""
    return [
        part if part.filled else replace(part, text=re.sub(r"(?<=\w)['’](?=(?:t|re|ve|m|ll|d)\b)", "", part.text))
        for part in parts
    ]


def polite(rng: random.Random, parts: Parts) -> Parts:
    """Say something around the question."""
    if rng.random() < 0.5:  # noqa: PLR2004
        front = rng.choice(_FRONT)
        first = parts[0]
        if not first.filled and front.rstrip().endswith((",", "e", "o", "k")):
            parts = [replace(first, text=first.text[:1].lower() + first.text[1:]), *parts[1:]]
        return [Part(front), *parts]
    return [*end_dropped(rng, parts), Part(rng.choice(_BACK))]


def typing_error(rng: random.Random, parts: Parts) -> Parts:
    """Mistype one or two words, in names or elsewhere."""
    for _ in range(1 if rng.random() < 0.75 else 2):  # noqa: PLR2004
        places = [(n, match) for n, part in enumerate(parts) for match in _WORD.finditer(part.text)]
        if not places:
            return parts
        number, match = rng.choice(places)
        text = parts[number].text
        wrong = mistyped(rng, match[0])
        parts = [*parts]
        parts[number] = replace(parts[number], text=text[: match.start()] + wrong + text[match.end() :])
    return parts


def mistyped(rng: random.Random, word: str) -> str:
    """Return a word of four letters or more with one error; its first letter stays."""
    at = rng.randrange(1, len(word) - 1)
    match rng.randrange(4):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + _neighbour(rng, word[at]) + word[at + 1 :]


def _neighbour(rng: random.Random, letter: str) -> str:
    for row in _KEYS:
        at = row.find(letter)
        if at >= 0:
            return rng.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
    return letter


_CHANGES: tuple[tuple[float, Callable[[random.Random, Parts], Parts]], ...] = (
    (0.05, polite),
    (0.08, typing_error),
    (0.05, plain_letters),
    (0.05, curly),
    (0.05, apostrophe_dropped),
    (0.12, end_dropped),
    (0.04, punctuation_dropped),
    (0.03, blanks_lost),
    (0.01, blanks_doubled),
    (0.03, names_lowered),
    (0.30, lowered),
    (0.012, capitals),
)

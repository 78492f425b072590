"""Cut scientific text into sentences, as offsets into it.

Rules rather than a model: a citation must be the same sentence on every machine. They read English first, and know
enough of French and German not to cut their abbreviations and ordinals.
"""

import itertools
import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A full stop after these never ends a sentence.
_NEVER = _words(
    "e.g i.e cf vs viz resp approx ca dr prof mr mrs ms m mme st jr sr eds ed z.b d.h u.a bzw sog vgl usw.w "
    "p.ex par.ex n.b i.i.d w.r.t a.k.a s.t incl excl esp dept univ al"
)
# After these it does not when a number (or a bracket with one) follows.
_NUMBERED = _words("no nos nr fig figs eq eqs sec sect secs tab tabs ch chap vol pp p art ref refs def thm alg app n")
_MONTHS = (
    "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhunderts?|Auflage|Kapitel"
)
# Words that begin a sentence far more often than they follow an abbreviation or an initial.
_STARTERS = _words(
    "We The This These Those Our In It Its However Here To For Moreover Furthermore Finally Additionally But And As "
    "Although While When If By On With From Using Experiments Experimental Results They There Such Then Thus Hence "
    "Also Nous Les Le La Cette Wir Die Der Das Diese"
)

_STOP = re.compile(r"[.!?…]+[)\]}\"'”’]*(?:[ \u00a0\u202f]?»)?|[。！？]+[」』”]*")
_BEFORE = re.compile(r"[^\W\d_](?:[^\s()\[\]{}\"“”,;:]*[^\W_])?$")
_NUMBER_BEFORE = re.compile(r"(?:^|[\s(])(\d{1,3})$")
_NEXT_WORD = re.compile(r"[^\W_][\w'’-]*")
_OPENERS = "\"'“‘«([{¿¡„‚"
_BULLET = r"(?:[-–•*‣◦·]|\(?(?:\d{1,2}|[ivx]{1,4}|[a-z])[.)])[ \t]"
_BREAK = re.compile(rf"[ \t]*\n[ \t]*\n\s*|[ \t]*\n[ \t]*(?={_BULLET}\S)")
_ITEM_END = re.compile(rf"(?:^|\n)[ \t]*{_BULLET}[^\n]*\n(?=[ \t]*[^\W\d_a-z])")
_HEADING = re.compile(r"(?:^|\n)[ \t]*([^\W\d_][^\n.!?;,]{0,48}[^\n.!?;,:\s-])[ \t]*\n(?=[ \t]*[^\W\d_a-z])")
_GLUED = re.compile(r"(?<=[a-z]{3})[.!?]+(?=(?:[A-Z][a-z]+|[AI])[\s,])|(?<=[a-z]{2}[)\]])\.(?=[A-Z][a-z]+[\s,])")


def split(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence, in code points, end exclusive.

    Sentences are in order, do not overlap, begin and end with something other than white space, and leave out nothing
    but white space.
    """
    cuts = {0, len(text)}
    for pattern in (_BREAK, _ITEM_END, _HEADING):
        cuts.update(match.end() for match in pattern.finditer(text))
    cuts.update(match.end() for match in _GLUED.finditer(text) if not _is_address(text, match.start()))
    cuts.update(match.end() for match in _STOP.finditer(text) if _ends(text, match))
    points = sorted(cuts)
    spans = []
    for start, end in itertools.pairwise(points):
        piece = text[start:end]
        if stripped := piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            spans.append((begin, begin + len(stripped)))
    return spans


def _ends(text: str, stop: re.Match[str]) -> bool:
    """Return whether this punctuation ends a sentence."""
    if stop.group()[0] in "。！？":
        return True
    rest = text[stop.end() : stop.end() + 80]
    following = rest.lstrip()
    if not following:
        return True
    if rest[0] == following[0]:  # nothing between the punctuation and what follows
        return False
    line = text[max(0, stop.start() - 40) : stop.start()]
    if stop.group() == ".":
        return _full_stop_ends(line, following)
    return _can_begin(following)


def _full_stop_ends(line: str, following: str) -> bool:
    word = _BEFORE.search(line)
    before = word.group() if word else ""
    bare = following.lstrip(_OPENERS)
    next_word = _NEXT_WORD.match(bare)
    starter = next_word is not None and next_word.group() in _STARTERS
    if before.lower() in _NEVER:
        return before.lower() == "al" and starter
    if before.lower() in _NUMBERED:
        return not bare[:1].isdigit() and _can_begin(following) and before.lower() in {"no", "art", "app", "def"}
    if len(before) == 1 and before.isupper():
        return starter and not line[:-1].endswith(".")
    number = _NUMBER_BEFORE.search(line)
    if number and (re.match(rf"(?:{_MONTHS})\b", bare) or _numbers_a_line(line, number)):
        return False
    return _can_begin(following)


def _numbers_a_line(line: str, number: re.Match[str]) -> bool:
    """Return whether a number begins its line or follows a full stop, as that of a list item or heading does."""
    head = line[: number.start(1)].rstrip(" \t(")
    return not head or head[-1] in "\n.!?:;"


def _can_begin(following: str) -> bool:
    """Return whether a sentence can begin so: not in lower case, but for names such as qxoRef or mBERT."""
    bare = following.lstrip(_OPENERS + " -–•*")
    if not bare:
        return False
    if not bare[0].islower():
        return bare[0].isalnum() or bare[0] in "$#@%<\\+±~&"
    word = _NEXT_WORD.match(bare)
    return word is not None and any(ch.isupper() for ch in word.group().split("-")[0][1:])


def _is_address(text: str, position: int) -> bool:
    start = max(text.rfind(" ", 0, position), text.rfind("\n", 0, position)) + 1
    return re.search(r"[/@\\]|www\.", text[start : position + 1]) is not None

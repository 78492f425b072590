"""Cut a paper into passages of so many words, with exact offsets into the paper's own text."""

import re
from collections.abc import Iterator

from stores.records import Paper, Passage

MAX_WORD_CHARS = 40
CHARS_PER_WORD = 12
_TITLE_CHARS = 300
_SENTENCE_SHARE = 0.85
_WORD = re.compile(r"\S+")
# Chinese, Japanese and Thai write no blanks: five characters stand for a word there, as in English on average.
_PIECE = re.compile(r"[^。！？]{0,4}[。！？]|.{1,5}")
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’»)\]]*\Z")

Span = tuple[int, int]


def chunk(paper: Paper, words: int = 512, overlap: int = 50, max_chunks: int = 100) -> list[Passage]:
    """Cut the paper's body into passages of at most `words` words, neighbours sharing `overlap` words.

    A passage ends with a sentence where one ends in the last 15 % of its window, holds no more than 12 characters a
    word, and neither begins nor ends with white space. A token of more than 40 characters counts as one word for each
    5. No more than half a window is shared. A paper without a body has one passage: its title.

    Args:
        paper: the paper.
        words: the longest passage, in words.
        overlap: words at the end of a passage that the next one begins with.
        max_chunks: passages kept; the text behind them is left out.

    Returns:
        Passages in order, `passage.text == paper.section(passage.section)[passage.start:passage.end]`.
    """
    if words < 1 or max_chunks < 1 or overlap < 0:
        raise ValueError(f"no passages of {words} words, {overlap} shared, at most {max_chunks}, can be cut")
    body = paper.body
    spans = list(_windows(body, words, overlap, max_chunks))
    if spans:
        return [
            Passage(id=f"{paper.id}#{n}", paper_id=paper.id, ordinal=n, section="body", start=a, end=b, text=body[a:b])
            for n, (a, b) in enumerate(spans)
        ]
    start, end = next(_windows(paper.title, words, 0, 1), (0, len(paper.title)))
    text = paper.title[start:end]
    return [Passage(id=f"{paper.id}#0", paper_id=paper.id, ordinal=0, section="title", start=start, end=end, text=text)]


def document_text(paper: Paper, limit: int = 5000) -> str:
    """Return the text of a paper's one vector: its title as a first sentence, and its body, cut at `limit` characters.

    It is written as `passage_text` writes a passage, so that a paper of one passage is embedded once for both.
    """
    return _titled(paper, paper.body.strip())[:limit]


def passage_text(paper: Paper, passage: Passage) -> str:
    """Return what is embedded for a passage: its paper's title as a first sentence, and its text."""
    return passage.text if passage.section == "title" else _titled(paper, passage.text)


def _titled(paper: Paper, text: str) -> str:
    title = paper.title[:_TITLE_CHARS].strip()
    if not text:
        return title
    stop = "" if title.endswith((".", "!", "?", "。", "！", "？")) else "."
    return f"{title}{stop} {text}"


def _windows(text: str, words: int, overlap: int, limit: int) -> Iterator[Span]:
    """Yield the offsets of at most `limit` windows; only as much of the text is split as they need."""
    source = _words(text)
    units: list[Span] = []
    first = 0
    for _ in range(limit):
        while len(units) <= first + words and (unit := next(source, None)):
            units.append(unit)
        if first >= len(units):
            return
        end = _window_end(text, units, first, words)
        yield units[first][0], units[end - 1][1]
        if end == len(units):
            return
        first = max(end - min(overlap, (end - first) // 2), first + 1)


def _window_end(text: str, units: list[Span], first: int, words: int) -> int:
    """Return the index behind the last word of the window that begins with word `first`."""
    start = units[first][0]
    end = min(first + words, len(units))
    while end > first + 1 and units[end - 1][1] - start > words * CHARS_PER_WORD:
        end -= 1
    if end == len(units):
        return end
    earliest = first + int((end - first) * _SENTENCE_SHARE)
    for candidate in range(end, max(earliest, first), -1):
        begin, stop = units[candidate - 1]
        if _SENTENCE_END.search(text, begin, stop):
            return candidate
    return end


def _words(text: str) -> Iterator[Span]:
    for word in _WORD.finditer(text):
        if word.end() - word.start() <= MAX_WORD_CHARS:
            yield word.span()
        else:
            for piece in _PIECE.finditer(text, *word.span()):
                yield piece.span()

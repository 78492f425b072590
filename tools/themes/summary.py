"""Say what a text says of its best themes, in its own sentences, or in words that they were checked to support."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from prompts.characters import printable
from tools.grounding.answer import propose, settle
from tools.grounding.base import Citation, Evidence, Sentence, TokenUsage
from tools.grounding.quotable import quotable
from tools.grounding.word import MAX_TOKENS, messages
from tools.grounding.words import content_stems
from tools.themes.base import Theme, ThemeScore
from tools.themes.result import Ranking, Summary, SummarySentence, fits

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier

_Span = tuple[int, int]
_NONE = "The text has nothing on these themes."
_LOOKED_AT = 96  # sentences that are compared with the themes; encoding one takes milliseconds
_LONGEST = 1_000  # characters of a sentence that is quoted
_LEAST = 0.35  # similarity to a theme from which a sentence bears on it
_CLOSE = 0.1  # a second sentence may be so much less similar than the first


def summarize(
    text: str,
    themes: Sequence[Theme],
    ranking: Ranking,
    embedder: "Embedder",
    chat: "BaseChatModel | None" = None,
    *,
    calls: int = 0,
    model: str = "",
    verifier: "Verifier | None" = None,
) -> Summary:
    """Return what the text says of those of its best themes that it has something on.

    Args:
        text: that the themes were ranked for.
        themes: as they were ranked.
        ranking: their scores.
        embedder: compares sentences with themes.
        chat: words sentences; None for quotations alone.
        calls: how many sentences it may word.
        model: its name.
        verifier: decides on a wording with words of its own; None when each word must be the quotation's.
    """
    chosen = _choose(text, {theme.label: theme for theme in themes}, ranking.touched, embedder)
    usage = TokenUsage()
    sentences: list[SummarySentence] = []
    worded: dict[_Span, Sentence] = {}
    for label, span in chosen:
        if span not in worded:
            question = _question(label)
            item = _evidence(text, span)
            draft, used = propose(question, item, chat if usage.calls < calls else None)
            usage = usage.plus(used)
            worded[span] = settle(question, item, draft, embedder, verifier)
        sentences.append(_said(text, label, span, worded[span]))
    asked = chat is not None and calls > 0
    less = {score.label for score in ranking.touched if not fits(score)}
    return Summary(
        text=_in_lines(sentences, less) or _NONE, sentences=tuple(sentences), model=model if asked else "", usage=usage
    )


def requests(found: Summary) -> "list[tuple[list[BaseMessage], int]]":
    """Return what a model that words every sentence of a summary would be asked, and the most tokens of each answer."""
    by_span = {(one.start, one.end): one for one in reversed(found.sentences)}
    return [
        (messages(_question(one.theme), [_evidence(one.quote, (0, len(one.quote)))]), MAX_TOKENS)
        for one in by_span.values()
    ]


def _question(label: str) -> str:
    return f"What is said about {label}?"


def _choose(
    text: str, themes: dict[str, Theme], touched: Sequence[ThemeScore], embedder: "Embedder"
) -> list[tuple[str, _Span]]:
    """Return the sentences of each theme: the ranking's, where it may be quoted, and a second that is as near."""
    spans = [(s.start, s.end) for s in quotable(text) if s.end - s.start <= _LONGEST] if touched else []
    if not spans:
        return []
    spans = _bounded(text, spans, touched)
    vectors = embedder.embed([text[start:end] for start, end in spans])
    found: list[tuple[str, _Span]] = []
    for score in touched:
        theme = themes[score.label]
        query = embedder.embed_query(f"{theme.label}: {theme.description}" if theme.description else theme.label)
        near = {span: float(nearness) for span, nearness in zip(spans, vectors @ query, strict=True)}
        order = sorted(spans, key=lambda span: -near[span])
        ranked = (score.start, score.end)
        best = ranked if ranked in near else order[0]
        found.append((score.label, best))
        taken = {span for _, span in found}
        least = max(_LEAST, near[best] - _CLOSE)
        found += [(score.label, span) for span in order if span not in taken and near[span] >= least][:1]
    return found


def _bounded(text: str, spans: list[_Span], touched: Sequence[ThemeScore]) -> list[_Span]:
    """Return the sentences of a long text worth comparing: the ranking's, those with words of labels, and the first."""
    if len(spans) <= _LOOKED_AT:
        return spans
    ranked = {(score.start, score.end) for score in touched}
    words = content_stems(" ".join(score.label for score in touched))
    order = sorted(spans, key=lambda s: (s not in ranked, -len(content_stems(text[s[0] : s[1]]) & words), s))
    return sorted(order[:_LOOKED_AT])


def _evidence(text: str, span: _Span) -> Evidence:
    start, end = span
    citation = Citation(paper_id="", passage_id="", section="body", start=start, end=end, quote=text[start:end])
    return Evidence(citation=citation, title="", year=None, score=1.0)


def _said(text: str, label: str, span: _Span, sentence: Sentence) -> SummarySentence:
    return SummarySentence(
        text=sentence.text,
        theme=label,
        start=span[0],
        end=span[1],
        quote=text[span[0] : span[1]],
        wording="model" if sentence.wording == "model" else "quotation",
    )


def _in_lines(sentences: Sequence[SummarySentence], less: set[str]) -> str:
    """Return a line for each theme with its sentences, one that bears on several themes once; `less` fit less than clearly."""
    themes: dict[_Span, list[str]] = {}
    for one in sentences:
        themes.setdefault((one.start, one.end), []).append(one.theme)
    shown = {(one.start, one.end): one for one in reversed(sentences)}
    parts = []
    for labels, spans in groupby(themes, key=lambda span: themes[span]):
        said = (shown[span] for span in spans)
        quoted = " ".join(one.text if one.wording == "model" else f"“{one.text}”" for one in said)
        lead = "Less clearly, " if less.issuperset(labels) else ""
        parts.append(f"{lead}{'; '.join(printable(label) for label in labels)}: {quoted}")
    return "\n".join(parts)

"""Answer from evidence: sentences that a model worded and the check passed, or else the quotations themselves."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from prompts.characters import printable, visible
from tools.grounding.base import Evidence, Sentence, TokenUsage
from tools.grounding.check import check
from tools.grounding.cues import asked
from tools.grounding.word import word
from tools.grounding.words import content_stems, numbers
from tools.retrieval.parts import parts

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.embedding.base import Embedder
    from tools.grounding.verifiers.base import Verifier

_MOST_SENTENCES = 3
_DROP = 0.2  # a sentence that scores so much less than the best adds nothing
_MOST_CALLS = 2
_IN_FIGURES = frozenset({"quantity", "rank", "score", "size", "year"})
_KEPT = 0.5  # share of the new words of a quotation that a wording must keep, or it says too little


def answer(
    question: str,
    evidence: Sequence[Evidence],
    chat: "BaseChatModel | None",
    *,
    embedder: "Embedder | None" = None,
    verifier: "Verifier | None" = None,
    on_usage: Callable[[TokenUsage], None] | None = None,
) -> Iterator[Sentence]:
    """Yield the sentences of an answer, each as soon as it is checked.

    Args:
        question: as the user asked it.
        evidence: selected sentences, best first.
        chat: words the first sentences; None for quotations alone.
        embedder: adds a test of similarity to the check.
        verifier: decides on a wording with words of its own.
        on_usage: called with what each model call used.
    """
    for n, item in enumerate(shown(question, evidence)):
        draft, usage = propose(question, item, chat if n < _MOST_CALLS else None)
        if on_usage is not None and usage.calls:
            on_usage(usage)
        yield settle(question, item, draft, embedder, verifier)


def shown(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence that an answer shows: the best, what comes close to it, and one sentence for each part asked."""
    if not evidence:
        return []
    best = max(item.score for item in evidence)
    asked_for = max(1, len(parts(question)))
    return [item for n, item in enumerate(evidence[:_MOST_SENTENCES]) if n < asked_for or item.score >= best - _DROP]


def propose(
    question: str,
    item: Evidence,
    chat: "BaseChatModel | None",
    *,
    on_text: Callable[[str], None] | None = None,
) -> tuple[str, TokenUsage]:
    """Return the model's wording of one sentence, not yet checked, and what it cost; empty without a usable one.

    Args:
        question: as the user asked it.
        item: what the sentence is to say.
        chat: words it; None for no wording.
        on_text: called with the sentence so far, as it grows.
    """
    if chat is None:
        return "", TokenUsage()
    wording = word(question, [item], chat, on_text=on_text)
    return wording.text, wording.usage


def settle(
    question: str,
    item: Evidence,
    draft: str,
    embedder: "Embedder | None" = None,
    verifier: "Verifier | None" = None,
) -> Sentence:
    """Return the draft if the evidence supports it and it says what matters there, or else the quotation."""
    quote = visible(item.citation.quote)
    if draft and says_enough(draft, quote, question):
        verdict = check(draft, [quote], titles=[item.title], embedder=embedder, verifier=verifier)
        if verdict.supported:
            return Sentence(text=draft, citations=(item.citation,), wording="model")
    return Sentence(text=_as_sentence(item.citation.quote), citations=(item.citation,), wording="quotation")


def says_enough(text: str, quote: str, question: str) -> bool:
    """Return whether a wording keeps the figures, when figures are asked for, and most of what the quotation adds."""
    if any(cue.name in _IN_FIGURES for cue in asked(question)) and numbers(quote) - numbers(text):
        return False
    new = content_stems(quote) - content_stems(question)
    return not new or len(content_stems(text) & new) >= _KEPT * len(new)


def _as_sentence(quote: str) -> str:
    """Return a quotation on one line."""
    return " ".join(printable(quote).split())

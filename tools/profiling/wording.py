"""Sections in their final words: the program's, or a chat model's where these pass every check."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import prompts
from prompts.fence import fenced
from stores.errors import ModelError
from tools.grounding.base import TokenUsage
from tools.profiling.base import Checks, RankedDraft, Section, Statement, Violation
from tools.profiling.check import Allowed, counts, violations
from tools.profiling.faithful import unfaithful
from tools.profiling.scoring import score
from tools.profiling.sentences import Draft

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

# The sections that gain most by fluent words come first, when calls are few.
_ORDER = (0, 5, 2, 4, 3, 1)
_MIN_SENTENCES = 2
_PROGRAM = "program"
_TEMPERATURE = 0.6
_LONGEST = 20_000  # characters of a section; no draft is as long


def word(
    drafts: Sequence[Draft],
    allowed: Allowed,
    chat: "BaseChatModel | None" = None,
    max_calls: int = 2,
    per_section: int = 1,
) -> tuple[tuple[Section, ...], Checks, tuple[RankedDraft, ...], TokenUsage]:
    """Return the sections with what was checked, the drafts that were ranked, and what the model was asked.

    Args:
        drafts: the program's sections.
        allowed: the numbers and names of the facts.
        chat: rewords sections; None for the program's sentences alone.
        max_calls: how many sections the model may try.
        per_section: how many drafts of each, of which the best is shown; the first takes the likeliest words, the others
            are drawn with a seed each.
    """
    texts: dict[int, str] = {}
    rejected: list[Violation] = []
    ranked: list[RankedDraft] = []
    drafts = [_checked(draft, allowed, rejected) for draft in drafts]
    usage = TokenUsage()
    tried = [n for n in _ORDER if n < len(drafts) and len(drafts[n].sentences) >= _MIN_SENTENCES]
    for n in tried[:max_calls]:
        if chat is None:
            break
        of_model, faults, used = _drafts(chat, drafts[n], allowed, per_section)
        usage = usage.plus(used)
        rejected += faults
        ranked += of_model
        if best := next((one for one in of_model if one.chosen and one.origin != _PROGRAM), None):
            texts[n] = best.text
    sections = tuple(_section(draft, texts.get(n)) for n, draft in enumerate(drafts))
    numbers, names = counts([section.text for section in sections])
    checks = Checks(
        numbers=numbers,
        names=names,
        violations=tuple(v for section in sections for v in violations(section.title, section.text, allowed)),
        rejected=tuple(rejected),
        model_sections=len(texts),
    )
    return sections, checks, tuple(ranked), usage


def _drafts(
    chat: "BaseChatModel", draft: Draft, allowed: Allowed, number: int
) -> tuple[list[RankedDraft], list[Violation], TokenUsage]:
    """Return the model's drafts of a section and the program's, the best first, with what was wrong with those put aside."""
    found: list[RankedDraft] = []
    faults: list[Violation] = []
    usage = TokenUsage()
    for seed in range(number):
        try:
            text, used = _reworded(chat, draft, seed)
        except ModelError as error:
            faults.append(Violation(section=draft.title, kind="model", text=str(error)))
            continue
        usage = usage.plus(used)
        wrong = violations(draft.title, text, allowed) + unfaithful(draft.title, text, draft.sentences)
        faults += wrong
        found.append(_ranked(draft, f"model, seed {seed}", text, passed=not wrong))
    found.sort(key=lambda one: (not one.passed, -one.score.total))
    chosen = bool(found) and found[0].passed
    if chosen:
        found[0] = found[0].model_copy(update={"chosen": True})
    own = _ranked(draft, _PROGRAM, draft.text, passed=True).model_copy(update={"chosen": not chosen})
    return [*found, own] if found else [], faults, usage


def _ranked(draft: Draft, origin: str, text: str, *, passed: bool) -> RankedDraft:
    figures = score(text, draft.sentences)
    return RankedDraft(section=draft.title, origin=origin, text=text, score=figures, passed=passed)


def _section(draft: Draft, worded: str | None) -> Section:
    """Return a section; which papers stand behind which words of a model is not known, so all stand behind all."""
    if worded is None:
        return Section.of(draft.title, draft.statements)
    return Section.of(draft.title, [Statement(text=worded, paper_ids=draft.paper_ids)], "model")


def _checked(draft: Draft, allowed: Allowed, rejected: list[Violation]) -> Draft:
    """Return a draft without the statements that break the rule, so that it holds whatever the records contain."""
    kept = []
    for statement in draft.statements:
        found = violations(draft.title, statement.text, allowed)
        rejected += found
        if not found:
            kept.append(statement)
    return draft.model_copy(update={"statements": tuple(kept)})


def request(title: str, text: str) -> "tuple[list[BaseMessage], int]":
    """Return what a model is asked to word a section better, and the most tokens that it may write.

    Args:
        title: of the section.
        text: its sentences.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    filled = prompts.load("profile_section").fill(title=title, sentences=fenced(text, _LONGEST))
    # A rewording is about as long as its source; four characters make a token, and names take more.
    return [SystemMessage(filled.system), HumanMessage(filled.user)], len(text) // 2 + 50


def _reworded(chat: "BaseChatModel", draft: Draft, seed: int) -> tuple[str, TokenUsage]:
    messages, most = request(draft.title, draft.text)
    sampling: dict[str, Any] = {"temperature": 0.0} if seed == 0 else {"temperature": _TEMPERATURE, "seed": seed}
    answer = chat.invoke(messages, max_tokens=most, **sampling)
    used = answer.usage_metadata
    truncated = answer.response_metadata.get("finish_reason") == "length"
    text = "" if truncated else " ".join(str(answer.text).split())
    return text, TokenUsage(
        calls=1, input_tokens=used["input_tokens"] if used else 0, output_tokens=used["output_tokens"] if used else 0
    )

"""Put together what the caller gets, and remember the turn."""

from collections.abc import Iterator

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.entities import entities
from graphs.question.state import Reply, State, Update
from tools.grounding.base import Sentence
from tools.ner.base import Message

_REMEMBERED = 20  # messages; a follow-up looks back one or two


def reply(state: State, runtime: Runtime[Context]) -> Update:
    """Build the reply; the question and what was said of it become history."""
    result = compose(state, runtime.context.model)
    said = [
        Message(role="user", content=state["question"]),
        Message(role="assistant", content=result.answer or result.reason or ""),
    ]
    return {"reply": result, "history": [*state.get("history", []), *said][-_REMEMBERED:]}


def compose(state: State, model: str) -> Reply:
    """Return what the turn came to; `model` names the chat model that could word it."""
    resolved = state["resolved"]
    sentences = tuple(state["sentences"])
    answer = " ".join(_spoken(sentences))
    papers = tuple(state["papers"])
    reply = Reply(
        outcome=state["outcome"],
        intent=state["understanding"].intent,
        answer=answer,
        sentences=sentences,
        papers=papers,
        total=state["total"],
        entities=entities(resolved) if resolved else (),
        filters=state["wanted"],
        clarification=state["clarification"],
        reason=state["reason"],
        rewritten=state["understanding"].rewritten,
        model=model,
        usage=state["usage"],
        refinement=state["refinement"],
        timings=state["timings"],
        satisfied=tuple(state["satisfied"]),
        relaxations=tuple(state["relaxations"]) if state["outcome"] == "refused" else (),
    )
    if not reply.lists:
        return reply
    listed = [f"\n{n}. {' '.join(paper.title.split())} ({paper.year})" for n, paper in enumerate(papers, start=1)]
    return reply.model_copy(update={"answer": answer + "".join(listed)})


def _spoken(sentences: tuple[Sentence, ...]) -> Iterator[str]:
    """Yield the sentences, the first under each heading after it."""
    heading = None
    for sentence in sentences:
        changed = sentence.heading is not None and sentence.heading != heading
        yield f"{sentence.heading}: {sentence.text}" if changed else sentence.text
        heading = sentence.heading

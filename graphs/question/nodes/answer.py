"""Word the next sentence of the answer from its evidence."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.progress import Draft
from graphs.question.state import State, Update
from tools.grounding.answer import propose


def answer(state: State, runtime: Runtime[Context]) -> Update:
    """Draft one sentence: the model's, while it may be called, or the quotation."""
    understanding = state["understanding"]
    question = understanding.rewritten or understanding.question
    usage = state["usage"]
    chat = runtime.context.chat if usage.calls < runtime.context.limits.answer_calls else None

    def show(text: str) -> None:
        runtime.stream_writer(Draft(text))

    draft, used = propose(question, state["remaining"][0], chat, on_text=show)
    return {"draft": draft, "usage": usage.plus(used)}

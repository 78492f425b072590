"""Answer what is not a question about literature, or say why it is not answered."""

from langgraph.runtime import Runtime

from graphs.question.context import Context
from graphs.question.state import State, Update
from tools.grounding.base import Sentence

_HELLO = (
    "I answer questions about the papers in this library and the people behind them, and show where each sentence comes "
    "from. Ask what a paper says, for papers under conditions, or for an author's profile."
)
_OUT_OF_SCOPE = "This is not a question about scholarly literature or its authors, and I answer from papers alone"


def decline(state: State, runtime: Runtime[Context]) -> Update:
    """Greet, or refuse with the reason."""
    intent = state["understanding"].intent
    if intent == "chitchat":
        said = Sentence(text=_HELLO, citations=(), wording="program")
        runtime.stream_writer(said)
        return {"outcome": "answered", "sentences": [said]}
    return {"outcome": "refused", "reason": _OUT_OF_SCOPE}

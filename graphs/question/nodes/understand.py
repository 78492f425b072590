"""Understand the question, and begin the turn anew."""

import time

from langgraph.runtime import Runtime
from langgraph.types import Overwrite

from graphs.question.context import Context
from graphs.question.state import State, Turn, Update
from tools.grounding.base import TokenUsage


def understand(state: State, runtime: Runtime[Context]) -> Update:
    """Find intent, mentions and filters; nothing of the last turn but the conversation is kept."""
    started = time.perf_counter()
    fresh: Turn = {
        "resolved": None,
        "wanted": None,
        "hits": [],
        "evidence": [],
        "draft": "",
        "remaining": [],
        "sentences": [],
        "papers": [],
        "total": None,
        "satisfied": [],
        "relaxations": [],
        "reason": None,
        "clarification": None,
        "usage": TokenUsage(),
        "refinement": None,
    }
    understanding = runtime.context.understander.understand(state["question"], state.get("history", []))
    timings = Overwrite({"understand": round(time.perf_counter() - started, 4)})
    return {**fresh, "timings": timings, "understanding": understanding}

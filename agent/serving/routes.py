"""The plain routes, for those without LangChain: one request, one JSON answer."""

from typing import Annotated, Any

import orjson
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from agent import wire
from agent.serving.answers import ChatAnswer, Models, Similar, ThemesAnswer
from agent.serving.parts import Served
from agent.serving.schemas import ChatRequest, Failure, SimilarRequest, ThemesRequest
from agent.session import Asked, Done
from stores.errors import InputError

FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 401, 404, 413, 415, 429, 503)
}


async def served(request: Request) -> Served:
    """Return the parts that the server was built with."""
    found: Served = request.app.state.served
    return found


_PROBES = CapacityLimiter(1)  # a thread of its own: those of all other routes may be taken
Parts = Annotated[Served, Depends(served)]
router = APIRouter(responses=FAILURES)


@router.get("/health")
async def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(parts: Parts) -> dict[str, Any]:
    """Say whether questions can be answered: the library opens, the embedding model is loaded and the index fits it."""
    return {"status": "ready", "papers": await to_thread.run_sync(parts.ready, limiter=_PROBES)}


@router.get("/metrics", response_class=Response)
async def metrics(parts: Parts) -> Response:
    """Return the figures for Prometheus."""
    return Response(parts.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/models")
def models(parts: Parts) -> Models:
    """Return the models that answers are made with."""
    return parts.models()


@router.post("/rank-themes", response_model=None, responses={200: {"model": ThemesAnswer}})
def rank_themes(given: ThemesRequest, parts: Parts) -> dict[str, Any]:
    """Score themes for a text."""
    record: dict[str, Any] = parts.ranking.invoke(given)
    return record


@router.post("/similar", response_model=None, responses={200: {"model": Similar}})
def similar(given: SimilarRequest, parts: Parts) -> dict[str, Any]:
    """Find the papers nearest to a paper or a text."""
    if (given.paper_id is None) == (given.text is None):
        raise InputError("give either paper_id or text")
    with parts.library() as library:
        finder = library.parts.similar
        if given.paper_id is not None:
            try:
                found = finder.to_paper(given.paper_id, given.top)
            except InputError as error:
                raise InputError(error.what, hint="Find ids with /ask, or give text") from error
        else:
            found = finder.to_text(given.text or "", given.top)
    return {"paper_id": given.paper_id, "results": [wire.paper(each) for each in found]}


@router.post("/chat", response_model=None, responses={200: {"model": ChatAnswer}})
def chat(given: ChatRequest, parts: Parts, request: Request) -> dict[str, Any]:
    """Say something in a conversation, which remembers; the answer may be a question back."""
    thread = parts.thread(request.state.holder, given.thread)
    last: dict[str, Any] = {}
    with parts.library() as library:
        for event in library.in_threads.turn(given.text, thread):
            if isinstance(event, Asked):
                last = {"outcome": "needs_clarification", "clarification": event.clarification.model_dump(mode="json")}
            elif isinstance(event, Done):
                last = wire.reply(event.reply)
    return {"thread": given.thread, **last}


@router.get("/chat")
def threads(parts: Parts, request: Request) -> dict[str, Any]:
    """List the conversations of this key, the latest first."""
    mine = parts.thread(request.state.holder, "")
    return {
        "threads": [
            {**one.model_dump(mode="json"), "name": one.name.removeprefix(mine)}
            for one in parts.conversations.listed()
            if one.name.startswith(mine)
        ]
    }


@router.get("/chat/{thread:path}")
def turns(thread: str, parts: Parts, request: Request) -> Response:
    """Return the turns of a conversation of this key, or 404."""
    kept = parts.conversations.turns(parts.thread(request.state.holder, thread))
    if not kept:
        return _unknown(thread)
    return JSONResponse({"thread": thread, "turns": [_turn(one.question, one.at, one.body) for one in kept]})


@router.delete("/chat/{thread:path}")
def delete(thread: str, parts: Parts, request: Request) -> Response:
    """Delete a conversation of this key."""
    if not parts.conversations.delete(parts.thread(request.state.holder, thread)):
        return _unknown(thread)
    return JSONResponse({"deleted": thread})


def _turn(question: str, at: str, body: str) -> dict[str, Any]:
    return {"question": question, "at": at, **orjson.loads(body)}


def _unknown(thread: str) -> JSONResponse:
    return JSONResponse({"error": {"code": "unknown", "message": f"there is no conversation {thread!r}"}}, 404)

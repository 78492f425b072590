"""The application: LangServe's routes and plain ones behind the gate."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from langserve import add_routes
from pydantic import BaseModel, ValidationError

from agent.chat_models import answer_calls
from agent.models.answering import Cancelled, GrammarRefused, PromptTooLong
from agent.serving import generating
from agent.serving.gate import Gate, rate_of
from agent.serving.keys import KeysInForce
from agent.serving.parts import Served
from agent.serving.refusals import GONE
from agent.serving.routes import router
from agent.serving.schemas import AskRequest, ProfileRequest, ThemesRequest
from agent.settings import ServerSettings, Settings
from stores.errors import InputError, QuodvideError, StoreBusy

_STATUS = {InputError: 400, PromptTooLong: 400, GrammarRefused: 400, StoreBusy: 409, Cancelled: GONE}


def create_app(served: Served, keys: KeysInForce) -> FastAPI:
    """Return the application over parts that are open; it closes them when it ends.

    Raises:
        ConfigError: a setting of the server cannot be used.
    """
    settings = served.settings.server
    running = settings.running or os.cpu_count() or 1

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        served.close()

    # No pages of documentation: they would load their scripts from elsewhere. The document itself is at /openapi.json.
    app = FastAPI(title="Quodvide", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.served = served
    app.include_router(router)
    app.include_router(generating.router)
    for path, runnable, kind in (
        ("/ask", served.asking, AskRequest),
        ("/profile", served.profiling, ProfileRequest),
        ("/themes", served.ranking, ThemesRequest),
    ):
        add_routes(
            app,
            # Keeps a batch from running all its inputs at once.
            runnable.with_config(max_concurrency=running),
            path=path,
            # A caller configures nothing of what runs.
            config_keys=(),
            dependencies=[Depends(_well_formed(kind, settings.batch))],
            disabled_endpoints=["config_hashes", "config_schema", "feedback", "public_trace_link"],
        )
    app.add_exception_handler(QuodvideError, _failed)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _broken)
    rate = rate_of(settings.rate)
    app.add_middleware(
        Gate,
        settings=settings,
        rate=rate,
        keys=keys,
        metrics=served.metrics,
        running=running,
        generating=_generating(served.settings),
    )
    _allow(app, settings)
    return app


def _well_formed(kind: type[BaseModel], most: int) -> Callable[[Request], Awaitable[None]]:
    """Return what refuses with 422 what LangServe would take for granted and stumble over, with 413 too large a batch."""

    async def check(request: Request) -> None:
        if request.method != "POST":
            return
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError as error:
            raise HTTPException(422, f"the body is not JSON ({error})") from error
        many = request.url.path.endswith("/batch")
        given = body.get("inputs" if many else "input") if isinstance(body, dict) else None
        if not isinstance(given, list if many else dict):
            raise HTTPException(422, 'give {"inputs": [...]}' if many else 'give {"input": {...}}')
        if many and len(given) > most:
            raise HTTPException(
                413, f"the batch has {len(given):,} inputs, and may have {most:,} (setting server.batch)"
            )
        for n, each in enumerate(given if many else ()):
            try:
                kind.model_validate(each)
            except ValidationError as error:
                raise RequestValidationError(
                    [{**found, "loc": ("body", "inputs", n, *found["loc"])} for found in error.errors()]
                ) from error
        if body.get("kwargs") or not isinstance(body.get("config") or {}, dict | list):
            raise HTTPException(422, "config must be an object, and kwargs empty")

    return check


def _generating(settings: Settings) -> int:
    """Return how many requests of `/generate` are worked on: where answers are worded too, a context is left to them."""
    contexts = settings.chat.contexts
    return contexts - 1 if contexts > 1 and answer_calls(settings) else contexts


def _allow(app: FastAPI, settings: ServerSettings) -> None:
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["x-api-key", "authorization", "content-type"],
        )


def _failed(_: Request, error: Exception) -> JSONResponse:
    """Return an expected failure as one line; what is not the caller's fault is no answer to the question."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 503)
    code = getattr(error, "code", "error")
    return JSONResponse({"error": {"code": code, "message": str(error)}}, status)


def _unreadable(_: Request, error: Exception) -> Response:
    """Return what is wrong with a body, without the body itself, which may be large or no text at all."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    detail = [{name: one[name] for name in ("type", "loc", "msg")} for one in found]
    # The standard library's JSON escapes what is no text, such as half of a surrogate pair in the name of a field.
    return Response(json.dumps({"detail": detail}), 422, media_type="application/json")


def _broken(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": {"code": "internal", "message": f"internal error ({type(error).__name__})"}}, 500)

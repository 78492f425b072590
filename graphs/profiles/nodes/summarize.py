"""Summarize one author of many; what goes wrong with one is that one's outcome."""

from langgraph.runtime import Runtime

from graphs.profiles.context import Context
from graphs.profiles.state import Failure, Outcome, Request, Task
from stores.errors import InputError, QuodvideError
from tools.profiling.base import Profile
from tools.profiling.profile import profile


def summarize(state: Task, runtime: Runtime[Context]) -> dict[str, list[Outcome]]:
    """Return the outcome of one request."""
    place = state["place"]
    try:
        return {"outcomes": [Outcome(place=place, profile=one_author(runtime.context, state["request"]))]}
    except QuodvideError as error:
        failure = Failure(code=error.code, message=str(error))
    except Exception as error:  # noqa: BLE001 - a fault met with one author must not cost the others theirs
        failure = Failure(code="internal", message=f"internal error ({type(error).__name__}: {error})")
    return {"outcomes": [Outcome(place=place, failure=failure)]}


def one_author(context: Context, request: Request) -> Profile:
    """Return the profile of the author with this id or, when there is none, of the one person with this name.

    Raises:
        InputError: nobody is known by it, several are, or the window ends before it begins.
    """
    id_ = request.author if _known(context, request.author) else _by_name(context, request.author)
    ids = [paper.id for paper in context.catalogue.papers.by_author(id_)]
    return profile(
        context.catalogue,
        id_,
        request.window,
        context.chat if context.calls else None,
        context.vectors(ids),
        max_calls=context.calls,
        today=context.today(),
        counted=context.counted,
        per_section=context.drafts,
    )


def _known(context: Context, id_: str) -> bool:
    return bool(context.catalogue.authorities.get("author", [id_])) or context.catalogue.papers.has_author(id_)


def _by_name(context: Context, name: str) -> str:
    link = context.linker().link("author", name)
    if link.nil or not link.candidates:
        raise InputError(
            f"no author with the id or name {name!r} is known", hint="Look with `quodvide link --type author NAME`"
        )
    if link.ambiguous:
        several = "; ".join(f"{c.id} ({c.facts})" for c in link.candidates[:5])
        raise InputError(f"{name!r} can be several people: {several}", hint="Give the id")
    return link.candidates[0].id

"""What LangServe serves: questions, profiles and themes as LangChain runnables with records in and records out."""

from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator, RunnableLambda
from langchain_core.runnables.utils import AddableDict
from starlette.concurrency import run_in_threadpool

from agent import wire
from agent.models.answering import Cancelled
from agent.models.stopping import stopped
from agent.profiles import one, to_record
from agent.serving.schemas import AskRequest, ProfileRequest, ThemesRequest
from agent.session import Done, Said
from agent.theme_command import to_record as theme_record
from stores.errors import QuodvideError
from tools.ner.base import Message

if TYPE_CHECKING:
    from agent.serving.parts import Library

Record = dict[str, Any]
Libraries = Callable[[], "AbstractContextManager[Library]"]  # gives the newest, to work with for a while


def asking(libraries: Libraries) -> Runnable[Any, Any]:
    """Return a runnable that answers questions; it streams each sentence when it is checked, and then the rest."""

    async def answer(given: AsyncIterator[Any]) -> AsyncIterator[Record]:
        async for one_given in given:
            _unless_stopped()
            request = AskRequest.model_validate(one_given)
            steps = _answer(libraries, request)
            try:
                while (part := await run_in_threadpool(next, steps, None)) is not None:
                    yield part
            finally:
                # A client that has gone stops the answer before its next sentence.
                await run_in_threadpool(steps.close)

    return RunnableGenerator(answer).with_types(input_type=AskRequest, output_type=Record).with_config(run_name="ask")


def _answer(libraries: Libraries, request: AskRequest) -> Generator[AddableDict]:
    history = [Message(role=turn.role, content=turn.content) for turn in request.history]
    said = 0
    with libraries() as library:
        for event in library.alone.stream(request.question, history):
            if isinstance(event, Said):
                said += 1
                yield AddableDict(sentences=[wire.sentence(event.sentence)])
            elif isinstance(event, Done):
                record = wire.reply(event.reply)
                yield AddableDict(record, sentences=record.get("sentences", [])[said:])


class _Telling(RunnableLambda[Any, Any]):
    """A runnable whose stream ends with a record of what went wrong, as a batch of files does.

    A stream has begun with status 200 before anything can fail, and LangServe would say "Internal Server Error" and
    break it off. In a batch such a record stands in the place of what failed, so that the rest is not lost.
    """

    async def astream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> AsyncIterator[Any]:  # noqa: A002 - LangChain's name
        """Yield the record, or `{"error": {"code", "message"}}`."""
        try:
            yield await self.ainvoke(input, config, **kwargs)
        except QuodvideError as error:
            yield _told(error)

    async def abatch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,  # noqa: ARG002 - they are records
        **kwargs: Any,
    ) -> list[Any]:
        """Return the record of each input, or `{"error": {"code", "message"}}`."""
        found = await super().abatch(inputs, config, return_exceptions=True, **kwargs)
        for each in found:
            if isinstance(each, Cancelled) or (isinstance(each, Exception) and not isinstance(each, QuodvideError)):
                raise each
        return [_told(each) if isinstance(each, QuodvideError) else each for each in found]


def _told(error: QuodvideError) -> Record:
    return {"error": {"code": error.code, "message": str(error)}}


def profiling(libraries: Libraries) -> Runnable[Any, Any]:
    """Return a runnable that summarizes an author's work."""

    def profile(given: Any) -> Record:
        _unless_stopped()
        request = ProfileRequest.model_validate(given)
        with libraries() as library:
            return to_record(one(library.profiles, request.model_dump(exclude_none=True)), request.author_id)

    return _Telling(profile).with_types(input_type=ProfileRequest, output_type=Record)


def ranking(libraries: Libraries) -> Runnable[Any, Any]:
    """Return a runnable that ranks themes for a text."""

    def rank(given: Any) -> Record:
        _unless_stopped()
        request = ThemesRequest.model_validate(given)
        listed = None if request.themes is None else [theme.model_dump() for theme in request.themes]
        with libraries() as library:
            return theme_record(library.themes.rank(request.text, listed, summary=request.summary))

    return _Telling(rank).with_types(input_type=ThemesRequest, output_type=Record)


def _unless_stopped() -> None:
    """End here where the client has gone, such as between two inputs of a batch.

    Raises:
        Cancelled: nobody waits any more.
    """
    if stopped():
        raise Cancelled("the client has gone")

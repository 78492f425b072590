"""What goes wrong with a model elsewhere, told apart: the providers' libraries share no base class, but their errors share a form."""

import os
from collections.abc import Iterator

from prompts.characters import printable
from stores.errors import ModelError, QuodvideError

_SHOWN = 160  # characters of what a server says
_SLOW = 408
_BUSY = 429
_KEY = (401, 403)
# What the libraries raise over a page of HTML, or JSON of another form.
_UNREAD = (AttributeError, LookupError, TypeError, ValueError)
FAILED = 500
_HIGHEST = 599


class RemoteError(ModelError):
    """A model elsewhere did not answer.

    Args:
        what: is wrong, as for every error.
        where: the model's name.
        hint: what to do.
        retry_after: seconds that the server asks to be left alone; 0 when it says nothing.
        status: of its HTTP answer; 0 without one.
    """

    code = "remote"

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", retry_after: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.retry_after = retry_after
        self.status = status


class RemoteTimeout(RemoteError):
    """It took too long."""

    code = "remote_timeout"


class RemoteRefused(RemoteError):
    """It does not accept the key, or has none."""

    code = "remote_key"


class RemoteBusy(RemoteError):
    """It has too much to do, or the allowance is used up."""

    code = "remote_busy"


class RemoteBroken(RemoteError):
    """It failed, or the connection to it did."""

    code = "remote_broken"


class RemoteNonsense(RemoteError):
    """What it sends is no answer of a chat model."""

    code = "remote_nonsense"


def fault_of(error: Exception, where: str, key: str = "") -> QuodvideError:
    """Return what an error of a provider's library means.

    Args:
        error: as it was raised.
        where: the model's name.
        key: the environment variable that should hold the key, for the hint.
    """
    if isinstance(error, QuodvideError):
        return error
    status = _status(error)
    said = _said(error, os.environ.get(key, ""))
    if status in _KEY:
        hint = f"Set {key} to a key that is valid" if key else "Check the key"
        found: RemoteError = RemoteRefused(f"the key was not accepted (status {status})", where=where, hint=hint)
    elif status == _BUSY:
        after = _retry_after(error)
        asks = f"; it asks to wait {after:g} s" if after else ""
        what = f"it takes no more requests now (status {status}){asks}"
        found = RemoteBusy(what, where=where, hint="Try later", retry_after=after)
    elif status == _SLOW or _times_out(error):
        found = RemoteTimeout("it did not answer in time", where=where, hint="Allow more time or try later")
    elif status >= FAILED:
        found = RemoteBroken(f"it failed (status {status}: {said})", where=where, hint="Try later", status=status)
    elif status:
        found = RemoteError(f"it refuses the request (status {status}: {said})", where=where, status=status)
    elif _connection(error):
        hint = "Check its address and that it is running"
        found = RemoteBroken(f"the connection failed ({said})", where=where, hint=hint)
    elif isinstance(error, _UNREAD):
        hint = "Check that its address is that of an OpenAI-compatible server"
        found = RemoteNonsense(f"what it sent is no answer ({said})", where=where, hint=hint)
    else:
        found = RemoteError(f"{type(error).__name__}: {said}", where=where)
    return found


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _status(error: Exception) -> int:
    """Return the HTTP status, under the names by which the libraries keep it; 0 without one."""
    for one in _chain(error):
        for value in (
            getattr(one, "status_code", None),
            getattr(getattr(one, "response", None), "status_code", None),
            getattr(one, "code", None),
        ):
            if isinstance(value, int) and _KEY[0] - 1 <= value <= _HIGHEST:
                return value
    return 0


def _times_out(error: Exception) -> bool:
    return any(isinstance(one, TimeoutError) or "timeout" in type(one).__name__.casefold() for one in _chain(error))


def _connection(error: Exception) -> bool:
    import httpx

    names = ("connect", "protocol", "network", "remote")
    return any(
        isinstance(one, (OSError, httpx.TransportError)) or any(name in type(one).__name__.casefold() for name in names)
        for one in _chain(error)
    )


def _retry_after(error: Exception) -> float:
    for one in _chain(error):
        headers = getattr(getattr(one, "response", None), "headers", None) or {}
        try:
            return max(0.0, float(headers.get("retry-after", "")))
        except ValueError:
            continue
    return 0.0


def _said(error: Exception, key: str) -> str:
    """Return the first line of what the server or the library says, cut short and without the key."""
    message = str(getattr(error, "message", "") or error) or type(error).__name__
    message = message.replace(key, "(the key)") if key else message
    return printable(message.strip().partition("\n")[0])[:_SHOWN]

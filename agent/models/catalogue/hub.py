"""What a model hub says of a file before it is fetched: its size, its digest, and the revision that has both."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from agent.models.catalogue.names import Source
from stores.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 30.0  # without a sign of the hub
_REDIRECTS = 5
_TOKEN = re.compile(r"[!-~]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REDIRECTED = {301, 302, 303, 307, 308}
_UNKNOWN = 404
_LATER = {408, 425, 429}
_FAULT = 500


class HubFile(NamedTuple):
    """A file of a hub.

    Attributes:
        url: where it is fetched.
        size: bytes.
        sha256: digest, in hexadecimal digits.
        revision: commit, or the name of a branch where the hub does not say it.
    """

    url: str
    size: int
    sha256: str
    revision: str


class Unavailable(ModelError):
    """The hub cannot be reached, or says that it cannot answer now; asked again, it may."""

    code = "hub_unavailable"


@contextmanager
def opened() -> "Iterator[httpx.Client]":
    """Open a client; a token of HF_TOKEN is sent to the hub and, as httpx has it, to no other host that it points to.

    Raises:
        ConfigError: HF_TOKEN holds what can be no token.
    """
    import httpx

    # Compressed, a file could not be resumed by its bytes.
    headers = {"User-Agent": f"quodvide/{version('quodvide')}", "Accept-Encoding": "identity"}
    if token := os.environ.get("HF_TOKEN", "").strip():
        if not _TOKEN.fullmatch(token):
            raise ConfigError("holds no token", where="HF_TOKEN", hint="Set it anew, or take it out")
        headers["Authorization"] = f"Bearer {token}"
    with httpx.Client(timeout=TIMEOUT_S, headers=headers) as client:
        yield client


def look(client: "httpx.Client", hub: str, source: Source, revision: str = "main") -> HubFile:
    """Ask a hub about a file.

    Args:
        client: of `opened`.
        hub: its address.
        source: which file.
        revision: branch or commit.

    Raises:
        Unavailable: the hub cannot be reached or is out of order.
        ModelError: it has no such file, wants a token for it, or gives no checksum.
    """
    url = _address(hub, source, revision)
    answer = _head(client, url)
    check(answer, hub, source)
    digest = _unquoted(answer.headers.get("X-Linked-Etag") or answer.headers.get("ETag", ""))
    size = answer.headers.get("X-Linked-Size") or answer.headers.get("Content-Length", "")
    if not _SHA256.fullmatch(digest) or not size.isdecimal() or not int(size):
        raise ModelError(
            "the hub gives no checksum and size of this file, so that it cannot be trusted",
            where=_said(hub, source),
            hint="Fetch it by other means and name its path",
        )
    commit = answer.headers.get("X-Repo-Commit", "") or revision
    return HubFile(_address(hub, source, commit), int(size), digest, commit)


def check(answer: "httpx.Response", hub: str, source: Source) -> None:
    """Turn what a hub refuses into one clear line.

    Raises:
        Unavailable: it may answer later.
        ModelError: it will not.
    """
    code, where = answer.status_code, _said(hub, source)
    if code in {401, 403}:
        hint = f"Accept its licence at {hub}/{source.repository} and set HF_TOKEN to a token of yours"
        raise ModelError(f"the hub does not give this file to everybody ({code})", where=where, hint=hint)
    if code == _UNKNOWN:
        raise ModelError("the hub has no such file", where=where, hint=f"See {hub}/{source.repository}")
    if code in _LATER or code >= _FAULT:
        raise Unavailable(f"the hub cannot answer now ({code})", where=where, hint="Try again later")
    if code not in {200, 206} | _REDIRECTED:
        raise ModelError(f"the hub answered with {code}", where=where)


def unreachable(error: Exception, where: str) -> Unavailable:
    """Return the error that says why a hub was not reached."""
    reason = str(error) or type(error).__name__
    hint = "Check the network and the setting models.hub; what was fetched is kept, and the same command goes on there"
    return Unavailable(f"cannot be reached ({reason})", where=where, hint=hint)


def _head(client: "httpx.Client", url: str) -> "httpx.Response":
    """Ask for a file's headers, following the hub's own redirects; where it points elsewhere, its headers say enough."""
    import httpx

    try:
        for _ in range(_REDIRECTS):
            answer = client.head(url)
            target = urljoin(url, answer.headers.get("Location", ""))
            if answer.status_code not in _REDIRECTED or urlsplit(target).netloc != urlsplit(url).netloc:
                return answer
            if "X-Linked-Etag" in answer.headers:
                return answer
            url = target
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # urllib's complaints about addresses too
        raise unreachable(error, url) from error
    raise ModelError("the hub sends from one address to the next", where=url)


def _address(hub: str, source: Source, revision: str) -> str:
    return f"{hub.rstrip('/')}/{source.repository}/resolve/{quote(revision, safe='')}/{quote(source.file)}"


def _said(hub: str, source: Source) -> str:
    return f"{hub.rstrip('/')}/{source.repository}/{source.file}"


def _unquoted(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"').lower()

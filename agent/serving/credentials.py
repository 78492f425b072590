"""Who sends a request: by the key that it carries, or, where there is no key, by the name that it calls the server.

A key is in a header of its own, a Bearer token, or the password of HTTP Basic. A browser asks for the last and then sends
it with every request to this server, also with those that another site's page makes it send. Such a page can send forms,
but no JSON, unless it is let (CORS); so what is posted must be JSON. A page whose own name was made to lead here (DNS
rebinding) could read answers too, but its requests call the server by that name; so without keys only this machine's
names are taken.
"""

import base64
import binascii
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.offline import is_loopback
from agent.serving.refusals import UNAUTHORIZED, Refusal

if TYPE_CHECKING:
    from agent.serving.gate import Scope
    from agent.serving.keys import KeysInForce

ANYBODY = "anybody"
_WRONG_HOST = 400
_WRONG_FORM = 415


def holder_of(scope: "Scope", keys: "KeysInForce", origins: Iterable[str]) -> str:
    """Return whose key a request carries, or `ANYBODY` where no key is needed.

    Raises:
        Refusal: none, an unknown one, a name of the server that is not this machine's, or what may be another site's form.
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    known = keys.now()
    if keys.closed:
        key = headers.get(b"x-api-key") or _given(headers.get(b"authorization", ""))
        holder = known.holder(key) if key else None
        if holder is None:
            raise Refusal(
                UNAUTHORIZED, "key", "give an API key in X-Api-Key, as a Bearer token, or as the password of HTTP Basic"
            )
    else:
        holder = ANYBODY
        name = host_name(headers.get(b"host", ""))
        if not is_loopback(name) and name not in {urlsplit(origin).hostname for origin in origins}:
            raise Refusal(_WRONG_HOST, "host", "without keys the server must be called localhost or 127.0.0.1")
    kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
    if scope["method"] == "POST" and kind != "application/json":
        raise Refusal(_WRONG_FORM, "form", "the body must have the content type application/json")
    return holder


def host_name(host: str) -> str:
    """Return the name within a Host header, in small letters and without the port; empty when it cannot be read."""
    with suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""


def _given(authorization: str) -> str:
    """Return the key of an Authorization header: the password of Basic, else what follows the scheme."""
    scheme, _, rest = authorization.partition(" ")
    return _password(rest) if scheme.lower() == "basic" else rest.strip()


def _password(encoded: str) -> str:
    """Return the password of Basic credentials, empty when they cannot be read; any user name will do."""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""

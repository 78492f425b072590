"""The key that a request carries: in a header of its own, as a Bearer token, or as the password of HTTP Basic.

A browser asks for the last and then sends it with every request to this server, also with those that another site's
page makes it send. Such a page can send forms, but no JSON, unless it is let (CORS); so a POST by Basic must be JSON.
"""

import base64
import binascii
from typing import TYPE_CHECKING

from agent.serving.refusals import UNAUTHORIZED, Refusal

if TYPE_CHECKING:
    from agent.serving.gate import Scope
    from agent.serving.keys import Keys

_WRONG_FORM = 415


def holder_of(scope: "Scope", keys: "Keys") -> str:
    """Return whose key a request carries.

    Raises:
        Refusal: none, an unknown one, or one that a browser sends with what may be another site's form.
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    scheme, _, rest = headers.get(b"authorization", "").partition(" ")
    by_browser = b"x-api-key" not in headers and scheme.lower() == "basic"
    key = headers.get(b"x-api-key") or (_password(rest) if by_browser else rest.strip())
    holder = keys.holder(key) if key else None
    if holder is None:
        raise Refusal(
            UNAUTHORIZED, "key", "give an API key in X-Api-Key, as a Bearer token, or as the password of HTTP Basic"
        )
    kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
    if by_browser and scope["method"] == "POST" and kind != "application/json":
        raise Refusal(_WRONG_FORM, "form", "with HTTP Basic a body must have the content type application/json")
    return holder


def _password(encoded: str) -> str:
    """Return the password of Basic credentials, empty when they cannot be read; any user name will do."""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""

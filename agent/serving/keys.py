"""API keys: random tokens of which only the SHA-256 is kept, so that who reads the file cannot use them.

A key is 32 random bytes, so that a plain hash is enough: there is nothing to guess. The file has a line for each key,
its name and its hash; settings can give such lines too.
"""

import hashlib
import logging
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from stores.errors import ConfigError, InputError
from stores.home import private, seen

FILE = "keys.txt"
_LOG = logging.getLogger(__name__)
# Signs that have one spelling only: a holder's conversations are kept under the name.
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE = re.compile(rf"(?P<name>{_NAME.pattern})\s+(?P<hash>[0-9a-f]{{64}})")


class Keys:
    """The keys that a server takes.

    Args:
        hashes: the name of the holder by hash.
    """

    def __init__(self, hashes: dict[str, str]) -> None:
        self._hashes = hashes

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._hashes)

    def names(self) -> set[str]:
        """Return whose keys they are."""
        return set(self._hashes.values())

    def holder(self, key: str) -> str | None:
        """Return whose key it is, or None."""
        # A hash looked up in a dictionary gives nothing away: who does not know the key cannot choose the hash.
        return self._hashes.get(hashed(key))


class KeysInForce:
    """The keys of a home folder's file and of the settings, as they are at each moment.

    A server that has had a key stays closed when the last one goes. While the file is damaged, the keys of before count.

    Args:
        home: the home folder.
        given: keys of the settings, a name and a hash each.

    Raises:
        ConfigError: a line is no name and hash, or the file cannot be read.
    """

    def __init__(self, home: Path, given: Iterable[str]) -> None:
        self._home, self._given = home, tuple(given)
        self._seen = seen(home / FILE)
        self._keys = read_keys(home, self._given)
        self.closed = bool(len(self._keys))

    def now(self) -> Keys:
        """Return the keys of this moment; the file is read only when it has changed."""
        if (state := seen(self._home / FILE)) != self._seen:
            self._seen = state
            try:
                self._keys = read_keys(self._home, self._given)
            except ConfigError as error:
                _LOG.warning("the keys of before count on: %s", error)
            self.closed = self.closed or bool(len(self._keys))
        return self._keys


def hashed(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def read_keys(home: Path, given: Iterable[str]) -> Keys:
    """Return the keys of the home folder's file and of the settings.

    Raises:
        ConfigError: a line is no name and hash, or the file cannot be read.
    """
    path = home / FILE
    lines = [("setting server.keys", line) for line in given]
    try:
        if path.is_file():
            lines += [(f"{path}:{n}", row) for n, row in enumerate(path.read_text("utf-8").splitlines(), start=1)]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("the keys cannot be read", where=str(path)) from error
    found: dict[str, str] = {}
    for where, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ConfigError(
                "not a name and a SHA-256", where=where, hint="Make keys with `quodvide serve --new-key NAME`"
            )
        found[match["hash"]] = match["name"]
    return Keys(found)


def new_key(home: Path, name: str) -> str:
    """Return a new key, its hash added to the home folder's file.

    Raises:
        InputError: the name has other signs than ASCII letters, digits, dots, dashes and underscores, or is taken.
        ConfigError: the file cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot name a key", hint="Use letters from a to z, digits, dots, dashes and underscores"
        )
    if name in read_keys(home, ()).names():
        raise InputError(f"there is a key of {name} already", hint=f"Remove its line from {home / FILE} first")
    key = secrets.token_urlsafe(32)
    path = home / FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        private(path)
        kept = path.read_text("utf-8")
        # An editor may have left the last line without its end.
        ended = not kept or kept.endswith("\n")
        with path.open("a", encoding="utf-8") as file:
            file.write(("" if ended else "\n") + f"{name} {hashed(key)}\n")
    except OSError as error:
        raise ConfigError(f"the key cannot be kept ({error.strerror})", where=str(path)) from error
    return key

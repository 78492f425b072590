"""API keys: random tokens of which only the SHA-256 is kept, so that who reads the file cannot use them.

A key is 32 random bytes, so that a plain hash is enough: there is nothing to guess. The file has a line for each key,
its name and its hash; settings can give such lines too.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from stores.errors import ConfigError, InputError

FILE = "keys.txt"
_LINE = re.compile(r"(?P<name>[\w.-]{1,64})\s+(?P<hash>[0-9a-f]{64})")
_NAME = re.compile(r"[\w.-]{1,64}")


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
        InputError: the name has other signs than letters, digits, dots, dashes and underscores, or is taken.
        ConfigError: the file cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot name a key", hint="Use letters, digits, dots, dashes and underscores")
    if name in read_keys(home, ()).names():
        raise InputError(f"there is a key of {name} already", hint=f"Remove its line from {home / FILE} first")
    key = secrets.token_urlsafe(32)
    path = home / FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{name} {hashed(key)}\n")
        path.chmod(0o600)
    except OSError as error:
        raise ConfigError(f"the key cannot be kept ({error.strerror})", where=str(path)) from error
    return key

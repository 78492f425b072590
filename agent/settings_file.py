"""Changes single settings in the home folder's settings.toml; what else is there, comments too, stays as it is."""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from stores.errors import ConfigError, StoreError


def change(path: Path, group: str, values: Mapping[str, str | float | None]) -> None:
    """Set settings of a group, or with None take them out, so that the default holds; the file is made when missing.

    Args:
        path: the file.
        group: name of a table, such as chat.
        values: by their names in that table.

    Raises:
        ConfigError: the file is not valid TOML.
        StoreError: it cannot be read or written.
    """
    path = path.resolve()  # where it is a link, what it points to is changed
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        changed = changed_text(text, group, values)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, changed)
    except ValueError as error:  # of both TOML libraries, and of what is no UTF-8
        raise ConfigError(f"is not valid TOML ({error})", where=str(path), hint="Mend it first") from error
    except OSError as error:
        raise StoreError(f"cannot be changed ({error.strerror})", where=str(path)) from error


def changed_text(text: str, group: str, values: Mapping[str, str | float | None]) -> str:
    """Return a TOML text with some settings of a group changed.

    Raises:
        ValueError: the text is not valid TOML, or the group is no table in it.
    """
    import tomlkit

    document = tomlkit.parse(text)
    if group not in document:
        document.add(group, tomlkit.table())
    table: Any = document[group]
    if not hasattr(table, "items"):
        raise ValueError(f"{group} is no table")
    for name, value in values.items():
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
    changed = tomlkit.dumps(document)
    if tomllib.loads(changed) != _expected(tomllib.loads(text), group, values):
        raise ValueError(f"its table {group} is written in a way that cannot be changed here")
    return changed


def _expected(settings: dict[str, Any], group: str, values: Mapping[str, str | float | None]) -> dict[str, Any]:
    """Return the settings as they should be read after the change."""
    table = {**settings.get(group, {}), **{name: value for name, value in values.items() if value is not None}}
    kept = {name: value for name, value in table.items() if values.get(name, value) is not None}
    return {**settings, group: kept}


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all, with the rights that it had."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        if path.exists():
            Path(file.name).chmod(path.stat().st_mode & 0o777)
        Path(file.name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(file.name).unlink()
        raise

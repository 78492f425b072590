"""Prompts as Markdown files with `$blanks`, loaded by name.

A file holds a part headed "## system" and a part headed "## user". Braces of JSON need no escapes in `$` templates, and
a blank that is missing or surplus is an error of the caller, found the first time that the prompt is used.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from string import Template

__all__ = ["FilledPrompt", "Prompt", "load", "names", "use"]

_PART = re.compile(r"^## (system|user)[ \t]*\n", re.MULTILINE)


@dataclass(frozen=True)
class FilledPrompt:
    """The two messages to send; `system` may be empty."""

    system: str
    user: str


@dataclass(frozen=True)
class Prompt:
    """A prompt as it stands in its file; `version` is a hash of the content."""

    name: str
    system: str
    user: str
    version: str

    @property
    def blanks(self) -> frozenset[str]:
        """Return the names of the blanks."""
        return frozenset(Template(self.system).get_identifiers()) | frozenset(Template(self.user).get_identifiers())

    def fill(self, **blanks: str) -> FilledPrompt:
        """Put a text into every blank; `$` within the texts stays as it is.

        Raises:
            ValueError: a blank is missing or surplus.
        """
        missing, surplus = self.blanks - blanks.keys(), blanks.keys() - self.blanks
        if missing or surplus:
            raise ValueError(f"prompt {self.name!r}: missing blanks {sorted(missing)}, surplus {sorted(surplus)}")
        return FilledPrompt(Template(self.system).substitute(blanks), Template(self.user).substitute(blanks))


_own: dict[str, Prompt] = {}  # what `use` put in the place of shipped prompts, for the whole process


def use(folder: Path | None) -> None:
    """Let the files of a folder stand for the shipped prompts of the same names; None goes back to those.

    Raises:
        ValueError: a file is no prompt, has other blanks than the shipped one, or there is none of its name.
        OSError: the folder cannot be read.
    """
    _own.clear()
    found = (
        {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(folder.iterdir())} if folder else {}
    )
    for name, prompt in found.items():
        if (blanks := load(name).blanks) != prompt.blanks:
            raise ValueError(f"prompt {name!r}: needs the blanks {sorted(blanks)}, has {sorted(prompt.blanks)}")
    _own.update(found)


def load(name: str) -> Prompt:
    """Return the prompt of the file `name`.md.

    Raises:
        ValueError: there is no such prompt, or it has not exactly the parts system and user, or a `$` stands alone.
    """
    return _own.get(name) or _shipped(name)


@cache
def _shipped(name: str) -> Prompt:
    path = resources.files(__name__).joinpath(f"{name}.md")
    if name not in names():
        raise ValueError(f"there is no prompt {name!r}; there are {', '.join(names())}")
    return parse(name, path.read_text("utf-8"))


def parse(name: str, content: str) -> Prompt:
    """Read the text of a prompt file; what stands before the first part is a note to the reader."""
    pieces = _PART.split(content)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    if sorted(pieces[1::2]) != ["system", "user"]:
        raise ValueError(f"prompt {name!r}: needs one part '## system' and one part '## user'")
    for part in parts.values():
        if not Template(part).is_valid():
            raise ValueError(f"prompt {name!r}: a '$' that starts no blank must be written '$$'")
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Prompt(name, parts["system"].strip(), parts["user"].strip(), version)


def names() -> list[str]:
    """Return the names of all prompts."""
    return sorted(p.name.removesuffix(".md") for p in resources.files(__name__).iterdir() if p.name.endswith(".md"))

"""What Tab completes: commands, names of authors, conversations and files."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from prompts.characters import printable

_MOST = 12
_LETTERS = 3  # of a name in a question before it is looked for
_WORDS = 3  # of a name that are looked at before the unfinished one
_WORD = re.compile(r"\S+\s*$")
_THREADS = {"/thread", "/resume", "/delete"}
_FILES = {"/export", "/model"}


class ChatCompleter(Completer):
    """Completes what stands before the cursor.

    Args:
        commands: every command with its slash.
        people: from the beginning of a name, and how many, to names of authors.
        threads: gives the names of all conversations.
    """

    def __init__(
        self,
        commands: Sequence[str],
        people: Callable[[str, int], Sequence[str]],
        threads: Callable[[], Sequence[str]],
    ) -> None:
        self._commands = commands
        self._people = people
        self._threads = threads
        self._files = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield completions of a command, of its argument, or of a name in a question."""
        text = document.text_before_cursor
        command, given, argument = text.partition(" ")
        if not text.startswith("/"):
            return self._names_within(text)
        if not given:
            return _beginning(text, self._commands)
        return self._arguments(command, argument, complete_event)

    def _arguments(self, command: str, argument: str, event: CompleteEvent) -> Iterator[Completion]:
        if command in _THREADS:
            yield from _beginning(argument, self._threads())
        elif command == "/profile":
            yield from self._names(argument)
        elif command in _FILES:
            yield from _beginning(argument, ["bundled", "none"] if command == "/model" else [])
            yield from self._files.get_completions(Document(argument), event)
        else:
            yield from self._names_within(argument)

    def _names(self, beginning: str) -> list[Completion]:
        if not beginning.strip():
            return []
        return [Completion(printable(name), -len(beginning)) for name in self._people(beginning, _MOST)]

    def _names_within(self, text: str) -> list[Completion]:
        """Return names that the last words begin, the longest run of capitalized words that begins any."""
        last = _WORD.search(text)
        if last is None or last.group()[-1].isspace() or sum(map(str.isalpha, last.group())) < _LETTERS:
            return []
        starts = [last.start()]
        while len(starts) <= _WORDS and (before := _WORD.search(text[: starts[-1]])):
            starts.append(before.start())
        for n, start in enumerate(starts):
            if not text[start].isupper():
                del starts[n:]
                break
        for start in reversed(starts):
            if found := self._names(text[start:]):
                return found
        return []


def _beginning(text: str, words: Iterable[str]) -> list[Completion]:
    return [
        Completion(word, -len(text), printable(word)) for word in words if word.casefold().startswith(text.casefold())
    ]

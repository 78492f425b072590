"""Words of a question with their exact offsets."""

import re
from dataclasses import dataclass

from stores.keys import name_key

# Dotted abbreviations (U.S.), else a run of letters, digits and inner apostrophes; a possessive s is a word of its own.
_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’](?!s\b)[^\W_]+)*|&", re.IGNORECASE)
_INSIDE = re.compile(r"[\s\-\u2010-\u2015'’]{1,2}|\.\s?|\s?[/]\s?|\s?&\s?")


@dataclass(frozen=True)
class Token:
    """A word.

    Attributes:
        text: as written; `question[start:end] == text`.
        key: its normal form, as `name_key` gives it.
        gap: what stands between the word before and this one.
    """

    text: str
    start: int
    end: int
    key: str
    gap: str

    @property
    def capital(self) -> bool:
        """Return whether it starts with a capital, or with a letter of a script that has no case."""
        first = self.text[0]
        return first.isupper() or (first.isalpha() and not first.islower())

    @property
    def acronym(self) -> bool:
        """Return whether it is written like an acronym: two capitals at least, and capitals are the majority."""
        capitals = sum(ch.isupper() for ch in self.text)
        return capitals >= 2 and capitals * 2 > sum(ch.isalpha() for ch in self.text)  # noqa: PLR2004

    @property
    def mixed(self) -> bool:
        """Return whether a capital or digit stands inside after a small letter, as in names of systems."""
        return any(a.islower() and (b.isupper() or b.isdigit()) for a, b in zip(self.text, self.text[1:], strict=False))

    @property
    def joined(self) -> bool:
        """Return whether it is tied to the word before as in one name: by blanks, a hyphen, a dot, a slash."""
        return _INSIDE.fullmatch(self.gap) is not None and "\n" not in self.gap

    @property
    def possessive(self) -> bool:
        """Return whether it is the s of a possessive."""
        return self.key == "s" and self.gap in {"'", "’"}


def tokenize(text: str) -> list[Token]:
    """Return the words of `text` in order."""
    tokens = []
    last = 0
    for match in _WORD.finditer(text):
        key = name_key(match[0])
        if key:
            tokens.append(Token(match[0], match.start(), match.end(), key, text[last : match.start()]))
            last = match.end()
    return tokens

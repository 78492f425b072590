"""The word lists that the rules share, read once from lexicon.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Lexicon:
    """Sets of words in the form of `name_key`.

    Attributes:
        function: articles, pronouns, prepositions, auxiliaries.
        verb: verbs of asking and of describing literature.
        paper: nouns for papers.
        material: nouns that may mean papers, but belong to names of subjects too.
        tail: nouns that end a subject without being part of it.
        people: nouns for persons and groups.
        generic: nouns that are no subject.
        quality: adjectives and numbers that qualify papers and subjects.
        language: languages.
        everyday: common words that are acronyms or venues too.
        topic_acronym: subjects written as acronyms.
        organization_head: head nouns of names of organizations.
        funder_head: head nouns of names of funders.
        connector: small words inside names of organizations.
        particle: small words inside names of persons.
        honorific: titles before names of persons.
        programme: names of funding programmes, whole.
    """

    function: frozenset[str]
    verb: frozenset[str]
    paper: frozenset[str]
    material: frozenset[str]
    tail: frozenset[str]
    people: frozenset[str]
    generic: frozenset[str]
    quality: frozenset[str]
    language: frozenset[str]
    everyday: frozenset[str]
    topic_acronym: frozenset[str]
    organization_head: frozenset[str]
    funder_head: frozenset[str]
    connector: frozenset[str]
    particle: frozenset[str]
    honorific: frozenset[str]
    programme: frozenset[str]

    def plain(self, key: str) -> bool:
        """Return whether a word belongs to the language of asking, so that alone it names nothing."""
        return any(
            key in words
            for words in (self.function, self.verb, self.paper, self.material, self.people, self.generic, self.quality)
        )


@cache
def lexicon() -> Lexicon:
    """Return the word lists."""
    return Lexicon(
        **{
            name: frozenset(value.split() if isinstance(value, str) else value)
            for name, value in table("lexicon").items()
        }
    )


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def table(name: str) -> dict[str, Any]:
    """Return one of this package's tables as TOML gives it."""
    return tomllib.loads(resources.files("tools.ner").joinpath(f"{name}.toml").read_text("utf-8"))

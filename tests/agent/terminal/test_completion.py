"""What Tab offers, over the records of the demo corpus."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from agent.terminal.commands import COMMANDS
from agent.terminal.completion import ChatCompleter
from stores.catalogue import Catalogue
from stores.home import Home


@pytest.fixture(scope="module")
def completer(demo_home: Path) -> Iterator[ChatCompleter]:
    catalogue = Catalogue(Home(demo_home).catalogue)
    yield ChatCompleter(
        COMMANDS,
        lambda text, most: catalogue.authorities.beginning("author", text, most),
        lambda: ["main", "Other one"],
    )
    catalogue.close()


def completed(completer: ChatCompleter, text: str) -> list[str]:
    """Return the whole messages that Tab makes of one."""
    found = completer.get_completions(Document(text), CompleteEvent(completion_requested=True))
    return [text[: len(text) + each.start_position] + each.text for each in found]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/re", "/resume"),
        ("/p", "/paper"),
        ("/profile christopher man", "/profile Christopher D. Manning"),
        ("/profile mann", "/profile Christopher D. Manning"),
        ("/profile lukasz", "/profile Łukasz Kaiser"),
        ("Which papers did Chr", "Which papers did Christopher D. Manning"),
        ("Which papers did Christopher D. Man", "Which papers did Christopher D. Manning"),
        ("Compare Percy Liang with Christopher Man", "Compare Percy Liang with Christopher D. Manning"),
        ("/find machine translation by Łuk", "/find machine translation by Łukasz Kaiser"),
        ("Papers of Łuk", "Papers of Łukasz Kaiser"),
        ("Which Percy Lia", "Which Percy Liang"),
        ("/thread ma", "/thread main"),
        ("/delete other", "/delete Other one"),
        ("/model bun", "/model bundled"),
    ],
)
def test_what_is_begun_is_completed(completer: ChatCompleter, typed: str, offered: str):
    assert offered in completed(completer, typed)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "Ch", "which papers did chr", "Which papers did Chr ", "/frob", "/frob x", "/profile", "/profile ",
     '/profile " OR *', "“Łu", "/thread x", "Zzz", "///"],
)  # fmt: skip
def test_nothing_is_offered_where_nothing_fits(completer: ChatCompleter, typed: str):
    assert completed(completer, typed) == ([] if typed != "/profile" else ["/profile"])


def test_files_are_completed(completer: ChatCompleter, tmp_path: Path):
    (tmp_path / "answers.jsonl").touch()
    for command in ("/export", "/model"):
        offered = completed(completer, f"{command} {tmp_path}/answ")
        assert offered == [f"{command} {tmp_path}/answers.jsonl"]

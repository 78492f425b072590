"""Themes as users give them, in every form, and one clear line for what cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stores.errors import InputError
from tools.themes.base import Theme
from tools.themes.read import MOST_THEMES, merged, plain, read_themes, themes_of

WANTED = (Theme(label="Parsing", description="Trees: of sentences"), Theme(label="Human-computer interaction"))
OBJECTS = [{"label": "Parsing", "description": "Trees: of sentences"}, {"label": "Human-computer interaction", "id": 2}]


@pytest.mark.parametrize(
    "content",
    [
        "".join(json.dumps(each) + "\n" for each in OBJECTS),
        "\n" + json.dumps(OBJECTS, indent=2),
        "Parsing: Trees: of sentences\n\nHuman-computer interaction\n",
        "\ufeff- Parsing: Trees: of sentences\r\n2. Human-computer interaction:\r\n- Parsing: Trees: of sentences",
    ],
)
def test_every_form_of_a_file_gives_the_same_themes(tmp_path: Path, content: str):
    path = tmp_path / "themes"
    path.write_text(content, "utf-8")
    assert read_themes(path) == WANTED


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is no theme"),
        (b"[]", "there is no theme"),
        (b"A: x\nB\nA: y\n", "the theme 'A' is there twice, with different descriptions"),
        (b'{"label": "A"}\n{"lab', "line 2: is not JSON"),
        (b'{"label": " "}', "line 1: the label of a theme is empty"),
        (b'[{"label": "A"}, {"description": "x"}]', "theme 2: a theme needs a label"),
        (b"[1]", "theme 1: is not a theme"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (b"a\x00b", "is not a text file"),
        (b"x" * 301, "line 1: the label cannot be used"),
        (b"".join(b"T%d\n" % n for n in range(MOST_THEMES + 1)), f"more than {MOST_THEMES:,} themes"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "themes"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_themes(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", ["missing", "."])
def test_a_file_that_is_not_there(tmp_path: Path, place: str):
    with pytest.raises(InputError, match="cannot be read"):
        read_themes(tmp_path / place)


@pytest.mark.parametrize(
    "value", ["Parsing", {"label": "Parsing"}, 3, [["Parsing"]], [{"label": "A", "description": 1}]]
)
def test_values_that_are_no_themes(value: Any):
    with pytest.raises(InputError):
        themes_of(value)


def test_labels_alone_will_do_and_one_is_enough():
    assert themes_of(["Parsing"]) == (Theme(label="Parsing"),)
    assert len(themes_of([f"T{n}" for n in range(MOST_THEMES)])) == MOST_THEMES


TEXT = st.text(alphabet="ab:- \u00e9", max_size=12)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_merging_keeps_each_theme_once_in_order_or_names_the_label(pairs: list[tuple[str, str]]):
    themes = [Theme(label=f"L{label}", description=description) for label, description in pairs]
    described = {theme.label: theme.description for theme in themes}
    twice = [theme.label for theme in themes if described[theme.label] != theme.description]
    if themes and not twice:
        assert merged(themes) == tuple(dict.fromkeys(themes))
        return
    with pytest.raises(InputError) as caught:
        merged(themes)
    assert any(repr(label) in caught.value.what for label in twice) if twice else "no theme" in caught.value.what


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("- parsing", "parsing"),
        ("3. parsing", "parsing"),
        ("parsing - a survey", "parsing - a survey"),
        ("a * b", "a * b"),
    ],
)
def test_only_what_a_line_begins_with_is_a_bullet(line: str, label: str):
    assert plain(line).label == label


@given(st.text(min_size=1, max_size=60))
@example("0-\r0")
def test_any_line_is_a_theme_or_an_error(line: str):
    try:
        theme = plain(line)
    except InputError:
        return
    assert theme.label.strip()
    assert theme.label in " ".join(line.split())

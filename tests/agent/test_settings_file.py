"""Single settings are changed and nothing else of the file is."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.settings_file import change, changed_text
from stores.errors import ConfigError, StoreError


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[chat]\nmodel = "b"\n'),
        ('[chat]\n# why\nmodel = "a"  # old\n', '[chat]\n# why\nmodel = "b"  # old\n'),
        ("chat.model = 'a'\nchat.n_ctx = 300\n", 'chat.model = "b"\nchat.n_ctx = 300\n'),
        ("chat = { model = 'a', n_ctx = 400 }\n", 'chat = { model = "b", n_ctx = 400 }\n'),
        ("# end without a newline\noffline = true", '# end without a newline\noffline = true\n[chat]\nmodel = "b"\n'),
    ],
)
def test_one_value_is_changed(before: str, after: str) -> None:
    assert changed_text(before, "chat", {"model": "b"}).replace("\n\n", "\n") == after


def test_none_takes_a_value_out() -> None:
    text = '[chat]\nmodel = "a" # keep\nadapter = "x.gguf"\nadapter_scale = 0.5\n'
    assert changed_text(text, "chat", {"adapter": None, "adapter_scale": None}) == '[chat]\nmodel = "a" # keep\n'


values = st.one_of(st.text(max_size=8), st.integers(-9, 9), st.booleans(), st.lists(st.text(max_size=4), max_size=3))
keys = st.text("abcdefgh_", min_size=1, max_size=6)
tables = st.dictionaries(keys | st.sampled_from(["model", "adapter"]), values, max_size=4)


@given(st.dictionaries(keys | st.just("chat"), tables, max_size=4), st.text(max_size=20))
def test_whatever_is_there_stays(before: dict[str, dict[str, object]], model: str) -> None:
    import tomlkit

    text = changed_text(tomlkit.dumps(before), "chat", {"model": model, "adapter": None})
    table = {name: value for name, value in before.get("chat", {}).items() if name != "adapter"}
    assert tomllib.loads(text) == {**before, "chat": {**table, "model": model}}


def test_a_file_that_cannot_be_changed_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for text in ("[chat\n", "chat = 3\n"):
        path.write_text(text)
        with pytest.raises(ConfigError, match=r"settings\.toml: is not valid TOML"):
            change(path, "chat", {"model": "b"})
        assert path.read_text() == text
    with pytest.raises(StoreError, match="cannot be changed"):
        change(path / "x" / "settings.toml", "chat", {"model": "b"})
    assert [each.name for each in tmp_path.iterdir()] == ["settings.toml"]


def test_the_file_is_made_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "home" / "settings.toml"
    change(path, "chat", {"model": "b"})
    path.chmod(0o640)
    change(path, "chat", {"model": "c"})
    assert (path.read_text(), path.stat().st_mode & 0o777) == ('[chat]\nmodel = "c"\n', 0o640)

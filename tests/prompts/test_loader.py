"""The loader: blanks are checked both ways and content decides the version."""

from pathlib import Path

import pytest

import prompts


def test_every_prompt_of_the_package_loads() -> None:
    assert prompts.names()
    for name in prompts.names():
        prompt = prompts.load(name)
        assert prompt.user
        filled = prompt.fill(**dict.fromkeys(prompt.blanks, "x"))
        assert "$" not in filled.system + filled.user


def test_blanks_are_checked_both_ways() -> None:
    prompt = prompts.parse("p", '## system\nBe {"kind": 1}.\n\n## user\n$question\n')
    assert prompt.blanks == {"question"}
    filled = prompt.fill(question="What costs $5 and ${x}?")
    assert filled.user == "What costs $5 and ${x}?"
    assert filled.system == 'Be {"kind": 1}.'
    with pytest.raises(ValueError, match=r"missing blanks .'question'"):
        prompt.fill()
    with pytest.raises(ValueError, match=r"surplus .'other'"):
        prompt.fill(question="q", other="o")


def test_version_follows_the_content() -> None:
    first = prompts.parse("p", "## system\na\n## user\nb\n")
    assert first.version == prompts.parse("p", "## system\na\n## user\nb\n").version
    assert first.version != prompts.parse("p", "## system\na\n## user\nc\n").version


@pytest.mark.parametrize(
    "content", ["", "## user\nx", "## system\na\n## user\nb\n## user\nc\n", "## system\ncosts $5\n## user\nb\n"]
)
def test_malformed_files_are_errors(content: str) -> None:
    with pytest.raises(ValueError, match="prompt 'p'"):
        prompts.parse("p", content)


@pytest.mark.parametrize("name", ["nothing", "../pyproject", ""])
def test_unknown_names_are_errors(name: str) -> None:
    with pytest.raises(ValueError, match="there is no prompt"):
        prompts.load(name)


def test_a_folder_words_prompts_otherwise(tmp_path: Path) -> None:
    shipped = prompts.load("word")
    other = shipped.system + "\nBe brief.\n"
    (tmp_path / "word.md").write_text(f"## system\n{other}## user\n{shipped.user}\n", "utf-8")
    try:
        prompts.use(tmp_path)
        assert prompts.load("word").system == other.strip()
        assert prompts.load("word").version != shipped.version
        assert prompts.load("tag") == prompts.load("tag")
    finally:
        prompts.use(None)
    assert prompts.load("word") == shipped


def test_a_prompt_with_other_blanks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "word.md").write_text("## system\nHello\n## user\n$surprise\n", "utf-8")
    with pytest.raises(ValueError, match="needs the blanks"):
        prompts.use(tmp_path)
    assert "$surprise" not in prompts.load("word").user

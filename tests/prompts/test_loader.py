"""The loader: blanks are checked both ways and content decides the version."""

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

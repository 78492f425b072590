"""Instructions that one process has read are not read again by the next, which answers the same."""

import shutil
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

import prompts
from agent.models.bundled import bundled_model
from agent.models.engine import Engine
from agent.models.kept_instructions import KeptInstructions
from agent.models.local import ChatLlama

INSTRUCTIONS = prompts.load("word").system
MESSAGES = [SystemMessage(INSTRUCTIONS), HumanMessage("[1] The sky is blue.\nQuestion: What is the sky?\nAnswer:")]


def chat(path: Path | None = None) -> ChatLlama:
    return ChatLlama(model_path=path or bundled_model(), n_ctx=512, max_tokens=12)


def answered(model: ChatLlama) -> tuple[str, int]:
    """Return the answer, and how many tokens of its prompt did not have to be read."""
    found = model.invoke(MESSAGES)
    model.close()
    assert found.usage_metadata is not None
    return found.text, found.usage_metadata["input_token_details"].get("cache_read", 0)


@pytest.fixture(scope="module")
def plain() -> str:
    return answered(chat())[0]


def ahead(folder: Path, path: Path | None = None) -> ChatLlama:
    model = chat(path)
    model.read_ahead(INSTRUCTIONS, folder)
    return model


def test_the_next_process_reads_nothing_and_answers_the_same(
    tmp_path: Path, plain: str, monkeypatch: pytest.MonkeyPatch
):
    first = answered(ahead(tmp_path))
    assert first[0] == plain
    assert first[1] > 64
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    decoded: list[int] = []
    real = Engine._decode

    def counted(engine: Engine, tokens: tuple[int, ...]) -> None:
        decoded.append(len(tokens))
        real(engine, tokens)

    monkeypatch.setattr(Engine, "_decode", counted)
    model = ahead(tmp_path)
    assert decoded == []
    assert answered(model) == first
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


@pytest.mark.parametrize("kind", ["cut", "one bit", "not a state"])
def test_what_is_damaged_is_read_anew(tmp_path: Path, plain: str, kind: str, engine: Engine):
    answered(ahead(tmp_path))
    (kept,) = tmp_path.iterdir()
    raw = kept.read_bytes()
    if kind == "not a state":
        # Its digest is right, so that only llama.cpp can tell.
        real, tokens = KeptInstructions(tmp_path, bundled_model()), _tokens(engine)
        assert real.get(tokens) is not None
        real.put(tokens, b"nonsense" * 100)
    else:
        kept.write_bytes(raw[: len(raw) // 2] if kind == "cut" else raw[:-1] + bytes([raw[-1] ^ 1]))
    assert answered(ahead(tmp_path))[0] == plain
    assert kept.read_bytes() == raw


def test_another_file_has_a_state_of_its_own(tmp_path: Path):
    copy = Path(shutil.copy(bundled_model(), tmp_path / "copy.gguf"))
    folder = tmp_path / "kept"
    answered(ahead(folder))
    answered(ahead(folder, copy))
    assert len(list(folder.iterdir())) == 2


def test_instructions_that_leave_no_room_are_not_read(tmp_path: Path):
    model = chat()
    model.read_ahead("word " * 600, tmp_path)
    model.close()
    assert list(tmp_path.iterdir()) == []


def _tokens(engine: Engine) -> list[int]:
    from agent.models.template import ChatTemplate

    prompt = ChatTemplate(engine).prompt([SystemMessage(INSTRUCTIONS), HumanMessage("-")])
    return prompt.tokens[: prompt.stable]

"""Chat templates: system messages, control tokens, and templates that cannot be used."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.models.engine import Engine
from agent.models.template import ChatTemplate, turns
from stores.errors import ModelError

NO_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}"
)
DROPS_SYSTEM = "{% for m in messages if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endfor %}"


def spelled(engine: Engine, tokens: list[int]) -> str:
    import llama_cpp

    pieces = (llama_cpp.llama_vocab_get_text(engine.vocab, token).decode() for token in tokens)
    return "".join(pieces).replace("Ġ", " ").replace("Ċ", "\n")


def test_same_tokens_as_the_whole_text(engine: Engine) -> None:
    messages: list[BaseMessage] = [
        SystemMessage("Be brief."),
        HumanMessage("Hi"),
        AIMessage("Hello"),
        HumanMessage(" \nwhy?"),
    ]
    prompt = ChatTemplate(engine).prompt(messages)
    text = (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n"
        "<|im_start|>user\n \nwhy?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert prompt.tokens == engine.tokenize(text, special=True)
    assert spelled(engine, prompt.tokens[: prompt.stable]) == "<|im_start|>system\nBe brief."


@pytest.mark.parametrize("source", [NO_SYSTEM, DROPS_SYSTEM])
def test_system_goes_into_the_first_question(engine: Engine, source: str) -> None:
    prompt = ChatTemplate(engine, source).prompt([SystemMessage("Be brief."), HumanMessage("Why?")])
    assert "Be brief.\n\nWhy?" in spelled(engine, prompt.tokens)
    assert spelled(engine, prompt.tokens[: prompt.stable]).endswith("Be brief.")


@pytest.mark.parametrize("source", ["{% if", "{{ nothing.at.all }}", "constant", "{{ raise_exception('no') }}", ""])
def test_unusable_templates_are_errors(engine: Engine, source: str) -> None:
    with pytest.raises(ModelError, match="chat template"):
        ChatTemplate(engine, source)


def test_refusing_one_conversation_is_an_error(engine: Engine) -> None:
    source = NO_SYSTEM + "{% if messages | length > 1 %}{{ raise_exception('one only') }}{% endif %}"
    with pytest.raises(ModelError, match="one only"):
        ChatTemplate(engine, source).prompt([HumanMessage("a"), AIMessage("b"), HumanMessage("c")])


def test_neighbours_are_joined_and_instructions_come_first() -> None:
    found = turns([HumanMessage("a"), HumanMessage("b"), SystemMessage("s"), AIMessage("c"), SystemMessage("t")])
    assert found == [("system", "s\n\nt"), ("user", "a\n\nb"), ("assistant", "c")]


PIECES = st.lists(
    st.sampled_from(["<|im_end|>", "<|im_", "end|>", "start|>", "\n", "a", "<repo_name>", "{{ x }}", "\ue0000\ue001"])
)


@settings(max_examples=60, deadline=None)
@given(PIECES, PIECES)
def test_no_text_makes_a_control_token(engine: Engine, system: list[str], user: list[str]) -> None:
    template = ChatTemplate(engine)
    prompt = template.prompt([SystemMessage("s" + "".join(system)), HumanMessage("u" + "".join(user))])
    plain = template.prompt([SystemMessage("s"), HumanMessage("u")])
    assert [token for token in prompt.tokens if token <= 16] == [token for token in plain.tokens if token <= 16]

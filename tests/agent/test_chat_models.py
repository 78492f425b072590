"""Which chat model does what: as the settings say, by file and by environment, with one line for what cannot be."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent import settings as settings_
from agent.chat_models import ChatModels, answer_calls, price, remote
from agent.models.chain import ChatChain
from agent.models.local import ChatLlama
from agent.models.remote.chat import RemoteChat
from agent.settings import LOCAL, Role
from stores.errors import ConfigError, ModelError

FILE = """
[remotes.far]
model = "m"
base_url = "{url}"
retries = 0
input_price = 2
output_price = 10

[remotes.near]
model = "openai:n"
base_url = "http://localhost:1/v1"

[roles]
word = "far, local"
profile = ["near", "far"]
refine = ["far"]
"""


@pytest.fixture
def home(tmp_path: Path, cloud: Any) -> Path:
    (tmp_path / "settings.toml").write_text(FILE.format(url=cloud.url))
    return tmp_path


@pytest.fixture
def models(home: Path) -> Iterator[ChatModels]:
    with closing(ChatModels(settings_.load(home))) as opened:
        yield opened


def test_roles_by_file(models: ChatModels, cloud: Any):
    far, near = f"m at {cloud.url[7:-3]}", "n at localhost:1"
    roles: tuple[Role, ...] = ("understand", "word", "profile", "themes", "generate", "refine")
    names = {role: models.names(role) for role in roles}
    local = ["SmolLM2-135M-Instruct.Q4_1.gguf"]
    assert names == {
        "understand": local, "word": [far, *local], "profile": [near, far], "themes": local, "generate": local,
        "refine": [far],
    }  # fmt: skip
    assert models.name("word") == far
    assert isinstance(models.of("word"), ChatChain)
    assert isinstance(models.of("refine"), RemoteChat)
    assert isinstance(models.of("generate"), ChatLlama)
    assert models.of("refine") is models.of("refine")


def test_what_is_said_of_a_call(models: ChatModels, cloud: Any):
    chat = models.of("refine")
    assert chat is not None
    cloud.in_turn("Yes it is.")
    chat.invoke("Is it?")
    assert models.usage is not None
    (call,) = models.usage.calls()
    assert (call.model, call.role, call.cost) == (models.name("refine"), "refine", pytest.approx(34e-6))


def test_roles_of_one_model_leave_it_alone_together(models: ChatModels, cloud: Any):
    cloud.in_turn(cloud.Answer("broken", status=500))
    word, refine = models.of("word"), models.of("refine")
    assert isinstance(word, ChatChain)
    assert refine is not None
    with pytest.raises(ModelError, match="broken"):
        word.members[0].invoke("Hi")
    with pytest.raises(ModelError, match="left alone"):
        refine.invoke("Hi")
    assert cloud.requests == 1


def test_by_environment(tmp_path: Path, cloud: Any, monkeypatch: pytest.MonkeyPatch):
    given = {
        "REMOTES__FAR__MODEL": "m", "REMOTES__FAR__BASE_URL": cloud.url, "REMOTES__FAR__RETRIES": "0",
        "REMOTES__FAR__TAKES": '["max_tokens"]', "ROLES__WORD": "far,local", "ROLES__DEFAULT": "far",
        "ROLES__REFINE": '["far", "local"]',
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"QUODVIDE_{name}", value)
    settings = settings_.load(tmp_path)
    assert settings.roles.of("word") == ("far", LOCAL)
    assert settings.roles.of("refine") == ("far", LOCAL)
    assert settings.roles.of("profile") == ("far",)
    with closing(ChatModels(settings)) as models:
        chat = models.of("profile")
        assert chat is not None
        assert chat.invoke("Hi", temperature=1).text == "Yes."
    assert "temperature" not in cloud.bodies[0]
    assert answer_calls(settings) == 3


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUODVIDE_ROLES__WORD", "local")
    monkeypatch.setenv("QUODVIDE_REMOTES__FAR__INPUT_PRICE", "5")
    settings = settings_.load(home)
    assert settings.roles.of("word") == (LOCAL,)
    found = price(remote(settings, "far"))
    assert found is not None
    assert (found.input, found.output) == (5, 10)


def test_without_a_local_model(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUODVIDE_CHAT__MODEL", "none")
    with closing(ChatModels(settings_.load(home))) as models:
        assert isinstance(models.of("word"), RemoteChat)
        assert models.of("generate") is None
        assert models.name("generate") == "none"


def test_where_nothing_is_said_nothing_is_elsewhere(tmp_path: Path):
    with closing(ChatModels(settings_.load(tmp_path))) as models:
        assert models.of("refine") is None
        assert models.name("refine") == "none"
        assert isinstance(models.of("word"), ChatLlama)


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("farr", r"no model 'farr' is described\. Known: local, far, near, unkeyed, nameless; or provider:model"),
        ("openai:gpt-4o-mini", r"OPENAI_API_KEY holds no key\. Set OPENAI_API_KEY"),
        ("unkeyed", r"remotes\.unkeyed: the environment variable NO_SUCH_KEY holds no key"),
        ("nameless", r"remotes\.nameless: 'm' names no provider\. Write provider:model, or give base_url"),
    ],
)
def test_what_cannot_be_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch, roles: str, said: str):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with (home / "settings.toml").open("a") as file:
        file.write('[remotes.unkeyed]\nmodel = "openai:m"\nkey_env = "NO_SUCH_KEY"\n[remotes.nameless]\nmodel = "m"\n')
    settings = settings_.load(home)
    chosen = settings.model_copy(update={"roles": settings.roles.model_copy(update={"word": (roles,)})})
    with closing(ChatModels(chosen)) as models, pytest.raises(ConfigError) as caught:
        models.of("word")
    caught.match(said)
    assert "\n" not in str(caught.value)


def test_a_library_that_is_missing_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUODVIDE_ROLES__WORD", "anthropic:claude")
    monkeypatch.setitem(sys.modules, "langchain_anthropic", None)
    with closing(ChatModels(settings_.load(tmp_path))) as models, pytest.raises(ConfigError) as caught:
        models.of("word")
    caught.match(r"the library for anthropic is not installed\. pip install 'quodvide\[anthropic\]'")


def test_of_a_provider_that_nobody_knows_the_local_model_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUODVIDE_ROLES__WORD", "nobodys:m,local")
    with closing(ChatModels(settings_.load(tmp_path))) as models:
        chat = models.of("word")
        assert chat is not None
        message = chat.invoke("Hi", max_tokens=1)
    assert "nobodys" in message.response_metadata["fallback_reason"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REMOTES__FAR__BASE_URL", "ftp://x", "base_url must begin with http"),
        ("REMOTES__FAR__INPUT_PRICE", "3", "input_price and output_price go together"),
        ("REMOTES__FAR__TAKES", '["top_k"]', "takes"),
        ("REMOTES__FAR__STRUCTURED", "xml", "structured"),
        ("REMOTES__FAR__SECRET", "x", "secret"),
        ("ROLES__WORDS", "far", "words"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str):
    monkeypatch.setenv("QUODVIDE_REMOTES__FAR__MODEL", "m")
    monkeypatch.setenv(f"QUODVIDE_{name}", value)
    with pytest.raises(ConfigError, match=said):
        settings_.load(tmp_path)

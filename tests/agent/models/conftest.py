"""One loaded copy of the bundled model for every test here."""

from collections.abc import Iterator

import pytest

from agent.models.bundled import bundled_model
from agent.models.engine import Engine
from agent.models.local import ChatLlama


@pytest.fixture(scope="session")
def model() -> Iterator[ChatLlama]:
    chat = ChatLlama(n_ctx=2048, max_tokens=24).load()
    yield chat
    chat.close()


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    opened = Engine(bundled_model(), n_ctx=512)
    yield opened
    opened.close()

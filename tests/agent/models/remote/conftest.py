"""A chat model whose server does what a test says."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from agent.models.remote.chat import RemoteChat
from agent.models.remote.open import open_remote
from agent.settings import RemoteSettings

Open = Callable[..., RemoteChat]


@pytest.fixture
def far(cloud: Any) -> Iterator[Open]:
    """Give a way to open it; a failed request is not sent again unless the test says so."""
    with ExitStack() as stack:

        def opened(**chosen: Any) -> RemoteChat:
            given = {"model": "m", "base_url": cloud.url, "retries": 0, "timeout": 5, **chosen}
            chat = open_remote("far", RemoteSettings(**given))
            stack.callback(chat.close)
            return chat

        yield opened

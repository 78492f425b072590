"""A chat model whose server does what a test says."""

from collections.abc import Callable
from typing import Any

import pytest

from agent.models.remote.chat import RemoteChat
from agent.models.remote.open import open_remote
from agent.settings import RemoteSettings

Open = Callable[..., RemoteChat]


@pytest.fixture
def far(cloud: Any) -> Open:
    """Return a way to open it; a failed request is not sent again unless the test says so."""

    def opened(**chosen: Any) -> RemoteChat:
        given = {"model": "m", "base_url": cloud.url, "retries": 0, "timeout": 5, **chosen}
        return open_remote("far", RemoteSettings(**given))

    return opened

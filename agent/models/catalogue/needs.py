"""The memory that a model will take with the settings in force, by its header or by the catalogue."""

from typing import TYPE_CHECKING

from agent.models.gguf import GIB, Header, memory_available, memory_needed
from agent.models.load import BATCH
from stores.errors import ModelTooLarge

if TYPE_CHECKING:
    from agent.settings import ChatSettings


def memory_of(header: Header, chat: "ChatSettings") -> int:
    """Return the bytes that a model takes with these settings: its weights once, a cache for each context."""
    n_ctx = min(chat.n_ctx, header.context_length)
    one = memory_needed(header, n_ctx, batch=BATCH)
    more = memory_needed(header._replace(file_size=0), n_ctx, batch=BATCH)
    return one + (chat.contexts - 1) * more


def check(header: Header, chat: "ChatSettings", where: str) -> int:
    """Return the bytes that a model takes.

    Raises:
        ModelTooLarge: so much is not available now.
    """
    needed, available = memory_of(header, chat), memory_available()
    if needed > available:
        contexts = f" and {chat.contexts} contexts" if chat.contexts > 1 else ""
        raise ModelTooLarge(
            f"the model needs {needed / GIB:.1f} GiB with a context of {min(chat.n_ctx, header.context_length)} tokens{contexts},"
            f" {available / GIB:.1f} GiB is available",
            where=where,
            hint="Use a smaller chat.n_ctx, a smaller quantization or a smaller model",
        )
    return needed

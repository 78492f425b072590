"""How fast models will be here, reckoned from the bundled one, which is measured.

Writing a token reads all weights once, so its speed goes with the bytes of the file; reading a prompt computes with them, so
its speed goes with their number. Tried with random weights in the shape of Llama 3.2 1B on two cores: 23 tokens read a second
where 22 were reckoned, and 16 written where 12 were; so large models write somewhat faster than this says.
"""

import os
from typing import NamedTuple

from agent.models.catalogue.entries import BUNDLED, Entry, entries

# A sentence of an answer by the prompt `word`: its instructions are read once and kept, the evidence is read each time.
SENTENCE_READ, SENTENCE_WRITTEN = 150, 40
_MEASURED = 24  # tokens written


class Speed(NamedTuple):
    """Tokens a second; `busy` says that other work slowed the measurement."""

    reads: float
    writes: float
    busy: bool = False

    @property
    def sentence_s(self) -> float:
        """Seconds for a sentence of an answer."""
        return SENTENCE_READ / self.reads + SENTENCE_WRITTEN / self.writes


def measure(threads: int = 0) -> Speed:
    """Return the speed of the bundled model here and now; takes about a second on an idle machine.

    Args:
        threads: processor threads at most; 0 means one for each core.

    Raises:
        ModelError: it cannot be loaded.
    """
    from langchain_core.messages import HumanMessage

    from agent.models.local import ChatLlama

    busy = os.getloadavg()[0] > (os.cpu_count() or 1) if hasattr(os, "getloadavg") else False
    chat = ChatLlama(n_ctx=512, n_threads=threads, max_tokens=_MEASURED).load()
    try:
        answer = chat.invoke([HumanMessage("Write a very long story. " + "It has rain and people in it. " * 12)])
    finally:
        chat.close()
    usage, timings = answer.usage_metadata, answer.response_metadata["timings"]
    assert usage is not None, "the local model always counts"  # noqa: S101
    return Speed(usage["input_tokens"] / timings["prompt_s"], usage["output_tokens"] / timings["generate_s"], busy)


def reckoned(entry: Entry, quantization: str, bundled: Speed) -> Speed:
    """Return the speed of a model, by its size and the speed of the bundled one."""
    small = entries()[BUNDLED]
    reads = bundled.reads * small.parameters / entry.parameters
    writes = bundled.writes * small.files[small.default].gb / entry.files[quantization].gb
    return Speed(reads, writes, bundled.busy)

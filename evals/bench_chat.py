"""How fast the local chat model is: beside a direct llama.cpp call, and with busy neighbours.

`python -m evals.bench_chat` takes about two minutes. The two sides of a comparison take turns in one run, so that a
machine that is busy with other things slows both.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage
from rich.console import Console
from rich.table import Table

from agent.models.bundled import bundled_model
from agent.models.local import ChatLlama

INSTRUCTIONS = "You help a reader of scholarly papers. Use only the passages that are given. " * 3
PASSAGE = "We measured how well retrieval over abstracts answers questions about papers and their authors. " * 8
QUESTION = "Explain at length what was measured, and list many examples."
ANSWER_TOKENS = 60
SETTLE_S = 0.4
# Spinning threads beside a busy loop may make less than a token a second.
LONGEST_S = 5.0

Rate = tuple[float, float]


@contextmanager
def neighbours(count: int) -> Iterator[None]:
    """Run busy loops beside the block."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(SETTLE_S)
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def through_chat(model: ChatLlama, tag: str, tokens: int) -> Rate:
    """Return (prompt tokens a second, answer tokens a second) of one ChatLlama call; `tag` keeps the prompt unread."""
    answer = model.invoke([SystemMessage(f"{tag} {INSTRUCTIONS}"), HumanMessage(PASSAGE + QUESTION)], max_tokens=tokens)
    timings, usage = answer.response_metadata["timings"], answer.usage_metadata
    if usage is None:
        raise AssertionError
    return usage["input_tokens"] / timings["prompt_s"], usage["output_tokens"] / timings["generate_s"]


def through_llama(llama: Any, tag: str, tokens: int) -> Rate:
    """Return the same two rates of one direct `create_chat_completion` call."""
    messages = [
        {"role": "system", "content": f"{tag} {INSTRUCTIONS}"},
        {"role": "user", "content": PASSAGE + QUESTION},
    ]
    began = first = time.perf_counter()
    pieces = 0
    for chunk in llama.create_chat_completion(messages, max_tokens=tokens, temperature=0.0, stream=True):
        if "content" in chunk["choices"][0]["delta"]:
            first = first if pieces else time.perf_counter()
            pieces += 1
            if time.perf_counter() - first > LONGEST_S:
                break
    prompt = llama.n_tokens - pieces
    return prompt / (first - began), max(1, pieces - 1) / (time.perf_counter() - first)


def direct(path: Path, threads: int) -> Any:
    """Return a llama.cpp model with a fixed thread count."""
    import llama_cpp

    return llama_cpp.Llama(str(path), n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False)


def bench(path: Path, repeats: int, tokens: int) -> Table:
    """Measure every way beside 0, 1 and 2 busy loops; medians of the repeats."""
    cores = os.cpu_count() or 1
    adaptive = ChatLlama(model_path=path, n_ctx=2048).load()
    fixed = {count: direct(path, count) for count in sorted({1, cores})}
    ways: dict[str, Callable[[str], Rate]] = {"ChatLlama": lambda tag: through_chat(adaptive, tag, tokens)}
    # OpenMP keeps a pool for each calling thread and stops spinning when the pools together outnumber the cores, so
    # the direct calls are made from the same thread as ChatLlama's.
    lanes = adaptive._lanes  # noqa: SLF001
    for count, llama in fixed.items():
        ways[f"llama.cpp, {count} fixed"] = lambda tag, llama=llama: lanes.run(  # type: ignore[misc]
            lambda _: through_llama(llama, tag, tokens)
        ).result()
    table = Table("tokens a second", *(f"{busy} busy: {what}" for busy in (0, 1, 2) for what in ("prompt", "answer")))
    spinning = f"llama.cpp, {cores} fixed" if cores > 1 else ""
    rates: dict[str, list[list[Rate]]] = {way: [] for way in ways}
    for busy in (0, 1, 2):
        with neighbours(busy):
            taken: dict[str, list[Rate]] = {way: [] for way in ways}
            for repeat in range(repeats):
                for way, call in ways.items():
                    if busy and repeat and way == spinning:
                        continue
                    taken[way].append(call(f"{busy}.{repeat}"))
        for way, pairs in taken.items():
            rates[way].append(pairs)
    for way, columns in rates.items():
        medians = (statistics.median(pair[i] for pair in pairs) for pairs in columns for i in (0, 1))
        table.add_row(way, *(f"{rate:.0f}" for rate in medians))
    adaptive.close()
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=None, help="a GGUF file; the bundled model by default")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=ANSWER_TOKENS)
    options = parser.parse_args()
    path = options.model or bundled_model()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    console = Console()
    console.print(f"{path.name}, {os.cpu_count()} cores, load average before {load:.1f}, medians of {options.repeats}")
    console.print(bench(path, options.repeats, options.tokens))


if __name__ == "__main__":
    main()

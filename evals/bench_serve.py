"""How the server bears load: many clients at once against a real one on loopback, every answer compared with the first.

A client asks anew as soon as it is answered, and after a 429 waits as long as it is told. What is refused counts apart:
the times are those of requests that were let in, from their sending to their last byte. Beside them some clients have the
chat model generate all the time.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil

from evals.measures import quantile
from stores.errors import ConfigError

_QUESTIONS = (
    "Who works with Christopher Manning?",
    "What is attention?",
    "Find papers on machine translation.",
    "How many BLEU points did the Transformer reach on English-to-German translation?",
)
_TEXT = "The recogniser stumbles over the names of drugs, and nurses correct the notes by hand."
_REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("/ask/invoke", {"input": {"question": question}}) for question in _QUESTIONS),
    ("/similar", {"text": _TEXT}),
    ("/rank-themes", {"text": _TEXT, "themes": [{"label": "Speech recognition"}, {"label": "Solar cells"}]}),
)
_GENERATE = ("/generate", {"prompt": "Tell me what a library is for.", "max_tokens": 60})
_VARYING = ("timings", "usage", "record", "cached", "metadata")


_ALL = (*_REQUESTS, _GENERATE)


class Load:
    """What the clients saw."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.statuses: Counter[int] = Counter()
        self.wrong = 0
        self._first: dict[int, bytes] = {}

    def note(self, which: int, seconds: float, response: httpx.Response) -> None:
        """Count one answer, and compare it with the first to the same request."""
        self.statuses[response.status_code] += 1
        if response.status_code != httpx.codes.OK:
            return
        self.times.setdefault(_ALL[which][0], []).append(1000 * seconds)
        answer = response.json()
        answer = answer.get("output", answer)
        kept = orjson.dumps({name: value for name, value in answer.items() if name not in _VARYING})
        self.wrong += self._first.setdefault(which, kept) != kept

    def report(self, seconds: float) -> str:
        """Return the figures as lines."""
        rows = [f"{sum(self.statuses.values()) / seconds:.0f} requests a second; by status: {dict(self.statuses)}"]
        for route, times in sorted(self.times.items()):
            half, most = quantile(times, 0.5), quantile(times, 0.95)
            rows.append(f"{route:<14} p50 {half:7.0f} ms   p95 {most:7.0f} ms   n={len(times)}")
        return "\n".join([*rows, f"answers unlike the first to the same request: {self.wrong}"])


@contextmanager
def server(home: Path | None) -> "Iterator[tuple[str, psutil.Process]]":
    """Run a server on a free port of loopback; yield its address and its process.

    Raises:
        ConfigError: it did not start.
    """
    command = [str(Path(sys.executable).parent / "quodvide"), "serve", "--port", "0"]
    command += ["--home", str(home)] if home else []
    settings = {"QUODVIDE_SERVER__RATE": "none", "QUODVIDE_SERVER__TOGETHER": "10000"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **settings}) as process:
        line = process.stderr.readline() if process.stderr else ""
        if "http://" not in line:
            raise ConfigError(f"the server did not start ({line.strip()})")
        try:
            yield line.split()[2], psutil.Process(process.pid)
        finally:
            process.terminate()


async def _clients(
    url: str, clients: int, generating: int, seconds: float, process: psutil.Process
) -> tuple[Load, list[float]]:
    load, numbers = Load(), count()
    limits = httpx.Limits(max_connections=clients + generating, max_keepalive_connections=clients + generating)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        for path, body in _ALL[: None if generating else -1]:  # models are loaded by the first request that needs them
            (await client.post(path, json=body)).raise_for_status()
        memory = [process.memory_info().rss / 1e6]
        ends = time.monotonic() + seconds

        async def ask(only: int | None = None) -> None:
            while time.monotonic() < ends:
                which = next(numbers) % len(_REQUESTS) if only is None else only
                path, body = _ALL[which]
                started = time.perf_counter()
                response = await client.post(path, json=body)
                load.note(which, time.perf_counter() - started, response)
                await asyncio.sleep(float(response.headers.get("retry-after", 0)))

        async def watch() -> None:
            for _ in range(4):
                await asyncio.sleep(seconds / 4)
                memory.append(process.memory_info().rss / 1e6)

        generators = (ask(len(_REQUESTS)) for _ in range(generating))
        await asyncio.gather(watch(), *(ask() for _ in range(clients)), *generators)
    return load, memory


def main() -> None:
    """Load a server and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=None, help="the home folder; also QUODVIDE_HOME")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument(
        "--generating", type=int, default=2, help="clients beside them that have the chat model generate"
    )
    parser.add_argument("--seconds", type=float, default=120)
    options = parser.parse_args()
    with server(options.home) as (url, process):
        load, memory = asyncio.run(_clients(url, options.clients, options.generating, options.seconds, process))
    print(f"{options.clients} clients for {options.seconds:.0f} s, {options.generating} that generate beside them")
    print(load.report(options.seconds))
    print(f"memory in MB, at the start and after each quarter: {', '.join(f'{one:.0f}' for one in memory)}")

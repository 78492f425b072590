"""Try a model in a child process, because what is wrong with a build of llama.cpp often kills the process.

Run as `python -m agent.models.probe MODEL N_CTX [ADAPTER]`, it loads the model, writes a few tokens and prints one JSON line.
"""

import json
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from agent.models.adapters import Adapter
from agent.models.gguf import check_fits, read_header
from agent.models.load import BATCH
from stores.errors import ModelError

TIMEOUT_S = 120.0
TOKENS = 8
# What a build for another processor dies of.
BUILD_SIGNALS = {signal.SIGILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE}
WATCHED_FLAGS = ("amx_tile", "avx512f", "avx512_vnni", "avx512_bf16", "avx2", "fma")


class ProbeResult(NamedTuple):
    """Whether a model runs here, and one line that says how or why not."""

    ok: bool
    line: str


def cpu_flags() -> dict[str, bool]:
    """Return whether the processor shows AMX, AVX-512 and AVX2; empty where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    flags = next((line.split(":", 1)[1].split() for line in text.splitlines() if line.startswith("flags")), None)
    return {} if flags is None else {flag: flag in flags for flag in WATCHED_FLAGS}


def probe_model(path: Path, n_ctx: int = 512, timeout: float = TIMEOUT_S, adapter: Path | None = None) -> ProbeResult:
    """Load a model in a child process and let it write a few tokens.

    Args:
        path: a GGUF file.
        n_ctx: tokens of context.
        timeout: seconds until the child is given up.
        adapter: a LoRA adapter for it.
    """
    try:
        check_fits(read_header(path), n_ctx, batch=BATCH, where=str(path))
    except ModelError as error:
        return ProbeResult(ok=False, line=str(error))
    command = [sys.executable, "-m", "agent.models.probe", str(path), str(n_ctx), *([str(adapter)] if adapter else [])]
    # The child imports this package from where this process has it, whatever its working directory.
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, cwd=root)
    except subprocess.TimeoutExpired:
        return ProbeResult(
            ok=False, line=f"the model wrote nothing within {timeout:g} s: the machine is too slow or too busy"
        )
    return _judged(done.returncode, done.stdout, done.stderr)


def _judged(code: int, output: str, errors: str) -> ProbeResult:
    if code < 0:
        return ProbeResult(ok=False, line=_killed(-code))
    last = (output.strip().splitlines() or [""])[-1]
    try:
        told = json.loads(last)
        return ProbeResult(ok=bool(told["ok"]), line=str(told["line"]))
    except (ValueError, TypeError, KeyError):
        reason = (errors.strip().splitlines() or [f"exit status {code}"])[-1]
        return ProbeResult(ok=False, line=f"the test of the model failed: {reason}")


def _killed(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number in BUILD_SIGNALS:
        shown = [flag for flag, has in cpu_flags().items() if has]
        return (
            f"llama.cpp died with {name}: it was built for a CPU that this machine does not fully offer "
            f"({platform.machine()}, {' '.join(shown) or 'flags unknown'}; AMX and AVX-512 may be shown yet not work under "
            "virtualization); reinstall the portable build: make llama"
        )
    if number == signal.SIGKILL:
        return f"llama.cpp was killed ({name}), probably for want of memory: use a smaller n_ctx or model"
    return f"llama.cpp died with {name}"


def _try(path: Path, n_ctx: int, adapter: Adapter | None) -> ProbeResult:
    """Load and run the model in this process."""
    from langchain_core.messages import HumanMessage

    from agent.models.local import ChatLlama

    began = time.perf_counter()
    try:
        model = ChatLlama(model_path=path, n_ctx=n_ctx, max_tokens=TOKENS, adapter=adapter).load()
        loaded = time.perf_counter()
        usage = model.invoke([HumanMessage("Count from one to ten.")]).usage_metadata
        model.close()
    except ModelError as error:
        return ProbeResult(ok=False, line=str(error))
    written = usage["output_tokens"] if usage else 0
    name = f"{path.name} with {adapter.path.name}" if adapter else path.name
    took = time.perf_counter() - loaded
    return ProbeResult(
        ok=True, line=f"{name}: loaded in {loaded - began:.1f} s, {written} tokens written in {took:.1f} s"
    )


def main() -> int:
    """Probe the model named on the command line."""
    model, n_ctx, *adapter = sys.argv[1:]
    result = _try(Path(model), int(n_ctx), Adapter(Path(adapter[0])) if adapter else None)
    sys.stdout.write(json.dumps(result._asdict()) + "\n")
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())

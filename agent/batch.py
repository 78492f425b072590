"""Any command that answers one input, as a filter over JSON Lines: a record out for each record in, in order.

A record that fails becomes `{"id", "error": {"code", "message"}}` and the rest go on. Files that end in .gz are
compressed; `-` is standard input or output.
"""

import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from agent.json_output import to_json
from stores.errors import ConfigError, InputError, QuodvideError

_LONGEST_LINE = 20_000_000  # bytes; a longer line is an error of its own, and is not kept in memory
_GZIP_MAGIC = b"\x1f\x8b"

Handler = Callable[[dict[str, Any]], dict[str, Any]]


def run(source: str, target: str, handle: Handler, *, key: str = "id", resume: bool = False) -> int:
    """Answer every record of `source` into `target`; return the exit status (0 all well, 1 some failed).

    Args:
        source: a path, or "-" for standard input.
        target: a path, or "-" for standard output.
        handle: answers one record.
        key: the field that names a record in and out.
        resume: skip records that the target already answers.

    Raises:
        InputError: the source cannot be read.
        ConfigError: the target cannot be written, or is standard output with `resume`.
    """
    if resume and target == "-":
        raise ConfigError("--resume needs --output FILE, to see what is there already")
    if source != "-" and source == target:
        raise ConfigError("--input and --output are the same file", where=source)
    done = _answered(target, key) if resume else _Answered()
    failed = 0
    with _source(source) as lines, writing(target, append=resume) as out, _progress() as tick:
        for n, line in enumerate(lines, start=1):
            record = _parse(line, n)
            if not done.covers(record, key):
                answer = _answer(record, handle, key, n)
                failed += "error" in answer
                try:
                    out.write(to_json(answer) + b"\n")
                    out.flush()
                except OSError as error:
                    raise InputError(f"cannot be written ({error.strerror})", where=target) from error
            tick()
    return 1 if failed else 0


def _answer(record: dict[str, Any] | InputError, handle: Handler, key: str, n: int) -> dict[str, Any]:
    name = f"line {n}" if isinstance(record, InputError) else record.get(key, f"line {n}")
    try:
        if isinstance(record, InputError):
            raise record
        return handle(record)
    except QuodvideError as error:
        return {key: name, "error": {"code": error.code, "message": str(error)}}


class _Answered:
    """What an interrupted run has written: by key where records have one, by position where not."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._unnamed = 0

    def add(self, record: dict[str, Any], key: str) -> None:
        if key in record:
            self._keys.add(orjson.dumps(record[key]).decode())
        else:
            self._unnamed += 1

    def covers(self, record: dict[str, Any] | InputError, key: str) -> bool:
        if isinstance(record, dict) and key in record:
            return orjson.dumps(record[key]).decode() in self._keys
        if self._unnamed:
            self._unnamed -= 1
            return True
        return False


def _answered(target: str, key: str) -> _Answered:
    """Read what the target holds; a last line cut by a crash is dropped from the file."""
    done = _Answered()
    path = Path(target)
    if not path.exists():
        return done
    whole = []
    with _source(target) as lines:
        for line in lines:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                break
            if "error" not in record:
                done.add(record, key)
                whole.append(line.rstrip(b"\n"))
    # Records that failed are tried again, so they leave the file, and so does a line that was cut.
    text = b"".join(line + b"\n" for line in whole)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(gzip.compress(text) if target.endswith(".gz") else text)
    fresh.replace(path)
    return done


def _parse(line: bytes, n: int) -> dict[str, Any] | InputError:
    hint = "Each line must be one JSON object"
    if len(line) > _LONGEST_LINE:
        return InputError(f"is longer than {_LONGEST_LINE:,} bytes", where=f"line {n}")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return InputError(f"is not JSON ({error})", where=f"line {n}", hint=hint)
    if not isinstance(record, dict):
        return InputError("is not a JSON object", where=f"line {n}", hint=hint)
    return record


@contextmanager
def _source(source: str) -> Iterator[Iterator[bytes]]:
    try:
        raw: Any = sys.stdin.buffer if source == "-" else Path(source).open("rb")
        compressed = raw.peek(2)[:2] == _GZIP_MAGIC
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=source) from error
    with raw:
        yield _lines(gzip.GzipFile(fileobj=raw) if compressed else raw, source)


def _lines(handle: BinaryIO | gzip.GzipFile, source: str) -> Iterator[bytes]:
    """Yield the lines that are not blank; of a line that is too long only the beginning is kept.

    One record spread over lines, as `--json` prints it for a person, counts as a line.
    """
    try:
        spread: list[bytes] = []
        while line := handle.readline(_LONGEST_LINE + 1):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = handle.readline(_LONGEST_LINE)
            if spread and line.startswith((b" ", b"\t")):
                spread.append(line)
            elif spread and line.strip() == b"}":
                yield b"".join([*spread, line])
                spread = []
            else:
                yield from spread
                spread = [line] if line.rstrip() == b"{" else []
                if line.strip() and not spread:
                    yield line
        yield from spread
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read to its end ({error})", where=source) from error


@contextmanager
def writing(target: str, *, append: bool = False) -> Iterator[BinaryIO]:
    """Open where records go: a path, compressed when it ends in .gz, or "-" for standard output.

    Raises:
        ConfigError: it cannot be written.
    """
    if target == "-":
        yield sys.stdout.buffer
        return
    mode: Any = "ab" if append else "wb"
    try:
        handle: Any = gzip.open(target, mode) if target.endswith(".gz") else Path(target).open(mode)
    except OSError as error:
        raise ConfigError(f"cannot be written ({error.strerror})", where=target) from error
    with handle:
        yield handle


@contextmanager
def _progress() -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("records", total=None, rate="")

        def tick() -> None:
            bar.advance(task)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.1f}/s" if speed else "")

        yield tick

"""Any command that answers one input, as a filter over JSON Lines: a record out for each record in, in order.

A record that fails becomes `{"id", "error": {"code", "message"}}` and the rest go on. Files that end in .gz are
compressed; `-` is standard input or output.
"""

import gzip
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from agent.json_output import to_json
from stores.errors import ConfigError, InputError, QuodvideError

_LONGEST_LINE = 20_000_000  # bytes; a longer line is an error of its own, and is not kept in memory
_GZIP_MAGIC = b"\x1f\x8b"
# The field of an answer with what its record had in place of the key, where the answer has found a better one.
ASKED = "asked"
_LONG = 60.0  # seconds
_MEASURED = 3  # records after which the rest is estimated

Handler = Callable[[dict[str, Any]], dict[str, Any]]
# Answers a few records in order, each as soon as it is ready; an error takes the place of an answer.
Handlers = Callable[[list[dict[str, Any]]], Iterator[dict[str, Any] | QuodvideError]]


def run(source: str, target: str, handle: Handler, *, key: str = "id", resume: bool = False) -> int:
    """Answer every record of `source` into `target`, one after the other; as `run_many` else."""

    def one_by_one(records: list[dict[str, Any]]) -> Iterator[dict[str, Any] | QuodvideError]:
        for record in records:
            try:
                yield handle(record)
            except QuodvideError as error:
                yield error

    return run_many(source, target, one_by_one, 1, key=key, resume=resume)


def run_many(
    source: str,
    target: str,
    handle: Handlers,
    together: int,
    *,
    key: str = "id",
    resume: bool = False,
    bar: bool = True,
) -> int:
    """Answer every record of `source` into `target`, some together; return the exit status (0 all well, 1 some failed).

    Args:
        source: a path, or "-" for standard input.
        target: a path, or "-" for standard output.
        handle: answers records.
        together: how many records it is given at once at most.
        key: the field that names a record in and out.
        resume: skip records that the target already answers.
        bar: whether to show how far it is; not where `handle` talks with the user itself.

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
    with _source(source) as lines, writing(target, append=resume) as out, progress(count(source), shown=bar) as tick:
        due = _due(lines, done, key, tick)
        while part := list(islice(due, together)):
            answers = handle([record for _, record in part if isinstance(record, dict)])
            for n, record in part:
                found = next(answers) if isinstance(record, dict) else record
                answer = _failure(found, record, key, n) if isinstance(found, QuodvideError) else found
                failed += "error" in answer
                try:
                    out.write(to_json(answer) + b"\n")
                    out.flush()
                except OSError as error:
                    raise InputError(f"cannot be written ({error.strerror})", where=target) from error
                tick()
    return 1 if failed else 0


def _due(
    lines: Iterator[bytes], done: "_Answered", key: str, tick: Callable[[], None]
) -> Iterator[tuple[int, dict[str, Any] | InputError]]:
    """Yield the records that are not yet answered, with their numbers."""
    for n, line in enumerate(lines, start=1):
        record = _parse(line, n)
        if done.covers(record, key):
            tick()
        else:
            yield n, record


def _failure(error: QuodvideError, record: dict[str, Any] | InputError, key: str, n: int) -> dict[str, Any]:
    name = record.get(key, f"line {n}") if isinstance(record, dict) else f"line {n}"
    return {key: name, "error": {"code": error.code, "message": str(error)}}


class _Answered:
    """What an interrupted run has written: by key where records have one, by position where not."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._unnamed = 0

    def add(self, record: dict[str, Any], key: str) -> None:
        if key in record:
            self._keys.add(orjson.dumps(record.get(ASKED, record[key])).decode())
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


def count(source: str) -> int | None:
    """Return how many lines a file has; None for standard input, which is not read twice."""
    if source == "-" or not Path(source).is_file():
        return None
    with _source(source) as lines:
        return sum(1 for _ in lines)


@contextmanager
def progress(total: int | None = None, what: str = "records", *, shown: bool = True) -> Iterator[Callable[[], None]]:
    """Show how far a run is and, once that can be told, how long it will take; yields what to call after each record.

    On a terminal this is a bar. Elsewhere one line on standard error says how long a run of over a minute will take.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        BarColumn(20), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    started = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not (shown and console.is_terminal)) as bar:
        task = bar.add_task(what, total=total, rate="")
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            bar.advance(task)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.1f}/s" if speed else "")
            passed = time.monotonic() - started
            if (
                shown
                and not console.is_terminal
                and total is not None
                and passed / done * total > _LONG
                and done == _MEASURED
            ):
                console.print(f"{total:,} {what}, about {passed / done * (total - done) / 60:.0f} minutes more")

        yield tick

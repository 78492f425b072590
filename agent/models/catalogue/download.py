"""Fetch a file of a hub: goes on where an earlier try ended, and is there only once its checksum was found right.

huggingface_hub would fetch it too, but begins anew in another process, and checks the size alone.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.adapters import is_adapter
from agent.models.catalogue import hub as hubs
from agent.models.catalogue.hub import HubFile, Unavailable
from agent.models.catalogue.names import Source
from agent.models.gguf import read_header
from stores.errors import ModelError, StoreBusy, StoreError

if TYPE_CHECKING:
    import httpx

TRIES = 5  # one after another that bring nothing
WAIT_S = 1.0  # before the second of them; before each later one twice as long
_MOST_WAIT_S = 20.0
_BLOCK = 2**20
_SPARE = 64 * 2**20  # bytes left on the disk
_PARTIAL, _RANGE_REFUSED = 206, 416

Tick = Callable[[str, int, int], None]
"""Is told what is done ("fetching" or "checking"), how many bytes of it are done, and how many there are."""


class Fetch:
    """One file on its way.

    Args:
        client: of `hub.opened`.
        hub: address of the hub.
        source: which file it is.
        target: where it will lie.
        tick: told of progress.
    """

    def __init__(self, client: "httpx.Client", hub: str, source: Source, target: Path, tick: Tick) -> None:
        self._client, self._hub, self._source = client, hub, source
        self._target, self._tick = target, tick

    def run(self, wanted: HubFile) -> None:
        """Fetch the file; whatever interrupts it, a later call goes on.

        Raises:
            Unavailable: the hub gave nothing for several tries.
            ModelError: the file is not what the hub says, or no model.
            StoreBusy: another process fetches it.
            StoreError: it cannot be written, or does not fit on the disk.
        """
        part = self._target.with_name(f"{self._target.name}.{wanted.sha256[:12]}.part")
        with _writing(self._target):
            self._clear(keep=part)
            _check_space(part, wanted.size)
            self._fetch(part, wanted)
            self._check(part, wanted)
            part.replace(self._target)

    def _clear(self, keep: Path) -> None:
        """Remove what was begun of another version of the file."""
        for other in parts_of(self._target):
            if other != keep:
                other.unlink()

    def _fetch(self, part: Path, wanted: HubFile) -> None:
        from tenacity import RetryCallState, Retrying, retry_if_exception_type

        fruitless, most = 0, _size(part)

        def wait(_state: RetryCallState) -> float:
            return min(WAIT_S * float(2**fruitless), _MOST_WAIT_S)

        def tired(_state: RetryCallState) -> bool:
            nonlocal fruitless, most
            now = _size(part)
            fruitless, most = (0 if now > most else fruitless + 1), max(now, most)
            return fruitless >= TRIES

        for attempt in Retrying(retry=retry_if_exception_type(Unavailable), wait=wait, stop=tired, reraise=True):
            with attempt:
                self._once(part, wanted)

    def _once(self, part: Path, wanted: HubFile) -> None:
        """Fetch what is missing with one request."""
        import httpx

        done = _size(part)
        if done == wanted.size:
            return
        headers = {"Range": f"bytes={done}-"} if done else {}
        try:
            with self._client.stream("GET", wanted.url, headers=headers, follow_redirects=True) as answer:
                if answer.status_code == _RANGE_REFUSED:
                    part.unlink(missing_ok=True)
                    raise ModelError(
                        "the hub has less of this file than it said", where=wanted.url, hint="Try again later"
                    )
                hubs.check(answer, self._hub, self._source)
                self._write(part, answer, wanted, done if _goes_on(answer, done) else 0)
        except httpx.HTTPError as error:
            raise hubs.unreachable(error, wanted.url) from error
        if _size(part) < wanted.size:
            raise Unavailable("the hub ended before the file did", where=wanted.url, hint="Run the command again")

    def _write(self, part: Path, answer: "httpx.Response", wanted: HubFile, done: int) -> None:
        with part.open("r+b" if done else "wb") as file:
            file.seek(done)
            for block in answer.iter_bytes():
                done += len(block)
                if done > wanted.size:
                    break
                file.write(block)
                self._tick("fetching", done, wanted.size)
        if done > wanted.size:
            part.unlink()
            raise ModelError("the hub sends more than it said", where=wanted.url, hint="Try again later")

    def _check(self, part: Path, wanted: HubFile) -> None:
        found = digest(part, lambda done: self._tick("checking", done, wanted.size))
        if found != wanted.sha256:
            part.unlink()
            raise ModelError(
                f"what came has another checksum than the hub says ({found[:12]}..., not {wanted.sha256[:12]}...), and was removed",
                where=wanted.url,
                hint="Run the command again",
            )
        try:
            if not is_adapter(part):
                read_header(part)
        except ModelError as error:
            part.unlink()
            raise ModelError(f"{error.what}; it was removed", where=wanted.url, hint="Name another file") from error


def digest(path: Path, tick: Callable[[int], None] = lambda _: None) -> str:
    """Return the SHA-256 of a file; `tick` is told how many bytes were read.

    Raises:
        StoreError: it cannot be read.
    """
    found, done = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
                done += len(block)
                tick(done)
    except OSError as error:
        raise StoreError(f"cannot be read ({error.strerror})", where=str(path)) from error
    return found.hexdigest()


def parts_of(target: Path) -> list[Path]:
    """Return what was begun of a file."""
    return sorted(target.parent.glob(f"{target.name}.*.part"))


def _goes_on(answer: "httpx.Response", done: int) -> bool:
    """Return whether an answer begins where the file on the disk ends; else it is the file from its beginning."""
    if answer.status_code != _PARTIAL:
        return False
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
        raise Unavailable("the hub sent another part of the file than was asked for", where=str(answer.url))
    return True


def _check_space(part: Path, size: int) -> None:
    free, missing = shutil.disk_usage(part.parent).free, size - _size(part)
    if free < missing + _SPARE:
        raise StoreError(
            f"{missing / 1e9:.2f} GB are to be fetched, {free / 1e9:.2f} GB are free on the disk",
            where=str(part.parent),
            hint="Free some space, or choose another home folder with --home",
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Hold a lock on a file that is fetched, and say plainly what the disk refuses."""
    from filelock import FileLock, Timeout

    lock = FileLock(target.with_name(f"{target.name}.lock"), timeout=0)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            yield
    except Timeout:
        raise StoreBusy("another process fetches this file", where=str(target), hint="Wait for it to end") from None
    except OSError as error:
        raise StoreError(
            f"cannot be written ({error.strerror or error})", where=str(target), hint="What was fetched is kept"
        ) from error

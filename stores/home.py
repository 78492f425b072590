"""The home folder: where each store lies, and the lock that lets one process write at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stores.errors import StoreBusy, StoreError


def private(path: Path) -> None:
    """Let only its owner read a file, which is made when it is missing; what SQLite puts beside it follows.

    Raises:
        OSError: it cannot be made, or is somebody else's.
    """
    path.touch(0o600)
    path.chmod(0o600)


def seen(path: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever a file is written or another takes its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True)
class Home:
    """Paths under one home folder."""

    root: Path

    @property
    def catalogue(self) -> Path:
        """The SQLite file that is the source of truth."""
        return self.root / "catalogue.sqlite"

    @property
    def passages(self) -> Path:
        """The first Chroma folder of passage vectors; the catalogue says which is in force."""
        return self.root / "passages"

    def passages_after(self, folder: Path) -> Path:
        """Return where the passage index goes that is to replace the one in a folder; a name is never used twice."""
        _, _, number = folder.name.partition("-")
        return self.root / f"passages-{int(number or 1) + 1}"

    @property
    def documents(self) -> Path:
        """The FAISS folder of document vectors."""
        return self.root / "documents"

    @property
    def names(self) -> Path:
        """The FAISS folder of name vectors."""
        return self.root / "names"

    @property
    def words(self) -> Path:
        """The folder of the indexes of names by their words, one folder a type of record."""
        return self.root / "words"

    @property
    def conversations(self) -> Path:
        """The SQLite file of conversations."""
        return self.root / "conversations.sqlite"

    @property
    def usage(self) -> Path:
        """The SQLite file of calls of chat models."""
        return self.root / "usage.sqlite"

    @property
    def models(self) -> Path:
        """The folder of chat models that were fetched."""
        return self.root / "models"

    @property
    def settings(self) -> Path:
        """The file of settings."""
        return self.root / "settings.toml"

    @property
    def cache(self) -> Path:
        """What can be made again at any time."""
        return self.root / "cache"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock; the operating system frees it even when the process is killed.

        Raises:
            StoreBusy: another process holds it.
            StoreError: the folder cannot be made or written.
        """
        from filelock import FileLock, Timeout

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / "writer.lock", timeout=0)
            lock.acquire()
        except Timeout:
            hint = "Wait for it to end, then run the command again"
            raise StoreBusy("another process is writing here", where=str(self.root), hint=hint) from None
        except OSError as error:
            hint = "Check that you may write there and that the disk is not full, or choose another with --home"
            raise StoreError(
                f"cannot be used as the home folder ({error.strerror})", where=str(self.root), hint=hint
            ) from error
        try:
            yield
        finally:
            lock.release()

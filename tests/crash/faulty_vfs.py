"""A VFS that asks a disk before each call: it can be full, fail, or be looked at as it is then.

SQLite's own VFS does the work. The WAL index (-shm) passes by: apsw hands its calls to SQLite.
"""

import contextlib
import errno
import os
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import apsw

from comity.storage.sqlite import open as opening

__all__ = ["Call", "Quota", "behind"]

NAME = "faulty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of SQLite's to the disk; `end` is where a write or truncation ends, else 0."""

    what: str
    name: str
    end: int = 0


Ask = Callable[[Call], None]


class FaultyFile(apsw.VFSFile):
    """A file of SQLite's own VFS; the disk is asked first."""

    def __init__(self, name: apsw.URIFilename | str, flags: list[int], ask: Ask) -> None:
        self._name = Path(name if isinstance(name, str) else name.filename()).name
        self._ask = ask
        ask(Call(what="open", name=self._name))
        super().__init__("", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's names
        """Ask, then do, as all of these."""
        self._ask(Call(what="read", name=self._name))
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._ask(Call(what="write", name=self._name, end=offset + len(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._ask(Call(what="truncate", name=self._name, end=newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._ask(Call(what="sync", name=self._name))
        super().xSync(flags)

    def xFileSize(self) -> int:  # noqa: N802
        self._ask(Call(what="size", name=self._name))
        return super().xFileSize()

    def xLock(self, level: int) -> None:  # noqa: N802
        self._ask(Call(what="lock", name=self._name))
        super().xLock(level)


class FaultyVfs(apsw.VFS):
    """SQLite's own VFS; the disk is asked first."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        super().__init__(NAME, "")

    def xOpen(  # noqa: N802
        self, name: apsw.URIFilename | str | None, flags: list[int]
    ) -> apsw.VFSFile:
        """Each file that has a name; those without are SQLite's scratch."""
        if name is None:
            return apsw.VFSFile("", name, flags)
        return FaultyFile(name, flags, self._ask)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        """Ask, then do."""
        self._ask(Call(what="delete", name=Path(filename).name))
        super().xDelete(filename, syncdir)

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        """Ask, then do."""
        self._ask(Call(what="access", name=Path(pathname).name))
        return super().xAccess(pathname, flags)


@contextlib.contextmanager
def behind(ask: Ask) -> Iterator[None]:
    """Whatever the store opens in here asks first; also before it settles a file at its start."""
    vfs = FaultyVfs(ask)
    settle = opening.settle

    def connection(path: str, flags: int | None = None) -> apsw.Connection:
        chosen = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if flags is None else flags
        return apsw.Connection(path, flags=chosen, vfs=NAME)

    def settled(path: Path) -> None:
        if path.exists():
            ask(Call(what="settle", name=path.name))
        settle(path)

    watched = types.SimpleNamespace(**{**vars(apsw), "Connection": connection})
    try:
        with (
            mock.patch.object(opening, "apsw", watched),
            mock.patch.object(opening, "settle", settled),
        ):
            yield
    finally:
        vfs.unregister()


class Quota:
    """A disk of `size` bytes that holds one folder; what else fills it is `other`."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self.other = 0
        self.refused = 0

    def used(self) -> int:
        """Bytes, of all files."""
        return self.other + sum(
            entry.stat().st_size for entry in os.scandir(self.folder) if entry.is_file()
        )

    def ask(self, call: Call) -> None:
        """Refuse what makes a file longer than there is room for."""
        if call.what != "write":
            return
        path = self.folder / call.name
        grows = call.end - (path.stat().st_size if path.exists() else 0)
        if grows > 0 and self.used() + grows > self.size:
            self.refused += 1
            raise apsw.FullError("no room")

    def allocate(self, descriptor: int, size: int) -> None:
        """As the system does it."""
        grows = size - os.fstat(descriptor).st_size
        if self.used() + grows > self.size:
            self.refused += 1
            raise OSError(errno.ENOSPC, "no room")
        os.ftruncate(descriptor, size)

    def free(self, _: Path) -> int:
        """As the system says it."""
        return self.size - self.used()

"""A VFS that does what SQLite's own does and writes down each change, sync, creation and deletion.

The WAL index (-shm) passes by unseen: it is memory, and no state that a power cut could leave.
"""

import contextlib
import types
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import apsw

from comity.storage.sqlite import open as opening
from tests.crash.power_disk import Sync, Trace, Truncate, Write

__all__ = ["recorded"]

NAME = "power"
SETTLES = True  # a control makes a start that does not
LOGS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL


class RecordedFile(apsw.VFSFile):
    """A file of SQLite's own VFS, watched."""

    def __init__(self, name: apsw.URIFilename | str, flags: list[int], trace: Trace) -> None:
        wanted = flags[0]
        super().__init__("", name, flags)
        path = name if isinstance(name, str) else name.filename()
        self._trace = trace
        self._inode = trace.opened(Path(path).name)
        # SQLite's unix VFS syncs the folder with the first sync of a log that it may create.
        self._folder_due = bool(wanted & LOGS and wanted & apsw.SQLITE_OPEN_CREATE)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Record what is asked for, then do it."""
        self._trace.add(Write(inode=self._inode, offset=offset, data=bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        """Record, then do."""
        self._trace.add(Truncate(inode=self._inode, size=newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Do, then record: only a sync that returned makes anything durable."""
        super().xSync(flags)
        self._trace.add(Sync(inode=self._inode, folder=self._folder_due))
        self._folder_due = False


class RecordingVfs(apsw.VFS):
    """SQLite's own VFS, watched."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        super().__init__(NAME, "")

    def xOpen(  # noqa: N802
        self, name: apsw.URIFilename | str | None, flags: list[int]
    ) -> apsw.VFSFile:
        """Watch each file that has a name; those without are SQLite's scratch."""
        if name is None:
            return apsw.VFSFile("", name, flags)
        return RecordedFile(name, flags, self._trace)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        """Do, then record: what was not there is no deletion."""
        super().xDelete(filename, syncdir)
        self._trace.deleted(Path(filename).name, folder=syncdir)


@contextlib.contextmanager
def recorded(trace: Trace) -> Iterator[None]:
    """Whatever the store opens in here is watched; close it in here."""
    vfs = RecordingVfs(trace)

    def connection(path: str, flags: int | None = None) -> apsw.Connection:
        chosen = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if flags is None else flags
        return apsw.Connection(path, flags=chosen, vfs=NAME)

    settle = opening.settle

    def settled(path: Path) -> None:
        settle(path)
        if SETTLES and path.exists():
            trace.add(Sync(inode=trace.opened(path.name), folder=False))

    watched = types.SimpleNamespace(**{**vars(apsw), "Connection": connection})
    try:
        with (
            mock.patch.object(opening, "apsw", watched),
            mock.patch.object(opening, "settle", settled),
        ):
            yield
    finally:
        vfs.unregister()

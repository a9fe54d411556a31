"""Disks of simulated nodes: real SQLite files in memory, whose power can be cut at any write.

Built on tests.crash: what was synced stays, of the rest each file keeps what a seeded chance says.
After a cut nothing that the dead node does reaches its disk. One VFS serves all disks, by folder.
"""

import contextlib
import random
import tempfile
import types
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import apsw

from comity.storage.sqlite import open as opening
from tests.crash.power_disk import Event, Platter, Trace
from tests.crash.power_vfs import RecordedFile

__all__ = ["Disk", "Disks", "PowerCut", "disks"]

NAME = "simulated"
MEMORY = Path("/dev/shm")  # noqa: S108 - scratch, where syncs take no time


class PowerCut(apsw.IOError):  # type: ignore[misc,unused-ignore]
    """The disk has no power: nothing more is read or written by this life of the node."""


class Disk(Trace):
    """What reached one folder. `fuse`: so many events more, and the power is cut."""

    def __init__(self) -> None:
        super().__init__()
        self._platter = Platter()
        self._buried = False
        self.dead = False
        self.fuse: int | None = None
        self.connections: list[apsw.Connection] = []

    def add(self, event: Event) -> None:
        """Record what happened, or burn out before it is recorded."""
        if not self._buried:
            self.burn()
            super().add(event)

    def opened(self, name: str) -> int:
        """As a trace does, with power."""
        self.burn()
        return super().opened(name)

    def deleted(self, name: str, *, folder: bool) -> None:
        """As a trace does, with power."""
        self.burn()
        super().deleted(name, folder=folder)

    def burn(self) -> None:
        """One event nearer to the cut; PowerCut once it is there."""
        if self._buried:
            return
        if self.fuse is not None and not self.dead:
            self.fuse -= 1
            self.dead = self.fuse <= 0
        if self.dead:
            raise PowerCut("the power is cut")

    def bury(self) -> None:
        """Close whatever is open on it; what that writes goes nowhere, and fails no more."""
        self.dead = self._buried = True
        for connection in self.connections:
            with contextlib.suppress(apsw.Error):
                connection.close(True)
        self.connections.clear()

    def settle(self) -> None:
        """Bring the platter up to date, so that the list of events stays short."""
        for event in self.events:
            self._platter.step(event)
        self.events.clear()

    def image(self, chance: random.Random) -> dict[str, bytes]:
        """What a power cut at this moment leaves."""
        self.settle()
        return self._platter.image(chance)


class _Vfs(apsw.VFS):
    """SQLite's own, watched by the disk of the folder."""

    def __init__(self, table: dict[str, Disk]) -> None:
        self._table = table
        super().__init__(NAME, "")

    def xOpen(  # noqa: N802 - SQLite's name
        self, name: apsw.URIFilename | str | None, flags: list[int]
    ) -> apsw.VFSFile:
        """Watch each file that has a name."""
        if name is None:
            return apsw.VFSFile("", name, flags)
        path = Path(name if isinstance(name, str) else name.filename())
        return RecordedFile(name, flags, self._table[str(path.parent)])

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        """Do, then record: what was not there is no deletion."""
        disk = self._table[str(Path(filename).parent)]
        disk.burn()
        super().xDelete(filename, syncdir)
        disk.deleted(Path(filename).name, folder=syncdir)


class Disks:
    """Makes a folder with a disk under it for each life of a node."""

    def __init__(self, root: Path, table: dict[str, Disk]) -> None:
        self._root = root
        self._table = table

    def insert(self, files: dict[str, bytes]) -> tuple[Path, Disk]:
        """A disk that holds durable files."""
        folder = self._root / str(len(self._table))
        folder.mkdir()
        disk = Disk()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        disk.holding(files)
        self._table[str(folder)] = disk
        return folder, disk


@contextlib.contextmanager
def disks() -> Iterator[Disks]:
    """Whatever a store opens in here lies on a simulated disk."""
    table: dict[str, Disk] = {}
    vfs = _Vfs(table)

    def connection(path: str, flags: int | None = None) -> apsw.Connection:
        chosen = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE if flags is None else flags
        opened = apsw.Connection(path, flags=chosen, vfs=NAME)
        table[str(Path(path).parent)].connections.append(opened)
        return opened

    watched = types.SimpleNamespace(**{**vars(apsw), "Connection": connection})
    scratch = MEMORY if MEMORY.is_dir() else None
    try:
        with (
            tempfile.TemporaryDirectory(dir=scratch) as folder,
            mock.patch.object(opening, "apsw", watched),
        ):
            yield Disks(Path(folder), table)
    finally:
        vfs.unregister()

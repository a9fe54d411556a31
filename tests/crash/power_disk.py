"""A disk that may forget: what was written and synced, and what a power cut may leave of it.

A synced write stays. A write after its file's last sync is kept, dropped, torn at 512-byte sectors
or overtaken by a later one, as a seeded chance decides for each file. A created or deleted name
stays once its folder was synced; before that, each name may be in any state that it went through.
A neighbouring byte is never damaged (SQLite's powersafe overwrite). Fed by power_vfs; used by
power_cut.
"""

import random
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = [
    "Ack",
    "Create",
    "Delete",
    "Event",
    "Platter",
    "Sync",
    "Trace",
    "Truncate",
    "Write",
    "images",
    "left_of",
]

SECTOR_BYTES = 512
MOODS = ("none", "all", "prefix", "some", "torn", "shuffled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A name that was not there leads to a new, empty file."""

    name: str
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """A name is gone; `folder`: its folder was synced too."""

    name: str
    folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Bytes at an offset."""

    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate:
    """A new length in bytes."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """A sync that has returned; `folder`: the folder was synced too."""

    inode: int
    folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """A caller was told: the entry is durable."""

    index: int
    leaf: bytes


Change = Write | Truncate
Event = Create | Delete | Change | Sync | Ack


class Trace:
    """Everything that reached one folder of the disk, in order; also from several threads."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._names: dict[str, int] = {}
        self._inodes = 0
        self._mutex = threading.Lock()

    def holding(self, files: Mapping[str, bytes]) -> None:
        """Begin with files that are durable."""
        for name, content in files.items():
            inode = self.opened(name)
            self.add(Write(inode=inode, offset=0, data=content))
            self.add(Sync(inode=inode, folder=True))

    def going_on(self, events: list[Event]) -> dict[str, bytes]:
        """Begin where a killed process left off; the files as its page cache shows them."""
        self.events = list(events)
        contents: dict[int, bytearray] = {}
        for event in events:
            match event:
                case Create(name=name, inode=inode):
                    self._names[name], contents[inode] = inode, bytearray()
                    self._inodes = inode + 1
                case Delete(name=name):
                    self._names.pop(name, None)
                case Write() | Truncate():
                    _apply(contents[event.inode], event)
        return {name: bytes(contents[inode]) for name, inode in self._names.items()}

    def add(self, event: Event) -> None:
        """Record what has happened."""
        with self._mutex:
            self.events.append(event)

    def opened(self, name: str) -> int:
        """The file behind a name; a new one if the name is new."""
        with self._mutex:
            if name not in self._names:
                self._names[name] = self._inodes
                self.events.append(Create(name=name, inode=self._inodes))
                self._inodes += 1
            return self._names[name]

    def deleted(self, name: str, *, folder: bool) -> None:
        """A name is gone."""
        with self._mutex:
            self._names.pop(name, None)
            self.events.append(Delete(name=name, folder=folder))


class Platter:
    """The disk at one moment: what is durable, and what is under way."""

    def __init__(self) -> None:
        self.acks: list[Ack] = []
        self._names: dict[str, int | None] = {}
        self._names_pending: dict[str, list[int | None]] = {}
        self._files: dict[int, bytearray] = {}
        self._pending: dict[int, list[Change]] = {}

    def step(self, event: Event) -> None:
        """Go on by one event."""
        match event:
            case Ack():
                self.acks.append(event)
            case Create(name=name, inode=inode):
                self._files[inode], self._pending[inode] = bytearray(), []
                self._names_pending.setdefault(name, []).append(inode)
            case Delete(name=name, folder=folder):
                self._names_pending.setdefault(name, []).append(None)
                self._sync_names(folder=folder)
            case Sync(inode=inode, folder=folder):
                for change in self._pending[inode]:
                    _apply(self._files[inode], change)
                self._pending[inode].clear()
                self._sync_names(folder=folder)
            case Write() | Truncate():
                self._pending[event.inode].append(event)

    def _sync_names(self, *, folder: bool) -> None:
        if folder:
            for name, states in self._names_pending.items():
                self._names[name] = states[-1]
            self._names_pending.clear()

    def image(self, chance: random.Random) -> dict[str, bytes]:
        """File contents by name after a power cut at this moment."""
        names: dict[str, int | None] = dict(self._names)
        for name, states in self._names_pending.items():
            names[name] = chance.choice([self._names.get(name), *states])
        image = {}
        for name, inode in sorted(names.items()):
            if inode is not None:
                content = bytearray(self._files[inode])
                for change in left_of(self._pending[inode], chance.choice(MOODS), chance):
                    _apply(content, change)
                image[name] = bytes(content)
        return image


def images(
    events: list[Event], cuts: Mapping[int, int], seed: str
) -> Iterator[tuple[int, tuple[Ack, ...], dict[str, bytes]]]:
    """For each image number its acknowledged entries and its files, in the order of the cuts.

    `cuts` says after how many events the power of each image is cut. An image depends on the seed
    and its own number alone, so one can be built again without the others.
    """
    platter, done = Platter(), 0
    for number, cut in sorted(cuts.items(), key=lambda item: item[1]):
        for event in events[done:cut]:
            platter.step(event)
        done = cut
        yield number, tuple(platter.acks), platter.image(random.Random(f"{seed}/{number}"))


def left_of(pending: list[Change], mood: str, chance: random.Random) -> list[Change]:
    """The changes, or parts of them, that reached the disk, in the order in which they did."""
    if mood == "none":
        return []
    if mood == "all":
        return pending
    if mood == "prefix":
        return pending[: chance.randint(0, len(pending))]
    share = chance.random()
    whole = pending if mood == "some" else [part for one in pending for part in _sectors(one)]
    kept = [change for change in whole if chance.random() < share]
    if mood == "shuffled" and not any(isinstance(change, Truncate) for change in kept):
        chance.shuffle(kept)
    return kept


def _sectors(change: Change) -> Iterator[Change]:
    """A write, cut where the sectors of the disk end."""
    if isinstance(change, Truncate):
        yield change
        return
    start, end = change.offset, change.offset + len(change.data)
    for sector in range(start // SECTOR_BYTES, -(-end // SECTOR_BYTES)):
        low, high = max(start, sector * SECTOR_BYTES), min(end, (sector + 1) * SECTOR_BYTES)
        yield Write(inode=change.inode, offset=low, data=change.data[low - start : high - start])


def _apply(content: bytearray, change: Change) -> None:
    """Bytes between the old end and a later write are zero, as in a sparse file."""
    if isinstance(change, Truncate):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.data)] = change.data

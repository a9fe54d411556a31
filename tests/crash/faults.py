"""A fault at each single call to the disk: an I/O error, no room, or the process's death.

    .venv/bin/python -m tests.crash.faults PHASE KIND CALL     one fault again, from the root

A phase is a piece of a node's life. It is played once to count its calls, and then once for each
call, with a fault there. Death is what the files are at that call: what a killed process wrote
outlives it in the page cache. Then the folder is started as every node starts, and looked at:
acknowledged means there, refused means not there, and what was fatal has stayed fatal.
"""

import contextlib
import enum
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import apsw

from comity.journal.scribe import Scribe
from comity.model.fault import Corrupt, Fault, Full, Unavailable
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from tests.crash.faulty_vfs import Call, behind
from tests.crash.power_cut import SCRATCH, check
from tests.crash.power_disk import Ack
from tests.crash.writer import NOW_US, identity, write

__all__ = ["Forgiving", "Kind", "Phase", "Tally", "calls_in", "deaths", "main", "play", "sweep"]

T = TypeVar("T")

WAIT_S = 10.0
ENTRIES = 3  # a phase's own; before it there are as many
NEVER = 1 << 30  # pages: nothing is folded in
COMMAND = ".venv/bin/python -m tests.crash.faults"


class Kind(enum.Enum):
    """What happens at a call."""

    EIO = "eio"
    ENOSPC = "enospc"
    DEATH = "death"


class Phase(enum.Enum):
    """A piece of a node's life."""

    FIRST_START = "first-start"  # an empty folder
    MIGRATE = "migrate"  # a database without our schema
    APPEND = "append"  # a node that runs
    CHECKPOINT = "checkpoint"  # the same; its log is folded in at each entry
    RECOVER = "recover"  # a folder whose node was killed


_RUNS = frozenset({Phase.APPEND, Phase.CHECKPOINT})  # faults begin once it runs
_CODES = {
    "open": apsw.SQLITE_CANTOPEN,
    "read": apsw.SQLITE_IOERR_READ,
    "write": apsw.SQLITE_IOERR_WRITE,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "size": apsw.SQLITE_IOERR_FSTAT,
    "lock": apsw.SQLITE_IOERR_LOCK,
    "delete": apsw.SQLITE_IOERR_DELETE,
    "access": apsw.SQLITE_IOERR_ACCESS,
}


@dataclass(kw_only=True)
class Told:
    """What the callers of one life heard; `fatal`: what a node would have ended for."""

    acks: list[Ack] = field(default_factory=list)
    refused: int = 0
    stopped: int = 0
    fatal: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Many faults: how many fired, what was lost or wrong after them, lines to paste."""

    planned: int
    fired: int
    acks: int
    lost: int
    faults: Counter[str]
    again: tuple[str, ...]


class Faulty:
    """A disk that counts its calls once it is armed, and does something else at one of them."""

    def __init__(self, fire: Callable[[int, Call], bool]) -> None:
        self.fire = fire
        self.armed = True
        self.calls = 0
        self.fired = 0

    def ask(self, call: Call) -> None:
        """Count; perhaps fire."""
        if not self.armed:
            return
        self.calls += 1
        if self.fire(self.calls - 1, call):
            self.fired += 1


def _error(kind: Kind, call: Call) -> Exception:
    if call.what == "settle":
        return Corrupt("it cannot be synced", code="disk_failed")
    if kind is Kind.ENOSPC and call.what in {"write", "truncate", "open"}:
        return apsw.FullError("no room")
    return apsw.exception_for(_CODES[call.what])


class Forgiving(SqliteStore):
    """A store that is wrong: whatever fails at a commit is taken for a full disk."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Go on after a failed sync."""
        try:
            return super().write(work)
        except Corrupt as error:
            self._writer._dead = None
            raise Full("it will be all right") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """How a life is lived: with which store, and whether it acknowledges too early."""

    store: type[SqliteStore] = SqliteStore
    hasty: bool = False

    def live(self, folder: Path, phase: Phase, told: Told, disk: Faulty) -> None:
        """Start, write, stop. A fault ends it as it ends a node: without a word more."""
        disk.armed = phase not in _RUNS
        with contextlib.suppress(Fault, apsw.Error):
            store = self.store(folder)
            store._writer.fold_pages = 1 if phase is Phase.CHECKPOINT else NEVER
            try:
                scribe = Scribe(
                    store=store,
                    identity=identity(),
                    seeds=lambda: secrets.token_bytes(32),
                    witnesses=(),
                    on_commit=lambda: None,
                    on_fatal=told.fatal.append,
                )
                disk.armed = True
                for _ in range(ENTRIES):
                    self._one(scribe, told)
                scribe.close()
            finally:
                store.close()

    def _one(self, scribe: Scribe, told: Told) -> None:
        if self.hasty:
            told.acks.append(Ack(index=max(1, scribe.head.checkpoint.size), leaf=b""))
        try:
            written = scribe.submit(write, NOW_US).result(WAIT_S).value
        except Full:
            told.refused += 1
        except Unavailable:
            told.stopped += 1
        else:
            assert not told.fatal, "acknowledged after a fatal fault"
            if not self.hasty:
                told.acks.append(Ack(index=written.index, leaf=written.leaf))


HONEST = Node()


def prepare(phase: Phase, folder: Path) -> list[Ack]:
    """What the folder holds when the phase begins, and what was acknowledged by then."""
    told = Told()
    disk = Faulty(lambda _, __: False)
    if phase is Phase.MIGRATE:
        database = apsw.Connection(str(folder / "journal.db"))
        database.execute("PRAGMA journal_mode=WAL")
        database.close()
    elif phase in _RUNS:
        HONEST.live(folder, Phase.APPEND, told, disk)
    elif phase is Phase.RECOVER:
        lived = folder.with_name(f"{folder.name}.lived")
        lived.mkdir()

        def fire(_: int, call: Call) -> bool:
            if len(told.acks) == ENTRIES and call.what == "write" and call.name == "journal.db":
                _copy(lived, folder)  # it is being stopped: killed before its log is folded in
                disk.armed = False
            return False

        disk.fire = fire
        with behind(disk.ask):
            HONEST.live(lived, Phase.APPEND, told, disk)
        shutil.rmtree(lived)
        assert (folder / "journal.db-wal").stat().st_size > 0
    return told.acks


def _copy(folder: Path, image: Path) -> None:
    shutil.copytree(folder, image, ignore=shutil.ignore_patterns("*-shm"), dirs_exist_ok=True)


def calls_in(phase: Phase) -> int:
    """How many calls the phase makes when nothing goes wrong."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        folder = Path(scratch) / "data"
        folder.mkdir()
        prepare(phase, folder)
        disk = Faulty(lambda _, __: False)
        with behind(disk.ask):
            HONEST.live(folder, phase, Told(), disk)
        return disk.calls


def play(
    folder: Path, phase: Phase, kind: Kind, number: int, node: Node = HONEST
) -> tuple[Told, int]:
    """Play a phase on a prepared folder with a fault at one call; what was told, faults fired."""

    def fire(at: int, call: Call) -> bool:
        if at != number:
            return False
        disk.fired += 1
        if kind is Kind.DEATH:
            os.kill(os.getpid(), signal.SIGKILL)
        raise _error(kind, call)

    told, disk = Told(), Faulty(fire)
    with behind(disk.ask):
        node.live(folder, phase, told, disk)
    return told, disk.fired


def sweep(phase: Phase, kind: Kind, numbers: Iterable[int], node: Node = HONEST) -> Tally:
    """An I/O error or no room at each of these calls, each on a folder of its own."""
    planned = fired = acks = lost = 0
    faults: Counter[str] = Counter()
    again: list[str] = []
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        ready = Path(scratch) / "ready"
        ready.mkdir()
        before = prepare(phase, ready)
        for number in numbers:
            folder = Path(scratch) / str(number)
            _copy(ready, folder)
            told, times = play(folder, phase, kind, number, node)
            planned, fired = planned + 1, fired + times
            known = (*before, *told.acks)
            wrong = _look(folder, known, told)
            acks, lost = acks + len(known), lost + wrong["lost"]
            faults.update({name: 1 for name in wrong if name != "lost"})
            if wrong:
                again.append(f"{COMMAND} {phase.value} {kind.value} {number}: {dict(wrong)}")
            shutil.rmtree(folder)
    return Tally(
        planned=planned, fired=fired, acks=acks, lost=lost, faults=faults, again=tuple(again[:5])
    )


def _look(folder: Path, known: tuple[Ack, ...], told: Told | None) -> Counter[str]:
    """Start as a node does; what is wrong. Without a fatal fault the outcome is known exactly."""
    found = check(folder, known, go_on=False)
    wrong = Counter(found.faults)
    if found.lost:
        wrong["lost"] = found.lost
    if told is not None and not told.fatal and not told.stopped and found.size > len(known) + 1:
        wrong["refused, and there"] += 1
    if not wrong:
        wrong.update(check(folder, known, go_on=True).faults)
    return wrong


def deaths(phase: Phase, node: Node = HONEST, every: int = 1, first: int = 0) -> Tally:
    """The process's death at each call (or each so many): one life, an image at each."""
    told, fired, acks, lost = Told(), 0, 0, 0
    faults: Counter[str] = Counter()
    again: list[str] = []
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        folder = Path(scratch) / "data"
        folder.mkdir()
        before = prepare(phase, folder)
        images: list[tuple[int, Path, tuple[Ack, ...]]] = []

        def fire(at: int, _: Call) -> bool:
            if at % every != first % every:
                return False
            image = Path(scratch) / f"image-{at}"
            _copy(folder, image)
            images.append((at, image, (*before, *told.acks)))
            return True

        disk = Faulty(fire)
        with behind(disk.ask):
            node.live(folder, phase, told, disk)
        fired = disk.fired
        planned = len(range(first % every, disk.calls, every))
        for number, image, known in images:
            wrong = _look(image, known, None)
            acks, lost = acks + len(known), lost + wrong["lost"]
            faults.update({name: 1 for name in wrong if name != "lost"})
            if wrong:
                again.append(f"{COMMAND} {phase.value} death {number}: {dict(wrong)}")
    return Tally(
        planned=planned, fired=fired, acks=acks, lost=lost, faults=faults, again=tuple(again[:5])
    )


def twice(seed: str, scratch: Path) -> tuple[int, Counter[str]]:
    """A fault, and another one while the node comes back from it; faults fired, what is wrong."""
    chance = random.Random(seed)
    phase, folder = chance.choice(list(Phase)), scratch / "data"
    folder.mkdir()
    known = prepare(phase, folder)
    kinds = (Kind.EIO, Kind.ENOSPC)
    told, first = play(folder, phase, chance.choice(kinds), chance.randrange(120))
    known += told.acks
    told, second = play(folder, Phase.RECOVER, chance.choice(kinds), chance.randrange(60))
    known += told.acks
    return first + second, _look(folder, tuple(known), None)


def main() -> None:
    """See the module docstring."""
    phase, kind, number = Phase(sys.argv[1]), Kind(sys.argv[2]), int(sys.argv[3])
    if kind is Kind.DEATH and len(sys.argv) > 4:
        play(Path(sys.argv[4]), phase, kind, number)
    elif kind is Kind.DEATH:
        print(deaths(phase, every=NEVER, first=number))
    else:
        print(sweep(phase, kind, [number]))


if __name__ == "__main__":
    main()

"""Cuts the power of the real store and pen, recovers, compares with what was acknowledged.

    .venv/bin/python -m tests.crash.power_cut RULE SEED IMAGE     one image again, from the root

A recording is one folder's history, written by the real code through power_vfs: two lives of a
node, entries in groups, checkpoints, a restart. Many images are built from it, and each is
recovered by the real code. FULL is the code as it is; the other rules must be caught: SQLite's
weaker `synchronous` settings, and a lock that is committed before the data. The seed `7/3` is
image 3 of the recording of seed 7 with two more lives: power is cut again during or after recovery.
"""

import enum
import random
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import apsw

from comity.journal.checkpoint import Checkpoint
from comity.journal.merkle import leaf_hash, root
from comity.journal.pen import Pen, Written
from comity.journal.recover import recomputed_root, recover
from comity.journal.scribe import Committed, Scribe
from comity.model.fault import Fault
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from tests.crash.power_disk import Ack, Create, Event, Sync, Trace, images
from tests.crash.power_vfs import recorded
from tests.crash.writer import NOW_US, ORIGIN, identity, write

__all__ = [
    "Recording",
    "Rule",
    "Tally",
    "Verdict",
    "check",
    "main",
    "record",
    "record_after_kill",
    "storm",
    "verdicts",
]

T = TypeVar("T")

LIVES = 2
GROUPS = 10  # a life
GROUP_MAX = 9  # entries
GO_ON = 4  # each fourth recovered node writes another entry
WAIT_S = 10.0
COMMAND = ".venv/bin/python -m tests.crash.power_cut"
# Folded in this often, a short history holds many checkpoints. SQLite folds at 1,000 pages.
FOLD_DATA_PAGES, FOLD_LOCK_PAGES = 60, 6
MEMORY = Path("/dev/shm")  # noqa: S108 - scratch, where syncs take no time
SCRATCH = MEMORY if MEMORY.is_dir() else None


class Rule(enum.Enum):
    """How the recorded node writes."""

    FULL = "full"
    NORMAL = "normal"
    OFF = "off"
    LOCK_FIRST = "lock-first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What reached a folder of the disk; power is cut at or after `start`, not before."""

    events: list[Event]
    start: int
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What recovery made of one image: acknowledged entries that are gone, and what is wrong."""

    lost: int
    faults: tuple[str, ...]
    size: int = 0

    @property
    def clean(self) -> bool:
        """Nothing to complain of."""
        return not self.lost and not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Many images: acknowledgements; images that lost some, or show a fault; lines to paste."""

    images: int
    acks: int
    lost: int
    faults: Counter[str]
    again: tuple[str, ...]


class LockFirst(SqliteStore):
    """A store that is wrong: the lock is committed before the data."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Move the lock from inside the transaction."""

        def early(tx: Transaction) -> T:
            result = work(tx)
            if isinstance(result, Checkpoint):
                self.lock().write(result.size, result.root)
            return result

        return super().write(early)


def storm(rule: Rule, seeds: Iterable[str], count: int) -> Tally:
    """Recover `count` images of the recording of each seed."""
    images_made = acks = lost = 0
    faults: Counter[str] = Counter()
    again: list[str] = []
    for seed in seeds:
        for number, told, verdict in verdicts(record(rule, seed), range(count)):
            images_made += 1
            acks += told
            lost += bool(verdict.lost)
            faults.update(set(verdict.faults))
            if not verdict.clean:
                again.append(f"{COMMAND} {rule.value} {seed} {number}")
    return Tally(images=images_made, acks=acks, lost=lost, faults=faults, again=tuple(again[:5]))


def record(rule: Rule, seed: str) -> Recording:
    """The history of one folder from its first start on; for `SEED/IMAGE`, from that image on."""
    trace, chance = Trace(), random.Random(seed)
    first, _, number = seed.rpartition("/")
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        if first:
            base = record(Rule.FULL, first)
            ((_, acks, files),) = images(base.events, {int(number): _cut(base, int(number))}, first)
            _materialise(Path(scratch), files)
            trace.holding(files)
            trace.events.extend(acks)
        start = len(trace.events)
        with recorded(trace):
            for _ in range(LIVES):
                _live(Path(scratch), rule, trace, chance)
    return Recording(events=trace.events, start=start, seed=seed)


def record_after_kill(seed: str) -> Recording:
    """A life that was killed before a sync of its log returned, and the start that follows."""
    base, chance = record(Rule.FULL, seed), random.Random(f"kill/{seed}")
    logs = {e.inode for e in base.events if isinstance(e, Create) and e.name == "journal.db-wal"}
    places = [at for at, e in enumerate(base.events) if isinstance(e, Sync) and e.inode in logs]
    trace = Trace()
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        _materialise(Path(scratch), trace.going_on(base.events[: chance.choice(places)]))
        start = len(trace.events)
        with recorded(trace):
            store = SqliteStore(Path(scratch))
            _scribe(store, chance).close()
            store.close()
    return Recording(events=trace.events, start=start, seed=seed)


def verdicts(recording: Recording, numbers: Iterable[int]) -> list[tuple[int, int, Verdict]]:
    """Image number, entries that were acknowledged, verdict; for some images of a recording."""
    cuts = {number: _cut(recording, number) for number in numbers}
    found = []
    with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
        folder = Path(scratch) / "image"
        for number, acks, files in images(recording.events, cuts, recording.seed):
            folder.mkdir()
            _materialise(folder, files)
            found.append((number, len(acks), check(folder, acks, go_on=number % GO_ON == 0)))
            shutil.rmtree(folder)
    return found


def _cut(recording: Recording, number: int) -> int:
    """After how many events: anywhere, just after an acknowledgement, or before a sync returns."""
    chance = random.Random(f"cut/{recording.seed}/{number}")
    start, end = recording.start, len(recording.events)
    kind = chance.choice((None, None, Ack, Sync))
    places = [at for at in range(start, end) if kind and isinstance(recording.events[at], kind)]
    if kind is None or not places:
        return chance.randint(start, end)
    return chance.choice(places) + (kind is Ack)


def _materialise(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _live(folder: Path, rule: Rule, trace: Trace, chance: random.Random) -> None:
    """Start, write groups of entries, stop."""
    store = (LockFirst if rule is Rule.LOCK_FIRST else SqliteStore)(folder)
    for writer, pages in (
        (store._writer, FOLD_DATA_PAGES),
        (store._lock.writer, FOLD_LOCK_PAGES),
    ):
        writer.fold_pages = pages
        if rule in {Rule.NORMAL, Rule.OFF}:
            writer.db.execute(f"PRAGMA synchronous={rule.name}")
    scribe = _scribe(store, chance)
    for _ in range(GROUPS):
        _group(scribe, trace, chance.randint(1, GROUP_MAX))
    scribe.close()
    store.close()


def _scribe(store: SqliteStore, chance: random.Random) -> Scribe:
    return Scribe(
        store=store,
        identity=identity(),
        seeds=lambda: chance.randbytes(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: None,  # the futures tell
    )


def _group(scribe: Scribe, trace: Trace, size: int) -> None:
    """Entries that are committed together: the pen is held until all of them wait."""
    held, go_on = threading.Event(), threading.Event()

    def hold(tx: Transaction, pen: Pen) -> None:
        del tx, pen
        held.set()
        assert go_on.wait(WAIT_S)

    def acknowledge(done: Future[Committed[Written]]) -> None:
        written = done.result().value
        trace.add(Ack(index=written.index, leaf=written.leaf))

    scribe.submit(hold, NOW_US)
    assert held.wait(WAIT_S)
    futures = [scribe.submit(write, NOW_US) for _ in range(size)]
    for future in futures:
        future.add_done_callback(acknowledge)  # runs in the pen's thread, before its next group
    go_on.set()
    for future in futures:
        future.result(WAIT_S)


def check(folder: Path, acks: tuple[Ack, ...], *, go_on: bool) -> Verdict:
    """Recover as a node does; look for each acknowledged entry; `go_on`: write another one."""
    faults: list[str] = []
    kept: dict[int, tuple[bytes, bytes]] = {}
    try:
        store = SqliteStore(folder)
    except (apsw.Error, Fault) as error:
        return Verdict(lost=len(acks), faults=(_code(error),))
    try:
        for row in store.read(lambda r: r.journal.entries(0, r.journal.size())):
            kept[row.index] = (row.leaf, row.body)
        faults += _structure(store)
        checkpoint = recover(store, ORIGIN)
        faults += _tree(store, checkpoint)
        if go_on:
            _one_more(store, checkpoint.size)
    except (apsw.Error, Fault) as error:
        faults.append(_code(error))
    finally:
        store.close()
    lost = sum(ack.index not in kept for ack in acks)
    faults += [
        "another entry"
        for ack in acks
        if ack.index in kept and not ack.leaf == kept[ack.index][0] == leaf_hash(kept[ack.index][1])
    ]
    return Verdict(lost=lost, faults=tuple(faults), size=len(kept))


def _code(error: apsw.Error | Fault) -> str:
    return error.code if isinstance(error, Fault) else type(error).__name__


def _structure(store: SqliteStore) -> list[str]:
    """SQLite's own opinion of both files."""
    return [
        "integrity_check"
        for database in (store._writer.db, store._lock.writer.db)
        if database.pragma("integrity_check") != "ok"
    ]


def _tree(store: SqliteStore, checkpoint: Checkpoint) -> list[str]:
    """The root over stored entries and the root over stored nodes are the recovered one."""
    again = store.read(lambda r: recomputed_root(r, 0, checkpoint.size))
    above = store.read(lambda r: root(checkpoint.size, r.journal.node))
    return [] if again == above == checkpoint.root else ["another root"]


def _one_more(store: SqliteStore, size: int) -> None:
    """A recovered node starts its pen, and the next entry goes to the end."""
    scribe = _scribe(store, random.Random(size))
    try:
        done = scribe.submit(write, NOW_US).result(WAIT_S)
    finally:
        scribe.close()
    assert done.value.index == size + (size == 0)  # the first entry of a journal names its keys


def main() -> None:
    """See the module docstring."""
    rule, seed, number = Rule(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for _, acks, verdict in verdicts(record(rule, seed), [number]):
        print(f"{acks} acknowledged, {verdict}")


if __name__ == "__main__":
    main()

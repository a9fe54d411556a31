"""A disk that is full: refused by name, read from, of use to the safety floor, and whole again.

The store writes through a VFS that has a quota, at 20 sizes. What a start finds afterwards is all
that was acknowledged, once, and nothing that was refused. A file-size limit of the system, and
where it may be mounted a small file system, say the same of real system calls.
"""

import contextlib
import json
import random
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.journal.merkle import leaf_hash
from comity.journal.pen import NotRecorded, Pen, Written
from comity.journal.recover import recomputed_root
from comity.journal.scribe import Scribe, Work
from comity.model.fault import Fault, Full, Unavailable
from comity.storage.ballast import Ballast
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field
from tests.crash.faulty_vfs import Quota, behind
from tests.crash.writer import NOW_US, ORIGIN, identity

SIZES = [2_400_000 + 400_000 * step for step in range(20)]
PEER = "bravo.example/comity/2026"
FLOOR = 5
FOLD_PAGES = 100
WAIT_S = 10.0
REFUSED_S = 1.0


def scribe_over(store: SqliteStore, ballast: Ballast | None, fatal: list[Fault]) -> Scribe:
    return Scribe(
        store=store,
        identity=identity(),
        seeds=lambda: secrets.token_bytes(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=fatal.append,
        ballast=ballast,
    )


def ordinary(tx: Transaction, pen: Pen) -> Written:
    """Some 60 kB at home."""
    del tx
    fields = tuple(text_field(f"f{step}", "x" * 2_000) for step in range(30))
    return pen.write_content(EntryType.CALL, ORIGIN, pen.seal(fields))


def floor(tx: Transaction, pen: Pen) -> Written:
    """A hazard's entry, to a peer."""
    del tx
    return pen.write_content(EntryType.SAFETY, PEER, pen.seal((text_field("code", "H1"),)))


class Disk:
    """One quota, the node on it, and what it was told."""

    def __init__(self, folder: Path, size: int) -> None:
        self.quota = Quota(folder, size)
        self.acked: list[Written] = []
        self.fatal: list[Fault] = []
        self.ballast_size = size // 4

    @contextlib.contextmanager
    def life(self) -> Iterator[tuple[Scribe, SqliteStore, Ballast]]:
        """Start, stop."""
        quota = self.quota
        ballast = Ballast(
            quota.folder / "ballast",
            self.ballast_size,
            allocate_in=quota.allocate,
            free_in=quota.free,
        )
        store = SqliteStore(quota.folder)
        store._writer.fold_pages = FOLD_PAGES
        scribe = scribe_over(store, ballast, self.fatal)
        try:
            yield scribe, store, ballast
        finally:
            scribe.close()
            store.close()

    def write(self, scribe: Scribe, kind: Work[Written], count: int = 1) -> None:
        """Write together; what is acknowledged is kept in mind."""
        futures = [scribe.submit(kind, NOW_US) for _ in range(count)]
        for future in futures:
            with contextlib.suppress(Unavailable):
                self.acked.append(future.result(WAIT_S).value)
        for future in futures:
            future.result(0)

    def fill(self, scribe: Scribe, chance: random.Random) -> float:
        """Write until it is full; how long the first refusal took, in seconds."""
        for _ in range(10_000):
            began = time.monotonic()
            try:
                self.write(scribe, ordinary, chance.randint(1, 6))
            except Full:
                return time.monotonic() - began
        raise AssertionError("it is never full")

    def whole(self, store: SqliteStore) -> None:
        """All that was acknowledged is there, once, and hashes to the root; nothing else is."""
        rows = store.read(lambda r: r.journal.entries(0, r.journal.size()))
        assert len(rows) == len(self.acked) + 1  # entry 0 names the keys
        for written in self.acked:
            row = rows[written.index]
            assert row.leaf == written.leaf == leaf_hash(row.body)
        assert len({written.leaf for written in self.acked}) == len(self.acked)
        store.read(lambda r: recomputed_root(r, 0, len(rows)))


@pytest.mark.parametrize("size", SIZES)
def test_a_full_disk_of_each_size(tmp_path: Path, size: int) -> None:
    disk, chance = Disk(tmp_path, size), random.Random(size)
    with behind(disk.quota.ask):
        with disk.life() as (scribe, store, ballast):
            assert ballast.held
            assert disk.fill(scribe, chance) <= REFUSED_S
            assert disk.quota.refused > 0
            assert scribe.floor_only
            with pytest.raises(Full):
                disk.write(scribe, ordinary)
            disk.write(scribe, floor, FLOOR)  # the ballast's room
            ballast.look()
            assert scribe.floor_only  # what the ballast left is no room for others
            assert store.read(lambda r: r.journal.size()) == scribe.head.checkpoint.size
        disk.quota.other = disk.quota.free(tmp_path) - disk.ballast_size
        with disk.life() as (scribe, store, ballast):  # a start on a full disk
            disk.whole(store)
            assert scribe.floor_only
            with pytest.raises(Full):
                disk.write(scribe, ordinary)
            disk.write(scribe, floor)
            disk.quota.size += 2 * size
            ballast.look()
            disk.write(scribe, ordinary, 3)
        with disk.life() as (_, store, _):
            disk.whole(store)
    assert disk.fatal == []


def until_full(disk: Disk, scribe: Scribe) -> None:
    """As long as the log is begun anew, there is room in it."""
    for _ in range(1_000):
        disk.write(scribe, floor)


def test_what_not_even_the_floor_has_room_for_is_not_recorded(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 2_000_000)
    with behind(disk.quota.ask), disk.life() as (scribe, store, _):
        disk.fill(scribe, random.Random(1))
        disk.quota.other = disk.quota.free(tmp_path)
        with pytest.raises(NotRecorded) as caught:
            until_full(disk, scribe)
        (unsaid,) = caught.value.unsaid
        assert (unsaid.kind, unsaid.audience) == (EntryType.SAFETY, PEER)
        with pytest.raises(Full):
            disk.write(scribe, ordinary)
        disk.whole(store)
        disk.quota.other = 0
        disk.write(scribe, floor)
        disk.whole(store)
    assert disk.fatal == []


def test_without_a_ballast_a_full_disk_is_refused_too(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 2_000_000)
    disk.ballast_size = 0
    with behind(disk.quota.ask), disk.life() as (scribe, store, _):
        disk.fill(scribe, random.Random(1))
        disk.quota.size *= 2
        disk.write(scribe, ordinary)
        disk.whole(store)
    assert disk.fatal == []


def test_a_large_work_does_not_sink_a_small_one(tmp_path: Path) -> None:
    """A group that finds no room is tried again one by one."""
    disk = Disk(tmp_path, 2_000_000)
    disk.ballast_size = 0
    with behind(disk.quota.ask), disk.life() as (scribe, store, _):
        disk.write(scribe, ordinary)
        disk.quota.other = disk.quota.free(tmp_path) - 200_000

        def large(tx: Transaction, pen: Pen) -> None:
            for _ in range(20):
                ordinary(tx, pen)

        too_large = scribe.submit(large, NOW_US)
        disk.write(scribe, floor)
        with pytest.raises(Full):
            too_large.result(WAIT_S)
        disk.whole(store)
    assert disk.fatal == []


def test_a_first_start_without_room_makes_nothing_that_a_second_cannot_use(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 0)
    started = 0
    with behind(disk.quota.ask):
        for size in range(0, 2_000_000, 16_384):
            disk.quota.size = size
            if started > 1:
                break
            try:
                with disk.life() as (scribe, store, _):
                    started += 1
                    del scribe, store
            except Full:
                continue  # also after a first start: what it left in the log may need more room
    assert started > 1
    assert disk.quota.refused > 0


# A file may grow to 1 MiB, then to 4: EFBIG from the system itself, which SQLite calls an I/O
# error. Prints what was acknowledged, and how it went on.
LIMITED = """
import json, resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from comity.model.fault import Unavailable
from comity.storage.ballast import Ballast
from comity.storage.sqlite.store import SqliteStore
from tests.crash.test_disk_full import NOW_US, ordinary, floor, scribe_over
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 4 << 20))
folder, fatal = Path(sys.argv[1]), []
store = SqliteStore(folder)
scribe = scribe_over(store, Ballast(folder / "ballast", 0), fatal)
acked, codes = 0, []
for _ in range(2_000):
    try:
        scribe.submit(ordinary, NOW_US).result(10)
        acked += 1
    except Unavailable as no:
        codes.append(no.code)
        break
size = store.read(lambda r: r.journal.size())
resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))
scribe.submit(floor, NOW_US).result(10)
scribe.close()
store.close()
print(json.dumps({"acked": acked, "size": size, "codes": codes, "fatal": len(fatal)}))
"""


def test_a_limit_of_the_system_is_a_full_disk(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["codes"] == ["disk_full"]
    assert found["size"] == found["acked"] + 1
    assert found["fatal"] == 0
    assert shutil.disk_usage(tmp_path).free > 1 << 24  # the disk itself was not full

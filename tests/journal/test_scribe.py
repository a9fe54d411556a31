"""The pen stops for good rather than sign what it should not: a failed commit, a damaged tree."""

import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from comity.journal.pen import Pen, Written
from comity.journal.scribe import Scribe
from comity.model.fault import Corrupt, Fault, Unavailable
from comity.storage.rows import NotStored
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field
from tests.model.saying_no import says_no
from tests.wire.vectors import ALPHA, identity

NOW_US = 1_795_348_800_000_000


class Failing(SqliteStore):
    """Its next commits fail, as when the disk says no at the last moment."""

    failing = False

    def write(self, work: Callable[[Transaction], object]) -> object:  # type: ignore[override]
        if self.failing:
            raise Corrupt("a commit failed: disk I/O error", code="commit_failed")
        return super().write(work)


def write(tx: Transaction, pen: Pen) -> Written:
    del tx
    content = pen.seal((text_field("said", "something"),))
    return pen.write_content(EntryType.CALL, pen.origin, content)


def scribe_over(store: SqliteStore, fatal: list[Fault]) -> Scribe:
    return Scribe(
        store=store,
        identity=identity(ALPHA),
        seeds=lambda: secrets.token_bytes(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=fatal.append,
    )


def stopped(scribe: Scribe, fatal: list[Fault], code: str) -> None:
    """The waiting caller and every later one hear it; the process is told why, once."""
    with says_no("journal_stopped", Unavailable):
        scribe.submit(write, NOW_US).result(5)
    with says_no("journal_stopped", Unavailable):
        scribe.submit(write, NOW_US)
    assert [fault.code for fault in fatal] == [code]


def test_after_a_failed_commit_nothing_is_written_or_signed(tmp_path: Path) -> None:
    store, fatal = Failing(tmp_path), list[Fault]()
    scribe = scribe_over(store, fatal)
    scribe.submit(write, NOW_US).result(5)
    before = scribe.head
    store.failing = True
    stopped(scribe, fatal, "commit_failed")
    assert scribe.head == before
    store.close()


def test_a_work_that_raises_is_undone_alone(tmp_path: Path) -> None:
    store, fatal = SqliteStore(tmp_path), list[Fault]()
    scribe = scribe_over(store, fatal)

    def fails(tx: Transaction, pen: Pen) -> None:
        write(tx, pen)
        raise ValueError("no")

    good = scribe.submit(write, NOW_US)
    with pytest.raises(ValueError, match="no"):
        scribe.submit(fails, NOW_US).result(5)
    scribe.submit(write, NOW_US).result(5)
    assert good.result(5).value.index == 1  # entry 0 names the keys
    assert scribe.head.checkpoint.size == 3
    assert fatal == []
    scribe.close()
    store.close()


def test_no_head_is_signed_over_a_tree_that_changed_underneath(tmp_path: Path) -> None:
    """One flipped bit in an interior node ended a public log; here it ends the pen first."""
    store, fatal = SqliteStore(tmp_path), list[Fault]()
    scribe = scribe_over(store, fatal)
    for _ in range(3):
        scribe.submit(write, NOW_US).result(5)
    other = apsw.Connection(str(tmp_path / "journal.db"))
    other.execute("UPDATE node SET hash=zeroblob(32) WHERE level=2 AND idx=0")
    other.close()
    stopped(scribe, fatal, "invariant_broken")
    assert scribe.head.checkpoint.size == 4
    store.close()


def test_without_a_thread_the_callers_loop_runs_the_groups(tmp_path: Path) -> None:
    """Nothing is done before the loop's turn; works that wait together are one group."""
    store, soon = SqliteStore(tmp_path), list[Callable[[], None]]()
    groups, seeds = list[int](), iter(range(9))
    scribe = Scribe(
        store=store,
        identity=identity(ALPHA),
        seeds=lambda: bytes([next(seeds)] * 32),
        witnesses=(),
        on_commit=lambda: groups.append(1),
        on_fatal=lambda _: None,
        later=soon.append,
    )
    futures = [scribe.submit(write, NOW_US) for _ in range(3)]
    assert not any(future.done() for future in futures)
    while soon:
        soon.pop(0)()
    assert [future.result(0).value.index for future in futures] == [1, 2, 3]
    assert groups == [1]
    left = scribe.submit(write, NOW_US)
    scribe.close()
    assert left.result(0).value.index == 4
    store.close()


def test_only_the_work_whose_row_cannot_be_stored_is_refused(tmp_path: Path) -> None:
    """Its row is stored when the group's are, so the group is written again, one by one."""
    store, fatal = SqliteStore(tmp_path), list[Fault]()
    held, release = threading.Event(), threading.Event()
    scribe = scribe_over(store, fatal)

    def holds(tx: Transaction, pen: Pen) -> Written:
        held.set()
        assert release.wait(10)
        return write(tx, pen)

    def twice(tx: Transaction, pen: Pen) -> Written:
        written = write(tx, pen)
        for _ in range(2):
            tx.journal.save_content_index(b"\1" * 32, pen.origin, written.index)
        return written

    first = scribe.submit(holds, NOW_US)
    assert held.wait(10)
    group = [scribe.submit(work, NOW_US) for work in (write, twice, write)]  # wait together
    release.set()
    assert first.result(10).value.index == 1
    with pytest.raises(NotStored, match="content_index"):
        group[1].result(10)
    assert [group[n].result(10).value.index for n in (0, 2)] == [2, 3]
    assert store.read(lambda r: r.journal.size()) == 4
    assert fatal == []
    scribe.close()
    store.close()

"""The lock: it goes forward only, and notices whatever went back."""

from pathlib import Path

import apsw
import pytest

from comity.model.fault import Corrupt
from comity.storage.sqlite.lock import SqliteLock
from tests.model.saying_no import says_no
from tests.storage.sqlite.samples import id_


def test_a_new_lock_has_signed_nothing(folder: Path) -> None:
    lock = SqliteLock(folder / "lock.db")
    assert lock.read() is None
    lock.write(0, id_(0))
    assert lock.read() == (0, id_(0))
    lock.close()


def test_it_goes_forward(folder: Path) -> None:
    lock = SqliteLock(folder / "lock.db")
    for size in (1, 2, 2, 100):
        lock.write(size, id_(size))
        assert lock.read() == (size, id_(size))
    lock.close()
    again = SqliteLock(folder / "lock.db")
    assert again.read() == (100, id_(100))
    again.close()


@pytest.mark.parametrize(("size", "root"), [(4, 4), (0, 0), (5, 6)])
def test_back_or_aside_is_a_rollback(folder: Path, size: int, root: int) -> None:
    lock = SqliteLock(folder / "lock.db")
    lock.write(5, id_(5))
    with says_no("rollback_detected", Corrupt):
        lock.write(size, id_(root))
    assert lock.read() == (5, id_(5))
    lock.close()


def test_a_lock_that_cannot_be_written_stops_the_node(folder: Path) -> None:
    lock = SqliteLock(folder / "lock.db")
    other = apsw.Connection(str(folder / "lock.db"))
    lock.writer.db.set_busy_timeout(10)
    other.execute("BEGIN IMMEDIATE")
    with says_no("commit_failed", Corrupt):
        lock.write(1, id_(1))
    other.execute("ROLLBACK")
    other.close()
    with says_no("commit_failed", Corrupt):  # fatal stays fatal
        lock.write(1, id_(1))
    lock.close()

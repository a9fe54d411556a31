"""A node that is opened and closed again and again keeps no file, thread or memory."""

import gc
import threading
from pathlib import Path

import pytest

from comity.config import read_home
from comity.storage.sqlite.store import SqliteStore
from tests.upkeep.homes import make_home, scribe_of, write

CYCLES, WARM = 50, 10
GROWN_KIB_MAX = 2_048  # over all cycles after the warm-up; one that leaked its caches grows by more

pytestmark = pytest.mark.timeout(300)


def held() -> tuple[int, int]:
    """Open files and threads of this process, other tests' rubbish taken out."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def resident_kib() -> int:
    """Memory of this process, in KiB."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def cycle(folder: Path, kept: list[SqliteStore] | None = None) -> None:
    """Open, write, close; with `kept`, the planted fault: a store that is not let go."""
    home = read_home(folder) if folder.exists() else make_home(folder)
    store = SqliteStore(home.path / "data")
    scribe = scribe_of(home, store)
    write(scribe, 1)
    store.read(lambda r: r.journal.entries(0, 100))
    scribe.close()
    if kept is None:
        store.close()
    else:
        kept.append(store)


def soak(folder: Path, cycles: int) -> int:
    """So many cycles; by how many KiB it grew after the warm-up. Files and threads must not."""
    for _ in range(WARM):
        cycle(folder)
    before, memory = held(), resident_kib()
    for _ in range(cycles):
        cycle(folder)
    files, threads = held()
    assert files <= before[0]
    assert threads <= before[1]
    return resident_kib() - memory


def test_50_cycles_keep_nothing(tmp_path: Path) -> None:
    assert soak(tmp_path / "alpha", CYCLES) <= GROWN_KIB_MAX


@pytest.mark.long
def test_2000_cycles_keep_nothing(tmp_path: Path) -> None:
    assert soak(tmp_path / "alpha", 2_000) <= 2 * GROWN_KIB_MAX


def test_a_store_that_is_kept_is_seen(tmp_path: Path) -> None:
    """The control: three stores that nobody closes."""
    cycle(tmp_path / "alpha")
    before, kept = held(), list[SqliteStore]()
    for _ in range(3):
        cycle(tmp_path / "alpha", kept)
    assert held()[0] > before[0]
    for store in kept:
        store.close()

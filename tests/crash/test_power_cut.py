"""A power cut loses nothing acknowledged, corrupts nothing, and is never taken for a rollback.

What is proved is the order of writes and syncs, on a disk that keeps what it said it synced.
"""

import random
from collections import Counter
from pathlib import Path

import apsw
import pytest

from comity.storage.sqlite import open as opening
from tests.crash.power_cut import (
    Rule,
    Tally,
    check,
    record,
    record_after_kill,
    storm,
    verdicts,
)
from tests.crash.power_disk import (
    MOODS,
    Ack,
    Change,
    Create,
    Delete,
    Platter,
    Sync,
    Truncate,
    Write,
    images,
    left_of,
)

IMAGES_A_RECORDING = 250
SEEDS = 4
SEEDS_LONG = 400
AFTER_KILLS = 12
TWICE = 20
TWICE_LONG = 400
CONTROL_IMAGES = 100
CONTROL_SEEDS = 60  # in vain once in 10**12
WEAK = (Rule.NORMAL, Rule.OFF, Rule.LOCK_FIRST)


def seeds(count: int) -> list[str]:
    """New ones with each order of the tests; `--randomly-seed` brings the same ones back."""
    first = random.getrandbits(40)
    return [str(first + step) for step in range(count)]


def nothing_lost(found: Tally, count: int) -> None:
    """As many images as planned, acknowledged entries in them, all of them there."""
    assert found.images == count
    assert found.acks > count
    assert (found.lost, found.faults) == (0, Counter()), "\n".join(found.again)


@pytest.mark.timeout(60)
def test_1000_power_cuts_lose_nothing_acknowledged() -> None:
    nothing_lost(storm(Rule.FULL, seeds(SEEDS), IMAGES_A_RECORDING), SEEDS * IMAGES_A_RECORDING)


@pytest.mark.timeout(60)
def test_a_second_cut_during_or_after_recovery_loses_nothing_acknowledged() -> None:
    twice = [f"{seed}/{image}" for image, seed in enumerate(seeds(TWICE))]
    nothing_lost(storm(Rule.FULL, twice, 10), TWICE * 10)


def after_a_kill(count: int) -> tuple[int, Counter[str]]:
    """Killed between a write and its sync, started, and then the power is cut: lost, faults."""
    lost, faults = 0, Counter[str]()
    for seed in seeds(count):
        for _, _, verdict in verdicts(record_after_kill(seed), range(25)):
            lost += verdict.lost
            faults.update(set(verdict.faults))
    return lost, faults


def test_a_kill_and_then_a_power_cut_lose_nothing_and_are_no_rollback() -> None:
    """What a start finds in the page cache is made durable before anything is signed for it."""
    assert after_a_kill(AFTER_KILLS) == (0, Counter())


def test_control_a_start_that_trusts_the_page_cache_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "settle", lambda _: None)
    monkeypatch.setattr("tests.crash.power_vfs.SETTLES", False)
    # Two seeds in five catch it: few cuts fall between the lock's sync and the data's.
    assert any(after_a_kill(1)[1]["rollback_detected"] for _ in range(CONTROL_SEEDS))


@pytest.mark.parametrize("rule", [Rule.NORMAL, Rule.OFF])
def test_control_a_store_that_syncs_less_is_caught(rule: Rule) -> None:
    found = storm(rule, seeds(1), CONTROL_IMAGES)
    assert found.images == CONTROL_IMAGES
    assert found.lost > 0
    assert found.faults["rollback_detected"] > 0  # the lock outlived the data that it stands for


def test_control_off_corrupts_the_file_too() -> None:
    found = storm(Rule.OFF, seeds(1), CONTROL_IMAGES)
    assert found.faults["CorruptError"] + found.faults["integrity_check"] > 0


def test_control_a_lock_before_its_data_is_caught() -> None:
    """It loses no entry, and yet an honest disk would be accused of a rollback."""
    found = storm(Rule.LOCK_FIRST, seeds(1), CONTROL_IMAGES)
    assert found.lost == 0
    assert set(found.faults) == {"rollback_detected"}


def test_control_a_second_life_that_syncs_less_is_caught() -> None:
    (seed,) = seeds(1)
    assert storm(Rule.NORMAL, [f"{seed}/0"], CONTROL_IMAGES).lost > 0


@pytest.mark.parametrize("rule", list(Rule))
def test_a_recording_holds_all_that_a_cut_can_meet(rule: Rule) -> None:
    """Both files and both logs are written; logs are folded in while the node runs, and deleted."""
    (seed,) = seeds(1)
    events = record(rule, seed).events
    names = {event.inode: event.name for event in events if isinstance(event, Create)}
    written = Counter(names[event.inode] for event in events if isinstance(event, Write))
    assert {"journal.db", "journal.db-wal", "lock.db", "lock.db-wal"} <= set(written)
    assert not any(name.endswith("-shm") for name in written)
    logs_begun = Counter(
        event.inode
        for event in events
        if isinstance(event, Write) and event.offset == 0 and names[event.inode].endswith("-wal")
    )
    assert max(logs_begun.values()) > 1  # folded in, and begun anew
    assert {event.name for event in events if isinstance(event, Delete)} >= {"journal.db-wal"}
    indices = [event.index for event in events if isinstance(event, Ack)]
    assert indices == list(range(1, len(indices) + 1))  # entry 0 names the keys


def test_a_line_to_paste_builds_the_same_image_again() -> None:
    """SQLite draws new salts for its log each time; what is lost does not depend on them."""
    (seed,) = seeds(1)
    all_of_them = verdicts(record(Rule.NORMAL, seed), range(20))
    alone = [verdicts(record(Rule.NORMAL, seed), [number])[0] for number in range(20)]
    assert sorted(all_of_them, key=lambda found: found[0]) == alone


def after(seed: str, share: float) -> tuple[dict[str, bytes], int]:
    """An honest disk after a share of the acknowledgements, and how many those are."""
    events = record(Rule.FULL, seed).events
    places = [place for place, event in enumerate(events) if isinstance(event, Ack)]
    told = max(1, int(len(places) * share))
    ((_, acks, files),) = images(events, {0: places[told - 1] + 1}, seed)
    return files, len(acks)


def put(folder: Path, data: dict[str, bytes], lock: dict[str, bytes]) -> Path:
    """A folder with the data of one image and the lock of another."""
    chosen = {name: body for name, body in data.items() if name.startswith("journal.db")}
    chosen |= {name: body for name, body in lock.items() if name.startswith("lock.db")}
    for name, body in chosen.items():
        (folder / name).write_bytes(body)
    return folder


def faults(folder: Path) -> tuple[str, ...]:
    """What recovery says."""
    return check(folder, (), go_on=False).faults


def test_an_older_journal_beside_a_newer_lock_is_refused(tmp_path: Path) -> None:
    """What no power cut leaves: data that was restored or rolled back."""
    (seed,) = seeds(1)
    old, new = after(seed, 0.5)[0], after(seed, 1.0)[0]
    assert faults(put(tmp_path, old, new)) == ("rollback_detected",)


def test_a_newer_journal_beside_an_older_lock_is_an_interrupted_commit(tmp_path: Path) -> None:
    (seed,) = seeds(1)
    old, new = after(seed, 0.5)[0], after(seed, 1.0)[0]
    assert faults(put(tmp_path, new, old)) == ()


def test_the_journal_of_another_history_is_refused(tmp_path: Path) -> None:
    mine, others = seeds(2)
    assert faults(put(tmp_path, after(others, 1.0)[0], after(mine, 0.2)[0])) == (
        "rollback_detected",
    )


def test_a_journal_without_its_lock_is_refused(tmp_path: Path) -> None:
    (seed,) = seeds(1)
    assert faults(put(tmp_path, after(seed, 1.0)[0], {})) == ("rollback_detected",)


def test_an_entry_that_was_changed_in_place_is_refused(tmp_path: Path) -> None:
    (seed,) = seeds(1)
    files, told = after(seed, 1.0)
    folder = put(tmp_path, files, files)
    database = apsw.Connection(str(folder / "journal.db"))
    database.execute("UPDATE entry SET body = x'00' WHERE idx = ?", (told // 2,))
    database.close()
    assert faults(folder) == ("damaged_journal",)


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_100000_power_cuts() -> None:
    nothing_lost(
        storm(Rule.FULL, seeds(SEEDS_LONG), IMAGES_A_RECORDING), SEEDS_LONG * IMAGES_A_RECORDING
    )


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_20000_second_cuts() -> None:
    twice = [f"{seed}/{image}" for image, seed in enumerate(seeds(TWICE_LONG))]
    nothing_lost(storm(Rule.FULL, twice, 50), TWICE_LONG * 50)


def platter(*events: Create | Delete | Change | Sync) -> Platter:
    """A disk after some events."""
    found = Platter()
    for event in events:
        found.step(event)
    return found


def outcomes(disk: Platter) -> set[bytes | None]:
    """What file `a` may hold after a cut, over many chances; None where it is gone."""
    return {disk.image(random.Random(chance)).get("a") for chance in range(300)}


MADE = (Create(name="a", inode=0), Sync(inode=0, folder=True))
OLD = Write(inode=0, offset=0, data=b"old")
NEW = Write(inode=0, offset=0, data=b"new")


def test_a_synced_write_stays_and_one_that_is_not_may_go() -> None:
    assert outcomes(platter(*MADE, OLD, Sync(inode=0, folder=False))) == {b"old"}
    assert outcomes(platter(*MADE, OLD)) == {b"", b"old"}


def test_a_later_write_may_be_overtaken() -> None:
    assert outcomes(platter(*MADE, OLD, NEW)) == {b"", b"old", b"new"}


def test_a_name_stays_once_its_folder_was_synced() -> None:
    unsynced = (Create(name="a", inode=0), OLD, Sync(inode=0, folder=False))
    assert outcomes(platter(*unsynced)) == {None, b"old"}
    assert outcomes(platter(*unsynced, Sync(inode=0, folder=True))) == {b"old"}


def test_a_deleted_name_may_come_back_until_its_folder_was_synced() -> None:
    kept = (*MADE, OLD, Sync(inode=0, folder=False))
    assert outcomes(platter(*kept, Delete(name="a", folder=False))) == {None, b"old"}
    assert outcomes(platter(*kept, Delete(name="a", folder=True))) == {None}


def test_a_truncation_may_not_happen() -> None:
    kept = (*MADE, OLD, Sync(inode=0, folder=False))
    assert outcomes(platter(*kept, Truncate(inode=0, size=1))) == {b"old", b"o"}


def test_a_write_is_torn_at_sectors_of_512_bytes() -> None:
    disk = platter(*MADE, Write(inode=0, offset=500, data=b"x" * 536))
    torn = {found for found in outcomes(disk) if found}
    lengths = {len(found) for found in torn}
    assert lengths == {512, 1_024, 1_036}
    assert any(found[500:512] == bytes(12) and found[512:1_024] == b"x" * 512 for found in torn)


@pytest.mark.parametrize("mood", MOODS)
def test_no_mood_invents_bytes(mood: str) -> None:
    changes: list[Change] = [OLD, Truncate(inode=0, size=2), NEW]
    for chance in range(50):
        assert all(change in changes for change in left_of(changes, mood, random.Random(chance)))

"""A database of every past release opens under this one; its record is the same, byte for byte.

The archives are in `tests/fixtures`. What later schemas will do is stood in for by a step of our
own, so that the way is tested while there is one schema only.
"""

import hashlib
import shutil
import signal
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from comity.clock import VirtualClock
from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited
from comity.journal.recover import recover
from comity.journal.whole import hashed_whole
from comity.model.fault import Corrupt
from comity.storage.sqlite import open as opening
from comity.storage.sqlite.inspect import SqliteInspected
from comity.storage.sqlite.open import migrate, newest_schema, open_writer, scripts
from comity.storage.sqlite.store import SqliteStore, reading_of
from comity.storage.sqlite.table import blob
from comity.storage.sqlite.upgrade import schema_at, upgrade_file
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give
from tests.model.saying_no import says_no
from tests.storage.sqlite.killed_upgrade import EXTRA

ROOT = Path(__file__).parents[3]
ARCHIVES = sorted((ROOT / "tests/fixtures").glob("schema-*.tar.xz"))
CLOSED_US = 1_795_348_919_000_000
BRAVO = "bravo.example/comity/2026"
Record = tuple[int, list[tuple[object, ...]], list[tuple[object, ...]]]


def record(path: Path) -> Record:
    """Schema, entries and nodes as they lie in the file, by no code of ours."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    version = connection.pragma("user_version")
    assert isinstance(version, int)
    entries = connection.execute("SELECT idx, leaf, body FROM entry ORDER BY idx").fetchall()
    nodes = connection.execute("SELECT level, idx, hash FROM node ORDER BY level, idx").fetchall()
    connection.close()
    return version, entries, nodes


def identity_of(name: str) -> Identity:
    """The keys of the archives."""
    origin = f"{name}.example/comity/2026"

    def key(of: str, kind: KeyType) -> SigningKey:
        return SigningKey(
            name=of, key_type=kind, seed=hashlib.sha256(f"{of} {kind}".encode()).digest()
        )

    return Identity(
        origin=origin,
        entry=key(f"{origin}/desk", KeyType.ED25519),
        log=key(origin, KeyType.ED25519),
        cosigner=key(f"{origin}/cosigner", KeyType.COSIGNATURE_V1),
    )


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The unpacked archive of a past release."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - our own; `filter` came with Python 3.11.4
    return tmp_path


def test_there_is_an_archive_of_the_first_release() -> None:
    assert ARCHIVES
    assert sum(path.stat().st_size for path in ARCHIVES) < 300 * 1024


def test_an_audit_of_it_finds_nothing(old: Path) -> None:
    for name in ("alpha", "bravo"):
        SqliteStore(old / name).close()
        identity, audited = identity_of(name), Audited()
        keys = OwnKeys(
            entry=identity.entry.verifier(),
            log=identity.log.verifier(),
            cosigner=identity.cosigner.verifier(),
            witnesses=(),
        )
        with closing(SqliteInspected(old / name)) as store:
            verify_all(store, hash_all(store, audited), keys, audited)
        assert audited.flaws == []
        assert audited.checked["receipts"] > 0


def test_the_record_is_the_same_and_goes_on(old: Path) -> None:
    before = {name: record(old / name / "journal.db") for name in ("alpha", "bravo")}
    assert [len(before[name][1]) for name in before] == [28, 25]

    async def story(net: Net) -> None:
        net.clock = VirtualClock(CLOSED_US)
        for name in ("alpha", "bravo"):
            net.add(name, identity_of(name))
            version, entries, nodes = record(old / name / "journal.db")
            assert version == newest_schema()
            assert (entries, nodes) == before[name][1:]
            with reading_of(old / name / "journal.db") as reading:
                size, root = hashed_whole(reading)  # the audit: every entry hashed anew
            assert (size, root) == (len(entries), net.nodes[name].head.checkpoint.root)
        net.connect("alpha", "bravo")
        net.connect("bravo", "alpha")
        assert net.nodes["alpha"].read(lambda r: r.post.outbox_count(BRAVO)) == 1
        await give(net, "alpha", "bravo", lat=61.0)
        await net.advance(60)
        assert net.nodes["alpha"].read(lambda r: r.post.outbox_count(BRAVO)) == 0
        for name, node in net.nodes.items():
            rows = node.read(lambda r: r.journal.entries(0, 10_000))
            assert len(rows) > len(before[name][1])
            assert [(row.index, row.leaf, row.body) for row in rows][
                : len(before[name][1])
            ] == before[name][1]
            forked = node.read(lambda r: [r.post.forks(p.origin) for p in r.post.peers()])
            assert forked == [()]

    run(old, story)


def test_subjects_from_before_are_found_at_every_longitude(old: Path) -> None:
    """Their boxes had no longitudes: until they are saved again they count everywhere."""
    path = old / "alpha" / "journal.db"
    upgrade_file(path)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    live = connection.execute(
        "SELECT west_e7, width_e7 FROM subject WHERE state IN ('declared', 'active')"
    ).fetchall()
    kept = connection.execute("SELECT id FROM sky").fetchall()
    connection.close()
    assert set(live) == {(-1_800_000_000, 3_600_000_000)}
    assert len(kept) == 2 * len(live)  # the second piece lies on the antimeridian


def test_what_was_amended_before_is_known_to_be_replaced(old: Path) -> None:
    """By the declaration's id, as each group of recipients knows it; the newest word stands."""
    path = old / "alpha" / "journal.db"
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT id FROM subject ORDER BY state='declared' DESC").fetchall()
    id_, *others = (blob(row[0]) for row in rows)
    connection.execute("UPDATE subject SET volumes=x'07', notice=? WHERE id=?", (bytes(32), id_))
    connection.close()
    upgrade_file(path)
    with reading_of(path) as reading:
        assert reading.sky.replaced_us(id_) is not None
        assert reading.sky.replaced_us(bytes(32)) is None
        assert others
        assert not any(reading.sky.replaced_us(each) for each in others)


def upgraded_with(monkeypatch: pytest.MonkeyPatch, step: str) -> int:
    """As if this release had one more schema; its number."""
    steps = (*scripts(), step)
    monkeypatch.setattr(opening, "_SCHEMAS", (*opening._SCHEMAS, "9999_planted.sql"))
    monkeypatch.setattr(opening, "scripts", lambda: steps)
    monkeypatch.setattr(
        opening.schema_of, "__defaults__", (len(steps),)
    )  # bound when it was defined
    return len(steps)


def test_a_later_schema_is_taken_with_a_copy_beside_it(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old / "alpha/journal.db"
    before = record(path)
    newest = upgraded_with(monkeypatch, EXTRA)
    assert schema_at(path) == before[0] < newest
    store = SqliteStore(old / "alpha")
    checkpoint = recover(store, "alpha.example/comity/2026")
    store.close()
    after = record(path)
    assert (after[0], after[1:]) == (newest, before[1:])
    assert checkpoint.size == 28
    copy = old / f"alpha/journal.before-{before[0] + 1}.db"
    assert record(copy) == before
    assert copy.stat().st_mode & 0o077 == 0
    stamp = copy.stat().st_mtime_ns
    upgrade_file(path)  # a second time changes nothing, and no copy
    assert (record(path), copy.stat().st_mtime_ns) == (after, stamp)


def test_without_room_for_a_copy_it_goes_on(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = upgraded_with(monkeypatch, EXTRA)
    full = shutil.disk_usage(old)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    upgrade_file(old / "alpha/journal.db")
    assert schema_at(old / "alpha/journal.db") == newest
    assert list((old / "alpha").glob("*before*")) == []


def test_the_older_release_refuses_it_by_name(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        upgraded_with(later, EXTRA)
        upgrade_file(old / "alpha/journal.db")
    before = record(old / "alpha/journal.db")
    with says_no("newer_database", Corrupt):
        SqliteStore(old / "alpha")
    assert record(old / "alpha/journal.db") == before


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("UPDATE entry SET body = x'00' WHERE idx = 3", "upgrade_changed_entries"),
        ("DELETE FROM entry WHERE idx = 27", "upgrade_changed_entries"),
        ("DELETE FROM node WHERE level = 2", "upgrade_changed_entries"),
        ("INSERT INTO entry VALUES (28, x'00', x'00')", "upgrade_changed_entries"),
        ("CREATE TABLE fresh (a) STRICT", "upgrade_failed"),
        ("CREATE TABLE fresh (a TEXT) STRICT; SELECT * FROM nothing", "upgrade_failed"),
    ],
)
def test_a_step_that_loses_something_is_undone(
    old: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: str
) -> None:
    before = record(old / "alpha/journal.db")
    upgraded_with(monkeypatch, step)
    with says_no(code, Corrupt):
        upgrade_file(old / "alpha/journal.db")
    assert record(old / "alpha/journal.db") == before


def test_without_the_comparison_the_loss_would_stand(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: the same step, and nobody who compares."""
    before = record(old / "alpha/journal.db")
    upgraded_with(monkeypatch, "DELETE FROM entry WHERE idx = 27")
    monkeypatch.setattr(opening, "_record", lambda _: b"")
    upgrade_file(old / "alpha/journal.db")
    assert record(old / "alpha/journal.db")[1:] != before[1:]


def killed(path: Path, at: int) -> int | None:
    """Upgrade in a process of its own, killed before statement `at`; None if it was killed."""
    words = [sys.executable, "-m", "tests.storage.sqlite.killed_upgrade", str(path), str(at)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, timeout=20, check=False)
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.timeout(120)
def test_killed_at_each_statement_it_is_old_or_new(old: Path) -> None:
    path, fresh = old / "alpha/journal.db", old / "work.db"
    before = record(path)
    shutil.copy(path, fresh)
    count = killed(fresh, 0)
    assert count is not None
    new = record(fresh)
    assert new[0] == newest_schema() + 1
    outcomes = []
    for at in range(1, count + 1):
        for left in old.glob("work.db*"):
            left.unlink()
        shutil.copy(path, fresh)
        assert killed(fresh, at) is None  # a kill that never happened would pass
        found = record(fresh)
        assert found in (before, new)
        outcomes.append(found == new)
        connection = open_writer(fresh)  # and the next start makes it whole
        migrate(connection, [*scripts(), EXTRA])
        connection.close()
        assert record(fresh) == new
    assert outcomes == [False] * count  # the last statement is the commit; it did not run
    assert count > 8

"""Backups: whole, without private keys unless asked, and refused by name when they are damaged."""

import errno
import secrets
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest

from comity.assembly import DATABASE
from comity.config import Home, load_identity, read_home
from comity.journal.restored import mark_from
from comity.model.fault import Corrupt, Malformed, Refused, Untrusted
from comity.storage.sqlite.store import SqliteStore, reading_of
from comity.trust.keyfile import write_secret
from comity.trust.keys import KeyType, SigningKey
from comity.upkeep import backup as making
from comity.upkeep import manifest as listing
from comity.upkeep import restore as restoring
from comity.upkeep import sealing
from comity.upkeep.backup import SECRETS, Passphrase, back_up
from comity.upkeep.manifest import Manifest, read_manifest
from comity.upkeep.restore import restore
from comity.upkeep.sealing import SALT_BYTES, opened, sealed
from tests.model.saying_no import says_no
from tests.upkeep.homes import NOW_US, lived_in, make_home, scribe_of, write

WORDS = "correct horse battery staple"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return lived_in(tmp_path / "alpha")


def backed_up(home: Home, target: Path, **more: object) -> Manifest:
    return back_up(DATABASE, home, target, now_us=NOW_US, chance=secrets.token_bytes, **more)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_there_and_back(home: Home, tmp_path: Path, name: str) -> None:
    manifest = backed_up(home, tmp_path / name)
    assert manifest.size == 41
    assert (manifest.keys, manifest.origin) == ("none", home.origin)
    found, complete = restore(
        DATABASE, tmp_path / name, tmp_path / "again", keys=home.path / "keys"
    )
    assert (found, complete) == (manifest, True)
    again = read_home(tmp_path / "again")
    assert load_identity(again) == load_identity(home)
    store = SqliteStore(again.path / "data")
    mark = mark_from(store.lock().restored() or b"")
    assert (mark.size, mark.root, mark.made_us) == (manifest.size, manifest.root, NOW_US)
    assert store.lock().read() == SqliteStore(home.path / "data").lock().read()
    store.close()
    for path in [again.path, *again.path.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_private_keys_stay_at_home(home: Home, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "backup")
    secret = [(home.path / "keys" / name).read_bytes().strip() for name in SECRETS]
    secret += [line.split(b" ")[-1] for line in secret if line.startswith(b"comity/key")]
    whole = b"".join(files(tmp_path / "backup").values())
    assert [each for each in secret if each in whole] == []
    _, complete = restore(DATABASE, tmp_path / "backup", tmp_path / "again")
    assert not complete
    with pytest.raises(Refused) as caught:
        read_home(tmp_path / "again")
    assert caught.value.code == "key_file_missing"


def test_with_keys_they_are_there_and_private(home: Home, tmp_path: Path) -> None:
    manifest = backed_up(home, tmp_path / "backup", keys="plain")
    assert manifest.keys == "plain"
    for path in (tmp_path / "backup").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert restore(DATABASE, tmp_path / "backup", tmp_path / "again")[1]
    assert load_identity(read_home(tmp_path / "again")) == load_identity(home)


def test_what_the_home_names_goes_along(home: Home, tmp_path: Path) -> None:
    witness = SigningKey(name="w.example/w1", key_type=KeyType.COSIGNATURE_V1, seed=bytes(32))
    key = witness.verifier().text()
    policy = (
        f"log {load_identity(home).log.verifier().text()}\nwitness w1 {key} http://127.0.0.1:9\n"
    )
    (home.path / "rules").mkdir()
    (home.path / "rules/policy.txt").write_text(policy + "quorum w1\n")
    (home.path / "keys/entry-0123abcd.key").write_bytes((home.path / "keys/entry.key").read_bytes())
    (home.path / "keys/entry-0123abcd.key").chmod(0o600)
    with (home.path / "home.toml").open("a") as file:
        file.write('policy = "rules/policy.txt"\n')
    for name, keys in (("plain", "plain"), ("none", "none")):
        backed_up(read_home(home.path), tmp_path / name, keys=keys)
        place = tmp_path / f"{name}-again"
        restore(DATABASE, tmp_path / name, place, keys=home.path / "keys")
        assert read_home(place).policy == read_home(home.path).policy
        assert (place / "keys/entry-0123abcd.key").exists()
    restore(DATABASE, tmp_path / "plain", tmp_path / "alone")
    assert (tmp_path / "alone/keys/entry-0123abcd.key").exists()
    assert not (tmp_path / "none/keys/entry.key").exists()


def test_keys_under_a_passphrase(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_COST", 2**12)  # the full price is paid once, below
    manifest = backed_up(home, tmp_path / "b.tar", keys=Passphrase(text=WORDS))
    assert manifest.keys == "sealed"
    whole = (tmp_path / "b.tar").read_bytes()
    assert (home.path / "keys/entry.key").read_bytes().split(b" ")[-1].strip() not in whole
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    with says_no("keys_sealed", Refused):
        restore(DATABASE, tmp_path / "b.tar", tmp_path / "again")
    with says_no("wrong_passphrase", Untrusted):
        restore(DATABASE, tmp_path / "b.tar", tmp_path / "again", passphrase=WORDS + "r")
    assert not (tmp_path / "again").exists()
    restore(DATABASE, tmp_path / "b.tar", tmp_path / "again", passphrase=WORDS)
    assert load_identity(read_home(tmp_path / "again")) == load_identity(home)


def test_sealed_keys_hold_every_byte() -> None:
    data = sealed({"a": b"1" * 40}, WORDS, bytes(SALT_BYTES))
    assert opened(data, WORDS) == {"a": b"1" * 40}
    for at in (0, len(data) - 1):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((Untrusted, Malformed)):
            opened(changed, WORDS)
    with says_no("bad_key_file"):
        opened(data[:40], WORDS)
    with says_no("weak_passphrase", Refused):
        sealed({}, "short", bytes(SALT_BYTES))


def test_whatever_is_changed_is_noticed(home: Home, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "backup", keys="plain")
    whole = files(tmp_path / "backup")
    assert {"home.toml", "data/journal.db", "keys/tls.crt", "cards/000.card"} <= whole.keys()
    for name, data in whole.items():
        place = tmp_path / "backup" / name
        for damage in (data[:-2] + bytes([data[-2] ^ 1]) + data[-1:], data[: len(data) // 2], None):
            if damage is None:
                place.unlink()
            else:
                place.write_bytes(damage)
            with pytest.raises(Refused) as caught:
                restore(DATABASE, tmp_path / "backup", tmp_path / "again")
            expected = (
                "no_backup" if damage is None and name == "MANIFEST.json" else "backup_damaged"
            )
            assert caught.value.code == expected, name
            assert not (tmp_path / "again").exists()
        place.write_bytes(data)
    (tmp_path / "backup/extra").write_bytes(b"x")
    with says_no("backup_damaged", Refused):
        restore(DATABASE, tmp_path / "backup", tmp_path / "again")
    (tmp_path / "backup/extra").unlink()
    (tmp_path / "backup/link").symlink_to("/etc/passwd")
    with says_no("backup_damaged", Refused):
        restore(DATABASE, tmp_path / "backup", tmp_path / "again")
    (tmp_path / "backup/link").unlink()
    restore(DATABASE, tmp_path / "backup", tmp_path / "again")  # the control: as it was


@pytest.mark.parametrize("name", ["../out", "/etc/comity", "a/../../out"])
def test_an_archive_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        tar.add(__file__, arcname="x")
        member = tar.gettarinfo(__file__)
        member.name = name
        with Path(__file__).open("rb") as data:
            tar.addfile(member, data)
    with says_no("backup_damaged", Refused):
        restore(DATABASE, tmp_path / "b.tar", tmp_path / "again")
    assert not (tmp_path / "out").exists()


def test_what_is_no_backup_is_refused(home: Home, tmp_path: Path) -> None:
    with says_no("no_backup", Refused):
        restore(DATABASE, home.path, tmp_path / "again")
    with says_no("no_backup", Refused):
        restore(DATABASE, tmp_path / "nothing", tmp_path / "again")
    (tmp_path / "text").write_text("no archive")
    with says_no("backup_damaged", Refused):
        restore(DATABASE, tmp_path / "text", tmp_path / "again")


def test_nothing_is_overwritten(home: Home, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "backup")
    backed_up(home, tmp_path / "b.tar")
    before = files(tmp_path)
    for target in (tmp_path / "backup", tmp_path / "b.tar"):
        with says_no("file_exists", Refused):
            backed_up(home, target)
    with says_no("home_exists", Refused):
        restore(DATABASE, tmp_path / "backup", home.path)
    assert files(tmp_path) == before
    with says_no("file_mode", Refused):
        backed_up(home, tmp_path / "no/such/place")


def test_other_keys_make_no_home(home: Home, tmp_path: Path) -> None:
    backed_up(home, tmp_path / "backup")
    for name in ("bravo", "alpha"):  # of another origin; of the same, but made anew
        other = make_home(tmp_path / f"other-{name}", name)
        with says_no("other_key", Untrusted):
            restore(DATABASE, tmp_path / "backup", tmp_path / "again", keys=other.path / "keys")
        assert not (tmp_path / "again").exists()


def test_a_damaged_journal_gives_no_backup(home: Home, tmp_path: Path) -> None:
    with sqlite3.connect(home.path / "data/journal.db") as db:
        db.execute("UPDATE entry SET body = x'00' WHERE idx = 7")
    db.close()
    for name in ("backup", "b.tar"):
        with says_no("damaged_journal", Corrupt):
            backed_up(home, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["alpha"]


@pytest.mark.parametrize("name", ["backup", "b.tar"])
@pytest.mark.parametrize("at", range(4))
def test_a_full_disk_leaves_nothing_behind(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, at: int
) -> None:
    """Whichever file does not fit any more: a refusal, and no half of a backup."""
    left = [at]

    def full(path: Path, data: bytes) -> None:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        write_secret(path, data)

    for module in (making, listing, restoring):
        monkeypatch.setattr(module, "write_secret", full)
    with says_no("file_mode", Refused):
        backed_up(home, tmp_path / name)
    assert left == [0]  # it did fail
    assert [path.name for path in tmp_path.iterdir()] == ["alpha"]
    left[0] = 100
    backed_up(home, tmp_path / name)
    left[0] = min(at, 1)
    with says_no("file_mode", Refused):
        restore(DATABASE, tmp_path / name, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_backup_of_a_newer_release_is_refused(home: Home, tmp_path: Path) -> None:
    with sqlite3.connect(home.path / "data/journal.db") as db:
        db.execute(f"PRAGMA user_version={DATABASE.newest_schema + 1}")
    db.close()
    with says_no("newer_database", Corrupt):
        backed_up(home, tmp_path / "backup")


def test_a_node_that_writes_is_copied_in_one_state(tmp_path: Path) -> None:
    home = make_home(tmp_path / "alpha")
    store = SqliteStore(home.path / "data")
    scribe = scribe_of(home, store)
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            write(scribe, 1)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        found = [backed_up(home, tmp_path / f"backup-{turn}") for turn in range(5)]
    finally:
        stop.set()
        thread.join()
    sizes = [manifest.size for manifest in found]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]  # it did write meanwhile
    for turn, manifest in enumerate(found):
        assert read_manifest(tmp_path / f"backup-{turn}") == manifest
        head = scribe.head_of(manifest.size)
        with reading_of(tmp_path / f"backup-{turn}/data/journal.db") as reading:
            assert reading.journal.size() == head.checkpoint.size
        data = (tmp_path / f"backup-{turn}/data").iterdir()
        assert [path.name for path in data] == ["journal.db"]
    scribe.close()
    store.close()


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"size":7,"root":"A","made_us":1,"\x96":0}', b'"\x96"']
)
def test_a_damaged_mark_or_manifest_is_named_as_such(tmp_path: Path, data: bytes) -> None:
    """Bytes that are no UTF-8 too: where they stand for a name, the decoder has another error."""
    with says_no("bad_row", Corrupt):
        mark_from(data)
    (tmp_path / listing.MANIFEST).write_bytes(data)
    with says_no("backup_damaged", Refused):
        read_manifest(tmp_path)

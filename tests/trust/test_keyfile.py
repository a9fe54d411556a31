"""Key files: private or refused, written once and whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from comity.model.fault import Fault, Malformed, Refused, Untrusted
from comity.trust.keyfile import read_key, read_secret, write_key, write_secret
from comity.trust.keys import KeyType, SigningKey
from comity.wire.canonical import b64

OPEN = Path("/proc/self/fd")
SEED = bytes(range(200, 232))
KEY = SigningKey(name="north.example/2026", key_type=KeyType.ED25519, seed=SEED)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    write_key(path, KEY)
    return path


def code_of(caught: pytest.ExceptionInfo[Fault]) -> str:
    return caught.value.code


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key_type", list(KeyType))
@pytest.mark.parametrize("name", ["a", "é" * 127, "n" * 255])
def test_a_key_comes_back(tmp_path: Path, name: str, key_type: KeyType) -> None:
    key = SigningKey(name=name, key_type=key_type, seed=SEED)
    write_key(tmp_path / "k", key)
    assert read_key(tmp_path / "k") == key


def test_the_form_is_one_line(written: Path) -> None:
    key_id = KEY.verifier().key_id.hex()
    assert written.read_text("utf-8") == (
        f"comity/key@v1 01 north.example/2026 {key_id} {b64(SEED)}\n"
    )


def test_anything_else_is_malformed_and_shows_no_seed(written: Path) -> None:
    good = written.read_bytes()
    others = [
        b"",
        b"\n",
        good[:-1],
        good + b"\n",
        good.replace(b"\n", b"\r\n"),
        good.replace(b" 01 ", b" 1 "),
        good.replace(b" 01 ", b" +1 "),
        good.replace(b" 01 ", b" 06 "),
        good.replace(b" 01 ", b" 04 "),  # the key id is of type 01
        good.replace(b"@v1", b"@v2"),
        good.replace(b"north", b"south"),
        good.replace(b" ", b"  ", 1),
        good.replace(b" ", b"\t"),
        good.replace(b64(SEED).encode(), b64(SEED[:31]).encode()),
        good.replace(b64(SEED).encode(), b64(SEED[::-1]).encode()),
        b"\xff" + good,
        b"x" * 10_000,
    ]
    for data in others:
        assert data != good
        written.write_bytes(data)
        with pytest.raises(Malformed) as caught:
            read_key(written)
        assert code_of(caught) in {"bad_key_file", "too_large"}
        assert b64(SEED)[:6] not in str(caught.value)


def test_every_bit_of_the_file_counts(written: Path) -> None:
    good = written.read_bytes()
    for bit in range(8 * len(good)):
        bent = bytearray(good)
        bent[bit // 8] ^= 1 << bit % 8
        written.write_bytes(bent)
        with pytest.raises(Malformed):
            read_key(written)


# --- who may read --------------------------------------------------------------------------------


def test_mode_is_0600_whatever_the_umask(tmp_path: Path) -> None:
    for umask in (0, 0o022, 0o777):
        before = os.umask(umask)
        try:
            write_secret(tmp_path / f"{umask:o}", b"s")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / f"{umask:o}").stat().st_mode) == 0o600


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_open_to_group_or_world_is_refused(written: Path, bit: int) -> None:
    written.chmod(0o600 | bit)
    with pytest.raises(Untrusted) as caught:
        read_key(written)
    assert code_of(caught) == "key_file_mode"


def test_read_only_is_private_too(written: Path) -> None:
    written.chmod(0o400)
    assert read_key(written) == KEY


def test_another_owner_is_refused(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with pytest.raises(Untrusted) as caught:
        read_key(written)
    assert code_of(caught) == "key_file_mode"


def test_links_directories_and_pipes_are_refused(written: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(written)
    (tmp_path / "directory").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "directory", "pipe"):
        with pytest.raises(Untrusted) as caught:
            read_secret(tmp_path / name, 100)
        assert code_of(caught) == "key_file_mode"


def test_no_file_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_key(tmp_path / "none")
    assert code_of(caught) == "key_file_missing"
    assert caught.value.refusal.what_to_do


# --- written once, whole or not at all -----------------------------------------------------------


def test_nothing_is_ever_overwritten(written: Path, tmp_path: Path) -> None:
    before = written.read_bytes()
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    for path in (written, tmp_path / "dangling"):
        with pytest.raises(Refused) as caught:
            write_secret(path, b"other")
        assert code_of(caught) == "key_file_exists"
    assert written.read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()


def test_file_and_then_directory_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, int]] = []

    def note_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.append((stat.S_ISDIR(status.st_mode), (tmp_path / "s").stat().st_size))

    monkeypatch.setattr(os, "fsync", note_fsync)
    write_secret(tmp_path / "s", b"12345")
    assert synced == [(False, 5), (True, 5)]


@pytest.mark.parametrize("fail_at", [1, 2])
def test_a_failed_sync_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: int
) -> None:
    calls: list[int] = []

    def fail(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == fail_at:
            raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="input/output"):
        write_secret(tmp_path / "s", b"12345")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    write_secret(tmp_path / "s", b"12345")
    assert read_secret(tmp_path / "s", 5) == b"12345"


def test_short_writes_and_short_reads_are_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, read = os.write, os.read
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:1]))
    monkeypatch.setattr(os, "read", lambda fd, count: read(fd, min(count, 2)))
    write_key(tmp_path / "k", KEY)
    assert read_key(tmp_path / "k") == KEY


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="no space"):
        write_key(tmp_path / "k", KEY)
    assert list(tmp_path.iterdir()) == []


def test_secret_size_at_n_and_n_plus_1(tmp_path: Path) -> None:
    secret = b"\x00\xff\n" * 10
    write_secret(tmp_path / "s", secret)
    assert read_secret(tmp_path / "s", 30) == secret
    with pytest.raises(Malformed) as caught:
        read_secret(tmp_path / "s", 29)
    assert code_of(caught) == "too_large"


def test_no_descriptor_is_left_open(written: Path, tmp_path: Path) -> None:
    open_before = len(list(OPEN.iterdir()))
    for _ in range(3):
        read_key(written)
        with pytest.raises(Refused):
            write_key(written, KEY)
        with pytest.raises(Refused):
            read_key(tmp_path / "none")
    assert len(list(OPEN.iterdir())) == open_before

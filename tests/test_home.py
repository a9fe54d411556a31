"""A home is made once, whole and private; one process holds it."""

import os
import secrets
import ssl
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from comity import home as home_module
from comity.assembly import open_store, own_identity
from comity.config import (
    COSIGNER_FILES,
    Home,
    key_path,
    load_cosigners,
    load_identity,
    read_certificate,
    read_home,
    read_witness_home,
)
from comity.home import add_log, add_mldsa, create_home, create_witness_home, hold_lock
from comity.model.fault import Fault, Malformed, Refused, Unavailable, Untrusted
from comity.storage.rows import KeyRow
from comity.trust.identity import Role, key_name, key_type
from comity.trust.keyfile import read_key, write_key
from comity.trust.keys import KeyType, SigningKey

NOW_US = 1_900_000_000_000_000  # 2030-03-17T17:46:40Z
SECRETS = {
    *("entry.key", "log.key", "log-mldsa.key", "cosigner.key"),
    *("handle.secret", "admin.key", "tls.key", "tls.crt"),
}


def seeds() -> bytes:
    return secrets.token_bytes(32)


def make(
    path: Path,
    *,
    origin: str = "alpha.example/comity/2026",
    address: str = "http://127.0.0.1:7101",
    exercise: str | None = None,
    chance: Callable[[], bytes] = seeds,
) -> Home:
    return create_home(
        path,
        name="alpha",
        origin=origin,
        address=address,
        exercise=exercise,
        seeds=chance,
        now_us=NOW_US,
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def log_key(name: str, octet: bytes) -> str:
    key = SigningKey(name=name, key_type=KeyType.ED25519, seed=octet * 32)
    return key.verifier().text()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_everything_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    (tmp_path / "home").mkdir()
    before = os.umask(umask)
    try:
        home = make(tmp_path / "home")
    finally:
        os.umask(before)
    assert {path.name for path in (home.path / "keys").iterdir()} == SECRETS
    for path in (home.path, home.path / "keys", home.path / "data"):
        assert mode(path) == 0o700
    for path in (*(home.path / "keys").iterdir(), home.path / "home.toml"):
        assert mode(path) == 0o600


def test_every_secret_is_another_one(tmp_path: Path) -> None:
    keys = make(tmp_path / "home").path / "keys"
    names = ("entry.key", "log.key", "cosigner.key")
    found = {read_key(keys / name).seed for name in names} | {(keys / "handle.secret").read_bytes()}
    assert len(found) == 4
    assert {len(secret) for secret in found} == {32}


def test_seeds_decide_the_keys(tmp_path: Path) -> None:
    stock = [bytes([number]) * 32 for number in range(1, 7)]
    one, two = iter(stock), iter(stock)
    first = make(tmp_path / "one", chance=lambda: next(one))
    second = make(tmp_path / "two", chance=lambda: next(two))
    for name in SECRETS - {"tls.key", "tls.crt"}:
        assert (first.path / "keys" / name).read_bytes() == (
            second.path / "keys" / name
        ).read_bytes()


def test_an_exercise_has_an_origin_of_its_own(tmp_path: Path) -> None:
    home = make(tmp_path / "home", exercise="x1")
    assert home.origin == "alpha.example/comity/2026/exercise/x1"
    assert read_home(home.path) == home


@pytest.mark.parametrize(
    ("origin", "exercise"),
    [
        ("alpha.example/comity/exercise/x1", "x2"),
        ("alpha.example/comity/exercise", None),
        ("alpha.example/comity", ""),
        ("alpha.example/comity", "x 1"),
        ("alpha", None),
    ],
)
def test_a_bad_origin_makes_nothing(tmp_path: Path, origin: str, exercise: str | None) -> None:
    with pytest.raises(Malformed):
        make(tmp_path / "home", origin=origin, exercise=exercise)
    assert not (tmp_path / "home").exists()


def test_a_folder_that_holds_anything_is_not_touched(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    before = {path: path.read_bytes() for path in (home.path / "keys").iterdir()}
    with pytest.raises(Refused) as caught:
        make(home.path)
    assert caught.value.code == "home_exists"
    assert {path: path.read_bytes() for path in (home.path / "keys").iterdir()} == before


def test_a_file_in_the_way_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("mine")
    with pytest.raises(Refused):
        make(tmp_path / "home")
    with pytest.raises(Refused):
        make(tmp_path / "home" / "below")
    assert (tmp_path / "home").read_text() == "mine"


def test_a_key_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was empty when it was looked at; each file is still made with O_EXCL."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log.key").write_text("mine")
    monkeypatch.setattr(home_module, "make_folders", lambda path, _: path / "keys")
    with pytest.raises(Refused) as caught:
        make(tmp_path)
    assert caught.value.code == "key_file_exists"
    assert (tmp_path / "keys" / "log.key").read_text() == "mine"


def test_a_home_that_was_not_finished_is_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home_module, "_write_certificate", fails)
    with pytest.raises(OSError, match="No space"):
        make(tmp_path / "home")
    with pytest.raises(Refused, match="there is no"):
        read_home(tmp_path / "home")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Untrusted, match="cannot be made"):
        make(tmp_path / "home")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://alpha.example:7101", "alpha.example"),
        ("https://192.0.2.7:7101", "192.0.2.7"),
        ("https://[2001:db8::7]:7101", "2001:db8::7"),
    ],
)
def test_the_certificate_names_party_and_host(tmp_path: Path, address: str, name: str) -> None:
    home = make(tmp_path / "home", address=address)
    certificate = x509.load_der_x509_certificate(read_certificate(home))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each.value) for each in names] == [name]
    assert certificate.subject.rfc4514_string() == "CN=alpha"
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert certificate.not_valid_before_utc.timestamp() == NOW_US // 1_000_000 - 86_400
    assert certificate.not_valid_after_utc.timestamp() == NOW_US // 1_000_000 + 3_650 * 86_400
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_key_and_certificate_belong_together(tmp_path: Path) -> None:
    keys = make(tmp_path / "one").path / "keys"
    other = make(tmp_path / "two").path / "keys"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "tls.crt", keys / "tls.key")
    with pytest.raises(ssl.SSLError):
        context.load_cert_chain(keys / "tls.crt", other / "tls.key")


def test_a_witness_has_a_key_of_either_type_named_by_it(tmp_path: Path) -> None:
    name = "witness.example/w1"
    home = create_witness_home(
        tmp_path / "w1", name=name, address="http://127.0.0.1:7109", seeds=seeds, now_us=NOW_US
    )
    found = {path.name: read_key(path) for path in (home.path / "keys").iterdir()}
    assert {file: (key.name, key.key_type) for file, key in found.items()} == {
        "cosigner.key": (name, KeyType.COSIGNATURE_V1),
        "cosigner-mldsa.key": (name, KeyType.ML_DSA_44),
    }
    assert load_cosigners(home) == tuple(found[name] for name in COSIGNER_FILES)


def test_a_witness_of_an_earlier_release_gets_its_second_key_once(tmp_path: Path) -> None:
    home = create_witness_home(
        tmp_path / "w1", name="w", address="http://127.0.0.1:7109", seeds=seeds, now_us=NOW_US
    )
    (home.path / "keys/cosigner-mldsa.key").unlink()
    (classic,) = load_cosigners(read_witness_home(home.path))
    add_mldsa(home, seeds)
    both = load_cosigners(read_witness_home(home.path))
    assert [key.key_type for key in both] == [KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44]
    assert both[0] == classic
    add_mldsa(home, seeds)
    assert load_cosigners(home) == both
    assert mode(home.path / "keys/cosigner-mldsa.key") == 0o600


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("other", KeyType.ML_DSA_44, "other_key"),
        ("w", KeyType.COSIGNATURE_V1, "bad_key_file"),
    ],
)
def test_a_witness_does_not_start_with_another_s_key(
    tmp_path: Path, name: str, kind: KeyType, code: str
) -> None:
    home = create_witness_home(
        tmp_path / "w1", name="w", address="http://127.0.0.1:7109", seeds=seeds, now_us=NOW_US
    )
    path = home.path / "keys/cosigner-mldsa.key"
    path.unlink()
    write_key(path, SigningKey(name=name, key_type=kind, seed=seeds()))
    with pytest.raises(Fault) as caught:
        read_witness_home(home.path)
    assert caught.value.code == code


def test_a_log_is_added_once(tmp_path: Path) -> None:
    home = create_witness_home(
        tmp_path / "w1", name="w", address="http://127.0.0.1:7109", seeds=seeds, now_us=NOW_US
    )
    first, second = log_key("a.example/comity", b"1"), log_key("b.example/comity", b"2")
    changed = add_log(add_log(add_log(home, first), second), first)
    assert changed.logs == (first, second)
    assert read_witness_home(home.path) == changed
    assert mode(home.path / "home.toml") == 0o600
    assert {path.name for path in home.path.iterdir()} == {"home.toml", "keys", "data"}


def test_a_log_has_a_few_keys_while_they_change_and_no_more(tmp_path: Path) -> None:
    home = create_witness_home(
        tmp_path / "w1", name="w", address="http://127.0.0.1:7109", seeds=seeds, now_us=NOW_US
    )
    home = add_log(home, log_key("a.example/comity", b"1"))
    for number in range(2, 9):
        home = add_log(home, log_key("a.example/comity", str(number).encode()))
    with pytest.raises(Malformed):
        add_log(home, log_key("a.example/comity", b"9"))
    with pytest.raises(Malformed):
        add_log(home, log_key("b.example/comity", b"1"))  # one key, two logs
    assert read_witness_home(home.path) == home


def test_a_second_holder_learns_who_the_first_is(tmp_path: Path) -> None:
    with (
        hold_lock(tmp_path),
        pytest.raises(Unavailable, match=f"process {os.getpid()}$") as caught,
        hold_lock(tmp_path),
    ):
        pytest.fail("two hold one lock")
    assert caught.value.code == "lock_held"


def test_a_lock_is_let_go_also_after_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path):
        raise ZeroDivisionError
    with hold_lock(tmp_path):
        assert mode(tmp_path / "node.lock") == 0o600


def test_a_start_finds_the_keys_that_the_journal_names(tmp_path: Path) -> None:
    """A node that stopped after the commit and before the files were moved."""
    home = make(tmp_path / "home")
    old = load_identity(home)
    store = open_store(home.path / "data")
    fresh = {
        role: SigningKey(name=key_name(role, home.origin), key_type=key_type(role), seed=seed)
        for role, seed in ((Role.ENTRY, b"e" * 32), (Role.LOG, b"l" * 32))
    }
    for role in Role:
        key = old.key(role)
        assert key is not None
        ends = 4 if role is Role.ENTRY else None
        for each, start, end in ((key, None, ends), (fresh.get(role), 4, None)):
            if each is not None:
                row = KeyRow(
                    origin=home.origin,
                    role=role,
                    key=each.verifier().text(),
                    start=start if role is Role.ENTRY else None,
                    end=end,
                    revoked_s=None,
                )
                store.write(lambda tx, row=row: tx.post.save_key(row))  # type: ignore[misc]
    for role, key in fresh.items():
        write_key(key_path(home, role, key.verifier().key_id.hex()), key)
    for _ in range(2):
        found = own_identity(home, store)
        assert (found.entry, found.log) == (fresh[Role.ENTRY], fresh[Role.LOG])
        assert found.logs_before == (old.log,)  # it signs on until it is revoked
        assert (found.cosigner, found.log_mldsa) == (old.cosigner, old.log_mldsa)
    assert load_identity(home).log == fresh[Role.LOG]
    store.close()

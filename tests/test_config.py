"""What a home's file may say, and that its secrets must be private."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.config import (
    Home,
    Witness,
    WitnessHome,
    load_identity,
    read_admin_key,
    read_certificate,
    read_home,
    read_witness_home,
)
from comity.home import create_home, create_witness_home
from comity.model.fault import Malformed, Refused, Untrusted
from comity.model.party import Address, parse_address
from comity.trust.keys import KeyType, SigningKey

ORIGIN = "alpha.example/comity/2026"
LOOPBACK = "http://127.0.0.1:7101"


def make(path: Path, address: str = LOOPBACK) -> Home:
    return create_home(
        path,
        name="alpha",
        origin=ORIGIN,
        address=address,
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=1_900_000_000_000_000,
    )


def vkey(name: str, key_type: KeyType) -> str:
    return SigningKey(name=name, key_type=key_type, seed=bytes(31) + b"1").verifier().text()


LOG = vkey(ORIGIN, KeyType.ED25519)
WITNESS = vkey("witness.example/w1", KeyType.COSIGNATURE_V1)
QUANTUM = vkey("witness.example/w1", KeyType.ML_DSA_44)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://127.0.0.1:7101", Address(tls=False, host="127.0.0.1", port=7101)),
        ("http://[::1]:7101", Address(tls=False, host="::1", port=7101)),
        ("http://localhost:80", Address(tls=False, host="localhost", port=80)),
        ("https://alpha.example:7101", Address(tls=True, host="alpha.example", port=7101)),
        ("https://192.0.2.7:443", Address(tls=True, host="192.0.2.7", port=443)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "http://alpha.example:7101",  # plain, and not loopback
        "http://192.0.2.7:7101",
        "https://alpha.example",
        "https://alpha.example:",
        "https://alpha.example:0x10",
        "https://alpha.example:70000",
        "https://Alpha.example:7101",
        "https://someone@alpha.example:7101",
        "https://alpha.example:7101/",
        "https://alpha.example:7101/path",
        "https://alpha.example:7101?query",
        "https://al pha.example:7101",
        "https://-alpha.example:7101",
        "https://[::1:7101",
        "ftp://alpha.example:7101",
        "alpha.example:7101",
        "",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_address(text)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_malformed(text: str) -> None:
    try:
        found = parse_address(text)
    except Malformed:
        return
    assert str(found.port) in text


def test_a_witness_may_have_a_path() -> None:
    assert parse_address("https://w.example:443/w1", path=True).path == "/w1"


def test_a_home_is_read_as_it_was_made(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    assert read_home(home.path) == home
    assert (home.name, home.origin, home.address) == ("alpha", ORIGIN, LOOPBACK)


def test_witnesses_are_read(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    file = home.path / "home.toml"
    table = f'\n[[witnesses]]\nkey = "{WITNESS}"\naddress = "http://127.0.0.1:7109"\n'
    file.write_text(file.read_text() + table)
    assert read_home(home.path).witnesses == (
        Witness(key=WITNESS, address="http://127.0.0.1:7109"),
    )


def test_two_keys_of_one_name_are_one_witness_at_one_address(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    file, text = home.path / "home.toml", (home.path / "home.toml").read_text()

    def table(key: str, port: int) -> str:
        return f'\n[[witnesses]]\nkey = "{key}"\naddress = "http://127.0.0.1:{port}"\n'

    file.write_text(text + table(WITNESS, 7109) + table(QUANTUM, 7109))
    read = read_home(home.path)
    assert [key.key for key in read.witnesses] == [WITNESS, QUANTUM]
    ((_, both),) = read.witnesses_by_name.items()
    assert both == read.witnesses
    assert (read.quorum.smallest, len(read.quorum.witnesses)) == (1, 1)
    file.write_text(text + table(WITNESS, 7109) + table(QUANTUM, 7110))
    with pytest.raises(Malformed, match="two addresses"):
        read_home(home.path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('colour = "red"', "no setting is called 'colour'"),
        ("witnesses = 3", "[[witnesses]]"),
        ("witnesses = [3]", "[[witnesses]]"),
        (f'[[witnesses]]\nkey = "{WITNESS}"', "address must be there"),
        (f'[[witnesses]]\nkey = "{LOG}"\naddress = "{LOOPBACK}"', "type 0x04"),
        ('[[witnesses]]\nkey = "w"\naddress = "a"', "three parts"),
        ('exercise = "x1"', "do not belong together"),
        ("exercise = 3", "as text"),
        ('name = "twice"', "overwrite"),
        ("\x00", "home.toml"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, line: str, words: str) -> None:
    home = make(tmp_path / "home")
    file = home.path / "home.toml"
    file.write_text(f"{file.read_text()}{line}\n")
    with pytest.raises(Malformed) as caught:
        read_home(home.path)
    assert words in caught.value.reason
    assert str(file) in caught.value.reason
    assert caught.value.code == "bad_home"


@pytest.mark.parametrize("name", ["", "-alpha", "al pha", "a" * 41, "älpha", "a\n"])
def test_a_name_is_short_and_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed):
        Home(path=tmp_path, name=name, origin=ORIGIN, address=LOOPBACK)


def test_an_origin_is_of_its_exercise(tmp_path: Path) -> None:
    Home(path=tmp_path, name="a", origin=f"{ORIGIN}/exercise/x", address=LOOPBACK, exercise="x")
    with pytest.raises(Malformed):
        Home(path=tmp_path, name="a", origin=f"{ORIGIN}/exercise/x", address=LOOPBACK)


def test_no_home_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_home(tmp_path / "nowhere")
    assert caught.value.code == "no_home"
    assert "comity init" in caught.value.refusal.what_to_do


@pytest.mark.parametrize(
    "name",
    ["entry.key", "log.key", "cosigner.key", "handle.secret", "admin.key", "tls.key"],
)
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    home = make(tmp_path / "home")
    (home.path / "keys" / name).chmod(0o640)
    with pytest.raises(Untrusted) as caught:
        read_home(home.path)
    assert caught.value.code == "key_file_mode"
    assert name in caught.value.reason


def test_a_secret_that_is_not_there_is_refused(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    (home.path / "keys" / "admin.key").unlink()
    with pytest.raises(Refused) as caught:
        read_home(home.path)
    assert caught.value.code == "key_file_missing"


def test_the_identity_is_that_of_the_origin(tmp_path: Path) -> None:
    identity = load_identity(make(tmp_path / "home"))
    assert identity.origin == ORIGIN
    assert identity.log.verifier().name == ORIGIN


def test_another_partys_key_is_refused(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    other = create_home(
        tmp_path / "other",
        name="bravo",
        origin="bravo.example/comity/2026",
        address=LOOPBACK,
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=1_900_000_000_000_000,
    )
    (other.path / "keys/log.key").replace(home.path / "keys/log.key")
    with pytest.raises(Untrusted) as caught:
        load_identity(home)
    assert caught.value.code == "other_key"


def test_the_admin_key_is_a_bearer_key(tmp_path: Path) -> None:
    key = read_admin_key(make(tmp_path / "home"))
    assert key.startswith("comity_")
    assert len(key) == len("comity_") + 52  # 256 bits in base32
    assert key == key.strip()


def test_a_damaged_admin_key_is_refused(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    (home.path / "keys/admin.key").write_bytes(b"\xff\xfe")
    with pytest.raises(Malformed):
        read_admin_key(home)


def test_a_certificate_goes_with_https_only(tmp_path: Path) -> None:
    assert read_certificate(make(tmp_path / "plain")) == b""
    assert read_certificate(make(tmp_path / "tls", "https://alpha.example:7101"))[:1] == b"\x30"


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----", "MIIB"])
def test_a_damaged_certificate_is_refused(tmp_path: Path, text: str) -> None:
    home = make(tmp_path / "home", "https://alpha.example:7101")
    (home.path / "keys/tls.crt").write_text(text)
    with pytest.raises(Malformed):
        read_certificate(home)


def make_witness(path: Path) -> WitnessHome:
    return create_witness_home(
        path,
        name="witness.example/w1",
        address="http://127.0.0.1:7109",
        seeds=lambda: secrets.token_bytes(32),
        now_us=1_900_000_000_000_000,
    )


def test_each_kind_of_home_is_told_from_the_other(tmp_path: Path) -> None:
    node, witness = make(tmp_path / "node"), make_witness(tmp_path / "witness")
    assert read_witness_home(witness.path) == witness
    with pytest.raises(Malformed, match="of a witness"):
        read_home(witness.path)
    with pytest.raises(Malformed, match="of a node"):
        read_witness_home(node.path)


@pytest.mark.parametrize(
    ("logs", "words"),
    [
        ("3", "a list"),
        ("[3]", "verifier keys"),
        (f'["{WITNESS}"]', "type 0x01"),
        (f'["{LOG}", "{LOG}"]', "twice"),
        ('["none"]', "three parts"),
    ],
)
def test_a_witness_cosigns_logs_only(tmp_path: Path, logs: str, words: str) -> None:
    home = make_witness(tmp_path / "witness")
    lines = f'name = "{home.name}"\naddress = "{home.address}"\nlogs = {logs}\n'
    (home.path / "home.toml").write_text(lines)
    with pytest.raises(Malformed, match=words):
        read_witness_home(home.path)

"""`comity init` and `comity witness`: homes that can be read again, and never one over another."""

import re
from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.config import load_identity, read_home, read_witness_home
from comity.trust.card import fingerprint
from comity.trust.keys import KeyType, parse_verifier_key
from tests.cli.stand_in import Comity

NODE = ("--name", "alpha", "--origin", "alpha.example/comity/2026")
HERE = ("--address", "http://127.0.0.1:7101")


def test_a_home_is_made_and_its_fingerprint_shown(comity: Comity, tmp_path: Path) -> None:
    answer = comity("init", tmp_path / "a", *NODE, *HERE, "--exercise", "x1")
    assert answer.code == 0
    home = read_home(tmp_path / "a")
    assert home.origin == "alpha.example/comity/2026/exercise/x1"
    card = comity("party", "card", "--home", home.path).out
    assert fingerprint(card.encode()) in answer.out


def test_no_secret_is_printed(comity: Comity, tmp_path: Path) -> None:
    answer = comity("init", tmp_path / "a", *NODE, *HERE, "--json")
    identity = load_identity(read_home(tmp_path / "a"))
    assert answer.code == 0
    assert "comity_" not in answer.out + answer.err
    assert identity.log.seed.hex() not in answer.out
    shown = answer.json()
    assert isinstance(shown, dict)
    assert {*shown} == {"home", "origin", "fingerprint"}


def test_two_homes_share_nothing(comity: Comity, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert comity("init", tmp_path / name, *NODE, *HERE).code == 0
    one, two = (load_identity(read_home(tmp_path / name)) for name in ("a", "b"))
    assert not {one.entry.seed, one.log.seed, one.cosigner.seed} & {
        two.entry.seed,
        two.log.seed,
        two.cosigner.seed,
    }


def test_a_second_init_is_refused(comity: Comity, tmp_path: Path) -> None:
    comity("init", tmp_path / "a", *NODE, *HERE)
    key = (tmp_path / "a/keys/entry.key").read_bytes()
    answer = comity("init", tmp_path / "a", *NODE, *HERE)
    assert answer.code == ExitCode.REFUSED
    assert "home_exists" in answer.err
    assert (tmp_path / "a/keys/entry.key").read_bytes() == key


@pytest.mark.parametrize(
    ("words", "blamed"),
    [
        (("--name", "a b", *NODE[2:], *HERE), "--name"),
        ((*NODE[:2], "--origin", "alpha", *HERE), "--origin"),
        ((*NODE, "--address", "http://192.0.2.1:7101"), "--address"),
        ((*NODE, *HERE, "--exercise", "a b"), "--exercise"),
    ],
)
def test_a_bad_word_is_wrong_use_of_its_option(
    comity: Comity, tmp_path: Path, words: tuple[str, ...], blamed: str
) -> None:
    answer = comity("init", tmp_path / "a", *words)
    assert answer.code == ExitCode.USAGE
    assert re.search(f"Invalid value for .*{blamed}", answer.err)
    assert not (tmp_path / "a").exists()


WITNESS = ("--name", "witness.example/w1", "--address", "http://127.0.0.1:7109")


def test_a_witness_prints_its_key(comity: Comity, tmp_path: Path) -> None:
    made = comity("witness", "init", tmp_path / "w", *WITNESS)
    key = parse_verifier_key(made.out.strip())
    assert (key.name, key.key_type) == ("witness.example/w1", KeyType.COSIGNATURE_V1)
    assert comity("witness", "key", "--home", tmp_path / "w").out == made.out
    shown = comity("witness", "key", "--home", tmp_path / "w", "--json")
    mldsa = comity("witness", "key", "--mldsa", "--home", tmp_path / "w").out.strip()
    second = parse_verifier_key(mldsa)
    assert (second.name, second.key_type) == ("witness.example/w1", KeyType.ML_DSA_44)
    assert shown.json() == {"key": made.out.strip(), "mldsa": mldsa}
    assert comity("witness", "init", tmp_path / "w", *WITNESS).code == ExitCode.REFUSED


def test_a_witness_of_an_earlier_release_says_how_to_get_the_second_key(
    comity: Comity, tmp_path: Path
) -> None:
    comity("witness", "init", tmp_path / "w", *WITNESS)
    (tmp_path / "w/keys/cosigner-mldsa.key").unlink()
    where = ("--home", tmp_path / "w")
    without = comity("witness", "key", "--mldsa", *where)
    assert without.code == ExitCode.REFUSED
    assert "comity witness add-mldsa" in without.err
    added = comity("witness", "add-mldsa", *where)
    assert parse_verifier_key(added.out.strip()).key_type is KeyType.ML_DSA_44
    assert comity("witness", "key", "--mldsa", *where).out == added.out
    assert comity("witness", "add-mldsa", *where).out == added.out


def test_a_log_is_added_by_its_key(comity: Comity, tmp_path: Path) -> None:
    comity("init", tmp_path / "a", *NODE, *HERE)
    log = load_identity(read_home(tmp_path / "a")).log.verifier().text()
    witness = comity("witness", "init", tmp_path / "w", *WITNESS).out.strip()
    where = ("--home", tmp_path / "w")
    assert comity("witness", "add-log", log, *where).code == 0
    assert comity("witness", "add-log", log, *where, "--json").json() == {
        "logs": ["alpha.example/comity/2026"]
    }
    assert read_witness_home(tmp_path / "w").logs == (log,)
    for wrong in (witness, "none", log + "x"):
        assert comity("witness", "add-log", wrong, *where).code == ExitCode.USAGE

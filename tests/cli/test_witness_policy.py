"""`comity witness policy lint` and `comity verify --policy`: words, JSON and exit codes."""

import json
from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.journal.policy import read_policy
from comity.journal.timestamp import read_authority
from comity.journal.trustfile import trust_text
from comity.trust.keys import KeyType
from comity.trust.note import serialise, sign_note
from tests.cli.stand_in import Comity
from tests.fuzz.seeds import authorities
from tests.journal.handmade import ALPHA, BETA, NOON_S, REFEREE, WITNESSES, made, trust_file
from tests.journal.two_nodes import card_of, seeded


def policy(folder: Path, *, need: int = 2, known: int = 3, more: str = "") -> Path:
    """`need` of the first `known` witnesses."""
    names = [f"w{i}" for i in range(known)]
    lines = [
        f"witness {name} {key.verifier().text()}"
        for name, key in zip(names, WITNESSES, strict=False)
    ]
    path = folder / "policy.txt"
    path.write_text("\n".join([*lines, f"group g {need} {' '.join(names)}", "quorum g", more, ""]))
    return path


def test_a_sound_policy_ends_with_0(comity: Comity, tmp_path: Path) -> None:
    done = comity("witness", "policy", "lint", policy(tmp_path))
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("SOUND for 0 lying")
    assert "2 + 2 > 3 + f holds up to f = 0; f = 0 wants k = 2" in done.out
    assert "1 may be silent" in done.out


def test_more_liars_than_it_withstands_ends_with_1(comity: Comity, tmp_path: Path) -> None:
    done = comity("witness", "policy", "lint", policy(tmp_path), "--tolerate", "1", "--json")
    found = json.loads(done.out)
    assert (done.code, found["sound"], found["tolerates"]) == (1, False, 0)
    assert [each["code"] for each in found["findings"]] == ["unsafe"]


def test_a_party_in_the_trust_file_is_not_neutral(comity: Comity, tmp_path: Path) -> None:
    trust = tmp_path / "trust.note"
    trust.write_bytes(trust_file())
    own = f"witness own {ALPHA.cosigner.verifier().text()}"
    done = comity("witness", "policy", "lint", policy(tmp_path, more=own), "--trust", trust)
    assert done.code == 1
    assert "party_key" in done.out


@pytest.mark.parametrize("data", [b"", b"quorum w\n", b"\xff\x00\n", b"quorum none\nquorum none\n"])
def test_what_is_no_policy_ends_with_13(comity: Comity, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "policy.txt"
    path.write_bytes(data)
    assert comity("witness", "policy", "lint", path).code == 13
    assert comity("witness", "policy", "lint", tmp_path / "gone").code == 13


def bundle(folder: Path, count: int) -> Path:
    """A bundle that the first `count` witnesses cosigned, and a trust file without witnesses."""
    cosigners = [(key, NOON_S + 3 + at) for at, key in enumerate(WITNESSES[:count])]
    (folder / "bundle").mkdir()
    for name, data in made(cosigners=cosigners).sealed().items():
        (folder / "bundle" / name).write_bytes(data)
    (folder / "trust.note").write_bytes(trust_file())
    return folder / "bundle"


@pytest.mark.parametrize(("count", "code"), [(3, 0), (2, 0), (1, 10), (0, 10)])
def test_a_policy_is_a_condition(comity: Comity, tmp_path: Path, count: int, code: int) -> None:
    words: list[str | Path] = [
        "verify",
        bundle(tmp_path, count),
        "--trust",
        tmp_path / "trust.note",
        "--json",
    ]
    assert comity(*words).code == 0
    done = comity(*words, "--policy", policy(tmp_path))
    found = json.loads(done.out)
    assert (done.code, found["witnesses"]["met"]) == (code, code == 0)
    assert found["witnesses"]["policy"] is not None
    if code == 0:
        assert found["given"]["high"]["basis"] == "witness"


@pytest.mark.parametrize(("count", "code"), [(2, 0), (1, 10)])
def test_a_trust_file_that_holds_it_needs_nothing_else(
    comity: Comity, tmp_path: Path, count: int, code: int
) -> None:
    folder, signer = bundle(tmp_path, count), REFEREE.verifier().text()
    named = read_policy(policy(tmp_path).read_bytes())
    authority = read_authority(authorities()[0])
    cards = [card_of(ALPHA), card_of(BETA)]
    text = trust_text(cards, [], signer=signer, policy=named, authorities=[authority])
    (tmp_path / "whole.note").write_bytes(serialise(sign_note(text, REFEREE)))
    words: list[str | Path] = ["verify", folder, "--trust", tmp_path / "whole.note"]
    done = comity(*words, "--json")
    found = json.loads(done.out)
    assert (done.code, found["witnesses"]["met"]) == (code, code == 0)
    assert found["trust"]["policy"] == found["witnesses"]["policy"] == named.sha256.hex()
    assert found["trust"]["authorities"] == 1
    shown = comity(*words)
    assert (shown.code, named.sha256.hex() in shown.out) == (code, True)
    assert comity(*words, "--quorum", "9").code == ExitCode.USAGE  # the policy names three


def test_a_policy_for_another_journal_proves_nothing(comity: Comity, tmp_path: Path) -> None:
    other = f"log {seeded('carol.example/comity/2026').verifier().text()}"
    words: list[str | Path] = ["verify", bundle(tmp_path, 3), "--trust", tmp_path / "trust.note"]
    done = comity(*words, "--policy", policy(tmp_path, more=other))
    assert done.code == 10
    assert "the policy is not for alpha.example" in done.out


def test_a_party_is_no_witness_of_a_policy(comity: Comity, tmp_path: Path) -> None:
    own = seeded("beta.example/comity/2026/cosigner", KeyType.COSIGNATURE_V1)
    path = tmp_path / "own.txt"
    path.write_text(f"witness own {own.verifier().text()}\nquorum own\n")
    words: list[str | Path] = ["verify", bundle(tmp_path, 3), "--trust", tmp_path / "trust.note"]
    assert comity(*words, "--policy", path).code == 13


def test_a_policy_that_is_none_is_bad_input(comity: Comity, tmp_path: Path) -> None:
    words: list[str | Path] = ["verify", bundle(tmp_path, 3), "--trust", tmp_path / "trust.note"]
    assert comity(*words, "--policy", tmp_path / "gone").code == 13

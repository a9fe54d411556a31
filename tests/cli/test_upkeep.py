"""`comity backup`, `restore` and `node`: what a person is told, and how they end."""

from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.upkeep import sealing
from comity.wire.canonical import Json
from tests.cli.stand_in import Comity, StandIn
from tests.upkeep.homes import lived_in

WAITING: Json = {
    "state": "waiting",
    "backup_made": "2030-01-01T09:12:00Z",
    "backup_size": 12,
    "accepted": [],
    "words": [
        {
            "party": "witness.example/w1",
            "kind": "witness",
            "said": "silent",
            "size": None,
            "checkpoint": None,
            "text": "witness.example/w1 has not said what it knows: no answer",
        }
    ],
}


def test_there_and_back(comity: Comity, tmp_path: Path) -> None:
    home = lived_in(tmp_path / "alpha")
    made = comity("backup", tmp_path / "b", "--home", home.path)
    assert made.code == 0
    assert "41" in made.out
    assert "WARNING" not in made.err
    back = comity("restore", tmp_path / "b", "--home", tmp_path / "again")
    assert back.code == 0
    assert "No private keys" in back.out
    assert comity("serve", "--home", tmp_path / "again").code == ExitCode.NO_PERMISSION
    whole = comity(
        *("restore", tmp_path / "b", "--home", tmp_path / "more"),
        *("--keys", home.path / "keys", "--json"),
    ).json()
    assert isinstance(whole, dict)
    assert (whole["size"], whole["keys"]) == (41, True)


def test_private_keys_in_a_backup_are_warned_of(
    comity: Comity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_COST", 2**12)
    home = lived_in(tmp_path / "alpha", 1)
    words = tmp_path / "words"
    words.write_text("five words of no book\n")
    plain = comity("backup", tmp_path / "b", "--with-keys", "--home", home.path, "--json")
    assert "WARNING" in plain.err
    named = ("--with-keys", "--passphrase-file", words, "--home", home.path)
    assert "WARNING" not in comity("backup", tmp_path / "c.tar", *named).err
    opened = comity(
        *("restore", tmp_path / "c.tar", "--home", tmp_path / "again"),
        *("--passphrase-file", words),
    )
    assert opened.code == 0
    without = comity("backup", tmp_path / "d", "--passphrase-file", words, "--home", home.path)
    assert without.code == ExitCode.USAGE
    assert not (tmp_path / "d").exists()


def test_a_witness_is_not_backed_up(comity: Comity, tmp_path: Path) -> None:
    made = ("--name", "witness.example/w1", "--address", "http://127.0.0.1:7109")
    assert comity("witness", "init", tmp_path / "w", *made).code == 0
    answer = comity("backup", tmp_path / "b", "--home", tmp_path / "w")
    assert answer.code == ExitCode.BAD_INPUT
    assert "witness" in answer.err
    assert not (tmp_path / "b").exists()


def test_for_whom_it_waits(node: StandIn, ask: Comity) -> None:
    node.says("GET", "restored", WAITING)
    shown = ask("restore", "--show").out
    assert "waiting" in shown
    assert "has not said what it knows" in shown


def test_a_silence_is_accepted_by_name(node: StandIn, ask: Comity) -> None:
    node.says("POST", "restored/acceptances", WAITING, status=201)
    words = ("--accept-missing", "witness.example/w1", "--by", "Major Tom")
    assert ask("restore", *words).code == 0
    assert node.last.body == {"party": "witness.example/w1", "by": "Major Tom"}


@pytest.mark.parametrize(
    "words",
    [(), ("--show", "x"), ("--accept-missing", "x"), ("--by", "x"), ("x", "--by", "Major Tom")],
)
def test_one_thing_at_a_time(ask: Comity, words: tuple[str, ...]) -> None:
    assert ask("restore", *words).code == ExitCode.USAGE


def test_a_unit_is_printed_and_nothing_is_done(comity: Comity, tmp_path: Path) -> None:
    answer = comity("node", "unit", "--home", "/var/lib/comity/alpha", "--user", "comity")
    assert answer.code == 0
    assert "ExecStart=" in answer.out
    assert "serve --home /var/lib/comity/alpha" in answer.out
    assert comity("node", "unit", "--home", tmp_path / "a b").code == ExitCode.BAD_INPUT


def test_the_upgrade_says_where_it_stands(comity: Comity, tmp_path: Path) -> None:
    home = lived_in(tmp_path / "alpha", 1)
    for words in (("--check",), ()):
        answer = comity("node", "upgrade", *words, "--home", home.path, "--json").json()
        assert isinstance(answer, dict)
        assert answer["state"] == "up to date"
        assert answer["schema"] == answer["newest"]

"""`comity verify`: exit codes, words and JSON; reads nothing that it should not; no traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from comity.cli import verdict
from comity.cli import verify as verb
from comity.cli.main import run
from comity.journal.manifest import MANIFEST_NAME, Piece
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh
from tests.journal.handmade import WITNESSES, made, receipt_body, trust_file
from tests.journal.two_nodes import full_sample, two_nodes
from tests.model.samples import NOON_US, volume

FULL = full_sample()


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "trust.note"
    path.write_bytes(FULL.trust_file)
    return path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return written(tmp_path / "bundle", FULL.files)


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


class Report:
    """An exit code and what was printed."""

    def __init__(self, code: int, found: dict[str, object]) -> None:
        self.code = code
        self.found = found

    def text(self, key: str) -> str:
        return str(self.found[key])


def report(capsys: pytest.CaptureFixture[str], bundle: Path, trust: Path, *more: str) -> Report:
    code = run(["verify", str(bundle), "--trust", str(trust), "--json", *more])
    caught = capsys.readouterr()
    assert caught.err == ""
    found = json.loads(caught.out)
    assert found["exit"] == code
    return Report(code, found)


def test_a_true_bundle_ends_with_0(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = report(capsys, bundle, trust, "--require-witness")
    assert done.code == 0
    assert done.found["outcome"] == "proven"
    assert done.found["receipt"] == {"got": "full", "verdict": "accepted"}
    assert done.found["witnesses"] == {
        "cosigned": ["w1.example/witness"],
        "post_quantum": [],
        "known": 1,
        "quorum": 1,
        "tolerates": 0,
        "met": True,
        "policy": None,
    }
    assert isinstance(done.found["elapsed_ms"], float)
    assert 0 < done.found["elapsed_ms"] < 5_000


def test_fields_are_shown_as_they_were_signed(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = report(capsys, bundle, trust).found["opened"]
    assert isinstance(opened, dict)
    values = {field["path"]: field["value"] for field in opened["fields"]}
    assert values["name"] == "PEGASUS"
    assert values["volume/0/centre"] == [[355_000_000, 357_000_000]]
    assert values["volume/0/radius"] == 12_000_000
    assert (opened["is_notice"], opened["withheld"]) == (True, [])


def test_people_read_the_verdict_first(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", str(bundle), "--trust", str(trust)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "PROVEN: it was given and received; a receipt is no approval"
    assert "\x1b" not in "".join(lines)
    assert any(line.split() == ["name", "'PEGASUS'", "(free", "text)"] for line in lines)
    assert len(lines) < 40


def test_parties_claims_only_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = made().sealed({Piece.BIND: None, Piece.BIND_PROOF: None})
    bundle = written(tmp_path / "bundle", files)
    (tmp_path / "trust.note").write_bytes(trust_file())
    assert run(["verify", str(bundle), "--trust", str(tmp_path / "trust.note")]) == 0
    assert "by the receiver's clock: parties' claims only" in capsys.readouterr().out


def test_an_exercise_is_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with two_nodes(exercise="spring") as nodes:
        index = nodes.declare()
        nodes.give(index)
        bundle = written(tmp_path / "bundle", nodes.bundle(index))
        (tmp_path / "trust.note").write_bytes(nodes.trust_file())
    assert run(["verify", str(bundle), "--trust", str(tmp_path / "trust.note")]) == 0
    assert "EXERCISE spring" in capsys.readouterr().out.splitlines()[1]


def test_an_unproven_bundle_ends_with_10(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = made().sealed({Piece.RECEIPT: None, Piece.RECEIPT_PROOF: None})
    (tmp_path / "trust.note").write_bytes(trust_file())
    done = report(capsys, written(tmp_path / "bundle", files), tmp_path / "trust.note")
    assert (done.code, done.found["outcome"]) == (10, "not-proven")


def test_a_missed_quorum_ends_with_10(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = written(tmp_path / "bundle", made().sealed())
    (tmp_path / "trust.note").write_bytes(trust_file(WITNESSES[:2], quorum=2))
    trust = tmp_path / "trust.note"
    assert report(capsys, bundle, trust).code == 0
    assert report(capsys, bundle, trust, "--require-witness").code == 10
    assert report(capsys, bundle, trust, "--quorum", "1").code == 10


def test_misbehaviour_ends_with_12(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = made(receipt=receipt_body(made().alpha, 1, root=bytes(32))).sealed()
    (tmp_path / "trust.note").write_bytes(trust_file())
    bundle = written(tmp_path / "bundle", files)
    done = report(capsys, bundle, tmp_path / "trust.note")
    assert done.code == 12
    assert run(["verify", str(bundle), "--trust", str(tmp_path / "trust.note")]) == 12
    assert capsys.readouterr().out.startswith("MISBEHAVIOUR: ")


def test_text_of_another_party_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nasty = made(
        fields=tuple(
            replace(field, value=b"\x1b[2Jgone\r\xff\n") if field.path == "name" else field
            for field in made().fields
        )
    )
    (tmp_path / "trust.note").write_bytes(trust_file())
    folder = written(tmp_path / "bundle", nasty.sealed())
    assert run(["verify", str(folder), "--trust", str(tmp_path / "trust.note")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\r" not in out
    assert report(capsys, folder, tmp_path / "trust.note").code == 0


# --- what is no bundle -------------------------------------------------------------------------


def test_a_changed_extra_or_missing_file_ends_with_13(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (bundle / "notice.note").read_bytes()
    (bundle / "notice.note").write_bytes(whole.replace(b"notice", b"Notice", 1))
    assert report(capsys, bundle, trust).code == 13
    (bundle / "notice.note").write_bytes(whole)
    assert report(capsys, bundle, trust).code == 0
    (bundle / ".hidden").touch()
    done = report(capsys, bundle, trust)
    assert (done.code, ".hidden" in done.text("reason")) == (13, True)
    (bundle / ".hidden").unlink()
    (bundle / MANIFEST_NAME).unlink()
    assert report(capsys, bundle, trust).code == 13


def test_what_is_no_plain_file_ends_with_13_and_is_not_read(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bundle / "beacon.note"
    data = path.read_bytes()
    elsewhere = bundle.parent / "elsewhere"
    elsewhere.write_bytes(data)

    path.unlink()
    path.symlink_to(elsewhere)  # the same bytes, but a link
    assert report(capsys, bundle, trust).code == 13

    path.unlink()
    path.mkdir()
    assert report(capsys, bundle, trust).code == 13

    path.rmdir()
    os.mkfifo(path)  # reading it would wait for ever
    assert report(capsys, bundle, trust).code == 13

    path.unlink()
    path.write_bytes(data)
    assert report(capsys, bundle, trust).code == 0


def test_too_much_ends_with_13(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(30):
        (bundle / f"extra{number}").touch()
    done = report(capsys, bundle, trust)
    assert (done.code, "'extra" in done.text("reason")) == (13, True)
    for number in range(30):
        (bundle / f"extra{number}").unlink()
    with (bundle / "opening.txt").open("wb") as file:
        file.truncate(1 << 40)  # sparse
    done = report(capsys, bundle, trust)
    assert (done.code, "more than" in done.text("reason")) == (13, True)


@pytest.mark.parametrize(
    "name", ["absent", "bundle/notice.note", "trust.note", "x" * 5_000, "\udcff\n\x1b[2J"]
)
def test_a_path_that_is_no_folder_ends_with_13(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert bundle.is_dir()
    assert report(capsys, trust.parent / name, trust).code == 13


def test_an_unreadable_folder_ends_with_13(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", "notice.note")

    monkeypatch.setattr(verb, "_read_inside", refuse)
    done = report(capsys, bundle, trust)
    assert (done.code, done.found["reason"]) == (13, "notice.note: Permission denied")


@pytest.mark.parametrize(
    "data", [b"", b"not a note", b"\xff" * 100, bytes(70_000), FULL.files["notice.note"]]
)
def test_a_false_trust_file_ends_with_13(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    trust.write_bytes(data)
    done = report(capsys, bundle, trust)
    assert (done.code, done.found["trust"]) == (13, None)
    assert done.text("reason").startswith("the trust file: ")


def test_a_trust_file_that_is_not_there_or_a_device_ends_with_13(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = trust.with_name("\udcff")
    large.write_bytes(bytes(70_000))
    for path in (trust.with_name("absent"), trust.parent, Path("/dev/zero"), large):
        assert report(capsys, bundle, path).code == 13


def test_a_bundle_brings_no_trust_of_its_own(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "trust.note").write_bytes(trust.read_bytes())
    assert report(capsys, bundle, trust).code == 13


# --- usage and faults --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["verify"],
        ["verify", "somewhere"],
        ["verify", "--trust", "x"],
        ["verify", "a", "b", "--trust", "x"],
        ["verify", "a", "--trust", "x", "--quorum", "0"],
        ["verify", "a", "--trust", "x", "--quorum", "many"],
        ["verify", "a", "--trust", "x", "--unknown"],
    ],
)
def test_wrong_use_ends_with_64(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 64
    assert capsys.readouterr().out == ""


def test_a_quorum_above_the_number_of_witnesses_is_wrong_use(
    bundle: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", str(bundle), "--trust", str(trust), "--quorum", "2"]) == 64
    assert "--quorum" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_fault_of_our_own_ends_with_70_and_no_traceback(
    bundle: Path,
    trust: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    more: list[str],
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(verb, "verify_bundle", broken)
    assert run(["verify", str(bundle), "--trust", str(trust), *more]) == 70
    caught = capsys.readouterr()
    assert (caught.out, "Traceback" in caught.err) == ("", False)
    assert "internal" in caught.err


def test_it_runs_alone_as_a_process(bundle: Path, trust: Path) -> None:
    """Without a home, and without importing anything that could reach a store or a network."""
    words = [sys.executable, "-X", "importtime", "-m", "comity.cli.verify"]
    done = subprocess.run(
        [*words, str(bundle), "--trust", str(trust), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/nowhere", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "proven"
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "comity.journal.verify" in imported
    far = {"apsw", "httpx", "ssl", "asyncio", "numpy", "shapely", "rich.console"}
    assert far & imported == set()
    assert not any(name.startswith(("comity.storage", "comity.exchange")) for name in imported)


def test_a_volume_says_what_its_heights_were_given_as() -> None:
    plain = volume()
    given = GivenHeights(
        lower=HeightLimit(datum=HeightDatum.MSL, height_mm=0),
        upper=HeightLimit(datum=HeightDatum.FLIGHT_LEVEL, height_mm=5_943_600),
        qnh=Qnh(pressure_pa=100_800, at_us=NOON_US),
    )
    assert "(given" not in verdict._volume_text(plain)
    assert (
        "0 to 10000 m above WGS84 (given as 0 m msl to 5943.6 m flight-level, QNH 1008 hPa); "
        in verdict._volume_text(replace(plain, given=given))
    )

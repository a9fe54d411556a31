"""The shipped exercise end to end, on real node processes: what it shows, and what moves it."""

import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from comity.cli.main import run as cli
from comity.exercise.load import find
from comity.wire.canonical import b64, unb64
from tests.exercise.evening import RUN, STAMP, Ran, ran, without_chance

pytestmark = pytest.mark.timeout(240)

SHIPPED = find("latakia").read_text(encoding="utf-8")


def alive(out: Path) -> set[str]:
    """Ids and command lines of all processes of a run: those that hold its ports, and its own."""
    stamp, found = f"{STAMP}={out}".encode(), set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if stamp in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                found.add(f"{folder.name} {' '.join(words)}")
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def latakia(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("latakia") / "out", "latakia", "--keep-homes")


def test_it_ends_as_expected_and_leaves_its_files(latakia: Ran) -> None:
    assert latakia.code == 0, latakia.said
    for name in ("summary.json", "report.md", "trust.note"):
        assert (latakia.out / name).is_file()
    assert alive(latakia.out) == set()


def test_as_claimed_by_the_one_side(latakia: Ran) -> None:
    variant = latakia.variant("as-claimed-ru")
    assert variant["notice_lead_s"] == 60
    assert (variant["verdict"], variant["verdict_reason"]) == ("insufficient", "no_area")
    assert variant["time_to_clear_s"] is None
    assert variant["told"] == variant["unreached"] == []
    assert variant["bundle"] == "bundles/as-claimed-ru/alpha-agreement-to-bravo"
    assert all(party["verified"] is True for party in variant["parties"].values())
    refusal = {"by": "alpha", "at": "2018-09-17T18:39:10Z", "code": "no_area"}
    assert variant["refusals"] == [refusal | {"nothing_changed": True}]


def test_as_claimed_by_the_other_side(latakia: Ran) -> None:
    variant = latakia.variant("as-claimed-il")
    assert variant["notice_lead_s"] is None
    assert variant["verdict"] == "unknown"
    assert variant["told"] == variant["unreached"] == []


def test_with_comity_there_is_time_and_the_battery_is_told(latakia: Ran) -> None:
    variant = latakia.variant("with-comity")
    assert variant["notice_lead_s"] == 1200
    assert variant["verdict"] == "sufficient"
    needed, terms = variant["time_to_clear_s"], variant["time_to_clear_terms_s"]
    assert 600 <= needed <= 900
    assert sum(terms.values()) == pytest.approx(needed)
    assert (terms["delivery"], terms["human"], terms["relay"]) == (15, 60, 90)
    battery = next(told for told in variant["told"] if told["unit"] == "battery-1")
    assert [known["party"] for known in battery["known_to"]] == ["host", "bravo", "alpha"]
    assert variant["unreached"] == []
    pairs = {frozenset((found["a"], found["b"])) for found in variant["conflicts"]}
    assert frozenset(("bravo/own-survey", "alpha/activity")) in pairs
    assert frozenset(("bravo/approach", "host/air-defence")) in pairs


def test_the_open_risk_is_seen_at_once_and_by_alpha_only_as_a_handle(latakia: Ran) -> None:
    variant = latakia.variant("unreached-unit")
    (battery,) = variant["unreached"]
    assert battery["unit"] == "battery-1"
    assert [known["party"] for known in battery["known_to"]] == ["host", "bravo", "alpha"]
    assert {known["at"] for known in battery["known_to"]} == {battery["at"]}
    by_party = {known["party"]: known for known in battery["known_to"]}
    assert "as" not in by_party["host"]
    assert by_party["alpha"]["as"] != by_party["bravo"]["as"]
    assert battery["at"] < "2018-09-17T19:03:00Z" < battery["closed_at"]
    warned = {
        warning["to"]
        for warning in variant["warnings"]
        if warning["kind"] == "unit_not_reached" and warning["seconds_before_loss"] > 1800
    }
    assert warned >= {"host", "bravo"}


def test_alpha_never_sees_the_name(latakia: Ran) -> None:
    data = (latakia.out / "unreached-unit/homes/alpha/data").rglob("*")
    files = [path for path in data if path.is_file()]
    assert files
    assert not [path for path in files if b"battery-1" in path.read_bytes()]
    host = (latakia.out / "unreached-unit/homes/host/data").rglob("*")
    assert [path for path in host if path.is_file() and b"battery-1" in path.read_bytes()]


def test_alpha_and_host_never_exchange_a_byte(latakia: Ran) -> None:
    for name in ("with-comity", "unreached-unit"):
        homes = latakia.out / name / "homes"
        for one, other in (("alpha", "host"), ("host", "alpha")):
            for path in (homes / one / "data").rglob("*"):
                if path.is_file():
                    assert f"{other}.example".encode() not in path.read_bytes(), (one, path.name)


def leaked(out: Path, text: str) -> list[str]:
    """Secrets of the homes below `out` that stand in a text: keys as kept, seeds in any form."""
    secrets: dict[str, bytes] = {}
    for path in out.rglob("keys/*"):
        if path.name != "tls.crt":
            secrets[str(path)] = path.read_bytes().strip().split(b" ")[-1]
    for path in out.rglob("data/journal.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            for (seed,) in db.execute("SELECT seed FROM opening"):
                secrets[f"{path} {seed.hex()[:8]}"] = seed
    assert len(secrets) > 20
    forms = {name: [value.hex(), b64(value), repr(value)] for name, value in secrets.items()}
    for name, value in secrets.items():
        forms[name].append(value.decode("latin-1"))
    return [name for name, found in forms.items() if any(each in text for each in found)]


def test_no_secret_is_in_the_diagnostics_of_the_evening(latakia: Ran) -> None:
    logs = [*latakia.out.rglob("*.log")]
    text = "".join(path.read_text("utf-8") for path in logs)
    assert len(logs) > 3
    assert text.count("\n") > 10
    assert leaked(latakia.out, text) == []
    key = next(latakia.out.rglob("keys/log.key"))
    assert leaked(latakia.out, text + key.read_text())  # the control


def test_the_same_evening_twice_is_the_same(latakia: Ran, tmp_path: Path) -> None:
    again = ran(tmp_path / "out", "latakia", "--variant", "as-claimed-ru", "--jobs", "1")
    one, other = (run.variant("as-claimed-ru") for run in (latakia, again))
    assert without_chance(one) == without_chance(other)
    assert one["parties"]["alpha"]["root"] != other["parties"]["alpha"]["root"]


@pytest.mark.parametrize("name", ["with-comity", "unreached-unit"])
def test_every_bundle_is_proven_and_one_changed_byte_is_not(
    latakia: Ran, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant = latakia.variant(name)
    assert {party["verified"] for party in variant["parties"].values()} == {True}
    bundle = latakia.out / variant["bundle"]
    for path in sorted(bundle.iterdir()):
        copy = tmp_path / path.name / "bundle"
        copy.mkdir(parents=True)
        for other in bundle.iterdir():
            (copy / other.name).write_bytes(other.read_bytes())
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        (copy / path.name).write_bytes(data)
        code = cli(["verify", str(copy), "--trust", str(latakia.out / "trust.note")])
        said = capsys.readouterr()
        assert code in (10, 12, 13), (path.name, said.out, said.err)


# What two bundles share by right: the formats' own words, the names of bravo and the witness, the
# datum, and the zero that "no uncertainty" is.
COMMON = re.compile(
    rb"[a-z]+(-[a-z]+)*(\.tlog-proof|\.note|\.txt)?|(bravo|witness)\.example/\S+|c2sp\.org/\S+"
    rb"|comity/\S+|volume/0/\S+|AAAAAAAAAAA=|d2dzODQ="  # 0 and wgs84
)
TOKEN = re.compile(rb"[A-Za-z0-9+/=_.-]{8,}")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def values(opening: bytes) -> dict[str, bytes]:
    """Field path -> value, out of a bundle's opening."""
    found = re.findall(rb"^path (\S+)\nsalt \S+\nvalue (\S+)$", opening, re.MULTILINE)
    return {path.decode(): unb64(value.decode()) for path, value in found if value != b"-"}


def test_nothing_of_alphas_notice_is_in_bravos_presence(latakia: Ran) -> None:
    """What host gets of bravo shares no id, hash, number, instant or name with alpha's notice."""
    bundles = latakia.out / "bundles/with-comity"
    notice = files(bundles / "alpha-activity-to-bravo")
    derived = files(bundles / "bravo-approach-to-host")
    sent = b"\n".join(derived.values())
    own = b"\n".join(data for name, data in notice.items() if not name.startswith("receipt"))
    tokens = set(TOKEN.findall(own))
    assert len(tokens) > 100
    assert [t for t in tokens if t in sent and not COMMON.fullmatch(t)] == []
    assert b"alpha" not in sent
    given, passed = values(notice["opening.txt"]), values(derived["opening.txt"])
    assert {"volume/0/centre", "volume/0/radius", "volume/0/start", "volume/0/end"} <= set(given)
    # Kinds and classes are of closed lists, and 0 is no number of anybody's.
    numbers = {path: value for path, value in given.items() if path.startswith("volume/")}
    shared = {path for path, value in numbers.items() if value in passed.values()}
    assert {path for path in shared if any(given[path])} <= {"volume/0/datum"}
    for path in ("volume/0/centre", "volume/0/radius", "volume/0/start", "volume/0/end"):
        assert b64(given[path]).encode() not in sent
        assert given[path] not in b"".join(passed.values())


def test_the_comparison_finds_what_is_shared(latakia: Ran) -> None:
    """Against alpha's own notice in the other variant, the same test would fail."""
    one, other = (
        files(latakia.out / f"bundles/{name}/alpha-activity-to-bravo")
        for name in ("with-comity", "unreached-unit")
    )
    given, again = values(one["opening.txt"]), values(other["opening.txt"])
    assert given["volume/0/centre"] in b"".join(again.values())
    assert b64(given["volume/0/centre"]).encode() in other["opening.txt"]


@pytest.mark.parametrize(
    ("lead", "verdict", "reason"),
    [
        ("5m", "insufficient", "lead_below_time_to_clear"),
        ("12m", "short", "lead_below_agreed"),
    ],
)
def test_one_number_in_a_copy_moves_the_verdict(
    tmp_path: Path, lead: str, verdict: str, reason: str
) -> None:
    """How often the lines beat moves nothing: rarely, so that it is soon over."""
    copy = tmp_path / "copy.toml"
    rarely = SHIPPED.replace('heartbeat = "30s"', 'heartbeat = "5m"')
    copy.write_text(rarely.replace('lead = "20m"', f'lead = "{lead}"'), encoding="utf-8")
    done = ran(tmp_path / "out", str(copy), "--variant", "with-comity")
    variant = done.variant("with-comity")
    assert (variant["verdict"], variant["verdict_reason"]) == (verdict, reason)
    assert done.code == 1
    assert "verdict: expected 'sufficient'" in done.said


@pytest.fixture
def started(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run that has begun; with the parameter's variant, or with all."""
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*RUN, "latakia", *request.param, "--out", str(out)],
        env=os.environ | {STAMP: str(out)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process, out
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


@pytest.mark.parametrize(
    ("started", "number"),
    [((), signal.SIGINT), (("--variant", "with-comity"), signal.SIGTERM)],
    indirect=["started"],
)
def test_an_interrupt_leaves_nothing_behind(
    started: tuple[subprocess.Popen[str], Path], number: signal.Signals
) -> None:
    """No process, and so no port that one holds."""
    process, out = started
    assert process.stderr is not None
    for line in process.stderr:
        if re.search(r"\[[1-9]\d*/\d+\] 21:", line):
            break
    before = alive(out)
    assert len(before) > 4  # three nodes and a witness, beside the referee
    process.send_signal(number)
    assert process.wait(20) == 130
    assert alive(out) == set()
    for command in before:
        assert not Path("/proc", command.split()[0]).exists()

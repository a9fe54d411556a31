"""No bytes of a stranger make a parser fail, stall or swell: each is fuzzed, and none is left out.

A failure prints the line that runs its input again. `make test` fuzzes all for seconds in two
processes, `make test-long` each for five minutes.
"""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.exchange import messages
from comity.exchange.air_gap import air_gap_table
from comity.web.api.table import TABLE
from tests.fuzz.bodies import MESSAGES, SHAPES
from tests.fuzz.run import _held
from tests.fuzz.targets import TARGETS, probe
from tests.tidy.tree import ROOT

SECONDS = 6
SECONDS_LONG = 300
EACH_MIN = 20  # executions of each target: fewer, and nothing was tried
ALL_MIN = 3_000  # of all together; an idle machine does ten times as many
CONTROL_S = 60
NAMES = sorted(TARGETS)

PARSER = re.compile(
    r"_?(parse|open|read|load|decode|shaped|unpack|unb64|hash32|hex32|decimal|named).*|.*_from"
)
FOREIGN = (
    *("bytes", "str", "Field", "list[str]", "shapes.", "shapes_requests.", "ProtectRequest"),
    *("Answered", "Give", "Take", "Ack", "Beat"),
)
ROOMS = ("wire", "trust", "journal", "exchange", "web/json_body.py", "web/api/translate.py")
# What is reached through a target of another name, or reads nothing foreign.
REACHED = {
    "exchange.air_gap._opened": "by `parcel-manifest`; then as open_give",
    "exchange.parcel.unpack": "decodes as `message` does; then as open_give",
    "exchange.receive.open_give": "its parts are; tests/exchange/test_hostile*.py has the whole",
    "exchange.receive.open_ack": "as open_give",
    "exchange.receive.open_beat": "as open_give",
    "exchange.send._opened": "as open_give",
    "journal.audit_case.parsed": "our own store's rows: parse_note, parse_entry, as the door does",
    "journal.content.open_notice": "by `notice`",
    "journal.trust_v2._life_from": "version 2, by `trust-file`",
    "journal.trustfile._trust_from": "by `trust-file`",
    "trust.card._card_from": "by `card`",
    "trust.envelope._transport_from": "by `transport-envelope`",
    "trust.mldsa.load": "the seed of our own key, as `key-file` reads it: nothing foreign",
    "trust.note._parse_line": "by `note`",
    "web.api.translate.identity_from": "wire.canonical.hex32, by `scalars`",
    "web.api.translate.instant_from": "by `request`, in each of its times",
    "web.api.translate.parties_from": "by `request`",
    "wire.fields._parse_field": "by `fields`",
    "wire.key_v1._key_from": "by `key-statement`",
    "wire.key_v1._revoke_from": "by `key-statement`",
    "wire.message_v1._read_back_from": "by `put-message-answer`",
    "wire.message_v1._values_from": "by `put-message` and `put-message-answer`",
    "wire.notice_v1._footprint_from": "by `notice`",
    "wire.notice_v1._holes_from": "by `notice`",
    "wire.notice_v1._volume_from": "by `notice`",
    "wire.given_v1.given_from": "by `notice`",
    "wire.given_v1._qnh_from": "by `notice`",
    "wire.given_v1._deviation_from": "by `notice`",
    "wire.given_v1._terrain_from": "by `notice`",
    "wire.terms_v1.parameters_from": "numbers under names, by `terms`",
}
without_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this platform"
)


def parsers() -> Iterator[str]:
    """Functions of the source whose name says that they read, and which take foreign values."""
    for room in ROOMS:
        place = ROOT / "src/comity" / room
        for path in [place] if place.suffix else sorted(place.rglob("*.py")):
            module = ".".join(path.relative_to(ROOT / "src/comity").with_suffix("").parts)
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.FunctionDef) and _reads(node):
                    yield f"{module}.{node.name}"


def _reads(node: ast.FunctionDef) -> bool:
    given = [ast.unparse(arg.annotation) for arg in node.args.args if arg.annotation]
    foreign = any(word in kind for kind in given for word in FOREIGN)
    return bool(PARSER.fullmatch(node.name)) and foreign


def test_no_parser_is_left_out() -> None:
    covered = {name for target in TARGETS.values() for name in target.functions}
    found = set(parsers())
    assert found - covered - REACHED.keys() == set(), "add a target, or say what reaches it"
    assert (covered | REACHED.keys()) - found == set(), "no such parser any more"


@pytest.mark.parametrize("name", NAMES)
def test_a_target_begins_with_something_that_is_accepted(name: str) -> None:
    target = TARGETS[name]
    accepted = [_held(lambda s=seed: probe(target, s)) for seed in target.seeds()]  # type: ignore[misc]
    assert any(accepted)


def test_every_kind_of_message_and_request_has_its_seed() -> None:
    kinds = {"message": MESSAGES, "request": SHAPES}
    for name, each in kinds.items():
        found = TARGETS[name].seeds()
        assert [seed[0] for seed in found] == list(range(len(each)))
        assert [seed[0] for seed in found if not probe(TARGETS[name], seed)] == []


def test_no_message_and_no_request_is_left_out() -> None:
    said = {kind for kind in vars(messages).values() if _is_message(kind)}
    parts = {messages.Gift, messages.Growth, messages.Receipted}
    assert said - set(MESSAGES) == parts
    routes = (*TABLE, *air_gap_table({}, {}))
    assert {route.body for route in routes if route.body is not None} == set(SHAPES)


def _is_message(kind: object) -> bool:
    base = messages._Message
    return isinstance(kind, type) and issubclass(kind, base) and kind is not base


@pytest.mark.parametrize("name", NAMES)
def test_a_target_refuses_what_is_cut_short_or_garbled(name: str) -> None:
    """Without atheris too: each seed, cut at some places, and with one byte changed at others."""
    target = TARGETS[name]
    for seed in target.seeds()[:4]:
        step = max(1, len(seed) // 40)
        for at in range(0, len(seed), step):
            probe(target, seed[:at])
            probe(target, seed[:at] + bytes([seed[at] ^ 0x41]) + seed[at + 1 :])


def start(names: list[str], folder: Path, seconds: int, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.fuzz.run", "--fuzz", ",".join(names)]
    command += ["--seconds", str(seconds), "--folder", str(folder), *more]
    folder.mkdir()
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(process: subprocess.Popen[str], patience_s: float) -> str:
    try:
        return process.communicate(timeout=patience_s)[0]
    finally:
        process.kill()


def fuzzed(folder: Path, groups: list[list[str]], seconds: int) -> dict[str, int]:
    """Fuzz groups side by side; executions of each target."""
    running = [start(names, folder / str(at), seconds) for at, names in enumerate(groups)]
    done: dict[str, int] = {}
    for at, process in enumerate(running):
        said = ended(process, seconds * 3 + 60)
        kept = sorted((folder / str(at)).glob("*.hex"))
        assert process.returncode == 0, said[-3_000:]
        assert kept == []
        done |= json.loads((folder / str(at) / "done.json").read_text())["done"]
    return done


@pytest.mark.timeout(180)
@without_atheris
def test_all_parsers_for_seconds(tmp_path: Path) -> None:
    done = fuzzed(tmp_path, [NAMES[::2], NAMES[1::2]], SECONDS)
    assert {name: done.get(name, 0) for name in NAMES if done.get(name, 0) < EACH_MIN} == {}
    assert sum(done.values()) >= ALL_MIN


@pytest.mark.timeout(180)
@without_atheris
def test_control_a_planted_bug_is_found_and_its_line_runs_it_again(tmp_path: Path) -> None:
    """`proof` with Python's `int` for a number: takes spaces and signs, and raises ValueError."""
    process = start(["proof"], tmp_path / "control", CONTROL_S, "--plant")
    said = ended(process, CONTROL_S * 2)
    assert process.returncode != 0
    line = re.search(r"^again: (.*)$", said, re.MULTILINE)
    assert line is not None, said[-3_000:]
    command = [sys.executable, *line[1].split()[1:]]
    real = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert real.stdout == "refused\n"  # by the parser without the bug


@pytest.mark.long
@pytest.mark.timeout(SECONDS_LONG * 3 + 120)
@pytest.mark.parametrize("at", range(0, len(NAMES), 2))
@without_atheris
def test_each_parser_for_five_minutes(tmp_path: Path, at: int) -> None:
    names = NAMES[at : at + 2]
    done = fuzzed(tmp_path, [[name] for name in names], SECONDS_LONG)
    assert all(done[name] > ALL_MIN for name in names)

"""`comity time`: the clock in words, who vouches, what failed; and `verify` with certificates."""

from pathlib import Path

import msgspec

from comity.web.api.time_shapes import ClockSource, ClockView, OnlookerView, TimeView
from tests.cli.stand_in import Comity, StandIn, as_json
from tests.journal.authority import certified
from tests.journal.two_nodes import full_sample

WITNESS = OnlookerView(
    name="w1.example/w",
    size=12,
    time="2030-01-01T09:12:00Z",
    age_s=7,
    fresh=True,
    error=None,
    error_since=None,
)
SILENT = msgspec.structs.replace(
    WITNESS,
    name="http://127.0.0.1:1/tsr",
    size=None,
    time=None,
    age_s=None,
    fresh=False,
    error="no answer",
    error_since="2030-01-01T09:12:00Z",
)
VIEW = TimeView(
    now="2030-01-01T09:12:07Z",
    clock=ClockView(
        state="unsure",
        low_s=2.5,
        high_s=2.6,
        sources=[ClockSource(by="bravo.example/comity/2026", low_s=2.5, high_s=2.6)],
        text="our clock is 2.5 to 2.6 s behind that of bravo.example/comity/2026",
    ),
    witnesses=[WITNESS],
    authorities=[SILENT],
)


def test_the_clock_and_who_vouches_are_shown(node: StandIn, ask: Comity) -> None:
    node.says("GET", "time", as_json(VIEW))
    shown = ask("time", "show")
    assert (shown.code, shown.err) == (0, "")
    assert "unsure: our clock is 2.5 to 2.6 s behind" in shown.out
    for words in ("w1.example/w", "fresh", "+2.500", "never", "no answer (since 2030"):
        assert words in shown.out


def test_a_stamp_is_asked_for_by_an_empty_object(node: StandIn, ask: Comity) -> None:
    node.says("POST", "time/stamps", as_json(VIEW), status=201)
    assert ask("time", "stamp", "--once", "mine", "--json").json() == as_json(VIEW)
    (asked,) = node.script.asked
    assert (asked.method, asked.body) == ("POST", {})


def test_certificates_that_are_none_are_bad_input(comity: Comity, tmp_path: Path) -> None:
    sample = full_sample()
    (tmp_path / "bundle").mkdir()
    for name, data in sample.files.items():
        (tmp_path / "bundle" / name).write_bytes(data)
    (tmp_path / "trust.note").write_bytes(sample.trust_file)
    words: list[str | Path] = ["verify", tmp_path / "bundle", "--trust", tmp_path / "trust.note"]
    for name, data, code in (
        ("none.pem", b"no certificate", 13),
        ("leaf.pem", certified("leaf", certified("root", ca=True)).pem, 13),
        ("root.pem", certified("root", ca=True).pem, 0),
    ):
        (tmp_path / name).write_bytes(data)
        assert comity(*words, "--time-authority", tmp_path / name).code == code
    assert comity(*words, "--time-authority", tmp_path / "gone.pem").code == 13

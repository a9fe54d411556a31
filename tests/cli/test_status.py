"""`comity status`: what needs a person stands first."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.answer import UnitState
from comity.web.api.shapes import RiskView, WarningView
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, status


def risk(unit: str, *, is_open: bool) -> Json:
    return as_json(
        RiskView(
            notice=NOTICE,
            party=PEER,
            unit=unit,
            handle="0" * 64,
            state=UnitState.NOT_REACHED,
            at="2030-01-01T09:12:00Z",
            known="2030-01-01T09:12:00Z",
            open=is_open,
        )
    )


def warning(kind: str, cleared: str | None) -> Json:
    return as_json(
        WarningView(
            id="1",
            kind=kind,
            about=NOTICE,
            party=None,
            text="nobody has seen it",
            raised="2030-01-01T09:12:00Z",
            cleared=cleared,
        )
    )


def test_a_quiet_node_says_so(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status())
    shown = ask("status").out
    assert shown.splitlines()[0].startswith("alpha  alpha.example/comity/2026")
    assert "no open risk, no open warning" in shown
    assert "EXERCISE" not in shown
    assert [asked.path for asked in node.script.asked] == ["/api/v1/status"]


def test_a_node_that_is_not_well_says_why_first(node: StandIn, ask: Comity) -> None:
    reason: Json = {"code": "restored", "text": "not yet known", "stops": True}
    node.says("GET", "status", status(health="stopped", reasons=[reason]))
    shown = ask("status").out
    order = [shown.index(word) for word in ("THE NODE IS STOPPED", "not yet known", "no open risk")]
    assert order == sorted(order)


def test_open_risks_come_first_and_closed_ones_not_at_all(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(open_risks=1, open_warnings=1, exercise="x1"))
    node.lists("risks", [risk("radar-2", is_open=True), risk("battery-1", is_open=False)])
    node.lists("warnings", [warning("not_seen", None), warning("not_told", "2030-01-01T09:13:00Z")])
    shown = ask("status").out
    order = [shown.index(word) for word in ("EXERCISE x1", "OPEN RISKS: 1", "WARNINGS: 1", "line")]
    assert order == sorted(order)
    assert "radar-2" in shown
    assert "not_seen" in shown
    assert "battery-1" not in shown
    assert "not_told" not in shown


def test_a_node_alone_says_how_to_enrol(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(parties=[], live={}))
    shown = ask("status").out
    assert "no party is enrolled" in shown
    assert "nothing" in shown


def test_json_is_what_the_node_said(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(open_risks=3))
    assert ask("status", "--json").json() == status(open_risks=3)


def test_watching_shows_it_again_until_interrupted(
    node: StandIn, ask: Comity, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = iter((None, None, KeyboardInterrupt()))

    def pause() -> None:
        if (error := next(turns)) is not None:
            raise error

    monkeypatch.setattr("comity.cli.status._pause", pause)
    node.says("GET", "status", status())
    answer = ask("status", "--watch")
    assert answer.code == ExitCode.INTERRUPTED
    assert answer.out.count("no open risk") == 3

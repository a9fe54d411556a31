"""`comity register` and `comity notice check`: what is sent, and what is shown of it."""

import json
from pathlib import Path

from comity.cli.exit_codes import ExitCode
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.verdict import VerdictWord
from comity.web.api.shapes import Delivery, Footprint, Said, Volume
from comity.web.api.shapes_register import (
    CellView,
    EntryReadView,
    EntryTestView,
    FindingView,
    MissView,
    PresenceView,
    ProtectedView,
)
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, problem, receipt, status

PLACE = ("--circle", "35.5,35.7,2km", "--heights", "0m..100m")
TIMES = ("--start", "2030-01-01T10:00:00Z", "--until", "+14d")


def sent(node: StandIn) -> dict[str, Json]:
    body = node.last.body
    assert isinstance(body, dict)
    return body


def entry(handle: str = NOTICE) -> Json:
    given = Delivery(
        to=PEER,
        step=None,
        known_as="ab" * 32,
        index=1,
        leaf="0" * 64,
        delivered="2030-01-01T10:00:01Z",
        verdict="accepted",
        seen=None,
        read_back=None,
    )
    return as_json(
        ProtectedView(
            handle=handle,
            owner="alpha.example/comity/2026",
            cell=CellView(south=35.0, west=35.0, size=1.0),
            expires="2030-01-15T10:00:00Z",
            deliveries=[given],
        )
    )


def opened() -> Json:
    volume = Volume(
        footprint=Footprint(centre=(35.5, 35.7), radius_m=2_000.0),
        lower_m=0.0,
        upper_m=100.0,
        start="2030-01-01T10:00:00Z",
        end="2030-01-15T10:00:00Z",
    )
    return as_json(
        PresenceView(
            handle=NOTICE,
            owner=PEER,
            name="clinic 4",
            purpose=Purpose.MEDICAL,
            domain=Domain.GROUND,
            craft=Craft.NONE,
            clear_needs_s=None,
            expires="2030-01-15T10:00:00Z",
            volumes=[volume],
        )
    )


def finding(**changes: object) -> Json:
    values: dict[str, object] = {
        "id": NOTICE,
        "owner": PEER,
        "kind": SubjectKind.PRESENCE,
        "sealed": True,
        "meets": False,
        "closest_m": 4_000.0,
        "vertical_gap_m": 0.0,
        "time_gap_s": 0.0,
        "clause": "by clause register of humanitarian, version 1, clearance_lateral_mm is 5 km",
        "sentence": Said(
            metric="The plan and bravo's register entry 4f1d2c7a come too close: 4 km or more "
            "apart.",
            aeronautical="The plan and bravo's register entry 4f1d2c7a come too close: 2.15 NM or "
            "more apart.",
        ),
        "time_to_clear_s": None,
        "terms_s": None,
        "unable": None,
        "clear_needs_s": None,
        "verdict": None,
        "reason": None,
    }
    return as_json(FindingView(**(values | changes)))  # type: ignore[arg-type]


def test_an_entry_is_sent_as_it_was_typed(node: StandIn, ask: Comity) -> None:
    node.says("POST", "register", receipt(), 201)
    words = ("--to", "bravo", "--purpose", "medical", "--name", "clinic 4")
    assert ask("register", "give", *PLACE, *TIMES, *words).code == 0
    body = sent(node)
    assert body["to"] == ["bravo"]
    assert (body["purpose"], body["domain"], body["snap"]) == ("medical", "ground", False)
    assert '"end": "2030-01-15T10:00:00Z"' in json.dumps(body["volumes"])
    assert ask("register", "give", *PLACE, *TIMES, *words, "--snap").code == 0
    assert sent(node)["snap"] is True
    assert "one of them" in ask("register", "give", *TIMES, *words).err


def test_a_refusal_of_the_node_says_what_to_do(node: StandIn, ask: Comity) -> None:
    node.says("POST", "register", problem("precision_below_floor", "finer than agreed"), 422)
    answer = ask("register", "give", *PLACE, *TIMES, "--to", "bravo")
    assert answer.code == ExitCode.REFUSED
    assert "finer than agreed" in answer.err


def test_a_file_holds_what_options_cannot_say(node: StandIn, ask: Comity, tmp_path: Path) -> None:
    node.says("POST", "register", receipt(), 201)
    file = tmp_path / "convoy.json"
    file.write_text('{"to": ["bravo"], "volumes": [], "purpose": "humanitarian", "snap": true}')
    assert ask("register", "give", "--file", file, "--to", "charlie").code == 0
    assert (sent(node)["to"], sent(node)["snap"]) == (["charlie"], True)
    file.write_text('{"target": "x"}')
    assert ask("register", "give", "--file", file).code == ExitCode.BAD_INPUT


def test_a_list_shows_no_place(node: StandIn, ask: Comity) -> None:
    node.lists("register", [entry()])
    said = ask("register", "list").out
    for word in (NOTICE[:12], "35,35 and 1 deg", "2030-01-15T10:00:00Z", "accepted"):
        assert word in said
    sealed = ProtectedView(
        handle=NOTICE, owner=PEER, cell=None, expires="2030-01-15T10:00:00Z", deliveries=[]
    )
    node.lists("register", [as_json(sealed)])
    assert "does not open" in ask("register", "list").out


def test_one_entry_is_opened_with_a_role_and_a_reason(node: StandIn, ask: Comity) -> None:
    node.lists("register", [entry()])
    node.says("POST", f"register/{NOTICE}/openings", opened(), 201)
    said = ask("register", "show", NOTICE[:8], "--reason", "route of convoy 7").out
    assert sent(node) == {"role": "duty officer", "reason": "route of convoy 7"}
    assert "circle of 2000 m about 35.5000000,35.7000000" in said
    other = entry("4f1d2c7a" + "0" * 56)
    node.lists("register", [entry(), other])
    assert "2 entries begin with" in ask("register", "show", "4f1d2c").err


def test_renewed_and_withdrawn_by_the_first_digits(node: StandIn, ask: Comity) -> None:
    node.lists("register", [entry()])
    node.says("GET", "status", status())
    node.says("POST", f"register/{NOTICE}/renewals", receipt(), 201)
    assert ask("register", "renew", NOTICE[:8], "--until", "+14d").code == 0
    assert sent(node) == {"until": "2030-01-15T10:00:00Z"}
    node.says("POST", f"register/{NOTICE}/release", receipt(), 201)
    assert ask("register", "withdraw", NOTICE).code == 0
    assert sent(node) == {}


def test_reads_and_tests_are_shown(node: StandIn, ask: Comity) -> None:
    read = EntryReadView(
        id="0" * 64,
        handle=NOTICE,
        party=PEER,
        role="pilot",
        reason="my route",
        at="2030-01-01T10:00:00Z",
        known="2030-01-01T10:00:01Z",
    )
    node.lists("register/reads", [as_json(read)])
    said = ask("register", "reads").out
    assert "pilot" in said
    assert "my route" in said
    tested = EntryTestView(
        handle=NOTICE,
        expires="2030-01-15T10:00:00Z",
        within=1,
        within_twice=2,
        within_five_times=7,
        misses=[
            MissView(
                operation="ab" * 32,
                owner=PEER,
                meets=True,
                closest_m=0.0,
                vertical_gap_m=0.0,
                time_gap_s=0.0,
            )
        ],
    )
    node.lists("register/test", [as_json(tested)])
    said = ask("register", "test").out
    assert "in five times" in said
    assert f"abababababab of {PEER} meets {NOTICE[:12]}" in said


def test_a_check_says_whose_and_how_near_and_never_where(node: StandIn, ask: Comity) -> None:
    times = ("--start", "2030-01-01T10:00:00Z", "--end", "+30m")
    node.says("POST", "checks", {"items": [finding(), finding(meets=True)], "next": None})
    said = ask("notice", "check", *PLACE, *times, "--craft", "combat", "--to", "bravo").out
    assert sent(node)["kind"] == "operation"
    for word in ("register entry", "4 km or more", "meets"):
        assert word in said
    assert said.count("The plan and bravo's register entry 4f1d2c7a come too close: 4 km") == 2
    aero = ask("notice", "check", *PLACE, *times, "--units", "aeronautical").out
    assert aero.count("come too close: 2.15 NM or more") == 2
    assert "4 km or more apart" not in aero
    node.says("POST", "checks", {"items": [], "next": None})
    assert "Nothing that is known here" in ask("notice", "check", *PLACE, *times).out
    node.says("POST", "checks", {"items": [finding(closest_m=0.0)], "next": None})
    assert "less than 1 km" in ask("notice", "check", *PLACE, *times).out
    assert ask("notice", "check", *PLACE, *times, "--json").json() == [finding(closest_m=0.0)]


def test_a_check_says_what_we_need_and_what_the_other_needs(node: StandIn, ask: Comity) -> None:
    times = ("--start", "2030-01-01T10:00:00Z", "--end", "+30m")
    terms = {"delivery": 15.0, "turn": 60.0, "distance": 365.5}
    rows = [
        finding(sealed=False, time_to_clear_s=440.5, terms_s=terms),
        finding(sealed=False, unable="no_speed"),
        finding(
            sealed=False,
            clear_needs_s=480.0,
            verdict=VerdictWord.INSUFFICIENT,
            reason="lead_below_clear_needs",
        ),
    ]
    node.says("POST", "checks", {"items": rows, "next": None})
    said = " ".join(ask("notice", "check", *PLACE, *times).out.split())
    assert "time to clear 7 min 20 s delivery 15 s turn 1 min distance 6 min 6 s" in said
    assert "time to clear UNABLE: no speed" in said
    assert "clear_needs_s 480 (8 min)" in said
    assert "told now insufficient: lead_below_clear_needs" in said

"""`comity notice`: what is sent for what was typed, and how answers look."""

import base64
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.notice import Craft, Domain, Onward, Purpose, SubjectKind
from comity.web.api.shapes import Footprint, Volume
from comity.web.api.shapes_agreements import ToldView
from comity.wire.canonical import Json
from tests.cli.stand_in import (
    NOTICE,
    PEER,
    Comity,
    StandIn,
    as_json,
    delivery,
    given,
    notice,
    party,
    receipt,
    status,
)

AREA = ("--polygon", "35.5,35.7 35.6,35.7 35.6,35.9", "--heights", "0m..20000ft")
TIMES = ("--start", "2030-01-01T10:00:00Z", "--end", "+30m")
OTHER = NOTICE[:6] + "f" * 58


def sent(node: StandIn) -> dict[str, Json]:
    body = node.last.body
    assert isinstance(body, dict)
    return body


def test_a_notice_is_sent_as_it_was_typed(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    words = ("--to", "bravo", "--to", "charlie", "--purpose", "training", "--craft", "combat")
    answer = ask("notice", "give", *AREA, *TIMES, *words, "--onward", "derived", "--name", "x")
    assert answer.code == 0
    assert sent(node) == {
        "kind": "operation",
        "to": ["bravo", "charlie"],
        "volumes": [
            {
                "footprint": {
                    "polygon": [[35.5, 35.7], [35.6, 35.7], [35.6, 35.9]],
                    "centre": None,
                    "radius_m": None,
                    "line": None,
                    "half_width_m": None,
                    "holes": None,
                },
                "lower_m": 0.0,
                "upper_m": 6096.0,
                "start": "2030-01-01T10:00:00Z",
                "end": "2030-01-01T10:30:00Z",
                "datum": "wgs84",
                "upper_datum": None,
                "reference": None,
                "given": None,
                "uncertainty_lateral_m": 0.0,
                "uncertainty_vertical_m": 0.0,
                "uncertainty_time_s": 0.0,
            }
        ],
        "purpose": "training",
        "domain": "air",
        "craft": "combat",
        "onward": "derived",
        "name": "x",
        "clear_needs_s": None,
        "basis": None,
        "prompted_by": None,
        "area_in_words": None,
    }
    assert f"id     {NOTICE}" in answer.out
    assert "on its way" in answer.out


def test_a_receipt_can_be_had_as_json(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    assert ask("notice", "give", *AREA, *TIMES, "--json").json() == receipt()


def test_a_presence_is_a_circle_with_uncertainty_and_a_clearing_time(
    node: StandIn, ask: Comity
) -> None:
    node.says("POST", "notices", receipt(), 201)
    words = ("--presence", "--circle", "35.5,35.7,5nm", "--heights", "-10m..100m")
    more = ("--uncertainty", "100m,50m,30s", "--clear-needs", "8m", "--once", "mine")
    assert ask("notice", "give", *words, *more, *TIMES).code == 0
    body = sent(node)
    assert (body["kind"], body["clear_needs_s"]) == ("presence", 480.0)
    assert node.last.headers["Idempotency-Key"] == "mine"
    volume = body["volumes"][0] if isinstance(body["volumes"], list) else None
    assert isinstance(volume, dict)
    assert given(volume["footprint"]) == {"centre": [35.5, 35.7], "radius_m": 9260.0}
    assert (volume["lower_m"], volume["uncertainty_vertical_m"]) == (-10.0, 50.0)
    assert volume["uncertainty_time_s"] == 30.0


ROUTE = "35.5,35.7 36,36 35.5,35.7"


def test_a_corridor_is_a_line_and_a_half_width(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    words = ("--line", ROUTE, "--half-width", "5NM", "--heights", "0m..900m")
    assert ask("notice", "give", *words, *TIMES).code == 0
    volumes = sent(node)["volumes"]
    volume = volumes[0] if isinstance(volumes, list) else None
    assert isinstance(volume, dict)
    assert given(volume["footprint"]) == {
        "line": [[35.5, 35.7], [36.0, 36.0], [35.5, 35.7]],  # a line that returns stays as it is
        "half_width_m": 9260.0,
    }


def test_a_corridor_is_shown_by_its_line(node: StandIn, ask: Comity) -> None:
    told = notice(footprint=Footprint(line=[(35.5, 35.7), (36.0, 36.0)], half_width_m=750.0))
    node.lists("notices", [told])
    node.says("GET", f"notices/{NOTICE}", told)
    shown = ask("notice", "show", NOTICE[:8]).out
    said = "corridor of 750 m either side of 35.5000000,35.7000000 36.0000000,36.0000000"
    assert said in shown


def test_a_start_is_counted_from_the_nodes_clock(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(now="2031-05-05T05:00:00Z"))
    node.says("POST", "notices", receipt(), 201)
    assert ask("notice", "give", *AREA, "--start", "+20m", "--end", "+30m").code == 0
    text = json.dumps(sent(node))
    assert '"start": "2031-05-05T05:20:00Z"' in text
    assert '"end": "2031-05-05T05:50:00Z"' in text


@pytest.mark.parametrize(
    ("words", "blamed"),
    [
        ((*TIMES, "--heights", "0m..9m"), "--polygon, --circle, --line or --area"),
        ((*AREA, *TIMES, "--circle", "1,1,1km"), "--polygon, --circle, --line or --area"),
        ((*AREA, "--start", "10:00", "--end", "+30m"), "--start"),
        ((*AREA, "--start", "2030-01-01T10:00:00Z"), "--end"),
        (("--polygon", "35.5 35.7", "--heights", "0m..9m", *TIMES), "--polygon"),
        (("--circle", "1,1,1", "--heights", "0m..9m", *TIMES), "--circle"),
        (("--circle", "1,1,1km", "--heights", "0m..FL95", *TIMES), "--heights"),
        (("--circle", "1,1,1km", *TIMES), "--heights"),
        (("--line", ROUTE, "--heights", "0m..9m", *TIMES), "--half-width"),
        (("--line", ROUTE, "--half-width", "5", "--heights", "0m..9m", *TIMES), "--half-width"),
        (("--line", "1", "--half-width", "5km", "--heights", "0m..9m", *TIMES), "--line"),
        ((*AREA, *TIMES, "--half-width", "5km"), "--half-width"),
        ((*AREA, *TIMES, "--uncertainty", "100m"), "--uncertainty"),
        ((*AREA, *TIMES, "--clear-needs", "soon"), "--clear-needs"),
        ((*AREA, *TIMES, "--purpose", "attack"), "--purpose"),
    ],
)
def test_a_slip_is_wrong_use_of_its_option_and_nothing_is_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...], blamed: str
) -> None:
    answer = ask("notice", "give", *words)
    assert answer.code == ExitCode.USAGE
    assert blamed in answer.err
    assert "Traceback" not in answer.err
    assert node.script.asked == []


def test_a_datum_is_the_nodes_to_refuse(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    assert ask("notice", "give", *AREA, *TIMES, "--datum", "egm96").code == 0
    assert '"datum": "egm96"' in json.dumps(sent(node))


def test_a_file_is_sent_with_what_the_line_replaces(
    node: StandIn, ask: Comity, tmp_path: Path
) -> None:
    node.says("POST", "notices", receipt(), 201)
    file = tmp_path / "notice.json"
    file.write_text(json.dumps({"kind": "hazard", "to": ["bravo"], "name": "file"}))
    assert ask("notice", "give", "--file", file, "--name", "line").code == 0
    body = sent(node)
    assert (body["kind"], body["to"], body["name"], body["volumes"]) == (
        "hazard",
        ["bravo"],
        "line",
        [],
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ('{"kind": "operation", "kind": "hazard"}', "twice"),
        ('{"kind": "operation", "target": "x"}', "unknown field"),
        ('{"kind": "party"}', "party"),
        ("[]", "object"),
    ],
)
def test_a_bad_file_ends_with_13(
    node: StandIn, ask: Comity, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "notice.json"
    file.write_text(text)
    answer = ask("notice", "give", "--file", file)
    assert answer.code == ExitCode.BAD_INPUT
    assert words in answer.err
    assert node.script.asked == []


def test_a_file_that_is_not_there_ends_with_13(ask: Comity, tmp_path: Path) -> None:
    answer = ask("notice", "give", "--file", tmp_path / "none")
    assert answer.code == ExitCode.BAD_INPUT
    assert "No such file" in answer.err


def test_a_list_is_a_table_or_json(node: StandIn, ask: Comity) -> None:
    node.lists("notices?kind=operation&owner=peer", [notice(name="a\x1b[2Jb")])
    words = ("notice", "list", "--kind", "operation", "--owner", "peer")
    head, row = ask(*words).out.splitlines()
    assert head.split() == ["id", "kind", "state", "owner", "start", "end", "name"]
    assert row.split()[0] == NOTICE[:12]
    assert "\x1b" not in row
    assert ask(*words, "--json").json() == [notice(name="a\x1b[2Jb")]


def test_a_notice_is_shown_by_its_first_digits(node: StandIn, ask: Comity) -> None:
    node.lists("notices", [notice(), notice(OTHER)])
    node.says("GET", f"notices/{NOTICE}", notice())
    shown = ask("notice", "show", NOTICE[:8]).out
    assert "circle of 10000 m about 35.5000000,35.7000000" in shown
    assert "0 m to 6096 m above wgs84" in shown
    assert PEER in shown
    assert ask("notice", "show", NOTICE, "--json").json() == notice()


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        (NOTICE[:6], ExitCode.REFUSED),  # two begin so
        ("000000", ExitCode.REFUSED),
        ("4f1d2", ExitCode.BAD_INPUT),
        ("SAR orbit", ExitCode.BAD_INPUT),
        ("../keys", ExitCode.BAD_INPUT),
    ],
)
def test_what_names_no_notice_is_not_guessed(
    node: StandIn, ask: Comity, digits: str, code: ExitCode
) -> None:
    node.lists("notices", [notice(), notice(OTHER)])
    assert ask("notice", "show", digits).code == code


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (("start", NOTICE), {"move": "start", "at": None, "volumes": []}),
        (("cancel", NOTICE), {"move": "cancel", "at": None, "volumes": []}),
        (
            ("end", NOTICE, "--at", "2030-01-01T12:30:00+02:00"),
            {"move": "end", "at": "2030-01-01T10:30:00Z", "volumes": []},
        ),
        (
            ("end", NOTICE, "--at", "now"),
            {"move": "end", "at": "2030-01-01T10:00:00Z", "volumes": []},
        ),
    ],
)
def test_a_move_is_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...], body: dict[str, Json]
) -> None:
    node.says("GET", "status", status())
    node.says("POST", f"notices/{NOTICE}/moves", receipt(), 201)
    assert ask("notice", *words).code == 0
    assert sent(node) == body


def test_what_has_not_happened_is_not_reported(ask: Comity) -> None:
    assert ask("notice", "end", NOTICE, "--at", "+5m").code == ExitCode.USAGE


def test_an_amendment_replaces_the_volumes(node: StandIn, ask: Comity, tmp_path: Path) -> None:
    node.says("POST", f"notices/{NOTICE}/moves", receipt(), 201)
    assert ask("notice", "amend", NOTICE, *AREA, *TIMES).code == 0
    typed = sent(node)
    file = tmp_path / "volumes.json"
    file.write_text(json.dumps(typed["volumes"]))
    assert ask("notice", "amend", NOTICE, "--file", file).code == 0
    assert sent(node) == typed
    assert typed["move"] == "amend"
    assert ask("notice", "amend", NOTICE, "--file", file, *AREA).code == ExitCode.USAGE
    file.write_text("[3]")
    assert ask("notice", "amend", NOTICE, "--file", file).code == ExitCode.BAD_INPUT


def test_a_bundle_is_written_file_by_file(node: StandIn, ask: Comity, tmp_path: Path) -> None:
    files: dict[str, Json] = {"MANIFEST.note": base64.b64encode(b"text").decode()}
    node.lists("parties", [as_json(party())])
    node.says(
        "GET",
        f"notices/{NOTICE}/bundle?to=bravo.example%2Fcomity%2F2026",
        {"files": files},
    )
    out = tmp_path / "evidence"
    words = ("notice", "bundle", NOTICE, "--to", "bravo", "--out", out)
    answer = ask(*words, "--json")
    assert answer.json() == {"folder": str(out), "files": ["MANIFEST.note"]}
    assert (out / "MANIFEST.note").read_bytes() == b"text"
    assert ask(*words).code == ExitCode.REFUSED  # the folder is not empty any more


@pytest.mark.parametrize("name", ["../x", "/etc/x", ".x", "", "a/b", "a" * 101])
def test_a_bundle_stays_in_its_folder(
    node: StandIn, ask: Comity, tmp_path: Path, name: str
) -> None:
    node.lists("parties", [as_json(party())])
    node.says(
        "GET",
        f"notices/{NOTICE}/bundle?to=bravo.example%2Fcomity%2F2026",
        {"files": {"MANIFEST.note": "", name: ""}},
    )
    answer = ask("notice", "bundle", NOTICE, "--to", PEER, "--out", tmp_path / "evidence")
    assert answer.code == ExitCode.BAD_INPUT
    assert not (tmp_path / "evidence").exists()


def told(**changes: object) -> Json:
    """What bravo would be told: a caution."""
    made = ToldView(
        to=PEER,
        step=1,
        step_name="caution",
        ground="by clause disclosure of flight-safety, version 1, disclosure_step is caution",
        id=None,
        content="00ff",
        kind=SubjectKind.OPERATION,
        name="",
        purpose=Purpose.DANGER_AREA,
        domain=Domain.AIR,
        craft=Craft.NONE,
        onward=Onward.NONE,
        volumes=[
            Volume(
                footprint=Footprint(polygon=[(35.0, 35.0), (36.0, 35.0), (36.0, 36.0)]),
                lower_m=0.0,
                upper_m=9_000.0,
                start="2030-01-01T10:00:00Z",
                end="2030-01-01T11:00:00Z",
            )
        ],
        picture="{}",
    )
    return as_json(msgspec.structs.replace(made, **changes))


def test_a_preview_sends_what_giving_would_and_says_step_reason_and_fields(
    node: StandIn, ask: Comity
) -> None:
    node.says("POST", "previews", {"items": [told()], "next": None})
    node.says("POST", "notices", receipt(), 201)
    words = (*AREA, *TIMES, "--to", "bravo", "--craft", "combat", "--name", "x")
    answer = ask("notice", "preview", *words)
    assert answer.code == 0
    previewed = sent(node)
    assert ask("notice", "give", *words).code == 0
    assert sent(node) == previewed
    assert f"{PEER}: step caution (D1)" in answer.out
    assert "by clause disclosure of flight-safety, version 1" in answer.out
    assert "craft    none" in answer.out
    assert "35.0000000,35.0000000" in answer.out
    assert "2; --json has them" in answer.out


def test_a_preview_has_the_bytes_and_draws_the_picture(
    node: StandIn, ask: Comity, tmp_path: Path
) -> None:
    node.says("POST", "previews", {"items": [told()], "next": None})
    svg = tmp_path / "area.svg"
    words = ("notice", "preview", *AREA, *TIMES, "--to", "bravo")
    assert ask(*words, "--picture", svg, "--json").json() == [told()]
    root = ET.parse(svg).getroot()  # noqa: S314 - our own
    texts = {each.text for each in root.iter()}
    assert "bravo: caution" in texts
    again = ask(*words, "--picture", svg)
    assert again.code == ExitCode.REFUSED
    assert "file_exists" in again.err


def test_a_notice_says_what_each_was_told_and_why_it_is_flagged(node: StandIn, ask: Comity) -> None:
    given = as_json(msgspec.structs.replace(delivery(), step="caution", known_as=OTHER))
    shown = notice()
    assert isinstance(shown, dict)
    shown |= {
        "flags": ["short_notice", "late"],
        "grounds": ["by clause notice of flight-safety, version 1, it had 5 min"],
        "deliveries": [given],
    }
    node.says("GET", f"notices/{NOTICE}", shown)
    out = ask("notice", "show", NOTICE).out
    assert re.search(r"short_notice +by clause notice of flight-safety, version 1", out)
    assert re.search(r"late +-", out)
    assert re.search(r"bravo +caution +12 ", out)


def test_an_unknown_party_is_refused(node: StandIn, ask: Comity, tmp_path: Path) -> None:
    node.lists("parties", [as_json(party())])
    answer = ask("notice", "bundle", NOTICE, "--to", "zulu", "--out", tmp_path / "evidence")
    assert answer.code == ExitCode.REFUSED
    assert "no parties are called zulu" in answer.err


def test_a_hazard_has_source_confidence_and_expiry(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status())
    node.says("POST", "notices", receipt(), 201)
    basis = ("--source", "NOTAM A1", "--confidence", "confirmed", "--expires", "+2h")
    assert ask("hazard", "give", *AREA, *TIMES, *basis).code == 0
    body = sent(node)
    assert (body["kind"], body["basis"]) == (
        "hazard",
        {"source": "NOTAM A1", "confidence": "confirmed", "expires": "2030-01-01T12:00:00Z"},
    )
    assert body["purpose"] == "danger-area"  # what others read; it is no activity of ours
    words = (*AREA, *TIMES, *basis, "--purpose", "interference")
    assert ask("hazard", "give", *words).code == 0
    assert sent(node)["purpose"] == "interference"
    assert ask("hazard", "give", *AREA, *TIMES).code == ExitCode.USAGE


def draft(number: int) -> Json:
    return {
        "volume": number,
        "text": f"DRAFT, NOT PUBLISHED: (A0000/30 NOTAMN\nDRAFT, NOT PUBLISHED: F) {number})\n",
        "lower_level": 0,
        "upper_level": 349,
        "centre": [35.5, 35.7],
        "radius_nm": 12,
        "start": "2030-01-01T10:00:00Z",
        "end": "2030-01-01T10:30:00Z",
    }


def test_a_notam_draft_is_printed_with_its_mark_on_every_line(node: StandIn, ask: Comity) -> None:
    path = f"notices/{NOTICE}/notam?fir=OSTT&series=B&purpose=BO&aerodrome=OLBA"
    node.says("GET", path, {"items": [draft(0), draft(1)], "next": None})
    words = ("--fir", "OSTT", "--series", "B", "--scope", "AW", "--aerodrome", "OLBA")
    answer = ask("notice", "notam", NOTICE, *words)
    assert answer.code == 0
    lines = [line for line in answer.out.splitlines() if line]
    assert len(lines) == 4
    assert all(line.startswith("DRAFT, NOT PUBLISHED: ") for line in lines)


@pytest.mark.parametrize(
    "words", [("--scope", "AW"), ("--aerodrome", "OLBA"), ("--scope", "E", "--aerodrome", "OLBA")]
)
def test_a_scope_and_its_aerodrome_go_together(ask: Comity, words: tuple[str, ...]) -> None:
    assert ask("notice", "notam", NOTICE, *words).code == ExitCode.USAGE

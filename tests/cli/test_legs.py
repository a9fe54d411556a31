"""`comity notice give --leg`: a site or a movement on the ground, and what is no whole movement."""

from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.wire.canonical import Json
from tests.cli.stand_in import Comity, StandIn, given, receipt, status

HEIGHTS = ("--heights", "0m..2000m")
FIRST = "35.1,36.2,2km@2030-01-01T10:00:00Z/+2h"
SECOND = "35.12,36.21,2km@2030-01-01T11:30:00Z/+2h"
CSV = "lat,lon,radius,start,end\n35.1,36.2,2km,+50h,+2h\n35.12, 36.21, 2km, +51h30m, +2h\n"


def sent(node: StandIn) -> dict[str, Json]:
    body = node.last.body
    assert isinstance(body, dict)
    return body


def windows(node: StandIn) -> list[tuple[Json, Json]]:
    volumes = sent(node)["volumes"]
    assert isinstance(volumes, list)
    return [(each["start"], each["end"]) for each in volumes if isinstance(each, dict)]


def test_legs_make_one_humanitarian_presence_on_the_ground(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    more = ("--uncertainty", "100m,0m,5m", "--to", "bravo")
    assert ask("notice", "give", "--leg", FIRST, "--leg", SECOND, *HEIGHTS, *more).code == 0
    body = sent(node)
    kind = tuple(body[key] for key in ("kind", "purpose", "domain", "craft"))
    assert kind == ("presence", "humanitarian", "ground", "none")
    assert windows(node) == [
        ("2030-01-01T10:00:00Z", "2030-01-01T12:00:00Z"),
        ("2030-01-01T11:30:00Z", "2030-01-01T13:30:00Z"),
    ]
    volumes = body["volumes"]
    assert isinstance(volumes, list)
    for volume, point in zip(volumes, ([35.1, 36.2], [35.12, 36.21]), strict=True):
        assert isinstance(volume, dict)
        assert given(volume["footprint"]) == {"centre": point, "radius_m": 2000.0}
        assert (volume["upper_m"], volume["uncertainty_time_s"]) == (2000.0, 300.0)


def test_a_file_says_the_same_as_the_line(node: StandIn, ask: Comity, tmp_path: Path) -> None:
    node.says("GET", "status", status(now="2030-01-01T00:00:00Z"))
    node.says("POST", "notices", receipt(), 201)
    (tmp_path / "legs.csv").write_bytes(b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode())
    assert ask("notice", "give", "--legs", tmp_path / "legs.csv", *HEIGHTS).code == 0
    from_file = sent(node)
    legs = ("--leg", "35.1,36.2,2km@+50h/+2h", "--leg", "35.12,36.21,2km@+51h30m/+2h")
    assert ask("notice", "give", *legs, *HEIGHTS).code == 0
    assert sent(node) == from_file
    assert windows(node)[0] == ("2030-01-03T02:00:00Z", "2030-01-03T04:00:00Z")


def test_what_is_said_beside_the_legs_counts(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    words = ("--purpose", "medical", "--domain", "maritime", "--name", "boat 2")
    assert ask("notice", "give", "--leg", FIRST, *HEIGHTS, *words).code == 0
    body = sent(node)
    assert (body["purpose"], body["domain"], body["name"]) == ("medical", "maritime", "boat 2")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--leg", FIRST), "--heights"),
        (("--leg", "35.1,36.2,2km", *HEIGHTS), "is no leg like"),
        (("--leg", "35.1,36.2,2km@+50h", *HEIGHTS), "is no leg like"),
        (("--leg", "35.1,36.2,2@2030-01-01T10:00:00Z/+2h", *HEIGHTS), "leg 1"),
        (("--leg", "35.1,36.2,2km@2030-01-01T10:00:00Z/+0s", *HEIGHTS), "ends before it starts"),
        (("--leg", SECOND, "--leg", FIRST, *HEIGHTS), "leg 2 is not after leg 1"),
        (("--leg", FIRST, *HEIGHTS, "--circle", "1,1,1km"), "give them one way alone"),
        (("--leg", FIRST, *HEIGHTS, "--start", "now"), "give them one way alone"),
        (("--leg", FIRST, "--legs", "legs.csv", *HEIGHTS), "give them one way alone"),
        (tuple(word for _ in range(51) for word in ("--leg", FIRST)) + HEIGHTS, "1 to 50 legs"),
        (
            ("--leg", FIRST, "--leg", SECOND.replace("11:30:00", "12:00:01"), *HEIGHTS),
            "nobody is told of the time from 2030-01-01T12:00:00Z to 2030-01-01T12:00:01Z",
        ),
        (
            ("--leg", FIRST, "--leg", SECOND.replace("35.12", "35.14"), *HEIGHTS),
            "legs 1 and 2 lie 5",
        ),
    ],
)
def test_a_movement_that_is_not_whole_is_wrong_use_and_nothing_is_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...], said: str
) -> None:
    answer = ask("notice", "give", *words)
    assert answer.code == ExitCode.USAGE
    assert said in answer.err
    assert [asked for asked in node.script.asked if asked.method == "POST"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line of"),
        ("lat,lon,start,end\n", "the first line of"),
        ("lat,lon,radius,start,end\n", "1 to 50 legs"),
        ("lat,lon,radius,start,end\n35.1,36.2,2km,+50h\n", "has 4 cells, not 5"),
        ('lat,lon,radius,start,end\n"35.1,36.2', "is no CSV in UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_legs_is_refused(
    ask: Comity, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "legs.csv").write_text(text)
    answer = ask("notice", "give", "--legs", tmp_path / "legs.csv", *HEIGHTS)
    assert answer.code == ExitCode.USAGE
    assert said in answer.err

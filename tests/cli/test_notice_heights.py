"""`comity notice` with heights above other datums: sent as written, shown as given."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.given import HeightTerm
from comity.web.api.shapes_heights import AddedTerm, GivenHeights
from tests.cli.stand_in import NOTICE, Comity, StandIn, as_json, notice, receipt
from tests.cli.test_notice import AREA, TIMES, sent


def test_heights_are_sent_with_what_they_are_measured_from(node: StandIn, ask: Comity) -> None:
    node.says("POST", "notices", receipt(), 201)
    polygon = AREA[:2]
    words = ("--heights", "GND..FL195", "--terrain", "0m..340m", "--isa-deviation", "-12")
    asked = ask("notice", "give", *polygon, *TIMES, *words, "--qnh", "1008@2030-01-01T09:40:00Z")
    assert asked.code == 0
    volumes = sent(node)["volumes"]
    assert isinstance(volumes, list)
    [sent_volume] = volumes
    assert isinstance(sent_volume, dict)
    assert [sent_volume[name] for name in ("lower_m", "datum", "upper_m", "upper_datum")] == [
        *(0.0, "agl"),
        *(5943.6, "flight-level"),
    ]
    assert sent_volume["reference"] == {
        "qnh_hpa": 1008.0,
        "qnh_at": "2030-01-01T09:40:00Z",
        "isa_deviation_c": -12,
        "terrain_lower_m": 0.0,
        "terrain_upper_m": 340.0,
        "terrain_datum": "msl",
    }


@pytest.mark.parametrize(
    ("words", "blamed"),
    [
        (("--heights", "GND..100m"), "--heights"),
        (("--heights", "FL95..FL195", "--qnh", "1013"), "--qnh"),
        (("--heights", "GND..FL195", "--terrain", "high"), "--terrain"),
    ],
)
def test_a_slip_in_heights_is_blamed_on_its_option(
    node: StandIn, ask: Comity, words: tuple[str, ...], blamed: str
) -> None:
    answer = ask("notice", "give", *AREA[:2], *TIMES, *words)
    assert answer.code == ExitCode.USAGE
    assert blamed in answer.err
    assert node.script.asked == []


def test_heights_are_shown_as_given_and_as_converted(node: StandIn, ask: Comity) -> None:
    given = GivenHeights(
        lower_datum="msl",
        lower_m=0.0,
        upper_datum="flight-level",
        upper_m=5943.6,
        added=[AddedTerm(term=HeightTerm.TEMPERATURE, metres=1095.1)],
    )
    shown = notice()
    assert isinstance(shown, dict)
    volumes = shown["volumes"]
    assert isinstance(volumes, list)
    assert isinstance(volumes[0], dict)
    volumes[0]["given"] = as_json(given)
    node.says("GET", f"notices/{NOTICE}", shown)
    out = ask("notice", "show", NOTICE).out
    assert "0 m msl to FL195" in out
    assert "temperature 1,095.1 m" in out
    assert "m above wgs84" in out

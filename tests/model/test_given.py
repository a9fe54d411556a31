"""Heights as given: what is needed is there, what is not needed is not, all of it is possible."""

from collections.abc import Callable

import pytest

from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from tests.model.saying_no import says_no

NOON_US = 1_800_000_000_000_000
QNH = Qnh(pressure_pa=101_300, at_us=NOON_US)
GROUND = Terrain(datum=HeightDatum.MSL, lower_mm=120_000, upper_mm=340_000)


def limit(datum: str, height_m: float = 0.0) -> HeightLimit:
    return HeightLimit(datum=HeightDatum(datum), height_mm=round(height_m * 1_000))


def test_what_can_be_converted() -> None:
    GivenHeights(lower=limit("msl"), upper=limit("msl"))
    GivenHeights(lower=limit("wgs84"), upper=limit("msl", -5))
    GivenHeights(lower=limit("flight-level"), upper=limit("flight-level", 20_000))
    GivenHeights(lower=limit("pressure", -2_000), upper=limit("flight-level"), qnh=QNH)
    GivenHeights(
        lower=limit("agl"),
        upper=limit("pressure"),
        qnh=QNH,
        isa_deviation_c=-60,
        terrain=GROUND,
    )


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("bad_height", lambda: limit("msl", -12_000.001)),
        ("bad_height", lambda: limit("agl", 100_000.001)),
        ("bad_height", lambda: HeightLimit(datum=HeightDatum.MSL, height_mm=1.0)),  # type: ignore[arg-type]
        ("height_beyond_isa", lambda: limit("flight-level", 20_000.001)),
        ("height_beyond_isa", lambda: limit("pressure", -2_000.001)),
        ("bad_qnh", lambda: Qnh(pressure_pa=86_999, at_us=NOON_US)),
        ("bad_qnh", lambda: Qnh(pressure_pa=108_501, at_us=NOON_US)),
        ("bad_qnh", lambda: Qnh(pressure_pa=101_300.0, at_us=NOON_US)),  # type: ignore[arg-type]
        ("bad_time", lambda: Qnh(pressure_pa=101_300, at_us=0)),
        ("bad_terrain", lambda: Terrain(datum=HeightDatum.AGL, lower_mm=0, upper_mm=0)),
        ("bad_terrain", lambda: Terrain(datum=HeightDatum.MSL, lower_mm=1, upper_mm=0)),
        ("bad_height", lambda: Terrain(datum=HeightDatum.MSL, lower_mm=0, upper_mm=10**9)),
        ("no_other_datum", lambda: GivenHeights(lower=limit("wgs84"), upper=limit("wgs84"))),
        ("inverted_band", lambda: GivenHeights(lower=limit("msl", 0.001), upper=limit("msl"))),
        ("qnh_missing", lambda: GivenHeights(lower=limit("msl"), upper=limit("pressure"))),
        ("terrain_missing", lambda: GivenHeights(lower=limit("agl"), upper=limit("msl"))),
        (
            "unexpected_field",
            lambda: GivenHeights(lower=limit("msl"), upper=limit("msl"), qnh=QNH),
        ),
        (
            "unexpected_field",
            lambda: GivenHeights(lower=limit("msl"), upper=limit("msl"), isa_deviation_c=0),
        ),
        (
            "unexpected_field",
            lambda: GivenHeights(lower=limit("msl"), upper=limit("msl"), terrain=GROUND),
        ),
        (
            "bad_isa_deviation",
            lambda: GivenHeights(
                lower=limit("msl"), upper=limit("flight-level"), isa_deviation_c=41
            ),
        ),
        (
            "bad_isa_deviation",
            lambda: GivenHeights(
                lower=limit("msl"), upper=limit("flight-level"), isa_deviation_c=-61
            ),
        ),
    ],
)
def test_what_cannot(code: str, make: Callable[[], object]) -> None:
    with says_no(code):
        make()

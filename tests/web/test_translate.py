"""Floats to integers and back: outward, exact where it can be, and Malformed or nothing."""

import math
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.airspace.heights import with_heights
from comity.model.fault import Malformed, Refused
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from comity.model.notice import Code, SubjectKind
from comity.model.quantity import Position, instant_text
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
)
from comity.trust.roster import Roster
from comity.web.api import shapes
from comity.web.api.shapes_heights import HeightReference
from comity.web.api.translate import declaration_from, move_from, parties_from
from comity.web.api.views import volume_view
from comity.web.problem import BadField
from tests.model.samples import givens
from tests.web.support import NOW, NOW_US, origin_of, peer

ROSTER = Roster(
    own=origin_of("alpha"),
    peers=MappingProxyType({p.origin: p for p in (peer("bravo"), peer("charlie"))}),
)
METRES = st.floats(-12_000, 100_000)


def volume(**changes: object) -> shapes.Volume:
    whole: dict[str, object] = {
        "footprint": shapes.Footprint(centre=(1.0, 2.0), radius_m=5_000.0),
        "lower_m": 0.0,
        "upper_m": 100.0,
        "start": NOW,
        "end": NOW,
    }
    return shapes.Volume(**(whole | changes))  # type: ignore[arg-type] # kept by the caller


def read(given: shapes.Volume) -> Volume4D:
    request = shapes.NoticeRequest(kind=SubjectKind.OPERATION, volumes=[given])
    return declaration_from(request, ROSTER).notice.volumes[0]


def fault_of(given: shapes.Volume) -> BadField | None:
    """What is wrong with a volume; anything but a BadField ends the test."""
    try:
        read(given)
    except BadField as fault:
        return fault
    return None


@given(METRES, METRES)
def test_heights_go_outward_by_less_than_a_millimetre(one: float, other: float) -> None:
    lower, upper = min(one, other), max(one, other)
    band = read(volume(lower_m=lower, upper_m=upper)).heights
    assert 0 <= Fraction(repr(lower)) * 1_000 - band.lower_mm < 1
    assert 0 <= band.upper_mm - Fraction(repr(upper)) * 1_000 < 1


@given(st.floats(0.01, 2_500_000), st.floats(0, 100_000), st.floats(0, 86_400))
def test_radii_and_uncertainties_go_up(radius: float, lateral: float, time: float) -> None:
    found = read(
        volume(
            footprint=shapes.Footprint(centre=(1, 2), radius_m=radius),
            uncertainty_lateral_m=lateral,
            uncertainty_vertical_m=lateral,
            uncertainty_time_s=time,
        )
    )
    assert isinstance(found.footprint, Circle)
    assert 0 <= found.footprint.radius_mm - Fraction(repr(radius)) * 1_000 < 1
    assert 0 <= found.uncertainty.lateral_mm - Fraction(repr(lateral)) * 1_000 < 1
    assert 0 <= found.uncertainty.vertical_mm - Fraction(repr(lateral)) * 1_000 < 1
    assert 0 <= found.uncertainty.time_us - Fraction(repr(time)) * 1_000_000 < 1


def test_what_a_person_writes_is_exact() -> None:
    band = read(volume(lower_m=0.1, upper_m=1_524.3)).heights
    assert (band.lower_mm, band.upper_mm) == (100, 1_524_300)
    assert read(volume(upper_m=0.3)).heights.upper_mm == 300  # 0.3 * 1000 is 299.99999999999994


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_angles_go_to_the_nearest(lat: float, lon: float) -> None:
    footprint = shapes.Footprint(centre=(lat, lon), radius_m=1.0)
    found = read(volume(footprint=footprint)).footprint
    assert isinstance(found, Circle)
    assert abs(found.centre.lat_e7 - Fraction(lat) * 10**7) <= Fraction(1, 2) + Fraction(1, 10**6)
    assert abs(found.centre.lon_e7 - Fraction(lon) * 10**7) <= Fraction(1, 2) + Fraction(1, 10**6)


LATITUDES, LONGITUDES = st.integers(-(9 * 10**8), 9 * 10**8), st.integers(-(18 * 10**8), 18 * 10**8)
POSITIONS = st.builds(Position, lat_e7=LATITUDES, lon_e7=LONGITUDES)
RINGS = st.lists(POSITIONS, min_size=3, max_size=6).map(tuple)
FOOTPRINTS = st.one_of(
    st.builds(Circle, centre=POSITIONS, radius_mm=st.integers(1, 2_500_000_000)),
    st.builds(
        Polygon,
        vertices=RINGS,
        holes=st.just(()) | st.lists(RINGS, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Corridor,
        vertices=st.lists(POSITIONS, min_size=2, max_size=6).map(tuple),
        half_width_mm=st.integers(1, 2_500_000_000),
    ),
)


@given(
    FOOTPRINTS,
    st.tuples(st.integers(-12_000_000, 100_000_000), st.integers(0, 100_000_000)),
    st.tuples(st.integers(0, 10**15), st.integers(0, 10**13)),
    st.tuples(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 86_400_000_000)),
    st.none() | givens(),
)
def test_what_is_shown_is_read_back_as_it_was(
    footprint: Footprint,
    heights: tuple[int, int],
    times: tuple[int, int],
    doubts: tuple[int, int, int],
    said: GivenHeights | None,
) -> None:
    start = 946_684_800_000_000 + times[0]
    whole = Volume4D(
        footprint=footprint,
        heights=HeightBand(lower_mm=heights[0], upper_mm=max(heights)),
        window=Window(start_us=start, end_us=start + times[1]),
        uncertainty=Uncertainty(lateral_mm=doubts[0], vertical_mm=doubts[1], time_us=doubts[2]),
        given=said,
    )
    assert read(volume_view(whole)) == whole


def test_heights_of_two_datums_are_converted_and_kept() -> None:
    reference = HeightReference(
        qnh_hpa=1008.0, qnh_at=NOW, isa_deviation_c=12, terrain_lower_m=0.0, terrain_upper_m=0.4
    )
    asked = volume(
        datum="agl",
        upper_datum="flight-level",
        upper_m=5943.6,
        reference=reference,
        uncertainty_vertical_m=7.0,
        lower_m=0.0001,
    )
    made = read(asked)
    assert made.given == GivenHeights(
        lower=HeightLimit(datum=HeightDatum.AGL, height_mm=0),
        upper=HeightLimit(datum=HeightDatum.FLIGHT_LEVEL, height_mm=5_943_600),
        qnh=Qnh(pressure_pa=100_800, at_us=NOW_US),
        isa_deviation_c=12,
        terrain=Terrain(datum=HeightDatum.MSL, lower_mm=0, upper_mm=400),
    )
    stated = Uncertainty(vertical_mm=7_000)
    assert made == with_heights(made.footprint, made.given, made.window, stated)
    shown = volume_view(made)
    assert shown.datum == "wgs84"
    assert shown.given is not None
    assert sum(each.metres for each in shown.given.added) + 7.0 == pytest.approx(
        shown.uncertainty_vertical_m
    )
    assert read(shown) == made


@given(st.floats() | st.integers(-(10**19), 10**19), st.sampled_from(["lower_m", "upper_m"]))
def test_any_number_is_a_height_or_malformed(value: float, field: str) -> None:
    found = fault_of(volume(**{field: value}))
    if found is None:
        assert math.isfinite(value)
    else:
        assert found.code in {"bad_number", "bad_height", "inverted_band"}


@given(st.floats(), st.floats(), st.floats())
def test_any_circle_is_one_or_malformed(lat: float, lon: float, radius: float) -> None:
    footprint = shapes.Footprint(centre=(lat, lon), radius_m=radius)
    found = fault_of(volume(footprint=footprint))
    if found is None:
        assert all(map(math.isfinite, (lat, lon, radius)))
    else:
        assert found.code in {"bad_number", "bad_angle", "off_the_globe", "bad_radius"}
        assert found.field.startswith("volumes[0]")


@given(st.floats(), st.floats(), st.floats())
def test_any_corridor_is_one_or_malformed(lat: float, lon: float, half_width: float) -> None:
    footprint = shapes.Footprint(line=[(lat, lon), (lon, lat)], half_width_m=half_width)
    found = fault_of(volume(footprint=footprint))
    if found is None:
        assert all(map(math.isfinite, (lat, lon, half_width)))
    else:
        assert found.code in {"bad_number", "bad_angle", "off_the_globe", "bad_radius"}
        assert found.field.startswith("volumes[0]")


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_malformed(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(volume(start=text))
    assert caught.value.code == "bad_time"


def test_times_with_any_offset_are_the_same_instant() -> None:
    for text in (
        "2026-03-01T12:00:00Z",
        "2026-03-01T14:00:00+02:00",
        "2026-03-01T12:00:00.000000Z",
    ):
        window = read(volume(start=text, end=text)).window
        assert instant_text(window.start_us) == NOW


def test_parties_go_by_name_or_origin() -> None:
    assert parties_from(["bravo", origin_of("charlie")], ROSTER) == (
        origin_of("bravo"),
        origin_of("charlie"),
    )


def test_a_name_of_two_parties_is_no_name() -> None:
    twin = "bravo.elsewhere/comity/2026"
    peers = {**ROSTER.peers, twin: ROSTER.peers[origin_of("bravo")]}
    roster = Roster(own=ROSTER.own, peers=MappingProxyType(peers))
    with pytest.raises(Refused) as caught:
        parties_from(["bravo"], roster)
    assert caught.value.code == "ambiguous_party"
    assert parties_from([twin], roster) == (twin,)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (SubjectKind.OPERATION, Code.NOTIFY),
        (SubjectKind.PRESENCE, Code.PROTECT),
    ],
)
def test_a_kind_opens_with_its_code(kind: SubjectKind, code: Code) -> None:
    request = shapes.NoticeRequest(kind=kind, volumes=[volume()])
    assert declaration_from(request, ROSTER).notice.code is code


def test_a_move_is_of_now_unless_it_says_when() -> None:
    subject = b"s" * 32
    assert move_from(shapes.TransitionRequest(move="start"), subject, NOW_US).at_us == NOW_US
    later = shapes.TransitionRequest(move="end", at="2026-03-01T13:00:00Z")
    assert move_from(later, subject, NOW_US).at_us == NOW_US + 3_600_000_000

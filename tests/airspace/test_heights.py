"""Converted heights hold the true ones: of any point, in any air that was allowed for."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor, log

import pytest
from numpy.random import Generator, default_rng

from comity.airspace import heights
from comity.airspace.coarsen import coarsened
from comity.airspace.geodesic import around
from comity.airspace.geoid import undulation_m
from comity.airspace.heights import Converted, agrees, converted, in_window, with_heights
from comity.airspace.snap import snapped
from comity.model.given import (
    GivenHeights,
    HeightDatum,
    HeightLimit,
    HeightTerm,
    Qnh,
    Terrain,
)
from comity.model.volume import HeightBand, Uncertainty, Window
from tests.airspace.air import air_within, geometric_m, setting_m
from tests.airspace.samples import HOUR_US, NOON_US, circle, polygon
from tests.model.saying_no import says_no
from tests.tidy.tree import ROOT

SEEDS = range(400)
PLACES = (
    (35.40, 35.95),
    (0.0, 179.95),
    (-12.0, -179.99),
    (89.9, 10.0),
    (60.0, 100.0),
    (-33.0, 18.0),
)
WINDOW = Window(start_us=NOON_US, end_us=NOON_US + HOUR_US)
LATAKIA = circle(35.40, 35.95, 20_000.0)


def limit(datum: str, height_m: float) -> HeightLimit:
    return HeightLimit(datum=HeightDatum(datum), height_mm=round(height_m * 1_000))


def band(datum: str, lower_m: float, upper_m: float, **more: object) -> GivenHeights:
    return GivenHeights(lower=limit(datum, lower_m), upper=limit(datum, upper_m), **more)  # type: ignore[arg-type]


def qnh(hpa: float, before_us: int = 0) -> Qnh:
    return Qnh(pressure_pa=round(hpa * 100), at_us=NOON_US - before_us)


def reach_mm(found: Converted) -> tuple[int, int]:
    """The band, widened."""
    return found.heights.lower_mm - found.added_mm, found.heights.upper_mm + found.added_mm


# --- the geoid and the ground --------------------------------------------------------------------


def test_sea_level_at_latakia() -> None:
    """24 m that a conversion without a grid leaves out in silence."""
    found = converted(band("msl", 975.9, 975.9), circle(35.40, 35.95, 1.0), WINDOW)
    assert abs(found.heights.lower_mm - 1_000_000) < 50
    assert found.heights.upper_mm - found.heights.lower_mm <= 2
    assert [(term.name, term.mm) for term in found.terms] == [
        ("geoid-model", 2_000),
        ("geoid-interpolation", 1_200),
    ]


def test_the_area_counts_and_not_a_point() -> None:
    """Between Latakia and Damascus the geoid is not level."""
    small = converted(band("msl", 0, 0), circle(35.40, 35.95, 10.0), WINDOW)
    wide = converted(band("msl", 0, 0), circle(35.40, 35.95, 150_000.0), WINDOW)
    assert wide.heights.lower_mm < small.heights.lower_mm - 1_000
    assert wide.heights.upper_mm > small.heights.upper_mm + 1_000
    spread = Uncertainty(lateral_mm=100_000_000)
    assert converted(band("msl", 0, 0), circle(35.40, 35.95, 10.0), WINDOW, spread) != small


def test_above_ground() -> None:
    ground = Terrain(datum=HeightDatum.WGS84, lower_mm=120_000, upper_mm=340_000)
    found = converted(band("agl", 30, 100, terrain=ground), LATAKIA, WINDOW)
    assert found.heights == HeightBand(lower_mm=150_000, upper_mm=440_000)
    assert [(term.name, term.mm) for term in found.terms] == [("terrain", 32_000)]
    sea = converted(
        band("agl", 30, 100, terrain=replace(ground, datum=HeightDatum.MSL)), LATAKIA, WINDOW
    )
    level = converted(band("msl", 150, 440), LATAKIA, WINDOW)
    assert sea.heights == level.heights
    assert sea.added_mm == level.added_mm + 32_000


def test_a_limit_above_the_ellipsoid_stays() -> None:
    given = GivenHeights(lower=limit("wgs84", 0), upper=limit("msl", 100))
    assert converted(given, LATAKIA, WINDOW).heights.lower_mm == 0


def _misses_sea(convert: Callable[..., Converted], seeds: range) -> int:
    """How many times a height above the sea, at a point of an area, is outside what it became."""
    missed = 0
    for seed in seeds:
        chance = default_rng(seed)
        lat, lon = PLACES[seed % len(PLACES)]
        radius_m = float(10 ** chance.uniform(1, 5.5))
        low_m, high_m = sorted(chance.uniform(-400, 30_000, 2).tolist())
        found = convert(band("msl", low_m, high_m), circle(lat, lon, radius_m), WINDOW)
        low_mm, high_mm = reach_mm(found)
        ring = around((lat, lon), radius_m * chance.random() ** 0.5, 8)
        there = [undulation_m(*spot) * 1_000 for spot in ring]
        off = chance.choice((-3_150, 3_150))  # the model and the interpolation, both at their worst
        missed += any(
            low_m * 1_000 + each + off < low_mm or high_m * 1_000 + each + off > high_mm
            for each in there
        )
    return missed


def test_every_point_of_an_area_is_inside() -> None:
    assert _misses_sea(converted, SEEDS) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTERPOLATION_MM", 0),
        ("model_mm", lambda _: 0),
        ("range_mm", lambda _: (0, 0)),
        (
            "range_mm",
            lambda box: (round(undulation_m(box.south_e7 / 1e7, box.west_e7 / 1e7) * 1e3),) * 2,
        ),
    ],
)
def test_what_is_left_out_is_missed(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heights, name, value)
    assert _misses_sea(converted, SEEDS) > 0


# --- pressure ------------------------------------------------------------------------------------


def _given_by_pressure(chance: Generator) -> tuple[GivenHeights, int]:
    """A band, and the instant at which it is looked at."""
    at_us = NOON_US + int(chance.choice((0, HOUR_US, HOUR_US // 2)))
    low_m, high_m = sorted(chance.uniform(300, 14_000, 2).tolist())
    datum = str(chance.choice(("pressure", "flight-level")))
    told: Qnh | None = qnh(
        int(chance.uniform(960, 1_045)), int(chance.choice((-2, 0, 1, 12, 22))) * HOUR_US
    )
    if datum == "flight-level" and chance.random() < 0.3:
        told = None
    known = int(chance.integers(-60, 41)) if chance.random() < 0.5 else None
    return band(datum, low_m, high_m, qnh=told, isa_deviation_c=known), at_us


def _pressures(told: Qnh | None, at_us: int) -> tuple[float, float]:
    """What the pressure at sea level may be: the page's rule, less what the area adds."""
    if told is None:
        return 87_000.0, 108_500.0
    off_pa = 200 * abs(at_us - told.at_us) / HOUR_US
    low, high = told.pressure_pa - off_pa, told.pressure_pa + 100 + off_pa
    return max(87_000.0, low), min(108_500.0, high)


def _misses_air(convert: Callable[..., Converted], seeds: range) -> int:
    """How many times a level, in air that the rules allow, stands outside what it became."""
    missed = 0
    for seed in seeds:
        chance = default_rng(seed)
        given, at_us = _given_by_pressure(chance)
        lat, lon = PLACES[seed % len(PLACES)]
        low_mm, high_mm = reach_mm(convert(given, circle(lat, lon, 1_000.0), WINDOW))
        known = given.isa_deviation_c
        off_k = (-45.0, 25.0) if known is None else (known - 10.0, known + 10.0)
        for _ in range(6):
            for each in (given.lower, given.upper):
                shown_m = each.height_mm / 1_000
                if each.datum is HeightDatum.PRESSURE and given.qnh is not None:
                    shown_m += setting_m(given.qnh.pressure_pa)
                pressures = _pressures(given.qnh, at_us)
                room_m = shown_m - setting_m(pressures[0])
                air = air_within(chance, pressures, off_k, max(-430.0, room_m))
                true_mm = (air.height_m(shown_m, lat) + undulation_m(lat, lon)) * 1_000
                missed += not low_mm <= true_mm <= high_mm
    return missed


def test_every_air_is_inside() -> None:
    assert _misses_air(converted, SEEDS) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_UNKNOWN_AIR_K", 30.0),
        ("_KNOWN_AIR_K", 5.0),
        ("_QNH_PA_PER_HOUR", 100),
        ("_DEEPER_M", -1_000.0),
        ("_SHALLOWER_M", 0.0),
        ("QNH_PA_MIN", 95_000),
        ("STANDARD_PA", 95_000.0),
    ],
)
def test_bent_rules_are_caught(name: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heights, name, value)
    assert _misses_air(converted, SEEDS) > 0


@pytest.mark.parametrize("lat", [0.0, 45.0, 90.0])
@pytest.mark.parametrize("height_m", [100.0, 5_000.0, 20_000.0])
def test_the_term_for_gravity(lat: float, height_m: float) -> None:
    given = band("flight-level", height_m, height_m, qnh=qnh(1_013.25), isa_deviation_c=0)
    terms = {term.name: term.mm for term in converted(given, LATAKIA, WINDOW).terms}
    assert abs(geometric_m(height_m, lat) - height_m) * 1_000 <= terms[HeightTerm.GRAVITY]
    assert terms[HeightTerm.GRAVITY] <= height_m * 8 + 5_000  # and no more than some thousandths


def written_on_the_page(  # noqa: PLR0917 - what the page names
    height_m: float, set_pa: float, told: Qnh | None, known: int | None, hours: float, km: float
) -> tuple[float, dict[str, float]]:
    """The rules of docs/explanation/heights.md, written down once more from there."""

    def column_to(x: float) -> float:
        below = min(max(x, 0.0), 11_000.0)
        return log(288.15 / (288.15 - 0.0065 * below)) / 0.0065 + max(0.0, x - 11_000) / 216.65

    q = 101_325.0 if told is None else told.pressure_pa
    off = 1e9 if told is None else 100 + 200 * hours + 3 * km
    low, high = max(87_000.0, q - off), min(108_500.0, q + off)
    level = height_m + setting_m(set_pa) - setting_m(q)
    pressure = max(setting_m(low) - setting_m(q), setting_m(q) - setting_m(high))
    column, nominal = column_to(abs(level) + pressure + 1_000), column_to(level)
    d = known or 0
    temperature = column * (45 if known is None else 10)
    temperature += abs(d) * max(column - nominal, min(nominal, column_to(2_500)))
    top = abs(level + d * nominal) + pressure + temperature
    terms = {"pressure": pressure, "temperature": temperature}
    return level + d * nominal, terms | {"gravity": 0.003 * top + top**2 / 6_300_000}


@pytest.mark.parametrize("seed", SEEDS[:40])
def test_the_rules_are_those_of_the_page(seed: int) -> None:
    given, _ = _given_by_pressure(default_rng(seed))
    given = replace(given, upper=given.lower)  # one limit, so that no greater term hides its own
    found = converted(given, circle(35.4, 35.95, 10_000.0), WINDOW, Uncertainty(lateral_mm=500_000))
    told, set_pa = given.qnh, 101_325.0
    if given.lower.datum is HeightDatum.PRESSURE and told is not None:
        set_pa = told.pressure_pa
    edges = (WINDOW.start_us, WINDOW.end_us)
    hours = 0.0 if told is None else max(abs(edge - told.at_us) for edge in edges) / HOUR_US
    height_m, known = given.lower.height_mm / 1_000, given.isa_deviation_c
    level_m, terms = written_on_the_page(height_m, set_pa, told, known, hours, 21.0)
    sea = converted(band("msl", 0, 0), circle(35.4, 35.95, 10_500.0), WINDOW).heights
    assert found.heights.lower_mm == pytest.approx(level_m * 1_000 + sea.lower_mm, abs=2)
    assert found.heights.upper_mm == pytest.approx(level_m * 1_000 + sea.upper_mm, abs=2)
    named = [term.mm / 1_000 for term in found.terms]
    assert named == pytest.approx([*terms.values(), 2.0, 1.2], abs=0.02)


def test_a_level_stands_lower_in_a_low() -> None:
    high, low = (
        converted(band("flight-level", 5_000, 5_000, qnh=qnh(hpa)), LATAKIA, WINDOW)
        for hpa in (1_030, 980)
    )
    apart_mm = high.heights.lower_mm - low.heights.lower_mm
    assert apart_mm == pytest.approx((setting_m(98_000) - setting_m(103_000)) * 1_000, abs=2)


def test_an_altitude_on_the_qnh_of_the_day_is_an_altitude() -> None:
    """In standard air, that is."""
    found = converted(
        band("pressure", 1_000, 1_000, qnh=qnh(990), isa_deviation_c=0), LATAKIA, WINDOW
    )
    sea = converted(band("msl", 1_000, 1_000), LATAKIA, WINDOW)
    assert abs(found.heights.lower_mm - sea.heights.lower_mm) <= 1
    assert abs(found.heights.upper_mm - sea.heights.upper_mm) <= 1


def test_what_is_known_adds_less() -> None:
    """No QNH, a QNH, a QNH and the air: each adds less; and an old QNH more."""
    bare = converted(band("flight-level", 5_000, 6_000), LATAKIA, WINDOW)
    told = converted(band("flight-level", 5_000, 6_000, qnh=qnh(1_010)), LATAKIA, WINDOW)
    all_told = converted(
        band("flight-level", 5_000, 6_000, qnh=qnh(1_010), isa_deviation_c=10), LATAKIA, WINDOW
    )
    old = converted(
        band("flight-level", 5_000, 6_000, qnh=qnh(1_010, 20 * HOUR_US)), LATAKIA, WINDOW
    )
    assert all_told.added_mm < told.added_mm < old.added_mm < bare.added_mm


def test_a_wide_area_knows_its_pressure_less() -> None:
    given = band("flight-level", 5_000, 6_000, qnh=qnh(1_010))
    near, far = (
        {
            term.name: term.mm
            for term in converted(given, circle(35.4, 35.95, radius_m), WINDOW).terms
        }
        for radius_m in (1_000.0, 250_000.0)
    )
    assert far[HeightTerm.QNH] > near[HeightTerm.QNH] + 100_000


@pytest.mark.parametrize("before_us", [-25 * HOUR_US, 23 * HOUR_US + 1, 40 * HOUR_US])
def test_a_qnh_of_another_day_is_refused(before_us: int) -> None:
    with says_no("qnh_too_old"):
        converted(band("flight-level", 0, 100, qnh=qnh(1_010, before_us)), LATAKIA, WINDOW)


def test_a_qnh_of_this_day_is_not() -> None:
    converted(band("flight-level", 0, 100, qnh=qnh(1_010, 23 * HOUR_US)), LATAKIA, WINDOW)
    late = Uncertainty(time_us=1)
    with says_no("qnh_too_old"):
        converted(band("flight-level", 0, 100, qnh=qnh(1_010, 23 * HOUR_US)), LATAKIA, WINDOW, late)


def test_limits_that_cross_are_refused() -> None:
    given = GivenHeights(lower=limit("msl", 3_000), upper=limit("wgs84", 2_000))
    with says_no("inverted_band"):
        converted(given, LATAKIA, WINDOW)


# --- kept beside the band ------------------------------------------------------------------------


def test_a_converted_volume_agrees_with_what_it_came_from() -> None:
    stated = Uncertainty(lateral_mm=5_000, vertical_mm=7_000, time_us=9)
    given = band("flight-level", 5_000, 6_000, qnh=qnh(1_010))
    made = with_heights(polygon((35, 35), (35, 36), (36, 36)), given, WINDOW, stated)
    assert made.given == given
    assert made.uncertainty.lateral_mm == 5_000
    assert agrees(made)
    assert agrees(replace(made, given=None))


def test_in_another_window_a_qnh_is_older() -> None:
    stated = Uncertainty(vertical_mm=7_000)
    later = Window(start_us=NOON_US, end_us=NOON_US + 9 * HOUR_US)
    by_pressure = band("flight-level", 5_000, 6_000, qnh=qnh(1_010))
    for given in (band("msl", 0, 9), by_pressure):
        made = with_heights(LATAKIA, given, WINDOW, stated)
        assert in_window(made, later) == with_heights(LATAKIA, given, later, stated)
        plain = replace(made, given=None)
        assert in_window(plain, later) == replace(plain, window=later)
    with says_no("qnh_too_old"):
        in_window(
            with_heights(LATAKIA, by_pressure, WINDOW, stated),
            Window(start_us=NOON_US, end_us=NOON_US + 25 * HOUR_US),
        )


@pytest.mark.parametrize("by_mm", [1_001 + 7_000, 50_000, 10_000_000])
def test_a_band_that_does_not_hold_it_does_not_agree(by_mm: int) -> None:
    stated = Uncertainty(vertical_mm=7_000)
    made = with_heights(LATAKIA, band("msl", 5_000, 16_000), WINDOW, stated)
    low, high = made.heights.lower_mm, made.heights.upper_mm
    for bad in (
        replace(made, heights=HeightBand(lower_mm=low + by_mm, upper_mm=high)),
        replace(made, heights=HeightBand(lower_mm=low, upper_mm=high - by_mm)),
        replace(made, given=band("msl", 5_000, 16_000 + by_mm / 1_000)),
    ):
        assert not agrees(bad)
    assert not agrees(replace(made, uncertainty=Uncertainty(vertical_mm=2_199)))
    assert agrees(replace(made, uncertainty=Uncertainty(vertical_mm=2_201)))
    assert agrees(replace(made, heights=HeightBand(lower_mm=low - by_mm, upper_mm=high + by_mm)))


def test_the_page() -> None:
    """The table of docs/explanation/heights.md, row by row."""
    told = qnh(1_008, HOUR_US // 2)
    ground = Terrain(datum=HeightDatum.MSL, lower_mm=0, upper_mm=340_000)
    cases = (
        band("msl", 0, 3_000),
        band("flight-level", 5_486.4, 7_315.2),
        band("flight-level", 5_486.4, 7_315.2, qnh=told),
        band("flight-level", 5_486.4, 7_315.2, qnh=told, isa_deviation_c=12),
        band("pressure", 900, 1_500, qnh=told, isa_deviation_c=12),
        band("agl", 30, 100, terrain=ground),
    )
    rows = []
    for case in cases:
        found = converted(case, LATAKIA, WINDOW)
        low_m, high_m = found.heights.lower_mm / 1_000, found.heights.upper_mm / 1_000
        rows.append(f"{low_m:,.1f} to {high_m:,.1f} m | {found.added_mm / 1_000:,.1f} m |")
    page = (ROOT / "docs/explanation/heights.md").read_text(encoding="utf-8")
    table = page.partition("| converted | added |")[2].partition("\n\n")[0].splitlines()[2:]
    assert [row.partition(" | ")[2] for row in table] == rows


def test_rounding_is_outward() -> None:
    """Of a level by pressure, which is no whole millimetre."""
    found = converted(band("flight-level", 5_000, 5_000, qnh=qnh(1_003)), LATAKIA, WINDOW)
    level_mm = (5_000 - setting_m(100_300)) * 1_000
    sea = with_heights(LATAKIA, band("msl", 0, 0), WINDOW, Uncertainty()).heights
    low, high = sea.lower_mm, sea.upper_mm
    assert (found.heights.lower_mm, found.heights.upper_mm) == (
        floor(level_mm + low),
        ceil(level_mm + high),
    )


def test_what_is_made_coarser_does_not_tell_what_was_given() -> None:
    made = with_heights(
        LATAKIA, band("flight-level", 5_000, 6_000, qnh=qnh(1_010)), WINDOW, Uncertainty()
    )
    spread_mm = made.uncertainty.vertical_mm
    for coarse in (
        coarsened(made, cell_e7=1_000_000, window_us=HOUR_US),
        snapped(made, 100_000),
    ):
        assert coarse.given is None
        assert coarse.heights.lower_mm <= made.heights.lower_mm - spread_mm
        assert coarse.heights.upper_mm >= made.heights.upper_mm + spread_mm

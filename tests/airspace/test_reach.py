"""The reaction-time table, the depth in round hazards and every branch of the verdict."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace import brute
from comity.airspace.reach import (
    Delays,
    TimeToClear,
    Unable,
    UnableReason,
    Verdict,
    distance_to_clear,
    time_to_clear,
    verdict,
)
from comity.model.fault import Malformed
from comity.model.verdict import VerdictWord
from tests.airspace.samples import beyond, blob, circle, place_on_earth

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
KM_MM = 1_000_000
CHAIN = Delays(
    delivery_us=15 * SECOND_US,
    human_us=60 * SECOND_US,
    relay_us=90 * SECOND_US,
    decision_us=30 * SECOND_US,
)
# Minutes of flight by distance (km) and speed (km/h), and the whole time at 450 km/h: the reaction
# of a large turboprop with the chain above, a turn of 180 degrees and two minutes of margin.
TABLE = {
    25: ({350: 4.3, 450: 3.3, 550: 2.7, 620: 2.4}, 10),
    50: ({350: 8.6, 450: 6.7, 550: 5.5, 620: 4.8}, 13),
    90: ({350: 15.4, 450: 12.0, 550: 9.8, 620: 8.7}, 18),
    100: ({350: 17.1, 450: 13.3, 550: 10.9, 620: 9.7}, 20),
}


def _needed(distance_mm: int, speed_mm_s: int, turn_deg: int = 180) -> TimeToClear:
    found = time_to_clear(
        distance_mm=distance_mm,
        speed_mm_s=speed_mm_s,
        delays=CHAIN,
        margin_us=2 * MINUTE_US,
        turn_deg=turn_deg,
    )
    assert isinstance(found, TimeToClear)
    return found


@pytest.mark.parametrize("km", TABLE)
def test_the_table_of_a_large_turboprop(km: int) -> None:
    minutes_by_speed, whole_min = TABLE[km]
    for kmh, minutes in minutes_by_speed.items():
        found = _needed(km * KM_MM, round(kmh * KM_MM / 3_600))
        assert round(found.distance_us / MINUTE_US, 1) == minutes
        before_distance_us = found.total_us - found.distance_us - found.margin_us
        assert before_distance_us == 4.25 * MINUTE_US
    assert round(_needed(km * KM_MM, 125_000).total_us / MINUTE_US) == whole_min


def test_one_minute_of_notice_buys_nothing_after_the_chain() -> None:
    assert _needed(0, 125_000).total_us == 6.25 * MINUTE_US
    assert _needed(7_500_000, 125_000).distance_us == MINUTE_US


def test_every_term_is_named_and_counted() -> None:
    found = _needed(1_000, 300, turn_deg=90)
    assert found == TimeToClear(
        delivery_us=15 * SECOND_US,
        human_us=60 * SECOND_US,
        relay_us=90 * SECOND_US,
        decision_us=30 * SECOND_US,
        turn_us=30 * SECOND_US,
        distance_us=3_333_334,
        margin_us=120 * SECOND_US,
    )
    assert found.total_us == 348_333_334


@pytest.mark.parametrize(("turn_deg", "turn_us"), [(0, 0), (1, 333_334), (180, 60_000_000)])
def test_turns_take_3_degrees_a_second_rounded_up(turn_deg: int, turn_us: int) -> None:
    assert _needed(0, 1, turn_deg=turn_deg).turn_us == turn_us


def _craft(
    *,
    distance_mm: int = 0,
    speed_mm_s: int = 1,
    margin_us: int = 0,
    turn_deg: int = 0,
    unable: UnableReason | None = None,
) -> TimeToClear | Unable:
    return time_to_clear(
        distance_mm=distance_mm,
        speed_mm_s=speed_mm_s,
        delays=CHAIN,
        margin_us=margin_us,
        turn_deg=turn_deg,
        unable=unable,
    )


def test_unable_is_a_value_and_not_a_number() -> None:
    assert _craft(speed_mm_s=0) == Unable(reason=UnableReason.NO_SPEED)
    for reason in UnableReason:
        assert _craft(unable=reason) == Unable(reason=reason)
    assert _craft(speed_mm_s=0, unable=UnableReason.EMERGENCY) == Unable(
        reason=UnableReason.EMERGENCY
    )


def test_absurd_inputs_are_refused() -> None:
    with pytest.raises(Malformed, match="distance") as caught:
        _craft(distance_mm=-1)
    assert caught.value.code == "bad_reach"
    with pytest.raises(Malformed, match="speed"):
        _craft(speed_mm_s=-1)
    with pytest.raises(Malformed, match="margin"):
        _craft(margin_us=-1)
    for turn_deg in (-1, 361):
        with pytest.raises(Malformed, match="turn"):
            _craft(turn_deg=turn_deg)
    with pytest.raises(Malformed, match="delay"):
        Delays(delivery_us=0, human_us=0, relay_us=-1, decision_us=0)


@pytest.mark.parametrize("buffer_mm", [-1, 10**9 + 1])
def test_absurd_buffers_are_refused(buffer_mm: int) -> None:
    with pytest.raises(Malformed, match="buffer") as caught:
        distance_to_clear(circle(0, 0, 1), circle(0, 0, 1), buffer_mm)
    assert caught.value.code == "bad_reach"


@pytest.mark.parametrize(
    ("presence_r", "apart", "hazard_r", "buffer", "depth"),
    [
        (5, 100, 50, 0, 0),  # apart
        (5, 50, 50, 0, 5),  # R - d + r
        (5, 30, 50, 10, 35),  # R + b - d + r
        (5, 5, 50, 10, 60),  # the presence covers the centre: R + b
        (70, 0, 50, 10, 60),  # and the whole hazard
        (70, 100, 50, 0, 20),
        (1, 61, 50, 10, 0),  # touching, from outside
    ],
)
def test_the_depth_of_a_disc_in_a_disc(
    presence_r: int, apart: int, hazard_r: int, buffer: int, depth: int
) -> None:
    """All in kilometres."""
    for azimuth in (0.0, 77.0, 200.0):
        here = (35.0, 179.8)
        there = beyond(here, azimuth, apart * 1_000)
        found_mm = distance_to_clear(
            circle(*there, presence_r * 1_000), circle(*here, hazard_r * 1_000), buffer * KM_MM
        )
        # Positions lie on a grid of 1.1 cm; beyond that outward by 5 mm at most.
        assert -20 <= found_mm - depth * KM_MM <= 25


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_the_depth_of_a_polygon_in_a_disc(seed: int) -> None:
    rng = default_rng(seed)
    centre, size_m = place_on_earth(rng), 10 ** rng.uniform(3, 6)
    hazard = circle(*centre, size_m)
    away = beyond(centre, rng.uniform(0, 360), size_m * rng.uniform(0, 1.5))
    presence = blob(rng, away, size_m * rng.uniform(0.05, 0.5), 6)
    buffer_mm = int(rng.integers(0, round(size_m * 200)))
    to_centre_m = max(0.0, brute.apart_m(presence, circle(*centre, 0.001)) + 0.001)
    true_mm = max(0.0, hazard.radius_mm + buffer_mm - to_centre_m * 1_000)
    assert -0.1 <= distance_to_clear(presence, hazard, buffer_mm) - true_mm <= 5


LEAD_US = 10 * MINUTE_US
NEEDED = _needed(0, 125_000)  # 6.25 minutes
VERDICTS = [
    (None, None, False, None, "insufficient", "no_area"),
    (LEAD_US, NEEDED, False, None, "insufficient", "no_area"),
    (None, NEEDED, False, LEAD_US, "insufficient", "no_area"),
    (None, NEEDED, True, None, "unknown", "lead_unknown"),
    (LEAD_US, NEEDED, None, None, "unknown", "area_unknown"),
    (None, NEEDED, None, None, "unknown", "lead_and_area_unknown"),
    (None, Unable(reason=UnableReason.LOW_FUEL), True, None, "unknown", "lead_unknown"),
    (LEAD_US, Unable(reason=UnableReason.LOW_FUEL), True, None, "insufficient", "unable_low_fuel"),
    (NEEDED.total_us - 1, NEEDED, True, None, "insufficient", "lead_below_time_to_clear"),
    (-MINUTE_US, NEEDED, True, None, "insufficient", "lead_below_time_to_clear"),
    (NEEDED.total_us - 1, NEEDED, True, LEAD_US, "insufficient", "lead_below_time_to_clear"),
    (NEEDED.total_us, NEEDED, True, None, "sufficient", "time_to_clear_met"),
    (NEEDED.total_us, NEEDED, True, LEAD_US, "short", "lead_below_agreed"),
    (LEAD_US, NEEDED, True, LEAD_US, "sufficient", "time_to_clear_met"),
    (LEAD_US - 1, None, True, LEAD_US, "short", "lead_below_agreed"),
    (LEAD_US, None, True, LEAD_US, "sufficient", "nothing_inside"),
    (-1, None, True, None, "sufficient", "nothing_inside"),
]


@pytest.mark.parametrize(("lead_us", "needed", "has_area", "agreed_us", "word", "why"), VERDICTS)
def test_the_verdict(
    *,
    lead_us: int | None,
    needed: TimeToClear | Unable | None,
    has_area: bool | None,
    agreed_us: int | None,
    word: str,
    why: str,
) -> None:
    found = verdict(lead_us=lead_us, needed=needed, has_area=has_area, cleartext_min_us=agreed_us)
    assert found == Verdict(word=VerdictWord(word), reason=why)


def test_one_minute_of_notice_is_never_sufficient_for_a_craft_inside() -> None:
    found = verdict(lead_us=MINUTE_US, needed=NEEDED, has_area=True, cleartext_min_us=None)
    assert found.word == VerdictWord.INSUFFICIENT


@pytest.mark.parametrize(
    ("lead_us", "needed", "published_us", "word", "why"),
    [
        (8 * MINUTE_US, None, 8 * MINUTE_US, "sufficient", "clear_needs_met"),
        (8 * MINUTE_US - 1, None, 8 * MINUTE_US, "insufficient", "lead_below_clear_needs"),
        (60 * MINUTE_US, NEEDED, 61 * MINUTE_US, "insufficient", "lead_below_clear_needs"),
        (60 * MINUTE_US, NEEDED, MINUTE_US, "sufficient", "time_to_clear_met"),
        (MINUTE_US, NEEDED, 8 * MINUTE_US, "insufficient", "lead_below_time_to_clear"),
        (0, Unable(reason=UnableReason.LOW_FUEL), 1, "insufficient", "unable_low_fuel"),
        (0, None, 0, "sufficient", "clear_needs_met"),
    ],
)
def test_the_verdict_against_the_published_number(
    lead_us: int, needed: TimeToClear | Unable | None, published_us: int, word: str, why: str
) -> None:
    found = verdict(
        lead_us=lead_us,
        needed=needed,
        has_area=True,
        cleartext_min_us=None,
        published_us=published_us,
    )
    assert found == Verdict(word=VerdictWord(word), reason=why)

"""Agreements: every number sane, both sides in one order."""

from dataclasses import fields, replace

import pytest

from comity.airspace.clearance import CLEARANCE_LATERAL_MM_MAX, Clearance
from comity.model.agreement import DEFAULT, Parameters, Terms
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, WINDOW_US_MAX
from tests.model.saying_no import says_no

NAMES = [field.name for field in fields(Parameters)]
ALPHA, BRAVO = "alpha.example/comity/2026", "bravo.example/comity/2026"


def most(name: str) -> int:
    if name == "clearance_lateral_mm":
        return CLEARANCE_LATERAL_MM_MAX
    if name == "clearance_vertical_mm":
        return HEIGHT_MM_MAX - HEIGHT_MM_MIN
    most_of = {"us": WINDOW_US_MAX, "mm": CLEARANCE_LATERAL_MM_MAX, "hz": 300_000_000_000}
    return most_of[name.rpartition("_")[2]]


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_has_a_unit_and_a_limit(name: str) -> None:
    assert name.endswith(("_us", "_mm", "_hz"))
    assert getattr(Parameters(**{name: most(name)}), name) == most(name)
    for bad in (most(name) + 1, -1, 1.0, True, None):
        with says_no("bad_parameter"):
            Parameters(**{name: bad})  # type: ignore[arg-type]


def test_whatever_two_parties_may_agree_can_be_computed() -> None:
    widest = Parameters(**{name: most(name) for name in NAMES})
    clearance = Clearance(
        lateral_mm=widest.clearance_lateral_mm,
        vertical_mm=widest.clearance_vertical_mm,
        time_us=widest.clearance_time_us,
    )
    assert clearance.lateral_mm == CLEARANCE_LATERAL_MM_MAX


def test_a_heartbeat_is_at_least_a_second() -> None:
    assert replace(DEFAULT, heartbeat_us=1_000_000).heartbeat_us == 1_000_000
    with says_no("bad_parameter"):
        replace(DEFAULT, heartbeat_us=999_999)


@pytest.mark.parametrize("parties", [(BRAVO, ALPHA), (ALPHA, ALPHA)])
def test_terms_are_between_two_in_one_order(parties: tuple[str, str]) -> None:
    with says_no("bad_parties"):
        Terms(parties=parties, version=1, parameters=DEFAULT)


@pytest.mark.parametrize("version", [0, -1, True, 1.0])
def test_a_version_is_1_or_more(version: int) -> None:
    with says_no("bad_parameter"):
        Terms(parties=(ALPHA, BRAVO), version=version, parameters=DEFAULT)

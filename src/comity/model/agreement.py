"""What two parties agreed: the minimal block of parameters, the same bytes on both sides.

All durations are microseconds, lengths millimetres. Each decision that rests on a parameter names
its clause. Called by intake, hotline and exchange; the wire form is `wire.terms_v1`.
"""

from dataclasses import dataclass, fields

from comity.model.fault import Malformed
from comity.model.party import check_origin
from comity.model.quantity import FOOT_MM, NAUTICAL_MILE_MM, SECOND_US
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, WINDOW_US_MAX

__all__ = ["DEFAULT", "Parameters", "Terms", "value_max"]

_MINUTE_US = 60 * SECOND_US
_DAY_US = 1_440 * _MINUTE_US
_KM_MM = 1_000_000
# Above these a number is a unit error: 400 days, 1,000 km, from trench to space, 300 GHz.
_US_MAX = WINDOW_US_MAX
_MM_MAX = 1_000_000_000
_VERTICAL_MM_MAX = HEIGHT_MM_MAX - HEIGHT_MM_MIN
_HZ_MAX = 300_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Numbers of one agreement. Precedents for the defaults: docs/reference/agreement.md.

    The reaction chain (`delay_*`, `margin`) is what the parties accept as the time that a notice
    needs to reach a crew; it is used only for a party's own presences. What nothing reads yet is
    agreed and recorded all the same, so that a dispute finds it.
    """

    lead_cleartext_min_us: int = 15 * _MINUTE_US
    lead_short_notice_us: int = 10 * _MINUTE_US
    receipt_delivered_us: int = 5 * SECOND_US
    receipt_seen_us: int = 60 * SECOND_US
    receipt_readback_us: int = 120 * SECOND_US
    receipt_relayed_us: int = 180 * SECOND_US
    clearance_lateral_mm: int = 3 * NAUTICAL_MILE_MM
    clearance_vertical_mm: int = round(3_000 * FOOT_MM)
    clearance_time_us: int = 3 * _MINUTE_US
    delay_delivery_us: int = 15 * SECOND_US
    delay_human_us: int = 60 * SECOND_US
    delay_relay_us: int = 90 * SECOND_US
    delay_decision_us: int = 30 * SECOND_US
    margin_us: int = 120 * SECOND_US
    heartbeat_us: int = 30 * SECOND_US
    clock_error_max_us: int = 2 * SECOND_US
    lead_planned_us: int = 7 * _DAY_US
    lead_foreseeable_us: int = 2 * _DAY_US
    lead_humanitarian_us: int = _DAY_US
    lead_sealed_min_us: int = 60 * _MINUTE_US
    escalate_alternates_us: int = 60 * SECOND_US
    escalate_next_echelon_us: int = 120 * SECOND_US
    escalate_witness_us: int = 180 * SECOND_US
    caution_lateral_mm: int = 20 * NAUTICAL_MILE_MM
    buffer_combat_mm: int = 10 * _KM_MM
    buffer_unarmed_mm: int = _KM_MM
    buffer_rotary_mm: int = 10 * _KM_MM
    buffer_uav_mm: int = 15 * _KM_MM
    buffer_balloon_mm: int = 25 * _KM_MM
    line_check_first_us: int = 390 * _MINUTE_US
    line_check_second_us: int = 750 * _MINUTE_US
    escrow_deadline_us: int = _DAY_US
    guard_vhf_hz: int = 121_500_000
    guard_uhf_hz: int = 243_000_000
    guard_hf_hz: int = 4_125_000
    guard_hf_alternate_hz: int = 6_215_500
    guard_marine_hz: int = 156_800_000

    def __post_init__(self) -> None:
        """Refuse what is no whole, sane number."""
        for field in fields(self):
            value: object = getattr(self, field.name)
            top = value_max(field.name)
            if type(value) is not int or not 0 <= value <= top:
                raise Malformed(f"{field.name} is a whole number, 0 to {top}", code="bad_parameter")
        if self.heartbeat_us < SECOND_US:
            raise Malformed("a heartbeat is at least one second", code="bad_parameter")


def value_max(name: str) -> int:
    """The largest value of a parameter, by its unit."""
    if name == "clearance_vertical_mm":
        return _VERTICAL_MM_MAX
    return {"us": _US_MAX, "mm": _MM_MAX, "hz": _HZ_MAX}[name.rpartition("_")[2]]


DEFAULT = Parameters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The agreement of exactly two parties: their origins in order, a version, the parameters."""

    parties: tuple[str, str]
    version: int
    parameters: Parameters

    def __post_init__(self) -> None:
        """Hold one order, so that both sides have the same bytes."""
        for origin in self.parties:
            check_origin(origin)
        if self.parties[0] >= self.parties[1]:
            raise Malformed(
                "parties are two different origins in ascending order", code="bad_parties"
            )
        if type(self.version) is not int or self.version < 1:
            raise Malformed("a version is 1 or more", code="bad_parameter")

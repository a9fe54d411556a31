"""What two parties agreed: the minimal block of parameters, the same bytes on both sides.

All durations are microseconds, lengths millimetres. Each decision that rests on a parameter names
its clause. Called by intake, hotline and exchange; the wire form is `wire.terms_v1`.
"""

from dataclasses import dataclass, fields

from comity.model.fault import Malformed
from comity.model.party import check_origin
from comity.model.quantity import FOOT_MM, NAUTICAL_MILE_MM, SECOND_US
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, WINDOW_US_MAX

__all__ = ["DEFAULT", "Parameters", "Terms"]

_MINUTE_US = 60 * SECOND_US
# Above these a number is a unit error: 400 days, 1,000 km, the height from trench to space.
_US_MAX = WINDOW_US_MAX
_MM_MAX = {
    "clearance_lateral_mm": 1_000_000_000,
    "clearance_vertical_mm": HEIGHT_MM_MAX - HEIGHT_MM_MIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Numbers of one agreement. Precedents for the defaults: docs/reference/agreement.md.

    The reaction chain (`delay_*`, `margin`) is what the parties accept as the time that a notice
    needs to reach a crew; it is used only for a party's own presences.
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

    def __post_init__(self) -> None:
        """Refuse what is no whole, sane number."""
        for field in fields(self):
            value: object = getattr(self, field.name)
            top = _MM_MAX.get(field.name, _US_MAX)
            if type(value) is not int or not 0 <= value <= top:
                raise Malformed(f"{field.name} is a whole number, 0 to {top}", code="bad_parameter")
        if self.heartbeat_us < SECOND_US:
            raise Malformed("a heartbeat is at least one second", code="bad_parameter")


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

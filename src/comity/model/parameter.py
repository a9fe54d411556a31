"""What an agreement can set: each parameter with its unit, its range, its floor and its direction.

One table, so that wire, lint, explanations and the reference page speak of the same things. Values
are whole numbers throughout; a few have names (`area` for a step of disclosure). `floor` is how far
any agreement may go toward the weaker side; `stricter` says which of two values protects more, and
so which counts where two agreements apply. Nouns only. Called by `model.clause` and all above.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType

from comity.model.agreement import DEFAULT, value_max
from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US

__all__ = ["PARAMETERS", "STEP_NAMES", "Parameter", "Stricter", "parameter"]

_MINUTE_US = 60 * SECOND_US
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US
_KM_MM = 1_000_000
_MHZ = 1_000_000
STEP_NAMES = ("caution", "area", "active", "ended")  # disclosure D1 to D4, from 1 on
_ONWARD_NAMES = ("none", "derived", "full")  # from 0 on


_MEASURED = frozenset(
    {
        *("lead_cleartext_min_us", "lead_short_notice_us"),
        *("clearance_lateral_mm", "clearance_vertical_mm", "clearance_time_us"),
        *("delay_delivery_us", "delay_human_us", "delay_relay_us", "delay_decision_us"),
        *("margin_us", "heartbeat_us"),
        *("buffer_combat_mm", "buffer_unarmed_mm", "buffer_rotary_mm"),
        *("buffer_uav_mm", "buffer_balloon_mm"),
        *("disclosure_step", "caution_cell_e7", "caution_window_us", "onward_max"),
        *("lead_foreseeable_us", "lead_humanitarian_us", "retention_us", "request_answer_us"),
        *("register_radius_min_mm", "register_grid_e7", "register_expiry_max_us"),
        *("register_reads_max", "message_answer_us", "keep_clear_answer_us", "stop_answer_us"),
        *("safety_answer_us", "line_answer_us", "line_check_first_us", "line_check_second_us"),
        *("receipt_delivered_us", "receipt_seen_us", "receipt_readback_us", "receipt_relayed_us"),
        *("escalate_alternates_us", "escalate_next_echelon_us", "escalate_witness_us"),
        "release_persons",
    }
)


class Stricter(StrEnum):
    """Which of two values protects more."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"  # reference data: two that differ are a contradiction


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that can be agreed. `floor` is the weakest value that an agreement may set."""

    name: str
    about: str
    default: int
    least: int
    most: int
    stricter: Stricter
    floor: int | None = None
    names: tuple[str, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether this release asks for it; if not it is agreed and recorded, for the parties."""
        return self.name in _MEASURED

    def checked(self, value: int) -> int:
        """The value; Malformed (`parameter_out_of_range`) outside the range."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise Malformed(
                f"{self.name} is {self.shown(self.least)} to {self.shown(self.most)}",
                code="parameter_out_of_range",
            )
        return value

    def below_floor(self, value: int) -> bool:
        """Whether a value protects less than any agreement may."""
        if self.floor is None:
            return False
        return value < self.floor if self.stricter is Stricter.MORE else value > self.floor

    def strictest(self, one: int, other: int) -> int:
        """Of two values the one that protects more; the first where neither does."""
        if self.stricter is Stricter.MORE:
            return max(one, other)
        return min(one, other) if self.stricter is Stricter.LESS else one

    def written(self, value: int) -> str:
        """As it stands in the text: a name where there are names, else a decimal."""
        return self.names[value - self.least] if self.names else str(value)

    def read(self, text: str, decimal: int | None) -> int:
        """From the text; `decimal` is its number, if it is one."""
        if self.names:
            if text not in self.names:
                raise Malformed(
                    f"{self.name} is one of {', '.join(self.names)}", code="parameter_out_of_range"
                )
            return self.least + self.names.index(text)
        if decimal is None:
            raise Malformed(f"{self.name} is a whole number", code="parameter_out_of_range")
        return self.checked(decimal)

    def shown(self, value: int) -> str:
        """For people, exactly, with the unit that they would choose."""
        if self.names:
            return self.written(value)
        unit = self.name.rpartition("_")[2]
        if unit == "us":
            return _duration(value)
        if unit == "mm":
            whole = value >= _KM_MM
            return f"{_exact(value, 6)} km" if whole else f"{_exact(value, 3)} m"
        if unit == "hz":
            return f"{_exact(value, 6)} MHz" if value >= _MHZ else f"{_exact(value, 3)} kHz"
        return f"{_exact(value, 7)} deg" if unit == "e7" else str(value)


def parameter(name: str) -> Parameter:
    """By name; Malformed (`unknown_parameter`) if there is none of that name."""
    found = PARAMETERS.get(name)
    if found is None:
        raise Malformed(f"no parameter is called {name[:40]!r}", code="unknown_parameter")
    return found


def _duration(value_us: int) -> str:
    for size, unit in ((_DAY_US, "d"), (_HOUR_US, "h")):
        if value_us >= size and value_us % size == 0:
            return f"{value_us // size} {unit}"
    hours, rest_us = divmod(value_us, _HOUR_US)
    if value_us >= _MINUTE_US and value_us % _MINUTE_US == 0:
        minutes = f"{rest_us // _MINUTE_US} min"
        return f"{hours} h {minutes}" if hours else minutes
    return f"{_exact(value_us, 6)} s"


def _exact(value: int, digits: int) -> str:
    """The value in units of 10 to the power of `digits`, no digit lost and no nought at its end."""
    sign, (whole, rest) = "-" * (value < 0), divmod(abs(value), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}".rstrip("0").rstrip(".")


# Name, what it is in a phrase, which of two values protects more, the floor (None: no floor).
_OF_THE_BLOCK: tuple[tuple[str, str, Stricter, int | None], ...] = (
    ("lead_planned_us", "the lead of a planned, open activity", Stricter.MORE, None),
    ("lead_foreseeable_us", "the lead of what can be foreseen", Stricter.MORE, None),
    ("lead_humanitarian_us", "the lead of a humanitarian emergency", Stricter.MORE, None),
    ("lead_cleartext_min_us", "the least lead of an open notice", Stricter.MORE, None),
    ("lead_short_notice_us", "below this a notice is short notice", Stricter.MORE, None),
    ("lead_sealed_min_us", "the least lead of a sealed notice", Stricter.MORE, None),
    ("receipt_delivered_us", "a machine has received it within", Stricter.LESS, _MINUTE_US),
    ("receipt_seen_us", "a person has seen it within", Stricter.LESS, 30 * _MINUTE_US),
    ("receipt_readback_us", "it is read back within", Stricter.LESS, 30 * _MINUTE_US),
    ("receipt_relayed_us", "the units are told within", Stricter.LESS, _HOUR_US),
    (
        "escalate_alternates_us",
        "unanswered, it goes to the alternates after",
        Stricter.LESS,
        _HOUR_US,
    ),
    (
        "escalate_next_echelon_us",
        "unanswered, it goes to the next echelon after",
        Stricter.LESS,
        _HOUR_US,
    ),
    ("escalate_witness_us", "unanswered, it goes to the mediator after", Stricter.LESS, _HOUR_US),
    ("clearance_lateral_mm", "how near two volumes may come, laterally", Stricter.MORE, None),
    ("clearance_vertical_mm", "how near two volumes may come, vertically", Stricter.MORE, None),
    ("clearance_time_us", "how near two volumes may come, in time", Stricter.MORE, None),
    ("caution_lateral_mm", "within this an approach deserves a caution", Stricter.MORE, None),
    ("delay_delivery_us", "from sending to the duty officer's screen", Stricter.MORE, None),
    ("delay_human_us", "until the duty officer has read it", Stricter.MORE, None),
    ("delay_relay_us", "until the crew has been told", Stricter.MORE, None),
    ("delay_decision_us", "until the crew acts", Stricter.MORE, None),
    ("margin_us", "on top of the time to clear", Stricter.MORE, None),
    ("buffer_combat_mm", "how far combat craft keep from the line", Stricter.MORE, None),
    ("buffer_unarmed_mm", "how far unarmed transport keeps from the line", Stricter.MORE, None),
    ("buffer_rotary_mm", "how far helicopters keep from the line", Stricter.MORE, None),
    ("buffer_uav_mm", "how far drones keep from the line", Stricter.MORE, None),
    ("buffer_balloon_mm", "how far balloons keep from the line", Stricter.MORE, None),
    ("heartbeat_us", "how often heads are exchanged", Stricter.LESS, 5 * _MINUTE_US),
    ("clock_error_max_us", "the clock error that a party stays within", Stricter.LESS, 5_000_000),
    ("line_check_first_us", "the first line check of the day, UTC", Stricter.NEITHER, None),
    ("line_check_second_us", "the second line check of the day, UTC", Stricter.NEITHER, None),
    ("escrow_deadline_us", "recordings' hashes are deposited within", Stricter.LESS, None),
    ("guard_vhf_hz", "the emergency frequency that is monitored, VHF", Stricter.NEITHER, None),
    ("guard_uhf_hz", "the emergency frequency that is monitored, UHF", Stricter.NEITHER, None),
    ("guard_hf_hz", "the emergency frequency that is monitored, HF", Stricter.NEITHER, None),
    ("guard_hf_alternate_hz", "the HF frequency in reserve", Stricter.NEITHER, None),
    ("guard_marine_hz", "the emergency frequency of ships", Stricter.NEITHER, None),
)

_NEW = (
    Parameter(
        name="disclosure_step",
        about="how much of an operation the other party is told, step D1 to D4",
        default=4,
        least=1,
        most=4,
        stricter=Stricter.MORE,
        floor=1,
        names=STEP_NAMES,
    ),
    Parameter(
        name="caution_cell_e7",
        about="the grid of a caution's area",
        default=10_000_000,
        least=1_000_000,
        most=50_000_000,
        stricter=Stricter.LESS,
    ),
    Parameter(
        name="caution_window_us",
        about="the grid of a caution's times",
        default=_HOUR_US,
        least=_MINUTE_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
    ),
    Parameter(
        name="onward_max",
        about="the most that a recipient may pass on",
        default=2,
        least=0,
        most=2,
        stricter=Stricter.LESS,
        names=_ONWARD_NAMES,
    ),
    Parameter(
        name="retention_us",
        about="how long contents are kept after their window before they may be purged",
        default=0,
        least=0,
        most=36_500 * _DAY_US,
        stricter=Stricter.MORE,
        floor=30 * _DAY_US,
    ),
    Parameter(
        name="release_persons",
        about="how many persons release a safety message",
        default=1,
        least=1,
        most=2,
        stricter=Stricter.LESS,
    ),
    Parameter(
        name="request_answer_us",
        about="a request is answered within",
        default=5 * _MINUTE_US,
        least=SECOND_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
        floor=_HOUR_US,
    ),
    Parameter(
        name="message_answer_us",
        about="a question or fact on the hotline is answered within",
        default=5 * _MINUTE_US,
        least=SECOND_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
        floor=_HOUR_US,
    ),
    Parameter(
        name="keep_clear_answer_us",
        about="KEEP CLEAR is answered within",
        default=2 * _MINUTE_US,
        least=SECOND_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
        floor=10 * _MINUTE_US,
    ),
    Parameter(
        name="stop_answer_us",
        about="STOP is answered within",
        default=3 * _MINUTE_US,
        least=SECOND_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
        floor=10 * _MINUTE_US,
    ),
    Parameter(
        name="safety_answer_us",
        about="CIVIL, DISTRESS, SAR and OFFER are answered within",
        default=_MINUTE_US,
        least=SECOND_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
        floor=10 * _MINUTE_US,
    ),
    Parameter(
        name="line_answer_us",
        about="a LINE CHECK is answered within",
        default=30 * SECOND_US,
        least=SECOND_US,
        most=_DAY_US,
        stricter=Stricter.LESS,
        floor=10 * _MINUTE_US,
    ),
    Parameter(
        name="register_radius_min_mm",
        about="the least radius of a protected site or movement",
        default=_KM_MM,
        least=0,
        most=100 * _KM_MM,
        stricter=Stricter.MORE,
        floor=_KM_MM,
    ),
    Parameter(
        name="register_grid_e7",
        about="the grid of a protected site's coordinates",
        default=100_000,
        least=0,
        most=10_000_000,
        stricter=Stricter.MORE,
        floor=10_000,
    ),
    Parameter(
        name="register_expiry_max_us",
        about="how long a protected site stands before it must be renewed",
        default=30 * _DAY_US,
        least=_HOUR_US,
        most=400 * _DAY_US,
        stricter=Stricter.LESS,
        floor=90 * _DAY_US,
    ),
    Parameter(
        name="register_reads_max",
        about="how many entries of the register one party may open in a day",
        default=50,
        least=1,
        most=10_000,
        stricter=Stricter.LESS,
        floor=1_000,
    ),
)


def _block() -> dict[str, Parameter]:
    defaults: dict[str, int] = asdict(DEFAULT)
    return {
        name: Parameter(
            name=name,
            about=about,
            default=defaults[name],
            least=SECOND_US if name == "heartbeat_us" else 0,
            most=value_max(name),
            stricter=stricter,
            floor=floor,
        )
        for name, about, stricter, floor in _OF_THE_BLOCK
    }


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    _block() | {each.name: each for each in _NEW}
)

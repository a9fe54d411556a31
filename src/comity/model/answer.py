"""What a person answers to a notice: seen, read back, WILCO, UNABLE; units told; calls outside.

"Received and understood", never "approved". Toward another party a unit is an opaque handle with a
state; its name stays at home. Called by hotline, wire and the doors.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed
from comity.model.notice import checked_text
from comity.model.quantity import Position, checked_instant_us
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN

__all__ = [
    "Answer",
    "Attestation",
    "KeyFields",
    "Reason",
    "Step",
    "UnitReport",
    "UnitState",
    "VoiceCall",
]

_ID_BYTES = 32
_ROLE_CHARS_MAX = 40
_WORDS_CHARS_MAX = 280
_UNITS_MAX = 64
_POINTS_MAX = 50  # one for each volume of a notice
_OTHER_CHARS_MAX = 255  # a party's name or origin


class Step(StrEnum):
    """A person's step. `READ_BACK` carries the key fields; WILCO and UNABLE answer a request."""

    SEEN = "seen"
    READ_BACK = "read-back"
    WILCO = "wilco"
    UNABLE = "unable"
    NOT_UNDERSTOOD = "not-understood"


class Reason(StrEnum):
    """Why UNABLE, from a closed list."""

    FINAL_APPROACH = "final-approach"
    LOW_FUEL = "low-fuel"
    EMERGENCY = "emergency"
    NOT_REACHED = "not-reached"
    OTHER = "other"


class UnitState(StrEnum):
    """What is known of one unit and one notice."""

    TOLD = "told"
    ANSWERED = "answered"
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFields:
    """What a read-back repeats: the whole window, first point of each volume, height limits."""

    start_us: int
    end_us: int
    points: tuple[Position, ...]
    lower_mm: int
    upper_mm: int

    def __post_init__(self) -> None:
        """Refuse what no notice can say; what differs from the notice is for `hotline.answer`."""
        for value in (self.start_us, self.end_us):
            checked_instant_us(value)
        for height in (self.lower_mm, self.upper_mm):
            if type(height) is not int or not HEIGHT_MM_MIN <= height <= HEIGHT_MM_MAX:
                raise Malformed("heights lie between -12 km and 100 km", code="bad_height")
        if not 1 <= len(self.points) <= _POINTS_MAX:
            raise Malformed(f"a read-back has 1 to {_POINTS_MAX} points", code="bad_key_fields")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One step of the receipt chain, given by whoever holds `role` now, about the notice `of`."""

    of: bytes
    step: Step
    role: str
    reason: Reason | None = None
    read_back: KeyFields | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        if not checked_text(self.role, _ROLE_CHARS_MAX, "role"):
            raise Malformed("an answer comes from a role", code="no_role")
        if (self.step is Step.READ_BACK) != (self.read_back is not None):
            raise Malformed(
                "a read-back repeats the key fields, and only a read-back", code="no_key_fields"
            )
        if (self.step is Step.UNABLE) != (self.reason is not None):
            raise Malformed("UNABLE has a reason, and only UNABLE", code="no_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReport:
    """One unit in an attestation; `handle` is 32 bytes, another for each recipient and notice."""

    handle: bytes
    state: UnitState
    at_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        checked_instant_us(self.at_us)
        if len(self.handle) != _ID_BYTES:
            raise Malformed("a handle has 32 bytes", code="bad_handle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Which units were told of the notice `of`, and which were not reached."""

    of: bytes
    units: tuple[UnitReport, ...]

    def __post_init__(self) -> None:
        """Hold the rules."""
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        if not 1 <= len(self.units) <= _UNITS_MAX:
            raise Malformed(f"an attestation names 1 to {_UNITS_MAX} units", code="bad_units")
        if len({unit.handle for unit in self.units}) != len(self.units):
            raise Malformed("a unit occurs twice", code="bad_units")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCall:
    """One party's own account of a call on some other line; a claim, kept at home, never proof.

    `None` means that the account does not say. `area_stated` is False when the call named an area
    in words only or not at all, None when the account is silent about it.
    """

    other: str
    received_us: int | None
    start_us: int | None
    area_stated: bool | None
    words: str
    account_of: str

    def __post_init__(self) -> None:
        """Hold the rules."""
        for value in (self.received_us, self.start_us):
            if value is not None:
                checked_instant_us(value)
        if not checked_text(self.other, _OTHER_CHARS_MAX, "other"):
            raise Malformed("a call has another end", code="no_party")
        checked_text(self.words, _WORDS_CHARS_MAX, "words")
        if not checked_text(self.account_of, _ROLE_CHARS_MAX, "account_of"):
            raise Malformed("an account is somebody's", code="no_source")

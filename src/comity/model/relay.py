"""Whom a party can reach, what is known of each of them, and what a page for one of them says.

Units are the party's own, or stand beside it: a host's air defence, air traffic control, a member
of its coalition. Their names stay at home; no page and no message to another party has one. Called
by hotline, intake, wire and the doors.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.answer import UnitState
from comity.model.fault import Malformed
from comity.model.lifecycle import LifeState
from comity.model.notice import (
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    Purpose,
    SubjectKind,
    checked_text,
    kind_of,
)
from comity.model.party import check_origin
from comity.model.quantity import SECOND_US, checked_instant_us
from comity.model.volume import Volume4D

__all__ = [
    "CODE_GROUPS",
    "Because",
    "Means",
    "PassedOn",
    "ReachableUnit",
    "RelayPage",
    "RelayState",
    "RelayWord",
    "UnitKind",
    "passed_on",
]

_ID_BYTES = 32
_CHARS_MAX = 40
_EXPECTED_US_MIN = SECOND_US
_EXPECTED_US_MAX = 86_400 * SECOND_US
_GROUP_LETTERS = 5
CODE_GROUPS = 2  # eight letters and two checks: 78 thousand million codes


class UnitKind(StrEnum):
    """What a unit or neighbour is to us."""

    OWN = "own"
    AIR_DEFENCE = "air-defence"
    ATC = "atc"
    COALITION = "coalition"
    OTHER = "other"


class Means(StrEnum):
    """How a unit is reached."""

    LINE = "line"
    TELEPHONE = "telephone"
    RADIO = "radio"
    DATA_LINK = "data-link"
    MESSAGE = "message"
    COURIER = "courier"
    IN_PERSON = "in-person"
    OTHER = "other"


class RelayState(StrEnum):
    """Where a unit stands with one notice. `NOT_CONCERNED`: somebody here said that it need not."""

    TO_TELL = "to-tell"
    TOLD = UnitState.TOLD.value
    ANSWERED = UnitState.ANSWERED.value
    NOT_REACHED = UnitState.NOT_REACHED.value
    NOT_CONCERNED = "not-concerned"


class Because(StrEnum):
    """Why a state was written down: who said it, or what happened."""

    SAID = "said"
    DEADLINE = "deadline"
    CODE = "code"
    WRONG_CODE = "wrong-code"
    PICKED = "picked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachableUnit:
    """A unit on our list; `channel` is free text beside the means, a frequency or an office.

    `expected_us` is within which time it can be told, 1 s to a day.
    """

    name: str
    kind: UnitKind
    means: Means
    channel: str
    expected_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        if not checked_text(self.name, _CHARS_MAX, "unit"):
            raise Malformed("a unit has a name at home", code="bad_units")
        checked_text(self.channel, _CHARS_MAX, "channel")
        if not _EXPECTED_US_MIN <= self.expected_us <= _EXPECTED_US_MAX:
            raise Malformed("a unit is told within 1 s to 24 h", code="bad_units")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayWord:
    """What became of one unit and one notice, as it is written down at home."""

    name: str
    handle: bytes
    state: RelayState
    at_us: int
    means: Means
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """What of a notice may be passed on, and no more: no name, no quoted source, no free text.

    `notice` is the id of the newest notice about it and `declared_by` its owner: where only our own
    may be passed on, both are ours.
    """

    notice: bytes
    declared_by: str
    code: Code
    state: LifeState
    purpose: Purpose
    domain: Domain
    craft: Craft
    confidence: Confidence | None
    believed_until_us: int | None
    volumes: tuple[Volume4D, ...]

    def __post_init__(self) -> None:
        """Hold the rules that make it whole."""
        kind = kind_of(self.code) if self.code in _DECLARING else None
        if kind is None:
            raise Malformed(f"{self.code} does not declare anything", code="bad_code")
        check_origin(self.declared_by)
        if len(self.notice) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        hazard = kind is SubjectKind.HAZARD
        if (self.confidence is not None, self.believed_until_us is not None) != (hazard, hazard):
            raise Malformed("a hazard has a basis, and nothing else has", code="no_source")
        if not self.volumes:
            raise Malformed("a page shows an area, heights and times", code="no_area")

    @property
    def end_us(self) -> int:
        """When all of it is over, as declared."""
        return max(volume.window.end_us for volume in self.volumes)


_DECLARING = frozenset({Code.NOTIFY, Code.PROTECT, Code.HAZARD})


def passed_on(
    notice: bytes, owner: str, state: LifeState, said: Declaration, volumes: tuple[Volume4D, ...]
) -> PassedOn:
    """A subject without its free texts; `volumes` are its present ones."""
    basis = said.basis
    return PassedOn(
        notice=notice,
        declared_by=owner,
        code=said.code,
        state=state,
        purpose=said.purpose,
        domain=said.domain,
        craft=said.craft,
        confidence=None if basis is None else basis.confidence,
        believed_until_us=None if basis is None else basis.expires_us,
        volumes=volumes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayPage:
    """What one unit is shown, until when, and the groups that it reads back."""

    made_by: str
    passed: PassedOn
    made_us: int
    until_us: int
    code: tuple[str, ...]

    def __post_init__(self) -> None:
        """Hold the rules."""
        check_origin(self.made_by)
        for value in (self.made_us, self.until_us):
            checked_instant_us(value)
        if self.until_us <= self.made_us:
            raise Malformed("a page is read before it is over", code="inverted_window")
        if [len(group) for group in self.code] != [_GROUP_LETTERS] * CODE_GROUPS:
            raise Malformed(f"a page has {CODE_GROUPS} groups to read back", code="voice_length")

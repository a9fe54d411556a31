"""Who is on duty, and how far an alert has gone: roles, shifts, steps of the receipt chain, levels.

A person's name stands in the roster of its own party and nowhere else; what others may see is the
name of a role. Nouns only. Called by wire, hotline and the doors.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from comity.model.fault import Malformed
from comity.model.notice import checked_text
from comity.model.quantity import checked_instant_us

__all__ = [
    "CHAIN_ROLES_MAX",
    "ChainStep",
    "Escalated",
    "Level",
    "RosterAct",
    "RosterChange",
    "Spans",
    "Unanswered",
    "WatchKind",
    "checked_person",
    "checked_role",
    "same_name",
]

CHAIN_ROLES_MAX = 3  # who is told first, the alternates, the next echelon
_ROLE_CHARS_MAX = 40
_PERSON_CHARS_MAX = 40
_ID_BYTES = 32


class ChainStep(StrEnum):
    """A step of the receipt chain; `ANSWERED` is the last one of a message or request.

    `ENDED` is an activity's.
    """

    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    READ_BACK = "read-back"
    RELAYED = "relayed"
    ANSWERED = "answered"
    ENDED = "ended"


class Level(IntEnum):
    """Who has been alerted, in the order of the agreement's escalation."""

    FIRST = 0
    ALTERNATES = 1
    NEXT_ECHELON = 2
    WITNESS = 3


class WatchKind(StrEnum):
    """What is watched: theirs by our people; ours, as far as another party answers; our own end."""

    NOTICE = "notice"
    MESSAGE = "message"
    REQUEST = "request"
    GIVEN = "given"
    SAID = "said"
    ASKED = "asked"
    END = "end"

    @property
    def for_us(self) -> bool:
        """Whether our own people have to act, so that it is they who are alerted."""
        return self not in {WatchKind.GIVEN, WatchKind.SAID, WatchKind.ASKED}


class RosterAct(StrEnum):
    """A change of the duty roster."""

    CHAIN = "chain"
    TAKE = "take"
    LEAVE = "leave"
    AWAY = "away"
    BACK = "back"
    CLEAR = "clear"


# How many roles an act names, at least and at most, and whether a person.
_FORMS = {
    RosterAct.CHAIN: (1, CHAIN_ROLES_MAX, False),
    RosterAct.TAKE: (1, 1, True),
    RosterAct.LEAVE: (1, 1, True),
    RosterAct.AWAY: (0, 0, True),
    RosterAct.BACK: (0, 0, True),
    RosterAct.CLEAR: (0, 0, False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The agreed time of each step, from sending or arrival, and of each escalation (us).

    `sentences` say what each of the seven rests on, in the order of the fields.
    """

    delivered_us: int
    seen_us: int
    read_back_us: int
    relayed_us: int
    alternates_us: int
    next_echelon_us: int
    witness_us: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChange:
    """One change of the roster, as our own journal keeps it.

    `by` is the name of the bearer key that asked for it. A shift runs from `from_us` until
    `until_us`; None has no end yet.
    """

    act: RosterAct
    by: str
    roles: tuple[str, ...] = ()
    person: str = ""
    from_us: int | None = None
    until_us: int | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        for role in self.roles:
            checked_role(role)
        if len({same_name(role) for role in self.roles}) != len(self.roles):
            raise Malformed("a role stands once in a chain", code="bad_roster")
        for value in (self.from_us, self.until_us):
            if value is not None:
                checked_instant_us(value)
        least, most, person = _FORMS[self.act]
        if not least <= len(self.roles) <= most or bool(self.person) is not person:
            raise Malformed(
                f"a chain names 1 to {CHAIN_ROLES_MAX} roles, a shift one role and one person",
                code="bad_roster",
            )
        if person:
            checked_person(self.person)
        if self.until_us is not None and self.from_us is not None and self.until_us <= self.from_us:
            raise Malformed("a shift ends after it begins", code="bad_roster")


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """An alert that went on, as our own journal keeps it: no person's name, only the role's."""

    of: bytes
    step: ChainStep
    level: Level
    role: str
    reason: str
    ground: str
    due_us: int
    fired_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """What the giver is told at the last level: nobody here has done this step by then."""

    of: bytes
    step: ChainStep
    due_us: int
    at_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        if self.step not in {
            *(ChainStep.SEEN, ChainStep.READ_BACK, ChainStep.RELAYED, ChainStep.ANSWERED),
        }:
            raise Malformed("people answer from seen to relayed", code="bad_choice")
        checked_instant_us(self.due_us)
        checked_instant_us(self.at_us)


def same_name(text: str) -> str:
    """The form in which names of roles and persons are compared: `Duty-Officer`, `duty officer`."""
    return " ".join(text.replace("-", " ").replace("_", " ").split()).casefold()


def checked_role(text: str) -> str:
    """A role's name; Malformed (`no_role`) if there is none."""
    if not same_name(checked_text(text, _ROLE_CHARS_MAX, "role")):
        raise Malformed("a role has a name", code="no_role")
    return text


def checked_person(text: str) -> str:
    """A person's name at home; Malformed (`no_person`) if there is none."""
    if not same_name(checked_text(text, _PERSON_CHARS_MAX, "person")):
        raise Malformed("say who: a person of the roster", code="no_person")
    return text

"""What one party asks of another about a notice, and what that one says to it.

R REQUEST: close or reopen airspace, keep a corridor, delay. The reply is the asked party's own act:
granted, partly, declined (D, with a reason) or standby (S, n minutes). Called by hotline, wire and
the doors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from comity.model.fault import Malformed
from comity.model.notice import checked_text
from comity.model.quantity import SECOND_US, checked_instant_us

__all__ = [
    "PHRASES",
    "REQUEST_CODE",
    "STANDBY_MINUTES_MAX",
    "Decision",
    "DeclineReason",
    "Reply",
    "Request",
    "Wanted",
]

REQUEST_CODE = "R"  # the phrasebook's
_ID_BYTES = 32
_WORDS_CHARS_MAX = 40
_ROLE_CHARS_MAX = 40
STANDBY_MINUTES_MAX = 120  # who needs longer says so again
_MINUTE_US = 60 * SECOND_US


class Wanted(StrEnum):
    """What is asked for, from a closed list."""

    CLOSE = "close"
    REOPEN = "reopen"
    CORRIDOR = "corridor"
    DELAY = "delay"


# What is asked, as it is said in a sentence: "alpha asks tower to ...".
PHRASES: Mapping[Wanted, str] = MappingProxyType(
    {
        Wanted.CLOSE: "close the airspace",
        Wanted.REOPEN: "reopen the airspace",
        Wanted.CORRIDOR: "keep a corridor",
        Wanted.DELAY: "delay it",
    }
)


class Decision(StrEnum):
    """What the asked party says; `STANDBY` decides nothing yet."""

    GRANTED = "granted"
    PARTLY = "partly"
    DECLINED = "declined"
    STANDBY = "standby"


class DeclineReason(StrEnum):
    """Why a request is declined, from a closed list."""

    NOT_OURS = "not-ours"
    TOO_LATE = "too-late"
    TRAFFIC = "traffic"
    LESS_SAFE = "less-safe"
    ALREADY_SO = "already-so"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Asks for `wanted` by `by_us`, about the subject `of`; `words` are free text and may be none.

    `of` is the id of the declaration as the asked party knows it.
    """

    of: bytes
    wanted: Wanted
    by_us: int
    words: str = ""

    def __post_init__(self) -> None:
        """Hold the rules."""
        checked_instant_us(self.by_us)
        checked_text(self.words, _WORDS_CHARS_MAX, "words")
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A word on the request `of`, by whoever holds `role` now; `words` are free text."""

    of: bytes
    decision: Decision
    role: str
    reason: DeclineReason | None = None
    standby_us: int | None = None
    words: str = ""

    def __post_init__(self) -> None:
        """Hold the rules."""
        checked_text(self.words, _WORDS_CHARS_MAX, "words")
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        if not checked_text(self.role, _ROLE_CHARS_MAX, "role"):
            raise Malformed("a reply comes from a role", code="no_role")
        if (self.decision is Decision.DECLINED) != (self.reason is not None):
            raise Malformed("who declines says why, and no other", code="no_reason")
        if (self.decision is Decision.STANDBY) != (self.standby_us is not None):
            raise Malformed("standby says for how long, and no other", code="bad_standby")
        if self.standby_us is not None and not _whole_minutes(self.standby_us):
            raise Malformed(
                f"standby lasts 1 to {STANDBY_MINUTES_MAX} whole minutes", code="bad_standby"
            )

    @property
    def is_final(self) -> bool:
        """Whether it decides."""
        return self.decision is not Decision.STANDBY


def _whole_minutes(span_us: int) -> bool:
    minutes, rest = divmod(span_us, _MINUTE_US)
    return rest == 0 and 1 <= minutes <= STANDBY_MINUTES_MAX

"""What the protected register holds: a presence for one recipient, sealed to it; and who read it.

An entry of the register is a protected presence that is told to chosen recipients only, each under
its own key. Nouns; the bytes are `wire.register_v1`'s, the sealing is `trust.sealed_box`'s. Called
by wire, intake and the doors.
"""

from dataclasses import dataclass

from comity.model.fault import Malformed
from comity.model.notice import Declaration, Onward, SubjectKind, checked_text
from comity.model.party import check_origin
from comity.model.quantity import checked_instant_us

__all__ = ["EntryRead", "Protected", "Sealed"]

_BYTES = 32
_ROLE_CHARS_MAX = 40
_REASON_CHARS_MAX = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A presence as one recipient gets it: who says it to whom, and what.

    `of` is the id under which the recipient knows the entry that this one renews, None for a new
    one. `salt` (32 random bytes) keeps its commitment from being guessed.
    """

    owner: str
    to: str
    salt: bytes
    declaration: Declaration
    of: bytes | None = None

    def __post_init__(self) -> None:
        """Hold the rules: a presence, to be passed on by nobody."""
        check_origin(self.owner)
        check_origin(self.to)
        if len(self.salt) != _BYTES or (self.of is not None and len(self.of) != _BYTES):
            raise Malformed("a salt, and an id, has 32 bytes", code="bad_id")
        if self.declaration.kind is not SubjectKind.PRESENCE:
            raise Malformed("the register holds protected presences", code="bad_code")
        if self.declaration.onward is not Onward.NONE:
            raise Malformed("an entry of the register is passed on by nobody", code="bad_choice")

    @property
    def expires_us(self) -> int:
        """When the last of it is over, its uncertainty included."""
        volumes = self.declaration.volumes
        return max(each.window.end_us + each.uncertainty.time_us for each in volumes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What the journal's content holds of it: for whose key, what it commits to, the sealed text.

    `key` is the SHA-256 of the recipient's verifier key in its text form, `commitment` that of the
    clear text.
    """

    key: bytes
    commitment: bytes
    data: bytes

    def __post_init__(self) -> None:
        """Hold the lengths."""
        if len(self.key) != _BYTES or len(self.commitment) != _BYTES:
            raise Malformed("a key's hash, and a commitment, has 32 bytes", code="bad_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead:
    """That someone opened the entry `of`: in which role, why and when. No name."""

    of: bytes
    role: str
    reason: str
    at_us: int

    def __post_init__(self) -> None:
        """Hold the rules: nobody reads without saying as what, and why."""
        checked_instant_us(self.at_us)
        if len(self.of) != _BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        if not checked_text(self.role, _ROLE_CHARS_MAX, "role"):
            raise Malformed("an entry of the register is opened by a role", code="no_role")
        if not checked_text(self.reason, _REASON_CHARS_MAX, "reason"):
            raise Malformed("an entry of the register is opened for a reason", code="no_reason")

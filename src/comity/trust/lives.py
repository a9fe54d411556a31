"""The lives of a party's keys: in which role each stands, from when to when, and whether revoked.

Spans of entry and log keys are counted in entries of the party's own journal: an entry of index i
is within start <= i < end, a head of size s within start <= s <= end. Those of cosigners are POSIX
seconds, both ends within. Pure. Called by rosters, key statements, the trust file and the verifier.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from comity.model.fault import Malformed, Untrusted
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey, parse_verifier_key
from comity.trust.note import Note, verify_note

__all__ = ["KeyLife", "Span", "held", "life_of", "present", "short", "within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` to `end`; None is open."""

    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        """Refuse what ends before it starts."""
        if self.start is not None and self.end is not None and self.end < self.start:
            raise Malformed("a window ends before it starts", code="bad_window")

    def holds(self, at: int) -> bool:
        """Whether `at` is within, both ends too."""
        return (self.start or 0) <= at and (self.end is None or at <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLife:
    """One key in one role: within `span`, and if `revoked_s` is there, not after that second."""

    role: Role
    key: VerifierKey
    span: Span = Span()
    revoked_s: int | None = None

    @property
    def living(self) -> bool:
        """Whether it may sign today."""
        return self.span.end is None and self.revoked_s is None

    def signs_entry(self, index: int) -> bool:
        """Whether an entry of that index is within its time."""
        return self.span.holds(index) and index != self.span.end

    def order(self) -> tuple[int, int, str]:
        """The place in a file: by role, then by start."""
        return (list(Role).index(self.role), self.span.start or 0, self.key.text())


def life_of(
    role: str, key: str, start: int | None, end: int | None, revoked_s: int | None
) -> KeyLife:
    """A life as it is kept; Malformed if its key is none."""
    span = Span(start=start, end=end)
    return KeyLife(role=Role(role), key=parse_verifier_key(key), span=span, revoked_s=revoked_s)


def present(lives: Iterable[KeyLife], role: Role) -> VerifierKey | None:
    """The last living key of a role, in the order in which they came; the last if none lives."""
    found = [life for life in lives if life.role is role]
    living = [life for life in found if life.living]
    best = living or found
    return best[-1].key if best else None


def held(note: Note, lives: Iterable[KeyLife]) -> tuple[KeyLife, ...]:
    """The keys (type 0x01) whose true lines are there; Untrusted if one is false, or none is."""
    asked = tuple(lives)
    keys = set(verify_note(note, {life.key for life in asked}))
    if not keys:
        names = ", ".join(sorted({life.key.name for life in asked}))
        raise Untrusted(f"not signed by {names}", code="not_signed")
    return tuple(life for life in asked if life.key in keys)


def within(found: Iterable[KeyLife], counts: Callable[[KeyLife], bool]) -> KeyLife:
    """The first that counts, those that were not revoked before the others.

    Raises:
        Untrusted: none does (`key_revoked`, `key_expired`).
    """
    asked = tuple(found)
    good = sorted(
        (life for life in asked if counts(life)), key=lambda life: life.revoked_s is not None
    )
    if good:
        return good[0]
    gone = asked[0]
    if gone.revoked_s is not None:
        raise Untrusted(f"the key {short(gone)} was revoked before that", code="key_revoked")
    raise Untrusted(f"that is outside the time of the key {short(gone)}", code="key_expired")


def short(life: KeyLife) -> str:
    """Name and key id: enough for people."""
    return f"{life.key.name}+{life.key.key_id.hex()}"

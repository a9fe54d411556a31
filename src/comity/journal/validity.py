"""When a party's keys count: several keys in one role, each with its window and its revocation.

Windows of entry and log keys are counted in entries of the party's own journal: an entry of index i
is within start <= i < end, a head of size s within start <= s <= end. Those of cosigners are POSIX
seconds, both ends within. A key that was revoked as of a time counts only for what neutral evidence
shows to have been there by then. Pure. Called by the trust file, the
verifier and the search for misbehaviour.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.model.fault import Malformed, Untrusted
from comity.model.party import check_origin
from comity.trust.identity import Role, key_name, key_type
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, verify_note

__all__ = ["KeyLife", "LogKeys", "Span", "TrustedParty", "present"]

_SINGLE = (Role.ENTRY, Role.LOG, Role.COSIGNER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` to `end`; None is open."""

    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is before itself."""
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

    def signs_entry(self, index: int) -> bool:
        """Whether an entry of that index is within its time."""
        return self.span.holds(index) and index != self.span.end

    def order(self) -> tuple[int, int, str]:
        """The place in a file: by role, then by start."""
        return (list(Role).index(self.role), self.span.start or 0, self.key.text())


def present(lives: Iterable[KeyLife], role: Role) -> VerifierKey | None:
    """The newest key of a role that is not revoked; of keys that all are, the newest."""
    found = sorted((life for life in lives if life.role is role), key=KeyLife.order)
    living = [life for life in found if life.revoked_s is None and life.span.end is None]
    best = living or found
    return best[-1].key if best else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedParty:
    """A party's origin and its keys, named and typed as each role asks.

    `lives` are all its keys with their windows; without, the three keys count for everything.
    """

    origin: str
    entry: VerifierKey
    log: VerifierKey
    cosigner: VerifierKey
    lives: tuple[KeyLife, ...] = ()

    def __post_init__(self) -> None:
        """Hold names and types, so that a key cannot slip into another role."""
        check_origin(self.origin)
        for life in self.all_lives:
            wanted = (key_name(life.role, self.origin), key_type(life.role))
            if (life.key.name, life.key.key_type) != wanted:
                raise Malformed(
                    f"the keys of {self.origin} are not named after it", code="bad_trust"
                )

    @property
    def all_lives(self) -> tuple[KeyLife, ...]:
        """Every key with its window."""
        if self.lives:
            return self.lives
        keys = (self.entry, self.log, self.cosigner)
        pairs = zip(_SINGLE, keys, strict=True)
        return tuple(KeyLife(role=role, key=key) for role, key in pairs)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every key."""
        return tuple(life.key for life in self.all_lives)

    def of_role(self, role: Role) -> tuple[KeyLife, ...]:
        """The keys of a role."""
        return tuple(life for life in self.all_lives if life.role is role)

    @property
    def heads(self) -> "LogKeys":
        """Its log keys."""
        return LogKeys(origin=self.origin, lives=self.of_role(Role.LOG))

    def manifest_key(self, note: Note) -> None:
        """Untrusted unless any entry key that it ever had signed a manifest, which proves nothing.

        Each file of a bundle proves itself; the manifest only makes it whole.
        """
        _held(note, self.of_role(Role.ENTRY))

    def entry_life(self, note: Note, index: int) -> KeyLife:
        """The key by which an entry, proven to have that index, counts; Untrusted if none does."""
        return _within(_held(note, self.of_role(Role.ENTRY)), lambda life: life.signs_entry(index))

    def signed_entry(self, note: Note, index: int | None) -> bool:
        """Whether a key that was not revoked signed an entry: what its party cannot take back."""
        try:
            held = _held(note, self.of_role(Role.ENTRY))
        except Untrusted:
            return False
        mine = (life for life in held if life.revoked_s is None)
        return any(index is None or life.signs_entry(index) for life in mine)

    def mldsa_signed(self, note: Note) -> bool:
        """Whether an ML-DSA key that counts signed a head; Untrusted if a line of one is false."""
        size = parse_checkpoint(note.text).size
        lives = self.of_role(Role.LOG_MLDSA)
        held = [life for life in lives if cosigned_at(note, life.key) is not None]
        return any(life.revoked_s is None and life.span.holds(size) for life in held)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeys:
    """The log keys of one journal."""

    origin: str
    lives: tuple[KeyLife, ...]

    def life_of(self, note: Note) -> KeyLife:
        """The key by which a head counts, one not revoked first; Untrusted if none does."""
        size = parse_checkpoint(note.text).size
        return _within(_held(note, self.lives), lambda life: life.span.holds(size))

    def key_of(self, note: Note) -> VerifierKey:
        """As `life_of`."""
        return self.life_of(note).key

    def surely_signed(self, note: Note) -> bool:
        """Whether a key that was not revoked signed a head within its window."""
        try:
            return self.life_of(note).revoked_s is None
        except Untrusted:
            return False


def _held(note: Note, lives: tuple[KeyLife, ...]) -> tuple[KeyLife, ...]:
    """The keys whose true lines are there; Untrusted if one is false, or there is none."""
    keys = set(verify_note(note, {life.key for life in lives}))
    if not keys:
        names = ", ".join(sorted({life.key.name for life in lives}))
        raise Untrusted(f"not signed by {names}", code="not_signed")
    return tuple(life for life in lives if life.key in keys)


def _within(held: tuple[KeyLife, ...], counts: Callable[[KeyLife], bool]) -> KeyLife:
    found = sorted(
        (life for life in held if counts(life)), key=lambda life: life.revoked_s is not None
    )
    if found:
        return found[0]
    gone = held[0]
    if gone.revoked_s is not None:
        raise Untrusted(f"the key {_short(gone)} was revoked before that", code="key_revoked")
    raise Untrusted(f"that is outside the time of the key {_short(gone)}", code="key_expired")


def _short(life: KeyLife) -> str:
    return f"{life.key.name}+{life.key.key_id.hex()}"

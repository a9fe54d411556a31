"""When the keys of a trusted party count: several in one role, each with its window.

A key that was revoked as of a time counts only for what neutral evidence shows to have been there
by then; when that was is the verifier's to find. Pure. Called by the trust file, the verifier, the
exchange and the search for misbehaviour.
"""

from dataclasses import dataclass

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.model.fault import Malformed, Untrusted
from comity.model.party import check_origin
from comity.trust.identity import Role, key_name, key_type
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife, held, within
from comity.trust.note import Note

__all__ = ["LogKeys", "TrustedParty"]

_SINGLE = (Role.ENTRY, Role.LOG, Role.COSIGNER)


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
        held(note, self.of_role(Role.ENTRY))

    def entry_life(self, note: Note, index: int) -> KeyLife:
        """The key by which an entry, proven to have that index, counts; Untrusted if none does."""
        return within(held(note, self.of_role(Role.ENTRY)), lambda life: life.signs_entry(index))

    def signed_entry(self, note: Note, index: int | None) -> bool:
        """Whether a key that was not revoked signed an entry: what its party cannot take back."""
        try:
            found = held(note, self.of_role(Role.ENTRY))
        except Untrusted:
            return False
        mine = (life for life in found if life.revoked_s is None)
        return any(index is None or life.signs_entry(index) for life in mine)

    def mldsa_signed(self, note: Note) -> bool:
        """Whether an ML-DSA key that counts signed a head; Untrusted if a line of one is false."""
        size = parse_checkpoint(note.text).size
        lives = self.of_role(Role.LOG_MLDSA)
        found = [life for life in lives if cosigned_at(note, life.key) is not None]
        return any(life.revoked_s is None and life.span.holds(size) for life in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeys:
    """The log keys of one journal."""

    origin: str
    lives: tuple[KeyLife, ...]

    def life_of(self, note: Note) -> KeyLife:
        """The key by which a head counts, one not revoked first; Untrusted if none does."""
        size = parse_checkpoint(note.text).size
        return within(held(note, self.lives), lambda life: life.span.holds(size))

    def key_of(self, note: Note) -> VerifierKey:
        """As `life_of`."""
        return self.life_of(note).key

    def surely_signed(self, note: Note) -> bool:
        """Whether a key that was not revoked signed a head within its window."""
        try:
            return self.life_of(note).revoked_s is None
        except Untrusted:
            return False

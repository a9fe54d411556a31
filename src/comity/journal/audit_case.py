"""What the parts of an audit share: the store, the tree that was hashed, whose keys count.

Peers' keys and ours are taken here as they are stored; `audit_keys` finds whether they are what the
statements say. Called by the parts of the second half of an audit (`journal.audit`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from comity.journal.audit_hashes import Tree
from comity.journal.audited import Audited, hold
from comity.journal.cosignature import cosigned_at
from comity.journal.timestamp import Authority
from comity.model.fault import Corrupt
from comity.storage.inspect import Inspected
from comity.trust.card import open_card
from comity.trust.identity import NO_ROOTS, Role, Roots
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife, held, life_of
from comity.trust.note import Note, parse_note
from comity.trust.roster import Peer, peer_of
from comity.wire.entry_v1 import ContentBody, Entry, EvidenceBody, parse_entry
from comity.wire.limits import ENTRY_BYTES_MAX

__all__ = [
    "Case",
    "Noted",
    "OwnKeys",
    "Said",
    "case_of",
    "check_lines",
    "log_key_of",
    "parsed",
    "stored_lives",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """Our own public keys and roots, the witnesses that we ask, and by URL the authorities."""

    entry: VerifierKey
    log: VerifierKey
    cosigner: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    log_mldsa: VerifierKey | None = None
    roots: Roots = NO_ROOTS
    authorities: tuple[tuple[str, Authority], ...] = ()

    @property
    def origin(self) -> str:
        """The name of our journal."""
        return self.log.name

    @property
    def lives(self) -> tuple[KeyLife, ...]:
        """These keys, where none was ever changed."""
        keys = (
            (Role.ENTRY, self.entry),
            (Role.LOG, self.log),
            (Role.LOG_MLDSA, self.log_mldsa),
            (Role.COSIGNER, self.cosigner),
        )
        return tuple(KeyLife(role=role, key=key) for role, key in keys if key is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A statement about a party's keys, in the entry `leaf`; it counts from entry `counts_from`.

    `order` is where it stands in our journal, ours or our receipt for it.
    """

    order: int
    leaf: bytes
    sender: str
    body: ContentBody
    counts_from: int


@dataclass(kw_only=True)
class Noted:
    """What entries say that rows of other tables must bear out."""

    statements: dict[str, list[Said]] = field(default_factory=dict)
    beacons: dict[bytes, int] = field(default_factory=dict)
    stamps: dict[bytes, EvidenceBody] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """See the module docstring. `lives` are our own keys, `peers` the others with theirs."""

    store: Inspected
    tree: Tree
    keys: OwnKeys
    lives: tuple[KeyLife, ...]
    peers: Mapping[str, Peer]
    audited: Audited
    noted: Noted = field(default_factory=Noted)

    def peer(self, origin: str) -> Peer:
        """A party that has a card here."""
        if origin not in self.peers:
            raise Corrupt(f"{origin} has no card here", code="bad_row")
        return self.peers[origin]

    def own_entry(self, index: int) -> Entry:
        """An entry of ours."""
        row = self.store.entry(index)
        if row is None:
            raise Corrupt(f"there is no entry {index}", code="missing_entry")
        return parsed(row.body)

    def any_entry(self, leaf: bytes) -> Entry:
        """An entry of ours or of another, by its leaf."""
        index = self.store.index_of(leaf)
        if index is not None:
            return self.own_entry(index)
        row = self.store.received_one(leaf)
        if row is None:
            raise Corrupt("no such entry is here", code="bad_row")
        return parsed(row.body)


def case_of(store: Inspected, tree: Tree, keys: OwnKeys, audited: Audited) -> Case:
    """Read the cards and the keys."""
    lives = keys.lives
    with audited.at("own keys"):
        lives = stored_lives(store, keys.origin) or keys.lives
    peers = _peers(store, audited)
    return Case(store=store, tree=tree, keys=keys, lives=lives, peers=peers, audited=audited)


def _peers(store: Inspected, audited: Audited) -> Mapping[str, Peer]:
    found: dict[str, Peer] = {}
    with audited.at("peers"):
        for row in store.peers():
            audited.count("cards")
            with audited.at(f"card of {row.origin}"):
                peer = peer_of(open_card(row.card))
                hold(peer.origin == row.origin, "the card is another party's")
                lives = stored_lives(store, row.origin)
                found[row.origin] = peer.with_lives(lives) if lives else peer
    return found


def stored_lives(store: Inspected, origin: str) -> tuple[KeyLife, ...]:
    """All keys that a party ever had, if one changed: what was taken in its time stays whole."""
    try:
        return tuple(
            life_of(row.role, row.key, row.start, row.end, row.revoked_s)
            for row in store.keys(origin)
        )
    except ValueError as error:
        raise Corrupt(f"a key of {origin} has no role", code="bad_row") from error


def parsed(data: bytes) -> Entry:
    """An entry as it is stored."""
    return parse_entry(parse_note(data, size_max=ENTRY_BYTES_MAX).text)


def log_key_of(note: Note, lives: Iterable[KeyLife]) -> VerifierKey:
    """The log key that signed a head, of all that its party ever had.

    Nothing else is kept of a head but lines of its log's keys, so each must be one and hold: a line
    whose name is damaged must not pass for one of a key that nobody knows.
    """
    asked = [life for life in lives if life.role in (Role.LOG, Role.LOG_MLDSA)]
    named = {(life.key.name, life.key.key_id) for life in asked}
    lines = {(line.name, line.key_id) for line in note.signatures}
    hold(lines <= named, "a line of it is by a key that is not its log's")
    for key in {life.key for life in asked if life.role is Role.LOG_MLDSA}:
        cosigned_at(note, key)  # raises if its line is there and false
    return held(note, (life for life in asked if life.role is Role.LOG))[0].key


def check_lines(note: Note, keys: Collection[VerifierKey], time_s: int) -> None:
    """Corrupt unless a signer's keys cosigned at that time, and every line is by one of them."""
    hold(time_s in {cosigned_at(note, key) for key in keys}, "another key signed it")
    named = {(key.name, key.key_id) for key in keys}
    lines = {(line.name, line.key_id) for line in note.signatures}
    hold(lines <= named, "a line of it is by a key that is not named here")

"""By which of a peer's keys something that it sent counts, when it has had several.

A statement about keys introduces itself: it goes along with every GIVE until it was taken, since
that may be sealed already with the key that it names; so it is looked at before the envelope is.
Called by both sides of the exchange and its door.
"""

from collections.abc import Sequence

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.model.fault import Malformed, Untrusted
from comity.storage.store import Reading
from comity.trust.envelope import check_signer
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife, held, within
from comity.trust.note import Note, Signature, parse_note
from comity.trust.roster import Peer, Roster
from comity.trust.statement import STATEMENT_BYTES_MAX, Statement, changed, open_statement
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Reader, parse_fields
from comity.wire.key_v1 import KeyText, parse_statement

__all__ = [
    "ABOUT_KEYS",
    "STATEMENTS_MAX",
    "about_log_keys",
    "check_given",
    "cosigner_key",
    "introduced",
    "log_key",
    "mldsa_key",
]

STATEMENTS_MAX = 16  # waiting for one peer: eight years of rotations, each with its revocation
_ABOUT_KEYS_MAX = 4 * STATEMENTS_MAX  # four roles change in turn
_NOT_YET = 2**62
ABOUT_KEYS = frozenset({EntryType.KEY, EntryType.REVOKE})


def log_key(peer: Peer, note: Note) -> VerifierKey:
    """The log key by which a head of the peer counts; Untrusted if none does."""
    size = parse_checkpoint(note.text).size
    found = held(note, peer.of_role(Role.LOG))
    return within(found, lambda life: life.revoked_s is None and life.span.holds(size)).key


def mldsa_key(peer: Peer, note: Note) -> VerifierKey | None:
    """The ML-DSA key whose line a head carries, if one does; Untrusted if its line is false."""
    lives = [life for life in peer.of_role(Role.LOG_MLDSA) if life.revoked_s is None]
    keys = [life.key for life in lives if cosigned_at(note, life.key) is not None]
    return keys[-1] if keys else None


def cosigner_key(peer: Peer, line: Signature) -> VerifierKey:
    """The cosigner key that a line claims; Untrusted if it is not one of the peer's in force."""
    for life in peer.of_role(Role.COSIGNER):
        if life.key.key_id == line.key_id:
            if life.revoked_s is not None:
                raise Untrusted("the peer revoked that cosigner key", code="key_revoked")
            return life.key
    return peer.cosigner


def check_given(note: Note, kind: EntryType, index: int, peer: Peer) -> None:
    """Untrusted unless the key that signed a given entry was in force at its proven index.

    A statement about keys holds its own authority. Safety does not wait until the statement about
    a new key is taken, which on a forked line it never is: the key before vouches for the new one.
    """
    if kind in ABOUT_KEYS:
        return
    if kind is EntryType.SAFETY:
        found = held(note, peer.of_role(Role.ENTRY))
        if any(life.span.start == _NOT_YET and life.revoked_s is None for life in found):
            return
    check_signer(note, index, peer)


def about_log_keys(reading: Reading, origin: str) -> list[str]:
    """What a party gave us to know about its log keys, and we took: the newest, oldest first.

    Handed back to it when it asks which head of its we know: after a restore it may know neither
    the key that signed that head nor the statement that introduced it.
    """
    found: list[str] = []
    for row in reading.post.about_keys(origin, _ABOUT_KEYS_MAX):
        opening = reading.journal.opening(row.leaf)
        if opening is not None:  # it was accepted
            text = Reader(parse_fields(opening.fields), frozenset()).text("statement")
            note = parse_note(text.encode("utf-8"), size_max=STATEMENT_BYTES_MAX)
            if parse_statement(note.text).role == Role.LOG:
                found.append(text)
    return found[-STATEMENTS_MAX:]


def introduced(statements: Sequence[str], origin: str, roster: Roster) -> Roster:
    """The roster as it will be when what is on its way from `origin` about its keys is taken.

    Nothing is changed by it: the entries follow, and the desk decides. What was taken before is
    passed over.

    Raises:
        Malformed, Untrusted, Refused: one of them does not hold.
    """
    if len(statements) > STATEMENTS_MAX:
        raise Malformed("too many statements about keys at once", code="bad_message")
    peer = roster.peers.get(origin)
    if peer is None:
        return roster
    lives = peer.all_lives
    for each in statements:
        data = each.encode("utf-8", "surrogatepass")
        found = parse_statement(parse_note(data, size_max=STATEMENT_BYTES_MAX).text)
        if not _known(found, lives):
            open_statement(data, origin, lives, peer.roots)
            # Its index is proven later; until then the entry key before it is in force as well.
            lives = changed(lives, found, _NOT_YET)
    return roster if lives == peer.all_lives else roster.knowing(peer.with_lives(lives))


def _known(found: Statement, lives: tuple[KeyLife, ...]) -> bool:
    if isinstance(found, KeyText):
        return any(life.key.text() == found.new for life in lives)
    return lives == changed(lives, found, _NOT_YET)

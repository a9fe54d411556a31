"""What the journal is given to do: a peer's entry to verify, and an entry of our own to write.

The same keys, notices and seeds in every run, so that two runs do the same. Called by journal.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from itertools import count

from comity.journal.content import commit_content, owned_seed
from comity.journal.pen import Pen
from comity.journal.scribe import Committed, Scribe
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.party import Card
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.store import Transaction
from comity.trust.envelope import open_entry
from comity.trust.identity import Identity, cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import serialise, sign_note
from comity.trust.roster import Roster, peer_of
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import Entry, EntryType, entry_text
from comity.wire.fields import Field
from comity.wire.notice_v1 import fields_of

__all__ = [
    "OWN",
    "PEER",
    "Works",
    "counted_seeds",
    "foreign_notes",
    "identity_of",
    "notice_fields",
    "plain_declaration",
]

OWN = "alpha.example/comity/2026"
PEER = "bravo.example/comity/2026"
_FOREIGN_NOTES = 256  # in turn; more than `trust.recent` remembers, so each is verified anew
_HOUR_US = 3_600_000_000
_NOW_US = 1_767_225_600_000_000  # 2026-01-01


def counted_seeds(label: str) -> "Seeds":
    """Seeds that are the same in every run: SHA-256 of label and number."""
    return Seeds(label)


class Seeds:
    """Gives 32 bytes at each call."""

    def __init__(self, label: str) -> None:
        """Start from number 0."""
        self._label = label
        self._numbers = count()

    def __call__(self) -> bytes:
        """The next seed."""
        return sha256(f"comity bench {self._label} {next(self._numbers)}".encode())


def identity_of(origin: str) -> Identity:
    """The fixed keys of a party."""
    seeds = counted_seeds(origin)
    return Identity(
        origin=origin,
        entry=SigningKey(name=entry_key_name(origin), key_type=KeyType.ED25519, seed=seeds()),
        log=SigningKey(name=origin, key_type=KeyType.ED25519, seed=seeds()),
        cosigner=SigningKey(
            name=cosigner_key_name(origin), key_type=KeyType.COSIGNATURE_V1, seed=seeds()
        ),
    )


def notice_fields() -> tuple[Field, ...]:
    """The content of a plain notice: one circle, one hour, as `comity notice give` sends it."""
    volume = Volume4D(
        footprint=Circle(
            centre=Position(lat_e7=355_000_000, lon_e7=357_000_000), radius_mm=20_000_000
        ),
        heights=HeightBand(lower_mm=0, upper_mm=9_000_000),
        window=Window(start_us=_NOW_US + _HOUR_US, end_us=_NOW_US + 2 * _HOUR_US),
    )
    return fields_of(plain_declaration(volume))


def plain_declaration(volume: Volume4D) -> Declaration:
    """A plain notice of one volume."""
    return Declaration(
        code=Code.NOTIFY,
        purpose=Purpose.MILITARY_ACTIVITY,
        domain=Domain.AIR,
        craft=Craft.NONE,
        onward=Onward.NONE,
        name="bench",
        volumes=(volume,),
    )


def foreign_notes(number: int = _FOREIGN_NOTES) -> tuple[bytes, ...]:
    """Entries of the peer to us, each with its one Ed25519 signature."""
    key, fields = identity_of(PEER).entry, notice_fields()
    seeds = counted_seeds("foreign")
    found = []
    for seq in range(number):
        entry = Entry(
            type=EntryType.NOTICE,
            sender=PEER,
            audience=OWN,
            seq=seq,
            prev=None if seq == 0 else sha256(str(seq).encode()),
            issued_us=_NOW_US + seq,
            beacon=None,
            body=commit_content(fields, owned_seed(seeds(), PEER)),
        )
        found.append(serialise(sign_note(entry_text(entry), key)))
    return tuple(found)


class Works:
    """Verifies the next foreign entry as the exchange does, then has one of our own written."""

    def __init__(self, scribe: Scribe, notes: Sequence[bytes]) -> None:
        """Write with `scribe`; verify `notes`, over and over."""
        self._scribe = scribe
        self._notes = notes
        self._fields = notice_fields()
        self._roster = _roster()
        self._numbers = count()

    def verify_and_write(self) -> Future[Committed[int]]:
        """Verify here and now; the future resolves when our entry is durable, with its index."""
        number = next(self._numbers)
        open_entry(self._notes[number % len(self._notes)], self._roster)
        return self._scribe.submit(self._write, _NOW_US + number)

    def write(self) -> Future[Committed[int]]:
        """Our entry alone, to make a journal long."""
        return self._scribe.submit(self._write, _NOW_US + next(self._numbers))

    def _write(self, _: Transaction, pen: Pen) -> int:
        content = pen.seal(self._fields)
        return pen.write_content(EntryType.NOTICE, PEER, content).index


def _roster() -> Roster:
    peer = identity_of(PEER)
    card = Card(
        origin=PEER,
        address="http://127.0.0.1:7102",
        entry_key=peer.entry.verifier().text(),
        log_key=peer.log.verifier().text(),
        cosigner_key=peer.cosigner.verifier().text(),
        tls_certificate=b"",
    )
    return Roster(own=OWN, peers={PEER: peer_of(card)})

"""Parties round a table: each with a real store, pen and desks; entries are handed over by hand.

Signatures, commitments and chains are real; proofs and HTTP are the exchange's and left out.
Used by the tests of both desks.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TypeVar

from comity.assembly import desks_of
from comity.exchange.given import ACCEPTED, Given
from comity.hotline.answer import give_answer
from comity.hotline.attest import NamedUnit, attest
from comity.intake.enrol import enrol
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder, Outcome
from comity.intake.receive import declare
from comity.journal.content import open_content, owned_seed
from comity.journal.merkle import leaf_hash
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.agreement import DEFAULT, Parameters
from comity.model.answer import Answer, Attestation
from comity.model.fault import Fault, Malformed, Refused, Untrusted
from comity.model.notice import Declaration
from comity.storage.rows import (
    AnswerRow,
    OpeningRow,
    ReceivedRow,
    SubjectRow,
    UnitRow,
    WarningRow,
)
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Reading, Transaction
from comity.trust.card import card_note, open_card
from comity.trust.envelope import open_entry
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey
from comity.trust.roster import Roster, peer_of
from comity.wire.answer_v1 import attestation_from
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import ContentBody, EntryType
from comity.wire.fields import Field, serialise_fields
from tests.model.samples import MINUTE_US, NOON_US

T = TypeVar("T")
MEMORY_MIN = 1 << 30  # bytes: some containers have 64 MiB
MORNING_US = NOON_US - 60 * MINUTE_US  # an hour before what the samples declare


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder for stores whose durability is not what is tested; on a disk if it must be."""
    memory = Path("/dev/shm")  # noqa: S108 - a fsync there costs nothing
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_MIN
    with TemporaryDirectory(dir=memory if has_room else None) as folder:
        yield Path(folder)


def origin_of(name: str) -> str:
    """The origin of a party at the table."""
    return f"{name}.example/comity/2026"


def identity_of(origin: str) -> Identity:
    """Fixed keys."""

    def key(name: str, kind: KeyType) -> SigningKey:
        return SigningKey(name=name, key_type=kind, seed=sha256(name.encode()))

    return Identity(
        origin=origin,
        entry=key(f"{origin}/desk", KeyType.ED25519),
        log=key(origin, KeyType.ED25519),
        cosigner=key(f"{origin}/cosigner", KeyType.COSIGNATURE_V1),
    )


@dataclass
class Handed:
    """What one party handed to another, and what became of it."""

    kind: EntryType
    id: bytes
    data: bytes
    fields: tuple[Field, ...]
    verdict: str


@dataclass
class Party:
    """One party: its desks are called inside its own transactions, at the table's time."""

    origin: str
    table: "Table"
    store: SqliteStore
    roster: Roster
    identity: Identity
    seeds: int = 0
    broken: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secret = sha256(f"{self.origin} handles".encode())
        self.scribe = Scribe(
            store=self.store,
            identity=self.identity,
            seeds=self._seed,
            witnesses=(),
            on_commit=lambda: None,
            on_fatal=self.broken.append,
        )

    def _seed(self) -> bytes:
        self.seeds += 1
        return sha256(f"{self.origin} {self.seeds}".encode())

    def do(self, work: Callable[[Transaction, Pen], T]) -> T:
        """Run a piece of work; durable when it returns."""
        return self.scribe.submit(work, self.table.now_us).result(timeout=10).value

    def read(self, query: Callable[[Reading], T]) -> T:
        """Ask the committed state."""
        return self.store.read(query)

    def declare(
        self, notice: Declaration, *to: "Party", prompted_by: bytes | None = None
    ) -> Outcome:
        """Declare, and hand it over."""
        recipients = tuple(party.origin for party in to)
        order = DeclareOrder(notice=notice, to=recipients, prompted_by=prompted_by)
        outcome = self.do(lambda tx, pen: declare(tx, pen, order))
        self.table.hand_over()
        return outcome

    def move(self, order: MoveOrder) -> Outcome:
        """Move a subject, and hand it over."""
        outcome = self.do(lambda tx, pen: move(tx, pen, order))
        self.table.hand_over()
        return outcome

    def answer(self, answer: Answer) -> AnswerRow:
        """Answer a notice, and hand it over."""
        row = self.do(lambda tx, pen: give_answer(tx, pen, answer))
        self.table.hand_over()
        return row

    def attest(self, of: bytes, *units: NamedUnit) -> tuple[UnitRow, ...]:
        """Attest units, and hand it over."""
        rows = self.do(lambda tx, pen: attest(tx, pen, self.secret, of, units))
        self.table.hand_over()
        return rows

    def subject(self, id_: bytes) -> SubjectRow:
        """A subject that is there."""
        row = self.read(lambda r: r.sky.subject(id_))
        assert row is not None
        return row

    def warnings(self) -> list[WarningRow]:
        """What is raised and not cleared."""
        return [row for row in self.read(lambda r: r.sky.warnings()) if row.cleared_us is None]

    def take(self, note: bytes, opening: OpeningRow) -> Handed:
        """What the exchange does with a proven GIVE: open, ask the desk, keep the verdict."""

        def work(tx: Transaction, pen: Pen) -> Handed:
            entry = open_entry(note, self.roster)
            body = entry.value.body
            assert isinstance(body, ContentBody)
            fields = open_content(body, owned_seed(opening.seed, entry.by), opening.fields)
            leaf = leaf_hash(note)
            tx.journal.save_opening(
                OpeningRow(leaf=leaf, seed=opening.seed, fields=serialise_fields(fields))
            )
            if tx.post.received(leaf) is None:
                row = ReceivedRow(
                    leaf=leaf, peer=entry.by, index=0, body=note, proof=b"", receipt_index=0
                )
                tx.post.save_received(row)
            given = Given(index=0, entry=entry, leaf=leaf, id=body.root, fields=fields)
            verdict = ACCEPTED
            try:
                with tx.savepoint():
                    desks_of(self.secret)[entry.value.type](tx, pen, given)
            except (Refused, Malformed, Untrusted) as fault:
                verdict = fault.code
            return Handed(
                kind=entry.value.type,
                id=body.root,
                data=note + opening.seed + opening.fields,
                fields=fields,
                verdict=verdict,
            )

        return self.do(work)


class Table:
    """Some parties and the time."""

    def __init__(self, folder: Path) -> None:
        self.now_us = MORNING_US
        self.parties: dict[str, Party] = {}
        self.handed: dict[tuple[str, str], list[Handed]] = {}
        self._folder = folder

    def seat(self, name: str) -> Party:
        """A new party, which knows nobody."""
        folder = self._folder / name
        folder.mkdir()
        origin = origin_of(name)
        party = Party(
            origin=origin,
            table=self,
            store=SqliteStore(folder),
            roster=Roster(own=origin, peers=MappingProxyType({})),
            identity=identity_of(origin),
        )
        self.parties[origin] = party
        return party

    def join(self, a: Party, b: Party, parameters: Parameters = DEFAULT) -> None:
        """Enrol two parties with each other under the same terms."""
        self.enrol(a, b, parameters)
        self.enrol(b, a, parameters)
        self.hand_over()

    def enrol(self, here: Party, there: Party, parameters: Parameters = DEFAULT) -> None:
        """One side enrols the other; nothing is handed over yet."""
        card = card_note(there.identity, "http://127.0.0.1:7101", b"")
        peer = peer_of(open_card(card))
        here.roster = here.roster.with_peer(peer)
        here.do(lambda tx, pen: enrol(tx, pen, peer, card, parameters))

    def hand_over(self) -> None:
        """Hand over what waits, until nothing does: an entry handed over may cause another."""
        for _ in range(10):
            moved = [self._carry(a, b) for a in self.parties.values() for b in a.roster.peers]
            if not any(moved):
                return
        raise AssertionError("parties that never stop talking")

    def _carry(self, sender: Party, to: str) -> bool:
        rows = sender.read(lambda r: r.post.outbox(to, 100))
        if sender.origin not in self.parties[to].roster.peers:
            return False  # a stranger is not heard, and tries again
        for row in rows:
            note, opening = _opened(sender, row.index)
            handed = self.parties[to].take(note, opening)
            self.handed.setdefault((sender.origin, to), []).append(handed)
            _drop(sender, to, row.index)
        return bool(rows)

    def between(self, sender: Party, to: Party) -> list[Handed]:
        """What one handed to the other, oldest first."""
        return self.handed.get((sender.origin, to.origin), [])

    def verdicts(self, sender: Party, to: Party) -> list[tuple[EntryType, str]]:
        """Types and verdicts of what was handed over."""
        return [(handed.kind, handed.verdict) for handed in self.between(sender, to)]

    def attested(self, sender: Party, to: Party) -> list[Attestation]:
        """The attestations among what was handed over."""
        handed = self.between(sender, to)
        return [attestation_from(h.fields) for h in handed if h.kind is EntryType.ATTESTATION]

    def close(self) -> None:
        """Stop every pen; nothing may have broken."""
        for party in self.parties.values():
            party.scribe.close()
            party.store.close()
            assert party.broken == []


def _opened(sender: Party, index: int) -> tuple[bytes, OpeningRow]:
    """An entry as signed, and what opens it."""

    def query(reading: Reading) -> tuple[bytes, OpeningRow]:
        row = reading.journal.entry(index)
        assert row is not None
        opening = reading.journal.opening(row.leaf)
        assert opening is not None
        return row.body, opening

    return sender.read(query)


def _drop(sender: Party, to: str, index: int) -> None:
    sender.do(lambda tx, _: tx.post.drop_out(to, index))

"""Two nodes in one process with real pens, stores and exchange, and neutral witnesses that cosign.

What passes between them goes through the functions of the exchange, without HTTP. Times are given.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import httpx

from comity.clock import VirtualClock
from comity.exchange.beat import acknowledge
from comity.exchange.client import Wire
from comity.exchange.given import Desks, Given
from comity.exchange.line import ACK_PATH, GIVE_PATH, Line, PeerKnows
from comity.exchange.messages import Ack, Acked, Give, decode, encode
from comity.exchange.receive import Own, cosignature_for, open_ack, open_give, take_for
from comity.exchange.send import deliver
from comity.exchange.shown import Shown
from comity.exchange.standing import cosignature_row
from comity.journal.bundle import bundle_files
from comity.journal.choice import EVERYTHING, Choice
from comity.journal.cosignature import cosign
from comity.journal.heads import OtherSize
from comity.journal.manifest import MANIFEST_NAME, parse_manifest
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.journal.trustfile import Trust, parse_trust, trust_text
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.party import Card
from comity.model.quantity import Position, instant_us
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.rows import CosignatureRow, PeerRow
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.trust.card import card_note, open_card
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import parse_note, serialise, sign_note
from comity.trust.roster import Roster, peer_of
from comity.web.node import RosterBox
from comity.wire.canonical import dumps
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import int_field, text_field
from comity.wire.limits import BODY_BYTES_MAX
from comity.wire.notice_v1 import fields_of

NOON_US = instant_us("2026-11-22T12:00:00Z")
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
ADDRESS = "http://127.0.0.1:1"


def seeded(name: str, kind: KeyType = KeyType.ED25519, salt: str = "") -> SigningKey:
    """The same key for the same name, every time."""
    seed = hashlib.sha256(f"{name}/{kind}/{salt}".encode()).digest()
    return SigningKey(name=name, key_type=kind, seed=seed)


def identity_of(origin: str, *, mldsa: bool = False) -> Identity:
    return Identity(
        log_mldsa=seeded(origin, KeyType.ML_DSA_44) if mldsa else None,
        origin=origin,
        entry=seeded(f"{origin}/desk"),
        log=seeded(origin),
        cosigner=seeded(f"{origin}/cosigner", KeyType.COSIGNATURE_V1),
    )


def card_of(identity: Identity) -> Card:
    return open_card(card_note(identity, ADDRESS, b""))


def declaration(name: str = "PEGASUS", code: Code = Code.NOTIFY) -> Declaration:
    return Declaration(
        code=code,
        purpose=Purpose.TRAINING,
        domain=Domain.AIR,
        craft=Craft.UAV,
        onward=Onward.NONE,
        name=name,
        volumes=(
            Volume4D(
                footprint=Circle(
                    centre=Position(lat_e7=355_000_000, lon_e7=357_000_000), radius_mm=12_000_000
                ),
                heights=HeightBand(lower_mm=0, upper_mm=3_000_000),
                window=Window(start_us=NOON_US + 60 * MINUTE_US, end_us=NOON_US + 90 * MINUTE_US),
            ),
        ),
    )


def _save(row: CosignatureRow, tx: Transaction, _pen: Pen) -> None:
    tx.journal.save_cosignature(row)


def _knows(peer: str, size: int, tx: Transaction, _pen: Pen) -> None:
    row = tx.post.peer(peer)
    assert row is not None
    tx.post.save_peer(replace(row, acked_size=size))


def _accept(_tx: Transaction, _pen: Pen, _given: Given) -> None:
    """A desk that takes everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One node: keys, store, pen; whom it knows."""

    identity: Identity
    store: SqliteStore
    scribe: Scribe
    roster: Roster

    @property
    def origin(self) -> str:
        return self.identity.origin


class Door(httpx.AsyncBaseTransport):
    """A party's side of the exchange, reached without a network; may lose its answers."""

    def __init__(self, party: Party, caller: str, clock: VirtualClock, desks: Desks) -> None:
        self._party = party
        self._peer = party.roster.peer(caller)
        self._clock = clock
        self._desks = desks
        self._shown = Shown()
        self.lose = 0

    # typing.override is of Python 3.12.
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            body = self._answer(request.url.path, await request.aread())
        except OtherSize as other:
            named = dumps({"code": other.code, "size": other.size})
            return httpx.Response(409, stream=httpx.ByteStream(named))
        if self.lose:
            self.lose -= 1
            raise httpx.ReadTimeout("lost")
        return httpx.Response(200, stream=httpx.ByteStream(body))

    def _answer(self, path: str, body: bytes) -> bytes:
        now_us, party = self._clock.now_us(), self._party
        if path == GIVE_PATH:
            give = decode(body, Give, BODY_BYTES_MAX)
            took = open_give(give, self._peer, party.roster, self._desks, self._shown)
            taken = party.scribe.submit(took, now_us).result()
            own = Own(
                head=party.scribe.published(taken.head, now_us),
                identity=party.identity,
                now_us=now_us,
                have=give.have,
                shown=self._shown,
            )
            return encode(party.store.read(lambda r: take_for(r, taken.value, own)))
        assert path == ACK_PATH
        acked = open_ack(decode(body, Ack, BODY_BYTES_MAX), self._peer, self._shown)
        head = party.scribe.submit(acked, now_us).result().value
        return encode(Acked(cosignature=cosignature_for(head, party.identity, now_us)))


class TwoNodes:
    """Alpha gives, beta takes. Close it."""

    def __init__(
        self,
        folder: Path,
        *,
        exercise: str = "",
        witnesses: int = 1,
        desks: Desks | None = None,
        mldsa: bool = False,
        start_us: int = NOON_US,
    ) -> None:
        mark = f"/exercise/{exercise}" if exercise else ""
        self.clock = VirtualClock(start_us)
        self.witness_keys = tuple(
            seeded(f"w{number}.example/witness", KeyType.COSIGNATURE_V1)
            for number in range(1, witnesses + 1)
        )
        alpha = identity_of(f"alpha.example/comity/2026{mark}", mldsa=mldsa)
        beta = identity_of(f"beta.example/comity/2026{mark}", mldsa=mldsa)
        self.alpha = self._party(folder / "alpha", alpha, beta)
        self.beta = self._party(folder / "beta", beta, alpha)
        self.door = Door(
            self.beta, alpha.origin, self.clock, desks or dict.fromkeys(EntryType, _accept)
        )
        self.line = Line(
            enrolled=self.alpha.roster.peer(beta.origin),
            roster=RosterBox(self.alpha.roster),
            wire=Wire(ADDRESS, b"", self.door),
            identity=alpha,
            store=self.alpha.store,
            scribe=self.alpha.scribe,
            clock=self.clock,
        )

    @property
    def witness_names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.witness_keys)

    def _party(self, folder: Path, own: Identity, other: Identity) -> Party:
        folder.mkdir()
        store = SqliteStore(folder)
        seeds = (hashlib.sha256(f"{own.origin}{i}".encode()).digest() for i in range(1_000))
        peer = peer_of(card_of(other))
        party = Party(
            identity=own,
            store=store,
            scribe=Scribe(
                store=store,
                identity=own,
                seeds=lambda: next(seeds),
                witnesses=self.witness_names,
                on_commit=lambda: None,
                on_fatal=_fatal,
            ),
            roster=Roster(own=own.origin, peers=MappingProxyType({peer.origin: peer})),
        )
        row = PeerRow(
            origin=peer.origin,
            card=card_note(other, ADDRESS, b""),
            added_us=NOON_US,
            acked_size=0,
            contact_us=None,
        )
        party.scribe.submit(lambda tx, _: tx.post.save_peer(row), NOON_US).result()
        return party

    def close(self) -> None:
        for party in (self.alpha, self.beta):
            party.scribe.close()
            party.store.close()

    def tick(self, us: int = SECOND_US) -> None:
        self.clock.set(self.clock.now_us() + us)

    def declare(self, notice: Declaration | None = None) -> int:
        """Alpha writes a notice for beta; its index."""
        fields = fields_of(notice or declaration())

        def work(_: Transaction, pen: Pen) -> int:
            content = pen.seal(fields)
            return pen.write_content(EntryType.NOTICE, self.beta.origin, content).index

        return self.alpha.scribe.submit(work, self.clock.now_us()).result().value

    def give(self, index: int, *, ack: bool = True) -> None:
        """GIVE and TAKE, and ACK unless told otherwise; as the courier does, with one retry."""

        async def both() -> None:
            try:
                bound = (await deliver(self.line, self.alpha.roster, [index])).bound
            except PeerKnows as other:  # beta knows more of us than we thought: a TAKE was lost
                await self.line.commit(partial(_knows, self.beta.origin, other.size))
                bound = (await deliver(self.line, self.alpha.roster, [index])).bound
            if ack and bound is not None:
                await acknowledge(self.line, bound)

        asyncio.run(both())

    def witness(self, *which: int, at_us: int | None = None) -> int:
        """Witnesses (all, or those numbered) cosign alpha's newest head; its size."""
        now_us = self.clock.now_us() if at_us is None else at_us
        head = self.alpha.scribe.head
        for number in which or range(len(self.witness_keys)):
            key = self.witness_keys[number]
            line = cosign(head.note.text, key, now_us // SECOND_US)
            row = cosignature_row(head.note.text, line, key.verifier(), now_us)
            self.alpha.scribe.submit(partial(_save, row), now_us).result()
        return head.checkpoint.size

    def note_to_self(self) -> int:
        """Alpha writes an account of a call for itself; its index."""
        fields = (text_field("words", "they rang"), int_field("received", NOON_US))

        def work(_: Transaction, pen: Pen) -> int:
            return pen.write_content(EntryType.CALL, pen.origin, pen.seal(fields)).index

        return self.alpha.scribe.submit(work, self.clock.now_us()).result().value

    def bundle(
        self, index: int, choice: Choice = EVERYTHING, *, recorded: bool = False
    ) -> dict[str, bytes]:
        """Alpha's bundle for its entry `index`."""
        scribe, now_us = self.alpha.scribe, self.clock.now_us()
        return self.alpha.store.read(
            lambda reading: bundle_files(
                reading,
                index=index,
                head_of=lambda size: scribe.published(scribe.head_of(size), now_us),
                head=scribe.published(scribe.head, now_us),
                identity=self.alpha.identity,
                witnesses=self.witness_names,
                choice=choice,
                recorded=recorded,
            )
        )

    def trust_file(self, *, quorum: int | None = None) -> bytes:
        referee = seeded("referee.example/trust")
        text = trust_text(
            [card_of(party.identity) for party in (self.alpha, self.beta)],
            [key.verifier().text() for key in self.witness_keys],
            signer=referee.verifier().text(),
            quorum=quorum,
        )
        return serialise(sign_note(text, referee))

    def trust(self, *, quorum: int | None = None) -> Trust:
        return parse_trust(self.trust_file(quorum=quorum))


def _fatal(fault: BaseException) -> None:
    raise AssertionError(fault)


@contextmanager
def two_nodes(
    *,
    exercise: str = "",
    witnesses: int = 1,
    desks: Desks | None = None,
    mldsa: bool = False,
    start_us: int = NOON_US,
) -> Iterator[TwoNodes]:
    """Two nodes in a folder of their own, closed at the end."""
    with TemporaryDirectory() as folder:
        nodes = TwoNodes(
            Path(folder),
            exercise=exercise,
            witnesses=witnesses,
            desks=desks,
            mldsa=mldsa,
            start_us=start_us,
        )
        try:
            yield nodes
        finally:
            nodes.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A bundle with everything in it, its trust file, and alpha's and beta's keys."""

    files: MappingProxyType[str, bytes]
    trust_file: bytes
    trust: Trust
    subject: tuple[bytes, int]
    alpha: Identity
    beta: Identity
    witness: SigningKey


@cache
def full_sample() -> Sample:
    """Given, acknowledged, bound, witnessed before and after: every file of a bundle is there."""
    with two_nodes() as nodes:
        nodes.give(nodes.declare(declaration("EARLIER")))
        nodes.tick()
        nodes.witness()
        nodes.tick()
        index = nodes.declare()
        nodes.tick()
        nodes.give(index)
        nodes.tick()
        nodes.declare(declaration("LATER"))
        nodes.witness()
        files = nodes.bundle(index)
        manifest = parse_manifest(parse_note(files[MANIFEST_NAME]).text)
        return Sample(
            files=MappingProxyType(files),
            subject=(manifest.id, manifest.index),
            trust_file=nodes.trust_file(),
            trust=nodes.trust(),
            alpha=nodes.alpha.identity,
            beta=nodes.beta.identity,
            witness=nodes.witness_keys[0],
        )

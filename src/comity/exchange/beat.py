"""What carries no entries: the ACK after a TAKE, and the beat, which shows that both are there.

Each brings a signed head and a cosignature; what comes back is verified before it is committed.
Called by the courier.
"""

import msgspec

from comity.exchange.line import ACK_PATH, BEAT_PATH, Line
from comity.exchange.messages import Ack, Acked, Beat, Beaten, growths_from, note_from
from comity.exchange.receive import cosignature_for
from comity.exchange.send import Bound
from comity.exchange.standing import contacted, follow_answer, keep_cosignature, record_head, show
from comity.journal.pen import Pen
from comity.journal.prove import prove_inclusion
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import serialise_proof
from comity.model.fault import Corrupt, Refused
from comity.storage.store import Reading, Transaction
from comity.trust.note import serialise

__all__ = ["acknowledge", "beat"]

_DENIED = "peer_bad_signature"


async def acknowledge(line: Line, bound: Bound) -> None:
    """Tell the peer that its head stands in our journal; keep its cosignature over ours."""
    head = line.scribe.published(line.scribe.head, line.clock.now_us())
    cosignature = cosignature_for(bound.head, line.identity, line.cosigning_us())

    def message(reading: Reading) -> Ack:
        row = reading.journal.entry(bound.index)
        if row is None:
            raise Corrupt("the binding is not in the journal", code="missing_entry")
        return Ack(
            entry=row.body.decode("utf-8"),
            proof=serialise_proof(prove_inclusion(reading, bound.index, head)).decode("utf-8"),
            growth=show(reading, line.peer.origin, head, line.shown),
            cosignature=cosignature,
        )

    acked = await line.ask(ACK_PATH, line.store.read(message), Acked)
    await line.commit(lambda tx, pen: _keep(tx, pen, line, head, acked.cosignature))


def _keep(  # noqa: PLR0917 - whose cosignature over what, and which entry of ours holds its head
    tx: Transaction,
    pen: Pen,
    line: Line,
    head: SignedHead,
    cosignature: str,
    bound: int | None = None,
) -> None:
    keep_cosignature(tx, pen, line.peer, cosignature, head.checkpoint.size)
    contacted(tx, pen, line.peer, bound, head.checkpoint.size)


async def beat(line: Line) -> None:
    """Exchange signed heads, cosign them, record the peer's."""
    head = line.scribe.published(line.scribe.head, line.clock.now_us())

    def message(reading: Reading) -> Beat:
        known = reading.post.head(line.peer.origin)
        now = line.cosigning_us()
        return Beat(
            checkpoint=serialise(head.note).decode("utf-8"),
            growth=show(reading, line.peer.origin, head, line.shown),
            have=0 if known is None else known.size,
            cosignature=None if known is None else cosignature_for(known, line.identity, now),
        )

    beaten = await _asked(line, line.store.read(message))
    note, growths = note_from(beaten.checkpoint), growths_from(beaten.growth)

    def work(tx: Transaction, pen: Pen) -> None:
        known = follow_answer(tx, pen, line.peer, note, growths, line.shown)
        bound = record_head(pen, known).index
        _keep(tx, pen, line, head, beaten.cosignature, bound)

    await line.commit(work)


async def _asked(line: Line, sent: Beat) -> Beaten:
    """A peer that denies the head which we cosigned is asked again, for the one that it owns to.

    Of two nodes with one key the second would else refuse every beat, and never show its own head,
    which convicts it.
    """
    try:
        return await line.ask(BEAT_PATH, sent, Beaten)
    except Refused as no:
        if no.code != _DENIED or sent.cosignature is None:
            raise
    return await line.ask(BEAT_PATH, msgspec.structs.replace(sent, cosignature=None), Beaten)

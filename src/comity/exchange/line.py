"""One peer's line, seen from the sending side: to ask it something and believe the answer.

`ask` seals the envelope, sends, and turns the peer's named problems back into faults. Called by
courier.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from comity.clock import Clock
from comity.exchange.client import Answered, Wire
from comity.exchange.messages import (
    Ack,
    Acked,
    AskClock,
    Beat,
    Beaten,
    ClockTold,
    Give,
    Leaves,
    NotKept,
    Recall,
    Recalled,
    ShownOnly,
    Take,
    Want,
    decode,
    encode,
)
from comity.exchange.shown import Shown
from comity.journal.pen import Pen
from comity.journal.scribe import Committed, Scribe
from comity.model.fault import Malformed, Refusal, Refused, Unavailable
from comity.storage.store import Store, Transaction
from comity.trust.envelope import seal_transport
from comity.trust.identity import Identity
from comity.trust.roster import Peer
from comity.web.node import RosterBox
from comity.wire.canonical import b64, loads
from comity.wire.limits import PEER_RESPONSE_BYTES_MAX

__all__ = [
    "ACK_PATH",
    "BEAT_PATH",
    "ENVELOPE_HEADER",
    "GIVE_PATH",
    "LEAVES_PATH",
    "RECALL_PATH",
    "UNRECORDED_PATH",
    "Line",
    "PeerKnows",
    "PeerShows",
    "aside",
]

GIVE_PATH = "/exchange/v1/give"
ACK_PATH = "/exchange/v1/ack"
BEAT_PATH = "/exchange/v1/beat"
UNRECORDED_PATH = "/exchange/v1/unrecorded"
LEAVES_PATH = "/exchange/v1/leaves"
RECALL_PATH = "/exchange/v1/recall"
ENVELOPE_HEADER = "comity-envelope"
_OK = 200
_ASIDE_FROM = 4  # signatures: below it a thread costs more than it frees

M = TypeVar("M", Take, Acked, Beaten, ClockTold, Leaves, Recalled, ShownOnly)
T = TypeVar("T")


class PeerKnows(Refused):
    """The peer's head of our journal has another size than we thought."""

    def __init__(self, size: int) -> None:
        """Take the peer's word for what it knows; what it may be is checked by the courier."""
        super().__init__(
            Refusal(
                code="peer_knows",
                reason=f"the peer knows our journal up to size {size}",
                what_to_do="prove growth from there",
            )
        )
        self.size = size


class PeerShows(Refused):
    """The peer shows what it was given and has no room to record it; its statement, unverified."""

    def __init__(self, statement: str) -> None:
        """Keep the signed statement for whoever knows what was given."""
        super().__init__(
            Refusal(
                code="peer_not_recorded",
                reason="the peer shows it and has no room to record it",
                what_to_do="it is given again until there is a receipt",
            )
        )
        self.statement = statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Everything that the sending side needs for one peer."""

    enrolled: Peer
    roster: RosterBox
    wire: Wire
    identity: Identity
    store: Store
    scribe: Scribe
    clock: Clock
    shown: Shown = field(default_factory=Shown)
    on_taken: Callable[[float], None] = lambda _: None  # seconds from a GIVE to its whole TAKE

    @property
    def peer(self) -> Peer:
        """The party with the keys that it has now, which are not always those of its enrolment."""
        return self.roster.now.peers.get(self.enrolled.origin, self.enrolled)

    async def commit(self, work: Callable[[Transaction, Pen], T]) -> Committed[T]:
        """Run a work through the one pen and wait until it is durable."""
        return await asyncio.wrap_future(self.scribe.submit(work, self.clock.now_us()))

    def line_us(self) -> int:
        """Our time as the others have it: what only serves the line need not fail on a clock."""
        return self.clock.now_us() + self.scribe.standing().correction_us

    def cosigning_us(self) -> int:
        """The same for a time that we cosign, which no single peer may move."""
        return self.clock.now_us() + self.scribe.standing().cosigning_correction_us

    async def ask(
        self,
        path: str,
        message: Give | Ack | AskClock | Beat | Want | NotKept | Recall,
        kind: type[M],
    ) -> M:
        """Send a message and read its answer; raises what the peer named, or Unavailable."""
        body = encode(message)
        envelope = seal_transport(
            self.identity.entry,
            self.identity.origin,
            self.peer.origin,
            path,
            body,
            self.line_us(),
        )
        answered = await self.wire.post(path, body, {ENVELOPE_HEADER: b64(envelope)})
        if answered.status != _OK:
            raise _named(answered)
        return decode(answered.body, kind, PEER_RESPONSE_BYTES_MAX)


async def aside(size: int, check: Callable[[], T]) -> T:
    """Run what verifies `size` signatures; if they are many, beside the loop."""
    return await asyncio.to_thread(check) if size > _ASIDE_FROM else check()


def _named(answered: Answered) -> Unavailable | Refused:
    """The fault that a peer's problem names; a peer's words are shown, never obeyed."""
    try:
        found = loads(answered.body, bytes_max=PEER_RESPONSE_BYTES_MAX)
    except Malformed:
        found = None
    if not isinstance(found, dict):
        return Unavailable(f"the peer answered {answered.status}", code="peer_error")
    size = found.get("size")
    if found.get("code") == "other_size" and isinstance(size, int) and size >= 0:
        return PeerKnows(size)
    statement = found.get("statement")
    if found.get("code") == "not_recorded" and isinstance(statement, str):
        return PeerShows(statement)
    refusal = Refusal(
        code=f"peer_{str(found.get('code', 'refused'))[:40]}",
        reason=f"the peer said: {str(found.get('detail', 'no'))[:200]}",
        what_to_do="see the peer's reason; it is tried again",
    )
    return Refused(refusal)

"""What a door may use of a node: one state to read, one pen to write with, one clock, the roster.

Built by assembly; doors get it whole and desks get none of it. `commit` is the only way to change
anything.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from comity.clock import Clock
from comity.journal.pen import Pen
from comity.journal.scribe import Committed, Scribe, SignedHead
from comity.model.agreement import DEFAULT
from comity.model.fault import Corrupt
from comity.storage.store import Reading, Store, Transaction
from comity.trust.identity import Identity
from comity.trust.roster import Peer, Roster

__all__ = ["Node", "RosterBox"]

T = TypeVar("T")


def ignore_corrupt(fault: Corrupt) -> None:
    """For nodes that nobody runs as a process."""
    del fault


async def no_authority() -> int:
    """For nodes without a time-stamp authority."""
    return 0


class RosterBox:
    """Holds the present roster; enrolling replaces it after the commit, one party at a time."""

    def __init__(self, roster: Roster) -> None:
        """Start with what the store knows."""
        self.now = roster
        self.changing = asyncio.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One running node, as its doors see it."""

    name: str
    exercise: str | None
    identity: Identity
    store: Store
    scribe: Scribe
    clock: Clock
    roster: RosterBox
    handle_secret: bytes = field(repr=False)
    on_enrolled: Callable[[Peer], None]
    on_corrupt: Callable[[Corrupt], None] = ignore_corrupt
    authorities: tuple[str, ...] = ()
    stamp: Callable[[], Awaitable[int]] = no_authority
    heartbeat_us: int = DEFAULT.heartbeat_us

    @property
    def origin(self) -> str:
        """The name of its journal."""
        return self.identity.origin

    @property
    def head(self) -> SignedHead:
        """The newest signed head."""
        return self.scribe.head

    def read(self, query: Callable[[Reading], T]) -> T:
        """Ask one committed state."""
        return self.store.read(query)

    async def commit(self, work: Callable[[Transaction, Pen], T], now_us: int) -> Committed[T]:
        """Run a work through the one pen; it is durable when this returns."""
        return await asyncio.wrap_future(self.scribe.submit(work, now_us))

    async def enrol(
        self, peer: Peer, work: Callable[[Transaction, Pen], T], now_us: int
    ) -> Committed[T]:
        """Enrol a peer: roster rules first (Refused), then the work, then the line to it."""
        async with self.roster.changing:
            roster = self.roster.now.with_peer(peer)
            done = await self.commit(work, now_us)
            self.roster.now = roster
            self.on_enrolled(peer)
        return done

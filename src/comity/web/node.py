"""What a door may use of a node: one state to read, one pen to write with, one clock, the roster.

Built by assembly; doors get it whole and desks get none of it. `commit` is the only way to change
anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from comity.clock import Clock
from comity.journal.pen import NotRecorded, Pen, Unsaid
from comity.journal.restored import Mark, Word
from comity.journal.scribe import Committed, Scribe, SignedHead
from comity.model.agreement import DEFAULT
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.outlet import Outlet
from comity.storage.store import Reading, Store, Transaction
from comity.trust.identity import Identity, Role
from comity.trust.keys import SigningKey
from comity.trust.roster import Peer, Roster
from comity.web.board import Board
from comity.web.metrics import Metrics
from comity.web.refusals import Checks, Refusals
from comity.web.streams import Streams

__all__ = [
    "NO_VAULT",
    "Condition",
    "Conditions",
    "Gauge",
    "Node",
    "Restoring",
    "RosterBox",
    "Vault",
]

T = TypeVar("T")


def ignore_corrupt(fault: Corrupt) -> None:
    """For nodes that nobody runs as a process."""
    del fault


async def no_authority() -> int:
    """For nodes without a time-stamp authority."""
    return 0


async def call_nobody(unsaid: tuple[Unsaid, ...], now_us: int) -> str:
    """For nodes without lines."""
    del unsaid, now_us
    return "nobody was told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """The home's key files.

    `load` gives a key that waits there, by role and key id; `settle`, once it is in force, makes it
    the one that the next start finds.
    """

    load: Callable[[Role, str], SigningKey]
    settle: Callable[[], None]


def _no_file(role: Role, key_id: str) -> SigningKey:
    raise Refused(
        Refusal(
            code="key_file_missing",
            reason=f"no file of the {role} key {key_id} is in this home",
            what_to_do="submit it to the node in whose home it was made",
        )
    )


NO_VAULT = Vault(load=_no_file, settle=lambda: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is not well: a stable code, words for a person, and whether writing stops."""

    code: str
    text: str
    stops: bool = False


# Who knows of something that may not be well is asked with the node's time.
Conditions = Callable[[int], Iterable[Condition]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A figure of this machine for `/metrics`: its name without `comity_`, with the unit."""

    name: str
    about: str
    read: Callable[[], float]


class Restoring(Protocol):
    """What a door may know of the asking after a restore (`exchange.inquire`)."""

    @property
    def mark(self) -> Mark | None:
        """What was restored, while that is not settled."""
        ...

    @property
    def words(self) -> tuple[Word, ...]:
        """What each party said last."""
        ...

    async def accept(self, party: str, by: str, now_us: int) -> None:
        """Override a silence."""
        ...


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
    outlets: tuple[Outlet, ...] = ()
    heartbeat_us: int = DEFAULT.heartbeat_us
    call_out: Callable[[tuple[Unsaid, ...], int], Awaitable[str]] = call_nobody
    board: Board = field(default_factory=Board)
    vault: Vault = NO_VAULT
    restoring: Restoring | None = None
    conditions: tuple[Conditions, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    refusals: Refusals = field(default_factory=Refusals)
    checks: Checks = field(default_factory=Checks)
    streams: Streams = field(default_factory=Streams)

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

    async def say_or_commit(
        self, work: Callable[[Transaction, Pen], T], now_us: int
    ) -> Committed[T]:
        """Commit; what is of the floor and has no room is said on the line all the same.

        Raises:
            NotRecorded: it was not recorded; the reason says who was told.
        """
        try:
            return await self.commit(work, now_us)
        except NotRecorded as fault:
            told = await self.call_out(fault.unsaid, now_us)
            raise NotRecorded(fault.unsaid, told) from fault

    async def renew(self, now_known: Callable[[Reading, Roster], Roster]) -> None:
        """Bring the roster to what the store says after a party's keys have changed."""
        async with self.roster.changing:
            roster = self.roster.now
            self.roster.now = self.read(lambda reading: now_known(reading, roster))

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

"""The network between simulated nodes: loses, doubles, delays, keeps back and cuts, by a seed.

What is lost is silence: the sender's own deadline ends it, in virtual time. A stale copy arrives
up to a minute after the message that it copies, from nobody.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from tests.simulation.loop import SECOND_US, VirtualLoop, pause
from tests.simulation.plan import Plan

if TYPE_CHECKING:
    import asyncio

__all__ = ["Answer", "Network", "Parcel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A request on its way."""

    here: str
    there: str
    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """No parcel from one of `here` to one of `there`, while time is in an even period."""

    here: frozenset[str]
    there: frozenset[str]
    until_us: int
    period_us: int
    refused: bool


Deliver = Callable[[Parcel], Awaitable[Answer]]


class Network:
    """See the module docstring. `faults` counts what was done, by name."""

    def __init__(self, loop: VirtualLoop, plan: Plan, deliver: Deliver) -> None:
        self._loop = loop
        self._plan = plan
        self._deliver = deliver
        self._chance = random.Random(f"network/{plan.seed}")
        self._cuts: list[_Cut] = []
        self._copies: set[asyncio.Task[None]] = set()
        self.quiet = True
        self.faults: Counter[str] = Counter()

    def partition(self, names: tuple[str, ...]) -> None:
        """Cut some of the parties off from the others, for a while."""
        chance = self._chance
        some = frozenset(chance.sample(names, chance.randint(1, max(1, len(names) - 1))))
        rest = frozenset(names) - some
        until_us = self._loop.elapsed_us + chance.randint(3, 60) * SECOND_US
        kind = chance.choice(("two-way", "one-way", "flapping"))
        period_us = 5 * SECOND_US if kind == "flapping" else 1 << 62
        ways = [(some, rest)] if kind == "one-way" else [(some, rest), (rest, some)]
        refused = chance.random() < 0.5
        for here, there in ways:
            self._cuts.append(
                _Cut(
                    here=here, there=there, until_us=until_us, period_us=period_us, refused=refused
                )
            )
        self.faults[kind] += 1

    def heal(self) -> None:
        """From now on nothing is lost or late; what is under way may still arrive."""
        self._cuts.clear()
        self.quiet = True

    async def carry(self, parcel: Parcel) -> Answer:
        """Take a request there and its answer back; silence for ever if either is lost."""
        await self._travel(parcel.here, parcel.there)
        self._copy(parcel)
        answer = await self._deliver(parcel)
        await self._travel(parcel.there, parcel.here)
        return answer

    async def _travel(self, here: str, there: str) -> None:
        cut = self._cut(here, there)
        if cut is not None:
            self.faults["cut"] += 1
            if cut.refused:
                raise httpx.ConnectError("no way there")
            await self._silence()
        if self.quiet:
            await pause(1_000)
            return
        await pause(self._chance.randint(0, self._plan.delay_us))
        if self._chance.random() < self._plan.loss:
            self.faults["lost"] += 1
            await self._silence()

    async def _silence(self) -> None:
        await self._loop.create_future()

    def _cut(self, here: str, there: str) -> _Cut | None:
        now_us = self._loop.elapsed_us
        for cut in self._cuts:
            active = now_us < cut.until_us and now_us // cut.period_us % 2 == 0
            if active and here in cut.here and there in cut.there:
                return cut
        return None

    def _copy(self, parcel: Parcel) -> None:
        if self.quiet:
            return
        for name, share, late_us in (
            ("doubled", self._plan.doubling, 2 * SECOND_US),
            ("stale", self._plan.stale, 60 * SECOND_US),
        ):
            if self._chance.random() < share:
                task = self._loop.create_task(self._again(parcel, late_us, name))
                self._copies.add(task)
                task.add_done_callback(self._copies.discard)

    async def _again(self, parcel: Parcel, late_us: int, name: str) -> None:
        await pause(self._chance.randint(0, late_us))
        if self._cut(parcel.here, parcel.there) is None:
            self.faults[name] += 1
            try:
                await self._deliver(parcel)
            except httpx.HTTPError:
                return

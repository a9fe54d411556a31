"""Runs the tailers: at once when something was committed, else when their next timer is due.

Live: one task for each tailer. Exercise: `advance` runs the very same ticks in virtual time and
returns when all timers up to a moment have fired and every tailer is idle. Called by assembly and
the clock socket.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from comity.clock import Clock, VirtualClock
from comity.model.fault import Corrupt, Fault, Refusal, Refused

__all__ = ["Pacer", "Tailer", "WhileOpen"]

_LOG = logging.getLogger("comity.exchange")
_REST_S = 1.0  # a peer is not asked more often by a tailer that fails, whatever is due
_NAP_S = 0.001  # a clock that stands still, being set back, is not watched without a pause
_ROUNDS_MAX = 10_000  # ticks at one virtual moment: more means that two tailers chase each other


class Tailer(Protocol):
    """Follows the journal from its own place; never called back, never calls back."""

    async def tick(self, now_us: int) -> int:
        """Do what is due now; the number of things done, 0 for idle."""
        ...

    def next_due(self, now_us: int) -> int | None:
        """When there is something to do again, or None."""
        ...


class WhileOpen:
    """A tailer that rests while `is_open` says no; whoever opens wakes the pacer."""

    def __init__(self, tailer: Tailer, is_open: Callable[[], bool]) -> None:
        """Stand before a tailer."""
        self._tailer = tailer
        self._is_open = is_open

    async def tick(self, now_us: int) -> int:
        """The tailer's, or nothing."""
        return await self._tailer.tick(now_us) if self._is_open() else 0

    def next_due(self, now_us: int) -> int | None:
        """The tailer's, or never."""
        return self._tailer.next_due(now_us) if self._is_open() else None


class Pacer:
    """Holds the tailers and their pace."""

    def __init__(self, clock: Clock, on_fault: Callable[[BaseException], None]) -> None:
        """Nothing runs yet; `on_fault` hears of a tailer that broke."""
        self._clock = clock
        self._on_fault = on_fault
        self._tailers: list[Tailer] = []
        self._wakes: list[asyncio.Event] = []
        self._looks_s: list[float | None] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._live = False

    def add(self, tailer: Tailer, look_s: float | None = None) -> None:
        """Add a tailer, also while running.

        With `look_s` it is asked at least that often while live: whoever waits for a time of day
        must see it when the clock is set, which wakes nobody.
        """
        self._tailers.append(tailer)
        wake = asyncio.Event()
        self._wakes.append(wake)
        self._looks_s.append(look_s)
        if self._live:
            self._tasks.append(asyncio.create_task(self._run(tailer, wake, look_s)))

    def start(self) -> None:
        """Run live, each tailer at its own pace."""
        self._live = True
        for tailer, wake, look_s in zip(self._tailers, self._wakes, self._looks_s, strict=True):
            self._tasks.append(asyncio.create_task(self._run(tailer, wake, look_s)))

    def wake(self) -> None:
        """Something was committed."""
        for wake in self._wakes:
            wake.set()

    async def stop(self) -> None:
        """Stop all tasks; what they were doing is done again after a start."""
        self._live = False  # Python 3.11's wait_for forgets a cancellation beside a wake
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self, tailer: Tailer, wake: asyncio.Event, look_s: float | None) -> None:
        while self._live:
            wake.clear()
            now = self._clock.now_us()
            did = await self._tick(tailer, now)
            if did:
                continue
            due = tailer.next_due(now)
            timeout = None if due is None else max(_NAP_S, (due - now) / 1_000_000)
            if look_s is not None:
                timeout = look_s if timeout is None else min(timeout, look_s)
            if did is None:  # it could not even note that it failed, so it is still due
                timeout = max(timeout or 0, _REST_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), timeout)

    async def _tick(self, tailer: Tailer, now_us: int) -> int | None:
        """What was done, or None for a fault."""
        try:
            return await tailer.tick(now_us)
        except Corrupt as fault:
            self._on_fault(fault)
            raise
        except Fault as fault:
            _LOG.warning("tailer %s: %s (%s)", type(tailer).__name__, fault.reason, fault.code)
            return None
        except Exception as error:
            self._on_fault(error)
            raise

    def next_due(self) -> int | None:
        """The earliest timer of all tailers."""
        now = self._clock.now_us()
        dues = [due for tailer in self._tailers if (due := tailer.next_due(now)) is not None]
        return min(dues, default=None)

    async def advance(self, clock: VirtualClock, to_us: int) -> int:
        """Fire every timer up to `to_us` in order, drain everything; the number of things done."""
        done = 0
        for _ in range(_ROUNDS_MAX):
            now = clock.now_us()
            ticks = await asyncio.gather(*(self._tick(t, now) for t in self._tailers))
            did = sum(done or 0 for done in ticks)
            done += did
            if did:
                continue
            due = self.next_due()
            if due is None or due > to_us:
                clock.set(to_us)
                return done
            clock.set(max(due, now))
        raise Refused(
            Refusal(
                code="never_idle",
                reason="the tailers are still busy after 10,000 rounds",
                what_to_do="look at the diagnostics of this node",
            )
        )

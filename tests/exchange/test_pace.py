"""Tailers that run live: they stop when told, whatever woke them, and rest when they fail."""

import asyncio

import pytest

from comity.clock import SystemClock
from comity.exchange.pace import Pacer
from comity.model.fault import Unavailable


class Idle:
    """Has nothing to do for a minute, unless it is woken."""

    async def tick(self, now_us: int) -> int:
        del now_us
        return 0

    def next_due(self, now_us: int) -> int | None:
        return now_us + 60_000_000


class Failing(Idle):
    """Always due, and never able: it cannot even put the next try off."""

    tries = 0

    async def tick(self, now_us: int) -> int:
        assert now_us > 0
        self.tries += 1
        raise Unavailable("too much is waiting for the journal", code="busy")

    def next_due(self, now_us: int) -> int | None:
        return now_us


def broke(fault: BaseException) -> None:
    raise AssertionError(fault)


@pytest.mark.parametrize("turns", range(4))
def test_a_wake_beside_the_end_does_not_outlive_it(turns: int) -> None:
    """Python 3.11's wait_for forgets that it was cancelled if what it waits for is done as well."""

    async def story() -> None:
        pacer = Pacer(SystemClock(), broke)
        pacer.add(Idle())
        pacer.start()
        await asyncio.sleep(0.01)
        pacer.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(2) as patience:
            await pacer.stop()  # takes a cancellation for the tailer's own, so look at the clock
        assert not patience.expired()

    asyncio.run(story())


def test_a_tailer_that_fails_rests_even_if_it_is_due() -> None:
    async def story() -> int:
        pacer, tailer = Pacer(SystemClock(), broke), Failing()
        pacer.add(tailer)
        pacer.start()
        await asyncio.sleep(0.1)
        await pacer.stop()
        return tailer.tries

    assert asyncio.run(story()) == 1

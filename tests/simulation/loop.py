"""An event loop whose time is a number: it never waits, and opens neither sockets nor threads.

When nothing can run, time moves to the next timer. Whatever would go to another thread runs at
once. The same program on it takes the same steps every time.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

__all__ = ["VirtualLoop", "pause", "run"]

T = TypeVar("T")
SECOND_US = 1_000_000


class _Timers:
    """Stands where a selector would: nothing arrives from outside, waiting is moving the clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        """Move time forward by what the loop would have slept."""
        if timeout is None:
            raise AssertionError("everything waits and no timer is set")
        self._loop.elapsed_us += math.ceil(timeout * SECOND_US)
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """See the module docstring. `elapsed_us` is the time since it was made."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed_us = 0
        self._selector = _Timers(self)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        """Seconds, as asyncio wants them."""
        return self.elapsed_us / SECOND_US

    def _process_events(self, event_list: list[object]) -> None:
        assert not event_list

    def _write_to_self(self) -> None:
        """Nobody sleeps, so nobody is woken."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> Awaitable[T]:
        """Run it now: there is one thread."""
        assert executor is None
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to who waits
            future.set_exception(error)
        return future


async def pause(us: int) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(us / SECOND_US)


def run(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a fresh loop, to its end; whatever is left is cancelled."""
    loop = VirtualLoop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main(loop))
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()

"""Whoever follows what happens here: counted, woken after each commit, ended when the node stops.

Nothing is queued for anybody: who is woken reads what is new. `ring` and `close` may be called from
any thread. Called by the scribe's thread, assembly and `web.event_stream`.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from comity.model.fault import Refusal, Refused

__all__ = ["STREAMS_MAX", "STREAMS_OF_KEY_MAX", "Streams"]

STREAMS_MAX = 32  # each holds a connection, and reads on every commit
STREAMS_OF_KEY_MAX = 8  # one key leaves room for others


class Streams:
    """See the module docstring."""

    def __init__(self) -> None:
        """Nobody follows yet."""
        self._bells: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._keys: dict[asyncio.Event, bytes] = {}
        self.closed = False

    @property
    def count(self) -> int:
        """How many follow now."""
        return len(self._bells)

    def check_room(self, key: bytes) -> None:
        """Refused (`too_many_streams`) if no more may follow, or no more with this key."""
        if list(self._keys.values()).count(key) >= STREAMS_OF_KEY_MAX:
            raise _full(f"{STREAMS_OF_KEY_MAX} programs follow with this key")
        if self.count >= STREAMS_MAX:
            raise _full(f"{STREAMS_MAX} programs follow")

    @contextmanager
    def joined(self, key: bytes) -> Iterator[asyncio.Event]:
        """Follow: the event is set whenever there may be something new, and at the end."""
        bell = asyncio.Event()
        self._bells[bell] = asyncio.get_running_loop()
        self._keys[bell] = key
        try:
            yield bell
        finally:
            del self._bells[bell], self._keys[bell]

    def ring(self) -> None:
        """Something was committed. Who has not looked since it was told last is not told again."""
        for bell, loop in tuple(self._bells.items()):
            if not bell.is_set():
                loop.call_soon_threadsafe(bell.set)

    def close(self) -> None:
        """The node stops: every stream ends now, and whoever comes later gets none."""
        self.closed = True
        self.ring()

    async def until(self, stop: asyncio.Event) -> None:
        """Close when `stop` is set."""
        await stop.wait()
        self.close()


def _full(who: str) -> Refused:
    return Refused(
        Refusal(
            code="too_many_streams",
            reason=f"{who} the events of this node already",
            what_to_do="end one of them, or ask again later",
        )
    )

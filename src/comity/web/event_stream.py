"""One caller's stream of events, as `text/event-stream` (WHATWG HTML, server-sent events).

Reads what is new, sends it, waits for the next commit; nothing waits in memory for a caller that is
slow, and one that does not read at all is cut off by name. A comment every 15 s shows that the line
lives. Each event carries the place after it, so whoever comes again with `Last-Event-ID` goes on
there. Times are real ones: an exercise's clock does not move a network. Called by
`web.api.events`.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from comity.web.api.event_views import Event, Place, happened
from comity.web.node import Node

__all__ = ["BEAT_S", "MEDIA_TYPE", "SLOW_S", "EventStream", "Follower"]

MEDIA_TYPE = "text/event-stream"
BEAT_S = 15.0
SLOW_S = 30.0  # for one piece of at most 100 events to leave
_EVENTS_AT_ONCE = 100
_RETRY_MS = 1_000
_LOG = logging.getLogger("comity.web")
_HEADERS = (
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
)


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows: the caller's name, its key's hash, and whether that is still in force."""

    name: str
    key: bytes
    may_read: Callable[[], bool]


class EventStream(Response):
    """See the module docstring."""

    def __init__(self, node: Node, start: Place, follower: Follower) -> None:
        """Follow from `start`."""
        super().__init__(media_type=MEDIA_TYPE)
        self._node = node
        self._place = start
        self._follower = follower

    # typing.override is of Python 3.12.
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[explicit-override]
        """Send until the caller goes, the node stops, or the caller may not read any more."""
        with self._node.streams.joined(
            self._follower.key
        ) as bell:  # before anything is sent: they are counted
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS]})
            gone = asyncio.create_task(_gone(receive))
            gone.add_done_callback(lambda _: bell.set())
            try:
                if scope["method"] != "HEAD":
                    await self._follow(send, bell, gone)
            except TimeoutError:
                _LOG.warning("events: %s does not read what it asked for: cut", self._follower.name)
                scope.get("state", {}).get("abort", _nothing)()
                return
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _follow(self, send: Send, bell: asyncio.Event, gone: "asyncio.Task[None]") -> None:
        streams = self._node.streams
        await _send(send, f"retry: {_RETRY_MS}\nid: {self._place.text}\n\n".encode())
        while not (streams.closed or gone.done()) and self._follower.may_read():
            bell.clear()
            events = await asyncio.to_thread(self._new)  # others have their turn meanwhile
            if events:
                await _send(send, b"".join(event.text() for event in events))
                self._place = events[-1].after
            elif not await _rung(bell):
                await _send(send, b": still here\n\n")

    def _new(self) -> tuple[Event, ...]:
        size, place = self._node.scribe.checkpoint.size, self._place
        return self._node.read(lambda r: happened(r, place, size, _EVENTS_AT_ONCE))


async def _send(send: Send, data: bytes) -> None:
    """TimeoutError if it does not leave."""
    async with asyncio.timeout(SLOW_S):
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _rung(bell: asyncio.Event) -> bool:
    """Whether the bell rang before a beat is due."""
    try:
        async with asyncio.timeout(BEAT_S):
            await bell.wait()
    except TimeoutError:
        return False
    return True


async def _gone(receive: Receive) -> None:
    """Returns when the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass  # what it sends beside is none of ours; the connection bounds it


def _nothing() -> None:
    """Where no connection of ours is underneath."""

"""The clock of an exercise node, driven by its referee through a Unix socket of mode 0600.

One JSON object a line, one line back, all in the exercise's time: `{"do": "now"}`, `next` (when
something is due), `hold` with `to` (nothing may be due before), `advance` with `to` (do what is
due, and say how much was done), `off` with `by` (from now on say a time that is ahead by so much).
Live nodes have no such socket. What is due is known and done by those who are passed in. Called by
assembly.
"""

import asyncio
import logging
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from comity.clock import VirtualClock
from comity.model.fault import Fault, Malformed, Refusal, Refused
from comity.model.quantity import checked_instant_us
from comity.wire.canonical import Json, dumps, loads

__all__ = ["serve_clock"]

_LOG = logging.getLogger("comity.web")
_LINE_BYTES_MAX = 256  # the longest line of the protocol has some 45
_LINE_DEADLINE_S = 5.0  # real time, from a line's first byte to its end
_CONNECTIONS_MAX = 4  # a referee has one
_OFF_US_MAX = 86_400_000_000  # a day
_PRIVATE_MODE = stat.S_IRUSR | stat.S_IWUSR

Advance = Callable[[int], Awaitable[int]]


async def serve_clock(
    path: Path, clock: VirtualClock, next_due: Callable[[], int | None], advance: Advance
) -> asyncio.Server:
    """Listen on `path`, in place of a socket that an earlier process left there.

    `next_due` says when the next timer is due; `advance` fires all up to an instant and says how
    much was done. Instants are microseconds of UTC. Closing the server is the caller's, and so is
    removing the file.

    Raises:
        Refused: something else than a socket is at `path` (`not_a_socket`).
    """
    line = _Line(clock, next_due, advance)
    listening = _listening(path)
    return await asyncio.start_unix_server(line.attend, sock=listening, limit=_LINE_BYTES_MAX)


class _Line:
    """Answers one request at a time, whoever asks."""

    def __init__(
        self, clock: VirtualClock, next_due: Callable[[], int | None], advance: Advance
    ) -> None:
        self._clock = clock
        self._next_due = next_due
        self._advance = advance
        self._turn = asyncio.Lock()
        self._connections = 0

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the lines of one connection until it ends."""
        self._connections += 1
        try:
            if self._connections <= _CONNECTIONS_MAX:
                with suppress(OSError):  # the referee hung up: there is nobody left to tell
                    await self._converse(reader, writer)
        finally:
            self._connections -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:  # bounded by the connection: a line that is too long or too slow ends it
            try:
                line = await _next_line(reader)
            except Malformed as fault:
                await _say(writer, _no(fault))
                return
            if not line:
                return
            await _say(writer, await self._answer(line))

    async def _answer(self, line: bytes) -> Json:
        try:
            async with self._turn:
                return await self._do(line)
        except Fault as fault:
            return _no(fault)
        except Exception:  # noqa: BLE001 - logged; the referee gets an answer, whatever broke
            _LOG.exception("the clock could not be moved")
            return {"error": "internal", "reason": "see the diagnostics of this node"}

    async def _do(self, line: bytes) -> Json:
        what, to_us = _request(line)
        match what:
            case "now":
                return {"now": self._clock.elapsed_us()}
            case "next":
                return {"next": self._due()}
            case "hold":
                self._hold(to_us)
                return {"now": self._clock.elapsed_us()}
            case "off":
                self._clock.be_off(to_us)
                return {"now": self._clock.elapsed_us()}
            case _:
                did = await self._advance(to_us + self._clock.off_us)
                return {"now": self._clock.elapsed_us(), "did": did}

    def _due(self) -> int | None:
        """When something is due, in the exercise's time; what is due is kept in the clock's own."""
        due = self._next_due()
        return None if due is None else due - self._clock.off_us

    def _hold(self, to_us: int) -> None:
        due = self._due()
        if due is not None and due < to_us:
            raise Refused(
                Refusal(
                    code="timer_pending",
                    reason=f"something is due at {due}, before {to_us}",
                    what_to_do="advance to it first",
                )
            )
        self._clock.set(to_us + self._clock.off_us)


def _request(line: bytes) -> tuple[str, int]:
    """What to do, and until when, or how far off (0 where there is neither `to` nor `by`)."""
    value = loads(line, bytes_max=_LINE_BYTES_MAX)
    what = value.get("do") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(what, str):
        raise Malformed('a line is an object with "do"', code="bad_request")
    if what in {"now", "next"} and len(value) == 1:
        return what, 0
    by_us = value.get("by")
    if what == "off" and len(value) == len({"do", "by"}) and type(by_us) is int:
        if abs(by_us) <= _OFF_US_MAX:
            return what, by_us
        raise Malformed(f"a clock is off by {_OFF_US_MAX} us at most", code="bad_request")
    to_us = value.get("to")
    if what in {"hold", "advance"} and len(value) == len({"do", "to"}) and type(to_us) is int:
        return what, checked_instant_us(to_us)
    ways = "now or next, hold or advance with to, or off with by"
    raise Malformed(f"do is {ways}", code="bad_request")


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """A line without its end, b"" when there are no more. Waiting between lines is no fault."""
    first = await reader.read(1)
    if first in {b"", b"\n"}:
        return first and b" "
    try:
        async with asyncio.timeout(_LINE_DEADLINE_S):
            rest = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        raise Malformed(f"a line has at most {_LINE_BYTES_MAX} bytes", code="too_large") from error
    except asyncio.IncompleteReadError as error:
        raise Malformed("the last line has no end", code="cut_short") from error
    except TimeoutError as error:
        raise Malformed("a line took too long to arrive", code="slow_request") from error
    return first + rest[:-1]


async def _say(writer: asyncio.StreamWriter, answer: Json) -> None:
    writer.write(dumps(answer) + b"\n")
    await asyncio.wait_for(writer.drain(), _LINE_DEADLINE_S)


def _no(fault: Fault) -> Json:
    return {"error": fault.code, "reason": fault.reason}


def _listening(path: Path) -> socket.socket:
    """A bound socket that only its owner may connect to, before anybody could.

    Bound through the folder's descriptor: a socket's address has only 107 bytes.
    """
    if path.exists() or path.is_symlink():
        if not path.is_socket():
            raise Refused(
                Refusal(
                    code="not_a_socket",
                    reason=f"{path} is in the way",
                    what_to_do="move it away by hand",
                )
            )
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
        path.chmod(_PRIVATE_MODE)  # nobody can connect before listen()
    except BaseException:
        listening.close()
        raise
    finally:
        os.close(folder)
    return listening

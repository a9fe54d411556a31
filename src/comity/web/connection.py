"""One HTTP connection: uvicorn's parser, with the limits that it lacks before a request is whole.

A head that dribbles or never ends, a body that goes on after its answer, too many connections: each
is closed by a clock or a count, without a task being made. Whatever is no HTTP at all is answered
with a problem like everything else. Called by `web.server` only.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from comity.model.fault import Fault, Malformed, Unavailable
from comity.web.gate import HEAD_BYTES_MAX
from comity.web.problem import raw_problem
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["CONNECTIONS_MAX", "HEAD_DEADLINE_S", "Connection"]

CONNECTIONS_MAX = 512  # each holds at most 1.5 MiB of a request: 770 MB when all are abused
HEAD_DEADLINE_S = 10.0  # real time, from the connection or the first byte to the head's end
_WHOLE_DEADLINE_S = 30.0  # to the end of the body: the gate has refused it 20 s before
# A refused body is read on and dropped for a while, so that its sender can read the answer.
_DROPPED_BYTES_MAX = 8 * BODY_BYTES_MAX


# uvicorn takes a protocol class: the one place where inheriting is the interface.
class Connection(HttpToolsProtocol):
    """See the module docstring. All times are the event loop's, which are monotonic."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[explicit-override, override]
        """Count connections; start the head's clock."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            self._refuse(Unavailable("too many connections are open", code="busy"))
            return
        self._expect(HEAD_DEADLINE_S)

    def connection_lost(self, exc: Exception | None) -> None:  # type: ignore[explicit-override]
        """Stop the clock."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:  # type: ignore[explicit-override]
        """Count bytes before they are parsed."""
        if self.transport.is_closing():
            return
        before = self._received  # without the piece in which the request began: it may hold others
        self._received += len(data)
        if self._in_head and before > HEAD_BYTES_MAX:
            self._refuse(Malformed("the head of a request is too large", code="head_too_large"))
        elif self._received > _DROPPED_BYTES_MAX:
            self.transport.abort()
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:  # type: ignore[explicit-override]
        """A head begins."""
        super().on_message_begin()
        self.scope["state"]["abort"] = self.transport.abort  # for what goes on without an end
        self._in_head, self._received = True, 0
        self._expect(HEAD_DEADLINE_S)

    def on_headers_complete(self) -> None:  # type: ignore[explicit-override]
        """A body may follow."""
        self._in_head, self._received = False, 0
        self._expect(_WHOLE_DEADLINE_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:  # type: ignore[explicit-override]
        """The request is whole; from here on it is ours to be quick."""
        self._rest()
        self._in_head, self._received = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # type: ignore[explicit-override]
        """What is no HTTP gets the same answer as everything else."""
        self._refuse(Malformed(msg, code="bad_http"))

    def _expect(self, seconds: float) -> None:
        self._rest()
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._refuse(Malformed("the request took too long to arrive", code="slow_request"))
        else:
            self.transport.abort()

    def _refuse(self, fault: Fault) -> None:
        """Answer outside of any request, and hang up. Never amid another answer."""
        answering = bool(self.cycle) and not self.cycle.response_complete  # None before the first
        if not answering:
            self.transport.write(raw_problem(fault))
        self.transport.close()

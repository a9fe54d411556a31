"""Wires between the nodes of an exercise that the referee can cut: TCP relays on loopback.

Each party is given the other's card with the address of a relay, one for each direction. A cut
breaks off what is under way and lets nothing new through, as a network does that is gone. Bytes
pass as they are. Called by fleet.
"""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

__all__ = ["Wires"]

_CONNECT_S = 5.0
_PIECE_BYTES = 65_536
_PIECES_MAX = 1_000_000  # 64 GB: more than any exercise sends on one connection
_CONNECTIONS_MAX = 1_000_000


class Wires:
    """The wires of one fleet, by the two parties that they join."""

    def __init__(self) -> None:
        """Lay none yet."""
        self._wires: dict[tuple[str, str], _Wire] = {}

    def lay(self, caller: str, called: str, address: str) -> str:
        """The address at which `caller` reaches the node of `called`, which is at `address`."""
        at = urlsplit(address)
        wire = self._wires.setdefault((caller, called), _Wire(at.hostname or "", at.port or 0))
        return f"{at.scheme}://{at.hostname}:{wire.port}"

    def cut(self, one: str, other: str) -> None:
        """Let nothing pass between two parties any more."""
        for way in ((one, other), (other, one)):
            self._wires[way].cut()

    def mend(self, one: str, other: str) -> None:
        """Let everything pass again."""
        for way in ((one, other), (other, one)):
            self._wires[way].mend()

    def close(self) -> None:
        """Take all of them down."""
        for wire in self._wires.values():
            wire.close()


class _Wire:
    """One direction: whoever connects here is joined to the target."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._is_cut = threading.Event()
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._is_cut.set()
        for end in tuple(self._ends):
            _end(end)

    def mend(self) -> None:
        self._is_cut.clear()

    def close(self) -> None:
        self.cut()
        _end(self._listener)

    def _accept(self) -> None:
        for _ in range(_CONNECTIONS_MAX):  # close() takes the listener away before
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut.is_set() or not self._join(near):
                near.close()

    def _join(self, near: socket.socket) -> bool:
        try:
            far = socket.create_connection(self._target, _CONNECT_S)
        except OSError:
            return False
        far.settimeout(None)
        self._ends |= {near, far}
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()
        return True

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            for _ in range(_PIECES_MAX):
                piece = source.recv(_PIECE_BYTES)
                if not piece:
                    break
                sink.sendall(piece)
        for end in (source, sink):
            _end(end)
            self._ends.discard(end)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()

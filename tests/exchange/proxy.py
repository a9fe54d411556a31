"""A line that can be cut: a TCP relay on loopback between a node and the address on a card."""

import contextlib
import socket
import threading


class CutLine:
    """Relays connections to a port until it is cut; what is under way then breaks off."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._cut = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.refused = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection and take no more."""
        self._cut.set()
        for end in list(self._open):
            _close(end)

    def heal(self) -> None:
        """Relay again."""
        self._cut.clear()

    def close(self) -> None:
        """Stop for good."""
        self.cut()
        _close(self._listener)

    def _accept(self) -> None:
        while True:  # bounded by close(), which closes the listener
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._cut.is_set():
                self.refused += 1
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._relay, args=(one, other), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        for end in (source, sink):
            _close(end)
            self._open.discard(end)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()

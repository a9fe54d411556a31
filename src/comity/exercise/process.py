"""Operating-system processes: started, waited for with a deadline, and always ended by their id.

A process gets its own session, so that a Ctrl-C in the terminal ends it through us and in order.
Its diagnostics go to a file. Called by fleet and bundles.
"""

import selectors
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from comity.model.fault import Unavailable

__all__ = ["Ports", "ServingProcess", "run_comity", "stop_all"]

READY_DEADLINE_S = 30.0  # a cold start on a busy machine takes 3 s
RUN_DEADLINE_S = 30.0
_STOP_DEADLINE_S = 5.0
_READY_BYTES_MAX = 4_096
_TAIL_BYTES = 2_000  # of a process's diagnostics, shown when it fails


def run_comity(arguments: Sequence[str], *, cwd: Path | None = None) -> tuple[int, str, str]:
    """Run one `comity` verb to its end: exit code, stdout, stderr. Unavailable after 30 s."""
    command = [sys.executable, "-m", "comity", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_DEADLINE_S,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        verb = " ".join(arguments[:2])
        raise Unavailable(f"`comity {verb}` did not end in {RUN_DEADLINE_S:g} s") from error
    return done.returncode, done.stdout, done.stderr


class ServingProcess:
    """One serving `comity` process, from its start to its end."""

    def __init__(self, name: str, arguments: Sequence[str], diagnostics: Path) -> None:
        """Start it; stderr is written to the file `diagnostics`."""
        self.name = name
        self._diagnostics = diagnostics
        with diagnostics.open("wb") as stderr:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-m", "comity", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def wait_ready(self) -> str:
        """The line `ready ...` that the process prints when it serves; Unavailable without it."""
        line = self._first_line()
        if not line.startswith("ready "):
            raise Unavailable(f"{self.name} did not start: {line or self._tail()}")
        return line

    def ask_to_stop(self) -> None:
        """Ask it to end, and do not wait."""
        self._process.terminate()

    def stop(self) -> None:
        """Ask it to end, then make it; returns when it is gone."""
        self.ask_to_stop()
        try:
            self._process.wait(_STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_DEADLINE_S)
        if self._process.stdout:
            self._process.stdout.close()

    def _first_line(self) -> str:
        stdout = self._process.stdout
        if stdout is None:
            return ""
        found = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            # Each turn waits once; a process that dribbles bytes gets a few turns, not for ever.
            for _ in range(_READY_BYTES_MAX):
                if b"\n" in found or not selector.select(READY_DEADLINE_S):
                    break
                part = stdout.read1(_READY_BYTES_MAX)  # type: ignore[attr-defined]
                if not part:
                    break
                found += part
        return found.split(b"\n", 1)[0].decode("utf-8", "replace")

    def _tail(self) -> str:
        with suppress(OSError):
            return self._diagnostics.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace").strip()
        return "it said nothing"


def stop_all(services: Sequence[ServingProcess]) -> None:
    """End several, the last started first: all are asked at once, so that one waits for none."""
    for service in reversed(services):
        service.ask_to_stop()
    for service in reversed(services):
        service.stop()


class Ports:
    """Free loopback ports, held until the processes that shall have them are listening.

    A held port is bound and not listening, which keeps others away and lets a server with
    SO_REUSEADDR (every asyncio server) have it.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held: list[socket.socket] = []

    def take(self) -> int:
        """A free port, held from now on."""
        holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        self._held.append(holder)
        port: int = holder.getsockname()[1]
        return port

    def release(self) -> None:
        """Let go of all."""
        for holder in self._held:
            holder.close()
        self._held.clear()

"""What the command line hands to a measurement: a folder, a store, ways to run programs, progress.

The room knows neither the database nor the exercise's processes; both come in here. Called by the
measurements.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from comity.storage.store import Store

__all__ = ["Ground", "Progress", "Serving"]


class Serving(Protocol):
    """A serving process."""

    @property
    def pid(self) -> int:
        """The process id."""
        ...

    def wait_ready(self) -> str:
        """Return when it serves; Unavailable if it does not."""
        ...

    def stop(self) -> None:
        """End it; returns when it is gone."""
        ...


class Progress(Protocol):
    """Who is told how far a measurement is."""

    def begin(self, steps: int) -> None:
        """So many steps are to come."""
        ...

    def step(self, text: str) -> None:
        """A step is done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`folder` is empty, on the disk that is meant, and removed by whoever made it.

    `serve(name, words, diagnostics)` starts `comity WORDS`; `run(words)` runs it to its end and
    gives exit code, stdout and stderr. `ports` are two free ports of the loopback interface.
    """

    folder: Path
    open_store: Callable[[Path], Store]
    serve: Callable[[str, Sequence[str], Path], Serving]
    run: Callable[[Sequence[str]], tuple[int, str, str]]
    ports: tuple[int, int]
    progress: Progress

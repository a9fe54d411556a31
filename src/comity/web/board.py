"""What was said and could not be recorded: shown to the people on duty, kept in memory alone.

A message of the safety floor must be seen even where no journal can hold it. The newest 64 stay
until the node stops. Filled by the exchange, shown by status.
"""

from collections import deque
from dataclasses import dataclass

__all__ = ["Board", "Shown"]

_LINES_MAX = 64  # the latest word matters; a flood of them must not fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`party` said it (an origin, our own too); `said` is for people, `id` is its content's."""

    id: bytes
    party: str
    said: str
    at_us: int


class Board:
    """See the module docstring."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._lines: deque[Shown] = deque(maxlen=_LINES_MAX)

    def show(self, line: Shown) -> None:
        """Put it up; the same content of the same party once."""
        if not any((line.id, line.party) == (known.id, known.party) for known in self._lines):
            self._lines.append(line)

    def lines(self) -> tuple[Shown, ...]:
        """What is up, oldest first."""
        return tuple(self._lines)

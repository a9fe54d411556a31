"""What was said and could not be recorded: shown to the people on duty, kept in memory alone.

A message of the safety floor must be seen even where no journal can hold it. The newest 16 of each
party stay until they are recorded after all, or the node stops: what one says pushes off nothing
that another has said. Filled by the exchange, shown by status.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from comity.storage.store import Reading

__all__ = ["LINES_OF_PARTY_MAX", "Board", "Shown", "is_recorded"]

LINES_OF_PARTY_MAX = 16  # the latest word matters; a flood of them must not fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`party` said it (an origin, our own too); `said` is for people, `id` is its content's."""

    id: bytes
    party: str
    said: str
    at_us: int


class Board:
    """See the module docstring. Any thread may look."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self._lock = Lock()
        self._of: dict[str, deque[Shown]] = {}  # by party; only who signs as one has lines

    def show(self, line: Shown) -> None:
        """Put it up; the same content of the same party once."""
        with self._lock:
            known = self._of.setdefault(line.party, deque(maxlen=LINES_OF_PARTY_MAX))
            if all(line.id != each.id for each in known):
                known.append(line)

    def drop(self, is_over: Callable[[Shown], bool]) -> None:
        """Take down what need not be shown any more."""
        over = {(each.party, each.id) for each in self.lines() if is_over(each)}
        with self._lock:
            for party, known in self._of.items():
                left = [each for each in known if (party, each.id) not in over]
                self._of[party] = deque(left, maxlen=LINES_OF_PARTY_MAX)

    def lines(self) -> tuple[Shown, ...]:
        """What is up, oldest first."""
        with self._lock:
            found = [each for known in self._of.values() for each in known]
        return tuple(sorted(found, key=lambda each: each.at_us))


def is_recorded(reading: Reading, line: Shown) -> bool:
    """Whether our journal holds what was said: a notice, a message or an answer to one."""
    return (
        reading.sky.subject_of_notice(line.id) is not None
        or reading.messages.message(line.id) is not None
        or reading.messages.answer(line.id) is not None
    )

"""How long an outlet is left alone after a try in vain, and what may be tried meanwhile.

A server that is down is not asked once for each letter: after a try in vain the outlet rests. Yet
it may be one letter alone that the server will not have. So in each rest one that was tried less
often may pass, and after an ordinary one also one of the safety floor: at most three tries for
each rest. If one is taken the rest is over. Called by the sender.
"""

from dataclasses import dataclass

from comity.model.quantity import SECOND_US

__all__ = ["PAUSE_US_FIRST", "PAUSE_US_MAX", "Pass", "Rest", "pause_us"]

PAUSE_US_FIRST = 5 * SECOND_US
PAUSE_US_MAX = 600 * SECOND_US


def pause_us(attempts: int, chance: float) -> int:
    """The pause after so many tries in vain: doubled each time, and of it half to all by chance.

    `chance` is 0 to 1.
    """
    whole = min(PAUSE_US_MAX, PAUSE_US_FIRST << min(max(attempts - 1, 0), 16))
    return round(whole * (0.5 + chance / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Whoever was tried less often than `tries` may pass; with `floor_only` the floor's alone."""

    tries: int
    floor_only: bool


class Rest:
    """See the module docstring."""

    def __init__(self) -> None:
        """No rest."""
        self.until_us = 0
        self._vain = 0  # rests since the server took or refused something
        self._tries = 0  # of the letter that it rests for
        self._passed: set[bool] = set()  # whether of the floor

    def is_on(self, now_us: int) -> bool:
        """Whether it rests; a rest that ends far ahead is another clock's."""
        return now_us < self.until_us <= now_us + PAUSE_US_MAX

    def begin(self, now_us: int, tries: int, chance: float) -> None:
        """A letter was tried in vain, now `tries` times in all."""
        self._vain += 1
        self.until_us = now_us + pause_us(self._vain, chance)
        self._tries = tries
        self._passed.clear()

    def over(self) -> None:
        """The server answers, and takes what it is given or refuses that alone."""
        self.until_us = self._vain = 0

    def lets(self) -> Pass | None:
        """Who may pass in this rest, if anybody."""
        if True in self._passed:
            return None
        return Pass(tries=self._tries, floor_only=False in self._passed)

    def passes(self, *, floor: bool) -> None:
        """One passes."""
        self._passed.add(floor)

"""How long ago each line was heard, also if our clock was set back since.

Called by `watch_line`.
"""

from collections.abc import Callable

__all__ = ["ContactAges"]


class ContactAges:
    """Holds each contact against a clock that nobody sets, from when it was first looked at."""

    def __init__(self, elapsed_us: Callable[[], int]) -> None:
        """Nothing was looked at yet."""
        self._elapsed_us = elapsed_us
        self._heard: dict[str, tuple[int, int]] = {}  # contact, and elapsed time at it

    def now_us(self, origin: str, contact_us: int | None, now_us: int) -> int:
        """The time to hold against a contact: our clock's, or a later one if it was set back."""
        if contact_us is None:
            return now_us
        elapsed_us = self._elapsed_us()
        known = self._heard.get(origin)
        if known is None or known[0] != contact_us:
            known = (contact_us, elapsed_us - max(0, now_us - contact_us))
            self._heard[origin] = known
        return max(now_us, contact_us + elapsed_us - known[1])

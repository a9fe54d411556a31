"""Which heads have gone over the lines of a node lately: what each side may know of the other.

Both sides speak at once, so what a peer knows of our journal is one of several heads that it was
shown; a message proves growth from each of them. Also what a peer's journal can have grown to. In
memory only: after a start the peer names what it knows. Filled by the server and the couriers of
one node.
"""

from collections.abc import Sequence

from comity.wire.limits import (
    GROWTHS_MAX,
    JOURNAL_AGE_S_MAX,
    JOURNAL_ENTRIES_LATE_MAX,
    JOURNAL_ENTRIES_PER_S_MAX,
)

__all__ = ["Growths", "Shown"]

_OVERTAKEN_US = 15_000_000  # a request is answered within 5 s; two clocks differ by at most 5 s
_SECOND_US = 1_000_000

Growths = Sequence[tuple[int, tuple[bytes, ...]]]


class Shown:
    """See the module docstring."""

    def __init__(self) -> None:
        """Nothing has been shown yet."""
        self._ours: dict[str, list[int]] = {}
        self._theirs: dict[str, tuple[int, dict[int, tuple[bytes, ...]]]] = {}
        self._followed_us: dict[str, int] = {}
        self._lagging: set[str] = set()
        self._counted_from: dict[str, tuple[int, int]] = {}

    def show(self, peer: str, acked_size: int, size: int) -> tuple[int, ...]:
        """Our head of `size` goes to a peer: the sizes that it may know, from which to prove."""
        lately = [s for s in self._ours.get(peer, ()) if acked_size < s < size]
        lately = lately[-(GROWTHS_MAX - 1) :]
        self._ours[peer] = [*lately, size]
        return (acked_size, *lately)

    def followed(self, peer: str, size: int, growths: Growths, now_us: int) -> None:
        """A peer's head was followed: keep what shows that it extends earlier ones."""
        self._theirs[peer] = (size, dict(growths))
        self._followed_us[peer] = now_us
        self._lagging.discard(peer)

    def lagged(self, peer: str) -> None:
        """A peer came with a smaller head than it signed before: overtaken on the way, or worse."""
        self._lagging.add(peer)

    def shrank(self, peer: str, sent_us: int) -> bool:
        """Whether a smaller head came in a request sent well after the larger one was here."""
        followed_us = self._followed_us.get(peer)
        if peer not in self._lagging or followed_us is None:
            return False
        return sent_us > followed_us + _OVERTAKEN_US

    def first_heard(self, peer: str, size: int, now_us: int) -> bool:
        """The first head of a peer: whether a journal of any age can have that size."""
        self._counted_from[peer] = (size, now_us)
        return size <= JOURNAL_AGE_S_MAX * JOURNAL_ENTRIES_PER_S_MAX

    def can_grow(self, peer: str, known: tuple[int, int], size: int, now_us: int) -> bool:
        """Whether a journal can have come to `size` by now.

        `known` is the size that it had and when, microseconds; counted is from the first that was
        known since this process began, so that a small lie each time adds up.
        """
        before, since_us = self._counted_from.setdefault(peer, known)
        spent_s = max(0, now_us - since_us) // _SECOND_US
        return size - before <= JOURNAL_ENTRIES_LATE_MAX + spent_s * JOURNAL_ENTRIES_PER_S_MAX

    def extension(self, peer: str, earlier: int, size: int) -> tuple[bytes, ...] | None:
        """The proof that came with the peer's head of `size`, from `earlier`; not verified."""
        known, growths = self._theirs.get(peer, (0, {}))
        return growths.get(earlier) if known == size else None

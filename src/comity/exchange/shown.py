"""Which heads have gone over the lines of a node lately: what each side may know of the other.

Both sides speak at once, so what a peer knows of our journal is one of several heads that it was
shown; a message proves growth from each of them. In memory only: after a start the peer names what
it knows. Filled by the server and the couriers of one node.
"""

from collections.abc import Sequence

from comity.wire.limits import GROWTHS_MAX

__all__ = ["Growths", "Shown"]

Growths = Sequence[tuple[int, tuple[bytes, ...]]]


class Shown:
    """See the module docstring."""

    def __init__(self) -> None:
        """Nothing has been shown yet."""
        self._ours: dict[str, list[int]] = {}
        self._theirs: dict[str, tuple[int, dict[int, tuple[bytes, ...]]]] = {}

    def show(self, peer: str, acked_size: int, size: int) -> tuple[int, ...]:
        """Our head of `size` goes to a peer: the sizes that it may know, from which to prove."""
        lately = [s for s in self._ours.get(peer, ()) if acked_size < s < size]
        lately = lately[-(GROWTHS_MAX - 1) :]
        self._ours[peer] = [*lately, size]
        return (acked_size, *lately)

    def followed(self, peer: str, size: int, growths: Growths) -> None:
        """A peer's head was followed: keep what shows that it extends earlier ones."""
        self._theirs[peer] = (size, dict(growths))

    def extension(self, peer: str, earlier: int, size: int) -> tuple[bytes, ...] | None:
        """The proof that came with the peer's head of `size`, from `earlier`; not verified."""
        known, growths = self._theirs.get(peer, (0, {}))
        return growths.get(earlier) if known == size else None

"""What a caller of this node orders, and what came of it. Nouns only."""

from dataclasses import dataclass

from comity.journal.pen import Written
from comity.model.lifecycle import LifeState
from comity.model.notice import Code, Declaration
from comity.model.volume import Volume4D

__all__ = ["DeclareOrder", "MoveOrder", "Outcome", "ProtectOrder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareOrder:
    """Give a declaration to `to` (origins; none keeps it at home).

    `prompted_by` is the notice that this one answers. It is kept at home and is no part of any
    content.
    """

    notice: Declaration
    to: tuple[str, ...]
    prompted_by: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectOrder:
    """Put a presence into the protected register, for `to` alone; with `snap` made coarser."""

    notice: Declaration
    to: tuple[str, ...]
    snap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrder:
    """Move a subject of ours: with `volumes` for an amendment, with `at_us` for a transition."""

    subject: bytes
    code: Code
    at_us: int
    volumes: tuple[Volume4D, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was written: the notice's id, an entry a recipient, what it meets, what is odd."""

    notice: bytes
    subject: bytes
    state: LifeState
    written: tuple[Written, ...]
    conflicts: tuple[bytes, ...]
    flags: tuple[str, ...]

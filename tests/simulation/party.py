"""A party, or the witness, through all its lives: its keys, its clock, and what its disk holds."""

import random
from dataclasses import dataclass, field

from comity.trust.identity import Identity
from tests.simulation.life import Life, NodeLife, SkewedClock

__all__ = ["Party", "files_of"]


@dataclass
class Party:
    """A party or the witness through all its lives."""

    name: str
    clock: SkewedClock
    chance: random.Random
    identity: Identity | None = None
    life: Life | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    old_files: dict[str, bytes] = field(default_factory=dict)
    back_at: int = 0

    @property
    def node(self) -> NodeLife | None:
        """Its node, if it is up."""
        life = self.life
        return life if isinstance(life, NodeLife) and not life.dead else None


def files_of(life: Life) -> dict[str, bytes]:
    """All that the node has written, synced or not: what outlives a process that is killed."""
    paths = sorted(life.place.folder.iterdir())
    return {path.name: path.read_bytes() for path in paths if not path.name.endswith("-shm")}

"""What happens in one simulation, drawn from its seed: who takes part, which faults, how often.

Each seed mixes the faults anew (a swarm): a fault that is always there hides what only its absence
would show. Times are microseconds of virtual time; a tick is one second.
"""

import enum
import random
from dataclasses import dataclass

__all__ = ["BRIEF", "TICKS", "Lie", "Plan", "plan_of"]

MS_US = 1_000
TICKS = 120
BRIEF = 80  # where many worlds have little time: all of a story, and 10 s to see two nodes meet
NAMES = ("alpha", "bravo", "charlie", "delta", "echo")


class Lie(enum.Enum):
    """What the one lying party does."""

    NONE = "none"
    TWIN = "twin"  # two nodes with one key: each half of the others sees another journal
    TWO_HEADS = "two-heads"  # signs another root for a size that it signed before
    OLD_HEADS = "old-heads"  # shows heads of long ago
    FALSE_PROOFS = "false-proofs"  # proofs with a bit turned
    GAP = "gap"  # keeps an entry back and gives the one after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One seed's mixture. Rates are per tick and party, shares per message."""

    seed: int
    names: tuple[str, ...]
    loss: float
    doubling: float
    stale: float
    delay_us: int
    partitions: float
    power_cuts: float
    kills: float
    restores: float
    saying: float
    skew_us: int
    lie: Lie
    heartbeat_us: int

    @property
    def liar(self) -> str | None:
        """The last party lies, if one does."""
        return None if self.lie is Lie.NONE else self.names[-1]

    @property
    def honest(self) -> tuple[str, ...]:
        """All but the liar."""
        return tuple(name for name in self.names if name != self.liar)


def plan_of(seed: int) -> Plan:
    """Draw a plan; the same for the same seed."""
    chance = random.Random(f"plan/{seed}")
    lie = chance.choice((Lie.NONE, *Lie))
    least = 2 if lie is Lie.NONE else 3
    count = max(least, chance.choice((2, 2, 2, 3, 3, 3, 4, 5)))
    return Plan(
        seed=seed,
        names=NAMES[:count],
        loss=chance.choice((0.0, 0.02, 0.1, 0.3)),
        doubling=chance.choice((0.0, 0.1)),
        stale=chance.choice((0.0, 0.03)),
        delay_us=chance.choice((1, 30, 400, 2_000)) * MS_US,
        partitions=chance.choice((0.0, 0.01, 0.03)),
        power_cuts=chance.choice((0.0, 0.01, 0.02)),
        kills=chance.choice((0.0, 0.01)),
        restores=chance.choice((0.0, 0.3)),
        saying=chance.choice((0.05, 0.12)),
        skew_us=chance.choice((0, 2_000 * MS_US, 10_000 * MS_US)),
        lie=lie,
        heartbeat_us=chance.choice((10_000, 30_000)) * MS_US,
    )

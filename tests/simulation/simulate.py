"""One seed from its beginning to its end, on a loop and disks of its own."""

from tests.simulation.disk import disks
from tests.simulation.ledger import Broken
from tests.simulation.loop import VirtualLoop, run
from tests.simulation.plan import TICKS, plan_of
from tests.simulation.world import Result, World

__all__ = ["simulate"]


def simulate(seed: int, ticks: int = TICKS) -> Result:
    """Run one seed; `Broken` says which promise did not hold, and the line that shows it again."""

    async def main(loop: VirtualLoop) -> Result:
        with disks() as disks_:
            world = World(plan_of(seed), loop, disks_)
            try:
                return await world.run(ticks)
            finally:
                world.stop()

    try:
        return run(main)
    except Broken as broken:
        again = f".venv/bin/python -m tests.simulation.run --seed {seed} --ticks {ticks}"
        raise Broken(f"{broken}\nagain: {again}") from broken

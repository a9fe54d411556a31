"""Runs seeds of the simulation and prints one line for each.

.venv/bin/python -m tests.simulation.run --seed 7               one seed again
.venv/bin/python -m tests.simulation.run --seed 0 --count 100   many
.venv/bin/python -m tests.simulation.run --bug NAME --count 200 until a planted bug is found
"""

import argparse
import contextlib
import logging
import sys
import time

from tests.simulation.bugs import BUGS, planted
from tests.simulation.ledger import Broken
from tests.simulation.plan import TICKS
from tests.simulation.simulate import simulate
from tests.simulation.world import Result

__all__ = ["main"]


def _line(result: Result, took_s: float) -> str:
    plan = result.plan
    faults = ", ".join(f"{name} {count}" for name, count in result.faults.items())
    return (
        f"seed {plan.seed}: {len(plan.names)} parties, lie {plan.lie.value}, {result.entries} "
        f"entries, settled {result.settled_s} s, {took_s:.2f} s, {result.digest[:16]}; {faults}"
    )


def main() -> int:
    """See the module docstring; 1 if a promise was broken."""
    options = argparse.ArgumentParser(description="Simulate a world of nodes from a seed.")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--count", type=int, default=1)
    options.add_argument("--ticks", type=int, default=TICKS)
    options.add_argument("--bug", choices=sorted(BUGS), help="plant it, and stop when it is found")
    chosen = options.parse_args()
    logging.disable(logging.CRITICAL)
    with planted(chosen.bug) if chosen.bug else contextlib.nullcontext():
        failed = _run(chosen)
    return 1 if failed else 0


def _run(chosen: argparse.Namespace) -> int:
    failed = 0
    for seed in range(chosen.seed, chosen.seed + chosen.count):
        begun = time.perf_counter()
        try:
            print(_line(simulate(seed, chosen.ticks), time.perf_counter() - begun), flush=True)
        except Broken as broken:
            failed += 1
            print(f"seed {seed}: {broken}", flush=True)
            if chosen.bug:
                break
    return failed


if __name__ == "__main__":
    sys.exit(main())

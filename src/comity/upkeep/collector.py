"""Python's cyclic garbage collector, set for a process that serves for weeks.

A node's long-lived objects are made at its start; by default the collector looks at them all again
after every few thousand allocations, while nobody else can run. It does not decide what is kept:
nearly everything is freed by reference count. Called by `comity serve` and the measurements.
"""

import gc

__all__ = ["settle_collector"]

_YOUNG = 10_000  # objects that outlive their making before the young are looked at; Python's is 700
_GENERATIONS = (20, 100)  # how many lookings before the next older generation; Python's: 10, 10


def settle_collector() -> None:
    """Take what lives now out of every later collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *_GENERATIONS)

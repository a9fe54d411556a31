"""Each planted bug is found: a simulation that finds nothing where something is proves nothing.

`FOUND` is a seed that soon found it. A seed tells another story once the code that it drives has
changed, so the others are tried after it, those with a lie that shows the bug before the rest.
"""

import logging
from collections.abc import Iterable, Iterator

import pytest

from tests.simulation.bugs import BUGS, planted
from tests.simulation.ledger import Broken
from tests.simulation.plan import BRIEF, Lie, plan_of
from tests.simulation.simulate import simulate

SEEDS_MAX = 200
FOUND = {
    "acknowledge before the disk has it": 6,
    "the lock is not checked": 20,
    "the outbox forgets before the receipt": 1,
    "growth is not checked": 7,
    "a retry is a new entry": 0,
    "a gap is accepted": 8,
    "a duplicate is not known again": 1,
    "the witness forgets what it cosigned": 22,
    "a peer's declaration is not compared": 4,
}
SHOWN_BY = {
    "growth is not checked": {Lie.TWIN, Lie.TWO_HEADS, Lie.FALSE_PROOFS},
    "a gap is accepted": {Lie.GAP},
    "the witness forgets what it cosigned": {Lie.TWIN},
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A world of faults has much to say."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def seeds_for(name: str) -> list[int]:
    """Seeds to try, the likeliest first."""
    shown_by = SHOWN_BY.get(name, set(Lie))
    others = sorted(range(SEEDS_MAX), key=lambda seed: plan_of(seed).lie not in shown_by)
    return [FOUND[name], *others]


def found_by(seeds: Iterable[int]) -> tuple[int, str] | None:
    """The first seed that finds what is planted, and what it says."""
    for seed in seeds:
        try:
            simulate(seed, BRIEF)
        except Broken as broken:
            return seed, str(broken)
    return None


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", sorted(BUGS))
def test_a_planted_bug_is_found(name: str) -> None:
    """The code without it passes the same seeds: test_simulation.py."""
    with planted(name):
        found = found_by(seeds_for(name))
    assert found is not None, f"{SEEDS_MAX} seeds and nobody saw: {name}"
    seed, told = found
    assert told.endswith(
        f"again: .venv/bin/python -m tests.simulation.run --seed {seed} --ticks {BRIEF}"
    )

"""The journal measured: durable entries with signature checks, its start again, its whole audit.

The real scribe over the real store, on a real disk. One thread verifies and submits, as a node's
event loop does, with so many works in flight; the scribe's thread writes. Rounds of all kinds take
turns, so that a machine that slows down slows all of them. Called by `comity bench journal`.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass

from comity.bench.figure import Aim, Bound, Figure, Measured, latencies
from comity.bench.ground import Ground
from comity.bench.rows import PlainRows
from comity.bench.works import OWN, Works, counted_seeds, foreign_notes, identity_of
from comity.journal.recover import recomputed_root
from comity.journal.scribe import Committed, Scribe
from comity.model.fault import Corrupt, must
from comity.storage.store import Reading, Store
from comity.wire.limits import GROUP_ENTRIES_MAX, QUEUE_WORKS_MAX

__all__ = ["FULL", "QUICK", "JournalPlan", "Spell", "drive", "measure_journal"]

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000
_ALONE = 1  # in flight
_AIMED = 64  # in flight: the concurrency for which the aims are stated
_FILL_PARTS = 10  # told one by one: a long journal takes minutes
_ENTRIES_PER_S = Aim(bound=Bound.AT_LEAST, value=2_000)
_LATENCY_MS = Aim(bound=Bound.AT_MOST, value=60)
_START_MS = {  # from so many entries on
    1_000_000: Aim(bound=Bound.AT_MOST, value=10_000),
    100_000: Aim(bound=Bound.AT_MOST, value=2_000),
}
_AUDIT_PER_S = Aim(bound=Bound.AT_LEAST, value=20_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPlan:
    """How much is measured: `alone` works a round one by one, `works` a round at every other."""

    rounds: int
    alone: int
    works: int
    in_flight: tuple[int, ...]
    entries: int
    starts: int
    audits: int

    def __post_init__(self) -> None:
        """Hold that the scribe's queue takes what is in flight."""
        must(max(self.in_flight) <= QUEUE_WORKS_MAX, "more in flight than the queue holds")

    def works_at(self, in_flight: int) -> int:
        """Works a round with so many in flight."""
        return self.alone if in_flight == _ALONE else self.works

    @property
    def steps(self) -> int:
        """How many steps are told: every round, filling, starts, audits."""
        return self.rounds * (len(self.in_flight) + 1) + _FILL_PARTS + self.starts + self.audits


QUICK = JournalPlan(
    rounds=3, alone=150, works=500, in_flight=(1, 16, 64, 256), entries=10_000, starts=3, audits=3
)
FULL = JournalPlan(
    rounds=5,
    alone=600,
    works=4_000,
    in_flight=(1, 16, 64, 256),
    entries=100_000,
    starts=5,
    audits=5,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One round of writing: how many entries a second, and how long each of them took."""

    per_s: float
    latencies_ns: tuple[int, ...]


def measure_journal(ground: Ground, plan: JournalPlan) -> Measured:
    """All figures of the journal; Corrupt if the journal that was written does not hash up."""
    ground.progress.begin(plan.steps)
    notes = foreign_notes()
    folder = ground.folder / "journal"
    folder.mkdir()
    with ExitStack() as stack:
        store = ground.open_store(folder)
        stack.callback(store.close)
        scribe = _scribe(store)
        stack.callback(scribe.close)
        works = Works(scribe, notes)
        found = _writing(ground, plan, works, store)
        _fill(ground, works, plan, store)
        size, root = scribe.head.checkpoint.size, scribe.head.checkpoint.root
    starts = tuple(_start_ms(ground, plan, size) for _ in range(plan.starts))
    audits = _audits(ground, plan, root)
    figures = dict(found.figures)
    figures["start_again"] = Figure(
        unit="ms",
        rounds=starts,
        samples=size,
        aim=next((aim for least, aim in _START_MS.items() if size >= least), None),
    )
    figures["audit"] = Figure(unit="entries/s", rounds=audits, samples=size, aim=_AUDIT_PER_S)
    return Measured(figures=figures, peers=found.peers)


def drive(begin: Callable[[], Future[Committed[int]]], number: int, in_flight: int) -> Spell:
    """Keep `in_flight` works going until `number` are durable; the first fault of one is raised.

    A work's latency runs from the call of `begin`, which verifies and submits, to the answer
    after the commit.
    """
    places = threading.Semaphore(in_flight)
    taken_ns: list[int] = []
    faults: list[BaseException] = []

    def submit() -> None:
        began_ns = time.perf_counter_ns()

        def settled(future: Future[Committed[int]]) -> None:
            taken_ns.append(time.perf_counter_ns() - began_ns)
            fault = future.exception()
            if fault is not None:
                faults.append(fault)
            places.release()

        begin().add_done_callback(settled)

    began_ns = time.perf_counter_ns()
    for _ in range(number):
        places.acquire()
        submit()
    for _ in range(in_flight):  # every place is free again: nothing is in flight
        places.acquire()
    spent_ns = time.perf_counter_ns() - began_ns
    if faults:
        raise faults[0]
    return Spell(per_s=number * _NS_PER_S / spent_ns, latencies_ns=tuple(taken_ns))


def _writing(ground: Ground, plan: JournalPlan, works: Works, store: Store) -> Measured:
    """Rounds at every concurrency and of plain rows, in turn."""
    drive(works.verify_and_write, plan.alone, _ALONE)  # not counted: everything is cold
    spells: defaultdict[int, list[Spell]] = defaultdict(list)
    plain: defaultdict[int, list[float]] = defaultdict(list)
    with PlainRows(ground.folder / "plain.db", store.read(_row_bytes)) as rows:
        for number in range(1, plan.rounds + 1):
            for in_flight in plan.in_flight:
                works_now = plan.works_at(in_flight)
                spells[in_flight].append(drive(works.verify_and_write, works_now, in_flight))
                ground.progress.step(f"round {number}: {in_flight} in flight")
            for group in (_ALONE, GROUP_ENTRIES_MAX):
                plain[group].append(rows.insert(plan.works_at(group), group))
            ground.progress.step(f"round {number}: plain rows")
    figures: dict[str, Figure] = {}
    for in_flight, found in spells.items():
        figures |= _figures_at(in_flight, found, plan.works_at(in_flight))
    peers = {
        f"plain_rows_in_groups_of_{group}": Figure(
            unit="rows/s", rounds=tuple(found), samples=plan.works_at(group)
        )
        for group, found in plain.items()
    }
    return Measured(figures=figures, peers=peers | _ratios(spells, plain, plan))


def _figures_at(in_flight: int, spells: Sequence[Spell], works: int) -> dict[str, Figure]:
    aimed = in_flight == _AIMED
    rate = Figure(
        unit="entries/s",
        rounds=tuple(spell.per_s for spell in spells),
        samples=works,
        aim=_ENTRIES_PER_S if aimed else None,
    )
    name = f"entries_at_{in_flight}"
    taken = [spell.latencies_ns for spell in spells]
    return {name: rate} | latencies(f"{name}_latency", taken, {99: _LATENCY_MS} if aimed else None)


def _ratios(
    spells: dict[int, list[Spell]], plain: dict[int, list[float]], plan: JournalPlan
) -> dict[str, Figure]:
    """Journal entries a second over plain rows a second, round by round of the same run."""
    found = {}
    for in_flight in sorted(spells.keys() & plain.keys()):
        pairs = zip(spells[in_flight], plain[in_flight], strict=True)
        found[f"entries_at_{in_flight}_over_plain_rows"] = Figure(
            unit="ratio",
            rounds=tuple(spell.per_s / rate for spell, rate in pairs),
            samples=plan.works_at(in_flight),
        )
    return found


def _row_bytes(reading: Reading) -> int:
    """What the newest entry and its opening weigh together."""
    row = reading.journal.entry(reading.journal.size() - 1)
    opening = None if row is None else reading.journal.opening(row.leaf)
    if row is None or opening is None:
        raise Corrupt("an entry was written and is not there", code="missing_entry")
    return len(row.body) + len(row.leaf) + len(opening.seed) + len(opening.fields)


def _fill(ground: Ground, works: Works, plan: JournalPlan, store: Store) -> None:
    """Write until there are `entries`."""
    there = store.read(lambda r: r.journal.size())
    missing = max(0, plan.entries - there)
    for part in range(_FILL_PARTS):
        wanted = missing * (part + 1) // _FILL_PARTS - missing * part // _FILL_PARTS
        if wanted:
            drive(works.write, wanted, max(plan.in_flight))
        there += wanted
        ground.progress.step(f"{there} entries written")


def _scribe(store: Store) -> Scribe:
    return Scribe(
        store=store,
        identity=identity_of(OWN),
        seeds=counted_seeds("content"),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: None,  # the works' futures carry the fault
    )


def _start_ms(ground: Ground, plan: JournalPlan, size: int) -> float:
    """Open the store and recover, as a node does when it starts; then stop again."""
    began_ns = time.perf_counter_ns()
    store = ground.open_store(ground.folder / "journal")
    scribe = _scribe(store)
    spent_ns = time.perf_counter_ns() - began_ns
    found = scribe.head.checkpoint.size
    scribe.close()
    store.close()
    must(found == size >= plan.entries, "a start brings back every entry")
    ground.progress.step(f"started again with {size} entries")
    return spent_ns / _NS_PER_MS


def _audits(ground: Ground, plan: JournalPlan, root: bytes) -> tuple[float, ...]:
    """Hash every entry and every node anew, so many times; entries per second."""
    store = ground.open_store(ground.folder / "journal")
    found = []
    try:
        size = store.read(lambda r: r.journal.size())
        for _ in range(plan.audits):
            began_ns = time.perf_counter_ns()
            again = store.read(lambda r: recomputed_root(r, 0, size))
            found.append(size * _NS_PER_S / (time.perf_counter_ns() - began_ns))
            if again != root:
                raise Corrupt("the audit finds another root", code="damaged_journal")
            ground.progress.step(f"{size} entries audited")
    finally:
        store.close()
    return tuple(found)

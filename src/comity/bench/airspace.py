"""The airspace measured: one search among many volumes, inserts, pair tests; others beside it.

Times are the processor's, not the clock's: the work is one thread's and waits for nothing, and so a
busy machine does not make it look slow. What the index says is compared with a look at every box
and the exact test that knows no drawing; a difference is a figure, and no other figure is worth
anything where it is not 0. Called by `comity bench airspace`.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from comity.airspace import brute
from comity.airspace.boxes import touching_one
from comity.airspace.clearance import assess
from comity.airspace.columns import Columns
from comity.airspace.index import Index
from comity.airspace.sides import Sides, sides_of, touch
from comity.airspace.sketch import sketch_of, within
from comity.bench.figure import Aim, Bound, Figure, Measured, percentile
from comity.bench.ground import Ground
from comity.bench.searching import EveryBox, Searching, SortTileTree, SqliteTree, sides_array
from comity.bench.stored import Stored, subject_rows
from comity.bench.volumes import crowded, spread
from comity.model.volume import Volume4D

__all__ = ["FULL", "QUICK", "AirspacePlan", "measure_airspace"]

_NS_PER_S, _NS_PER_US = 1_000_000_000, 1_000
_LOT = 10_000  # volumes inserted together
_SETS = (10_000, 30_000, 100_000, 300_000)  # sets whose conflicts are all found
_ORACLE_PAIRS = 2_000
_SET_AIMED = 100_000
_IMPORT = "import comity.airspace as sky\n"
_FIRST_USE = """
hour = ("2026-05-01T12:00:00Z", "2026-05-01T13:00:00Z")
spot = {"type": "Point", "coordinates": [36, 35]}
disc = sky.volume(spot, radius_m=900, heights_m=(0, 9), window=hour)
ring = {"type": "Polygon", "coordinates": [[[36, 35], [36.1, 35], [36, 35.1]]]}
area = sky.volume(ring, heights_m=(0, 9), window=hour)
assert sky.Index({"disc": disc}.items()).near(area) == ("disc",)
assert sky.conflicts(area, {"disc": disc}) != ()
"""
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = 4_096
_STORED_BYTES = 8_192  # of disk for each subject: the database takes 5 kB, its log the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class AirspacePlan:
    """`size` live volumes; in each round `searches` of ours and `others` of each other way's.

    `stored` of them, or as many as the disk has room for, are saved as subjects, and searched by
    SQL.
    """

    size: int
    rounds: int
    searches: int
    others: int
    oracle: int
    crowd: int
    stored: int


QUICK = AirspacePlan(
    size=30_000, rounds=3, searches=500, others=60, oracle=40, crowd=1_000, stored=10_000
)
FULL = AirspacePlan(
    size=1_000_000, rounds=3, searches=2_000, others=60, oracle=60, crowd=4_000, stored=1_000_000
)


def measure_airspace(ground: Ground, plan: AirspacePlan) -> Measured:
    """All figures of the airspace, and those of three other ways to the same answers."""
    ground.progress.begin(10)
    figures: dict[str, Figure] = {"size": _one("volumes", plan.size), **_imports(plan)}
    asked = list(spread(2, plan.rounds * plan.searches))
    index, filled = _filled(spread(1, plan.size))
    ground.progress.step(f"{plan.size} volumes in memory")
    figures |= filled
    figures |= _latencies("search", index.near, asked, plan, (50, 500))
    ground.progress.step("searches")
    figures |= _inserts(index, plan)
    ground.progress.step("inserts and removals")
    figures |= _pair_tests(plan)
    ground.progress.step("pair tests")
    figures |= _conflicts(plan)
    ground.progress.step("all conflicts inside sets")
    sample = [(each, set(index.near(each))) for each in spread(1, plan.oracle)]
    del index
    full, _ = _filled(crowded(3, plan.size))
    figures |= _latencies(
        "crowded_search", full.near, list(crowded(4, len(asked))), plan, (50, 500)
    )
    del full
    ground.progress.step("searches in one congested place")
    volumes = list(spread(1, plan.size))  # after the searches: they fill the memory beside them
    figures["mismatches"] = _mismatches(volumes, sample)
    ground.progress.step("compared with a look at every volume")
    stored = min(plan.stored, plan.size, shutil.disk_usage(ground.folder).free // _STORED_BYTES)
    figures |= _stored(ground, plan, volumes[:stored], asked)
    ground.progress.step(f"{stored} subjects in the store")
    peers = _others(ground.folder, plan, volumes, sample)
    ground.progress.step("STRtree, R*-tree of SQLite, every box")
    ground.progress.step("done")
    return Measured(figures=figures, peers=peers)


def _filled(volumes: Iterator[Volume4D]) -> tuple[Index[int], dict[str, Figure]]:
    """An index of volumes that come in lots, and what they cost in memory and time."""
    index: Index[int] = Index()
    before, from_, spent_ns = 0, 0, 0
    for lot in _lots(volumes):
        if len(index) <= _LOT:  # the first lot's objects stay with the allocator
            before, from_ = _resident_bytes(), len(index)
        first = len(index)
        began_ns = time.process_time_ns()
        index.insert_many(enumerate(lot, first))
        spent_ns += time.process_time_ns() - began_ns
    each_bytes = (_resident_bytes() - before) / (len(index) - from_)
    return index, {
        "load_per_s": _one("volumes/s", len(index) * _NS_PER_S / spent_ns, len(index)),
        "bytes_per_volume": Figure(
            unit="bytes",
            rounds=(each_bytes,),
            samples=len(index),
            aim=Aim(bound=Bound.AT_MOST, value=1_024),
        ),
    }


def _lots(volumes: Iterator[Volume4D]) -> Iterator[list[Volume4D]]:
    while lot := list(islice(volumes, _LOT)):  # bounded by the volumes
        yield lot


def _inserts(index: Index[int], plan: AirspacePlan) -> dict[str, Figure]:
    """Volumes into the full index and out again."""
    count = min(_LOT, plan.size)
    came, went = [], []
    for number in range(plan.rounds):
        fresh = [(-1 - at, each) for at, each in enumerate(spread(50 + number, count))]
        began_ns = time.process_time_ns()
        index.insert_many(fresh)
        came.append(count * _NS_PER_S / (time.process_time_ns() - began_ns))
        began_ns = time.process_time_ns()
        for key, _ in fresh:
            index.remove(key)
        went.append(count * _NS_PER_S / (time.process_time_ns() - began_ns))
    aim = Aim(bound=Bound.AT_LEAST, value=50_000)
    return {
        "insert_per_s": Figure(unit="volumes/s", rounds=tuple(came), samples=count, aim=aim),
        "remove_per_s": Figure(unit="volumes/s", rounds=tuple(went), samples=count),
    }


def _pair_tests(plan: AirspacePlan) -> dict[str, Figure]:
    """Pairs rejected by their boxes; pairs of neighbours decided together, and one at a time."""
    near = list(crowded(6, plan.crowd))
    columns = Columns()
    rows = columns.add(near)
    sides = sides_array(near)
    everywhere = sides.max(axis=0).tolist()
    asked: list[Sides] = [
        (*map(int, each[:4]), 0, everywhere[5], 0, everywhere[7])  # at all heights and times
        for each in sides.tolist()
    ]
    touching = [np.flatnonzero(touching_one(sides, each)) for each in asked]
    one = np.repeat(rows, [len(each) for each in touching])
    other = rows[np.concatenate(touching)]
    sketches = [sketch_of(each) for each in near]
    couples = [
        (sketches[a], (sketches[b],)) for a, b in zip(one[:5_000], other[:5_000], strict=True)
    ]
    together, alone, bounds = [], [], []
    for _ in range(plan.rounds):
        together.append(len(one) / _seconds(lambda: columns.near(one, other, 0)))
        alone.append(len(couples) / _seconds(lambda: [within(a, b, (0,)) for a, b in couples]))
        spent_s = _seconds(lambda: [touching_one(sides, each) for each in asked])
        bounds.append(len(sides) * len(asked) / spent_s)
    return {
        "bounds_pairs_per_s": _at_least("pairs/s", bounds, len(sides) * len(asked), 5_000_000),
        "exact_pairs_per_s": _at_least("pairs/s", together, len(one), 300_000),
        "exact_alone_per_s": _at_least("pairs/s", alone, len(couples), 50_000),
    }


def _conflicts(plan: AirspacePlan) -> dict[str, Figure]:
    """Seconds until all conflicts inside a set of new volumes are known, boxes and all."""

    def search(count: int) -> None:
        index = Index(enumerate(volumes[:count]))
        index.pairs()

    volumes = list(spread(8, min(plan.size, max(_SETS))))
    found: dict[str, Figure] = {}
    for count in sorted({min(each, len(volumes)) for each in _SETS}):
        aim = Aim(bound=Bound.AT_MOST, value=20) if count == _SET_AIMED else None
        spent_s = _seconds(lambda count=count: search(count))  # type: ignore[misc]
        found[f"conflicts_at_{count}_s"] = Figure(
            unit="s", rounds=(spent_s,), samples=count, aim=aim
        )
    return found


def _stored(
    ground: Ground, plan: AirspacePlan, volumes: Sequence[Volume4D], asked: Sequence[Volume4D]
) -> dict[str, Figure]:
    """The same searches from SQL; inserts by the clock, since they wait for the disk."""
    folder = ground.folder / "stored"
    folder.mkdir()
    with closing(ground.open_store(folder)) as store:
        stored = Stored(store)
        for first in range(0, len(volumes), _LOT):
            stored.add(subject_rows(volumes[first : first + _LOT], first))
        came = []
        fresh = list(spread(70, min(_LOT // 2, len(volumes))))
        rows = subject_rows(fresh, -len(fresh))
        for _ in range(plan.rounds):
            began_ns = time.perf_counter_ns()
            stored.add(rows)
            came.append(len(rows) * _NS_PER_S / (time.perf_counter_ns() - began_ns))
            stored.forget(rows)
        return {
            "stored_size": _one("volumes", len(volumes)),
            "stored_insert_per_s": _at_least("volumes/s", came, len(rows), 5_000),
            **_latencies("stored_search", stored.near, asked, plan, (1_000, None)),
        }


def _mismatches(volumes: Sequence[Volume4D], sample: Sequence[tuple[Volume4D, set[int]]]) -> Figure:
    """Numbers that a look at every volume finds and the index does not, or the other way round."""
    sides, wrong = sides_array(volumes), 0
    for candidate, said in sample:
        rows = np.flatnonzero(touching_one(sides, sides_of(candidate))).tolist()
        held = {row for row in rows if assess(candidate, volumes[row]) is not None}
        wrong += len(held ^ said)
    aim = Aim(bound=Bound.AT_MOST, value=0)
    return Figure(unit="volumes", rounds=(float(wrong),), samples=len(sample), aim=aim)


def _others(
    folder: Path,
    plan: AirspacePlan,
    volumes: Sequence[Volume4D],
    sample: Sequence[tuple[Volume4D, set[int]]],
) -> dict[str, Figure]:
    """The same searches and inserts by other ways."""
    found: dict[str, Figure] = {}
    tree = SqliteTree(folder / "sky.db")
    ways: dict[str, Searching] = {
        "strtree": SortTileTree(),
        "sqlite_rtree": tree,
        "every_box": EveryBox(),
    }
    asked = list(spread(2, plan.rounds * plan.others))
    for name, way in ways.items():
        before = _resident_bytes()
        spent_s = _seconds(lambda way=way: way.add(volumes))  # type: ignore[misc]
        each_bytes = max(0, _resident_bytes() - before) / plan.size
        more = list(spread(60, 1_000))
        insert_s = _seconds(lambda way=way, more=more: way.add(more))  # type: ignore[misc]
        wrong = 0
        for candidate, said in sample:
            wrong += len({row for row in way.near(candidate) if row < plan.size} ^ said)
        theirs = {
            "size": _one("volumes", plan.size),
            "bytes_per_volume": _one("bytes", each_bytes, plan.size),
            "load_per_s": _one("volumes/s", plan.size / spent_s, plan.size),
            "insert_per_s": _one("volumes/s", len(more) / insert_s, len(more)),
            "mismatches": _one("volumes", wrong, len(sample)),
            **_latencies("search", way.near, asked, plan, (None, None)),
        }
        found |= {f"{name}.{key}": figure for key, figure in theirs.items()}
    tree.close()
    return found | _oracles_pairs(plan)


def _oracles_pairs(plan: AirspacePlan) -> dict[str, Figure]:
    """Neighbours decided one by one by the slow second opinion, and by boxes in plain Python."""
    near = list(crowded(6, min(plan.crowd, _ORACLE_PAIRS)))
    flat = [replace(v, heights=near[0].heights, window=near[0].window) for v in near]
    couples = list(pairwise(flat))
    boxes = [(sides_of(a), sides_of(b)) for a, b in couples]
    columns = Columns()
    rows = columns.add(flat)
    said: list[bool] = columns.near(rows[:-1], rows[1:], 0).tolist()
    truth: list[bool] = []
    exact_s = _seconds(lambda: truth.extend(brute.meets(a, b) for a, b in couples))
    bounds_s = _seconds(lambda: [touch(a, b) for a, b in boxes])
    wrong = sum(ours != theirs for ours, theirs in zip(said, truth, strict=True))
    return {
        "brute.exact_pairs_per_s": _one("pairs/s", len(couples) / exact_s, len(couples)),
        "brute.bounds_pairs_per_s": _one("pairs/s", len(boxes) / bounds_s, len(boxes)),
        "brute.mismatches": _one("pairs", wrong, len(couples)),
    }


def _latencies(
    name: str,
    search: Callable[[Volume4D], Sequence[object]],
    asked: Sequence[Volume4D],
    plan: AirspacePlan,
    aims_us: tuple[int | None, int | None],
) -> dict[str, Figure]:
    """p50 and p99 of single searches in microseconds, and how many they find on average."""
    count = len(asked) // plan.rounds
    rounds: list[list[int]] = []
    found = 0
    for number in range(plan.rounds):
        spent = []
        for candidate in asked[number * count : (number + 1) * count]:
            began_ns = time.process_time_ns()
            held = search(candidate)
            spent.append(time.process_time_ns() - began_ns)
            found += len(held)
        rounds.append(spent)
    figures = {"found": _one("volumes", found / len(asked), len(asked))}
    for percent, aim_us in zip((50, 99), aims_us, strict=True):
        figures[f"p{percent}_us"] = Figure(
            unit="us",
            rounds=tuple(percentile(each, percent) / _NS_PER_US for each in rounds),
            samples=count,
            aim=None if aim_us is None else Aim(bound=Bound.AT_MOST, value=aim_us),
        )
    return {f"{name}_{key}": figure for key, figure in figures.items()}


def _imports(plan: AirspacePlan) -> dict[str, Figure]:
    """Processor seconds of `import comity.airspace`, and of what a first answer takes after it."""
    imported, answered = [], []
    for _ in range(plan.rounds):
        empty, whole, used = (_spent_s(words) for words in ("pass", _IMPORT, _IMPORT + _FIRST_USE))
        imported.append(whole - empty)
        answered.append(max(0.0, used - whole))
    return {
        name: Figure(
            unit="s",
            rounds=tuple(rounds),
            samples=1,
            aim=Aim(bound=Bound.AT_MOST, value=value),
        )
        for name, rounds, value in (("import_s", imported, 0.5), ("first_use_s", answered, 1.0))
    }


def _spent_s(words: str) -> float:
    """Processor seconds of a fresh interpreter that runs these words."""
    run = subprocess.run(  # noqa: S603 - our own interpreter, constant words
        [sys.executable, "-c", f"{words}\nimport time; print(time.process_time())"],
        capture_output=True,
        check=True,
        text=True,
    )
    return float(run.stdout)


def _resident_bytes() -> int:
    return int(_STATM.read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


def _seconds(work: Callable[[], object]) -> float:
    began_ns = time.process_time_ns()
    work()
    return (time.process_time_ns() - began_ns) / _NS_PER_S


def _one(unit: str, value: float, samples: int = 1) -> Figure:
    return Figure(unit=unit, rounds=(float(value),), samples=samples)


def _at_least(unit: str, rounds: Sequence[float], samples: int, aim: float) -> Figure:
    bound = Aim(bound=Bound.AT_LEAST, value=aim)
    return Figure(unit=unit, rounds=tuple(rounds), samples=samples, aim=bound)

"""Subjects, conflicts, warnings, assessments: nothing near is ever left out."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TypeAlias

import apsw
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.airspace.boxes import TreeBoxes
from comity.airspace.broad import TURN_E7
from comity.airspace.coarse import asked_of, coarsely_meet, whole_of
from comity.airspace.sides import Sides
from comity.intake.subject import around
from comity.model.fault import Malformed
from comity.storage.rows import SubjectRow, VolumeBox
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Reading, Transaction
from tests.airspace.many import crowd
from tests.intake.table import in_memory
from tests.storage.sqlite.samples import (
    ALPHA,
    ASSESSMENT,
    BOX,
    BRAVO,
    CONFLICT,
    SUBJECT,
    WARNING,
    id_,
)

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

SIDE_NAMES = (
    *("south_e7", "north_e7", "west_e7", "width_e7"),
    *("lower_mm", "upper_mm", "start_us", "end_us"),
)
STATES = ("declared", "active", "ended", "cancelled")


def subject(number: int, **change: object) -> SubjectRow:
    return replace(SUBJECT, id=id_(number), notice=id_(number), **change)  # type: ignore[arg-type]


def save(store: SqliteStore, *rows: SubjectRow) -> None:
    def work(tx: Transaction) -> None:
        for row in rows:
            tx.sky.save_subject(row)

    store.write(work)


def test_subjects_come_back_whole(store: SqliteStore) -> None:
    theirs = subject(1)
    ours = subject(
        2, ours=True, delivered_us=None, prompted_by=id_(1), recipients=f"{ALPHA} {BRAVO}", flags=""
    )
    save(store, theirs, ours)
    assert store.read(lambda r: r.sky.subject(id_(1))) == theirs
    assert store.read(lambda r: r.sky.subject(id_(2))) == ours
    assert store.read(lambda r: r.sky.subject(id_(3))) is None
    ended = replace(theirs, state="ended")
    save(store, ended)
    assert store.read(lambda r: r.sky.subject(id_(1))) == ended


def test_a_subject_is_found_by_any_of_its_notices(store: SqliteStore) -> None:
    save(store, subject(1), subject(2))
    for notice, about in ((1, 1), (2, 2), (5, 1)):
        store.write(lambda tx, n=notice, a=about: tx.sky.link_notice(id_(n), id_(a)))  # type: ignore[misc]
    for notice, about in ((1, 1), (5, 1), (2, 2)):
        found = store.read(lambda r, n=notice: r.sky.subject_of_notice(id_(n)))  # type: ignore[misc]
        assert found == subject(about)
    assert store.read(lambda r: r.sky.subject_of_notice(id_(9))) is None


def test_pages_go_on_where_they_ended(store: SqliteStore) -> None:
    kinds = ("operation", "hazard", "presence")
    rows = [subject(n, kind=kinds[n % 3], ours=n % 2 == 0) for n in range(1, 13)]
    save(store, *reversed(rows))

    def pages(kind: str | None, *, ours: bool | None, limit: int) -> list[SubjectRow]:
        found: list[SubjectRow] = []
        after = b""
        while page := store.read(lambda r, a=after: r.sky.subjects(kind, ours, a, limit)):  # type: ignore[misc]
            assert len(page) <= limit
            found += page
            after = page[-1].id
        return found

    assert pages(None, ours=None, limit=5) == rows
    assert pages("hazard", ours=None, limit=1) == [row for row in rows if row.kind == "hazard"]
    assert pages(None, ours=True, limit=100) == [row for row in rows if row.ours]
    assert pages("hazard", ours=False, limit=2) == [
        row for row in rows if row.kind == "hazard" and not row.ours
    ]


WESTS = (-TURN_E7 // 2, -1, 0, 1, TURN_E7 // 2 - 2, TURN_E7 // 2 - 1)
BOUNDS = (("south_e7", "north_e7"), ("lower_mm", "upper_mm"), ("start_us", "end_us"))


def meet(one: VolumeBox, other: VolumeBox) -> bool:
    east = (other.west_e7 - one.west_e7) % TURN_E7 <= one.width_e7
    return (east or (one.west_e7 - other.west_e7) % TURN_E7 <= other.width_e7) and all(
        getattr(one, low) <= getattr(other, high) and getattr(other, low) <= getattr(one, high)
        for low, high in BOUNDS
    )


@st.composite
def boxes(draw: st.DrawFn) -> VolumeBox:
    found: dict[str, int] = {}
    for low, high in BOUNDS:
        found[low] = draw(st.integers(-3, 3))
        found[high] = found[low] + draw(st.integers(0, 3))
    found["width_e7"] = draw(st.sampled_from([0, 1, 2, TURN_E7 // 2, TURN_E7]))
    found["west_e7"] = draw(st.sampled_from(WESTS))
    if found["width_e7"] == TURN_E7:
        found["west_e7"] = -TURN_E7 // 2
    return VolumeBox(**found)


Pieces: TypeAlias = list[tuple[object, ...]]


def kept_and_rebuilt(folder: Path) -> tuple[Pieces, Pieces]:
    """The tree as it is kept, and one made anew from the rows by the same statement."""
    db = apsw.Connection(str(folder / "journal.db"))
    kept: Pieces = list(db.execute("SELECT * FROM sky ORDER BY id"))
    db.execute("CREATE VIRTUAL TABLE temp.anew USING rtree(id, a, b, c, d, e, f, g, h, i, j)")
    db.execute(
        "INSERT INTO temp.anew "
        "SELECT id, south, north, west, east, lower, upper, since, until, ours, ours_too "
        "FROM sky_piece"
    )
    rebuilt: Pieces = list(db.execute("SELECT * FROM temp.anew ORDER BY id"))
    assert db.execute("SELECT rtreecheck('sky')").fetchall() == [("ok",)]
    db.close()
    return kept, rebuilt


@given(st.lists(st.tuples(boxes(), st.sampled_from(STATES), st.booleans()), max_size=9), boxes())
def test_all_that_is_near_is_found_and_nothing_else(
    placed: list[tuple[VolumeBox, str, bool]], asked: VolumeBox
) -> None:
    rows = [
        replace(subject(number, box=box, state=state, ours=ours), owner=ALPHA if ours else BRAVO)
        for number, (box, state, ours) in enumerate(placed, start=1)
    ]
    with in_memory() as folder:
        store = SqliteStore(folder)
        save(store, *rows)
        near = [row for row in rows if meet(row.box, asked)]
        live = [row for row in near if row.state in ("declared", "active")]
        others = [row for row in live if row.owner != ALPHA]
        assert list(store.read(lambda r: r.sky.subjects_near(asked, ALPHA, ours=False))) == others
        own = [row for row in live if row.ours]
        assert list(store.read(lambda r: r.sky.own_subjects_near(asked))) == own
        store.close()


def test_the_tree_kept_is_the_tree_rebuilt(store: SqliteStore, folder: Path) -> None:
    rng = Random(4)
    for number in range(300):
        row = subject(rng.randrange(1, 60), box=random_box(rng), state=rng.choice(STATES))
        save(store, row)
        if number % 5 == 0:
            store.write(lambda tx, r=row: tx.sky.forget(r.id, ()))  # type: ignore[misc]
        if number % 30 == 0:
            kept, rebuilt = kept_and_rebuilt(folder)
            assert kept == rebuilt
    kept, rebuilt = kept_and_rebuilt(folder)
    assert kept == rebuilt
    assert len(kept) > 10
    for number in range(1, 60):
        store.write(lambda tx, n=number: tx.sky.forget(id_(n), ()))  # type: ignore[misc]
    assert kept_and_rebuilt(folder) == ([], [])


def test_what_is_undone_leaves_the_tree_as_it_was(store: SqliteStore, folder: Path) -> None:
    save(store, subject(1))

    def work(tx: Transaction) -> None:
        tx.sky.save_subject(subject(2))
        tx.sky.forget(id_(1), ())
        raise Malformed("undo all of it")

    with pytest.raises(Malformed):
        store.write(work)
    kept, rebuilt = kept_and_rebuilt(folder)
    assert kept == rebuilt
    assert store.read(lambda r: r.sky.subjects_near(BOX, BRAVO, ours=True)) == (subject(1),)


def random_box(rng: Random) -> VolumeBox:
    """Anywhere, at true scale: 32-bit floats round every side of it."""
    south, west = rng.randrange(-803_456_789, -800_000_000), rng.choice([*WESTS, 123_456_789])
    start_us = 1_800_000_000_000_000 + rng.randrange(3 * 10**9)
    return VolumeBox(
        south_e7=south,
        north_e7=south + rng.randrange(3_000_000),
        west_e7=west,
        width_e7=rng.randrange(3_000_000),
        lower_mm=rng.randrange(10**7),
        upper_mm=rng.randrange(10**7, 2 * 10**7),
        start_us=start_us,
        end_us=start_us + rng.randrange(3_600_000_000),
    )


def test_the_store_and_the_index_in_memory_give_one_answer(store: SqliteStore) -> None:
    """At true scale, in one crowded place: what SQL finds is what a comparison of all finds."""
    rng = Random(5)
    rows = [subject(n, box=random_box(rng)) for n in range(1, 400)]
    save(store, *rows)
    boxes = TreeBoxes()
    boxes.add(np.arange(1, 400), np.array([sides(row.box) for row in rows]))
    found = 0
    for row in rows:
        near = store.read(lambda r, b=row.box: r.sky.subjects_near(b, BRAVO, ours=True))  # type: ignore[misc]
        assert {each.id for each in near} == {id_(n) for n in boxes.touching(sides(row.box))}
        found += len(near)
    assert found > len(rows)


@pytest.mark.parametrize("around_", [(0.0, 0.0, 1.0), (-1.0, 0.0, 0.0), (0.6, 0.0, 0.8)])
def test_the_coarse_question_is_answered_from_sql(
    store: SqliteStore, around_: tuple[float, float, float]
) -> None:
    """The tree finds the boxes of wholes; cells then decide, as in memory."""
    volumes = crowd(3, 300, around=np.array(around_))
    parts = [volumes[3 * n : 3 * n + 1 + n % 3] for n in range(100)]
    save(store, *(subject(n, box=around(tuple(each))) for n, each in enumerate(parts, 1)))
    wholes = {id_(n): whole_of(each) for n, each in enumerate(parts, 1)}
    found = 0
    for n in range(0, 100, 4):
        asking = parts[n]
        boxes = [VolumeBox(**dict(zip(SIDE_NAMES, each, strict=True))) for each in asked_of(asking)]
        near = {
            row.id
            for box in boxes
            for row in store.read(lambda r, b=box: r.sky.subjects_near(b, BRAVO, ours=True))  # type: ignore[misc]
        }
        asked = whole_of(asking)
        expected = {id_ for id_, whole in wholes.items() if coarsely_meet(asked, whole)}
        assert {each for each in near if coarsely_meet(asked, wholes[each])} == expected
        found += len(expected)
    assert found > 50


def sides(box: VolumeBox) -> Sides:
    return (
        *(box.south_e7, box.north_e7, box.west_e7, box.width_e7),
        *(box.lower_mm, box.upper_mm, box.start_us, box.end_us),
    )


def test_touching_is_near_on_every_side(store: SqliteStore) -> None:
    save(store, subject(1))

    def near(asked: VolumeBox) -> tuple[SubjectRow, ...]:
        return store.read(lambda r: r.sky.subjects_near(asked, BRAVO, ours=True))

    for low, high in BOUNDS:
        for side, step in ((low, -1), (high, 1)):
            edge = getattr(BOX, side)
            assert near(replace(BOX, **{low: edge, high: edge})) == (subject(1),)
            assert near(replace(BOX, **{low: edge + step, high: edge + step})) == ()
    for west_e7, met in ((10, True), (11, False), (-20, True), (-21, False)):
        asked = replace(BOX, west_e7=west_e7, width_e7=10)
        assert near(asked) == ((subject(1),) if met else ())


STEPS = 100  # of SQLite's machine, between two calls of a progress handler


def steps(store: SqliteStore, query: Callable[[Reading], object]) -> int:
    """What a question costs, in hundreds of steps."""
    seen = itertools.count()
    store._reader.set_progress_handler(lambda: next(seen) < 0, STEPS)  # never stops it
    try:
        store.read(query)
    finally:
        store._reader.set_progress_handler(None)
    return next(seen)


@pytest.mark.parametrize(
    "query",
    [
        lambda r: r.sky.subjects_near(BOX, BRAVO, ours=True),
        lambda r: r.sky.own_subjects_near(BOX),
        lambda r: r.sky.live_of(ALPHA, "operation"),
        lambda r: r.sky.live_counts(),
    ],
)
def test_what_is_over_costs_nothing(store: SqliteStore, query: Callable[[Reading], object]) -> None:
    """Each notice that comes asks all of these; a journal of years must not slow them down."""
    save(store, subject(1), subject(2, ours=True))
    before = steps(store, query)
    save(store, *(subject(n, state=STATES[2 + n % 2], ours=n % 3 == 0) for n in range(3, 2_003)))
    assert steps(store, query) <= before + 1
    save(store, *(subject(n, ours=n % 3 == 0) for n in range(3, 1_003)))
    assert steps(store, query) > before + 10  # the control: what lives is looked at


def test_our_own_cost_nothing_to_who_asks_for_the_others(store: SqliteStore) -> None:
    """A party may have thousands of operations in one place."""

    def others(reading: Reading) -> tuple[SubjectRow, ...]:
        return reading.sky.subjects_near(BOX, ALPHA, ours=False)

    theirs = replace(subject(1), owner=BRAVO)
    save(store, theirs, replace(subject(2, ours=True), owner=ALPHA))
    before = steps(store, others)
    save(store, *(replace(subject(n, ours=True), owner=ALPHA) for n in range(3, 2_003)))
    assert steps(store, others) <= before + 1
    assert store.read(others) == (theirs,)
    assert len(store.read(lambda r: r.sky.own_subjects_near(BOX))) == 2_001
    asked = store.read(lambda r: r.sky.subjects_near(BOX, "charlie.example", ours=True))
    assert len(asked) == 2_002


def test_live_ones_are_counted_by_kind(store: SqliteStore) -> None:
    assert store.read(lambda r: r.sky.live_counts()) == {}
    states = zip(range(1, 9), STATES * 2, strict=True)
    save(store, *(subject(n, state=state) for n, state in states), subject(9, kind="hazard"))
    assert store.read(lambda r: r.sky.live_counts()) == {"operation": 4, "hazard": 1}


def test_what_a_notice_prompted_is_found(store: SqliteStore) -> None:
    prompted = [subject(n, ours=True, prompted_by=id_(7)) for n in (2, 3)]
    save(store, subject(1), *prompted, subject(4, prompted_by=id_(8)))
    assert store.read(lambda r: r.sky.prompted(id_(7))) == tuple(prompted)
    assert store.read(lambda r: r.sky.prompted(id_(1))) == ()


def test_assessments_come_back_whole(store: SqliteStore) -> None:
    assert store.read(lambda r: r.sky.assessment(id_(1))) is None
    unable = replace(ASSESSMENT, terms_us=(), unable="no_speed", presence=None)
    for row in (ASSESSMENT, unable):
        store.write(lambda tx, a=row: tx.sky.save_assessment(a))  # type: ignore[misc]
        assert store.read(lambda r: r.sky.assessment(id_(1))) == row


def test_conflicts_are_listed_oldest_first_and_by_subject(store: SqliteStore) -> None:
    rows = [
        replace(CONFLICT, id=id_(20), a=id_(1), b=id_(2), found_us=9),
        replace(CONFLICT, id=id_(10), a=id_(2), b=id_(3), found_us=9, meets=False),
        replace(CONFLICT, id=id_(30), a=id_(1), b=id_(3), found_us=1, over_us=2),
    ]
    for row in rows:
        store.write(lambda tx, c=row: tx.sky.save_conflict(c))  # type: ignore[misc]
    assert store.read(lambda r: r.sky.conflicts()) == (rows[2], rows[1], rows[0])
    assert store.read(lambda r: r.sky.conflicts_of(id_(1))) == (rows[0],)
    assert store.read(lambda r: r.sky.conflicts_of(id_(2))) == (rows[1], rows[0])
    store.write(lambda tx: tx.sky.save_conflict(replace(rows[0], over_us=10)))
    assert store.read(lambda r: r.sky.conflicts_of(id_(1))) == ()
    assert len(store.read(lambda r: r.sky.conflicts())) == 3


def test_warnings_stay_when_they_are_cleared(store: SqliteStore) -> None:
    rows = [
        replace(WARNING, id=id_(3), raised_us=5, party=BRAVO),
        replace(WARNING, id=id_(2), raised_us=1),
        replace(WARNING, id=id_(1), raised_us=1, about=id_(8)),
    ]
    for row in rows:
        store.write(lambda tx, w=row: tx.sky.save_warning(w))  # type: ignore[misc]
    assert store.read(lambda r: r.sky.warnings()) == (rows[2], rows[1], rows[0])
    assert store.read(lambda r: r.sky.open_warnings(WARNING.about)) == (rows[1], rows[0])
    store.write(lambda tx: tx.sky.save_warning(replace(rows[1], cleared_us=9)))
    assert store.read(lambda r: r.sky.open_warnings(WARNING.about)) == (rows[0],)
    assert len(store.read(lambda r: r.sky.warnings())) == 3

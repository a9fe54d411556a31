"""Subjects, conflicts, warnings, assessments: nothing near is ever left out."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.storage.rows import SubjectRow, VolumeBox
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Reading, Transaction
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


BOUNDS = (("south_e7", "north_e7"), ("lower_mm", "upper_mm"), ("start_us", "end_us"))


def meet(one: VolumeBox, other: VolumeBox) -> bool:
    return all(
        getattr(one, low) <= getattr(other, high) and getattr(other, low) <= getattr(one, high)
        for low, high in BOUNDS
    )


@st.composite
def boxes(draw: st.DrawFn) -> VolumeBox:
    found: dict[str, int] = {}
    for low, high in BOUNDS:
        found[low] = draw(st.integers(-3, 3))
        found[high] = found[low] + draw(st.integers(0, 3))
    return VolumeBox(**found)


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
        assert list(store.read(lambda r: r.sky.subjects_near(asked, ALPHA))) == others
        own = [row for row in live if row.ours]
        assert list(store.read(lambda r: r.sky.own_subjects_near(asked))) == own
        store.close()


def test_touching_is_near_on_every_side(store: SqliteStore) -> None:
    save(store, subject(1))
    for low, high in BOUNDS:
        for side, step in ((low, -1), (high, 1)):
            edge = getattr(BOX, side)
            touching = replace(BOX, **{low: edge, high: edge})
            beyond = replace(BOX, **{low: edge + step, high: edge + step})
            assert store.read(lambda r, b=touching: r.sky.subjects_near(b, BRAVO)) == (subject(1),)  # type: ignore[misc]
            assert store.read(lambda r, b=beyond: r.sky.subjects_near(b, BRAVO)) == ()  # type: ignore[misc]


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
        lambda r: r.sky.subjects_near(BOX, BRAVO),
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

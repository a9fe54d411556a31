"""Dispatches: the floor is due first; the numbers of the line never come again."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.storage.sqlite.store import SqliteStore
from tests.intake.table import in_memory
from tests.storage.sqlite.samples import DISPATCH, WARNING, id_


def save(store: SqliteStore, **changes: object) -> None:
    row = replace(DISPATCH, **changes)  # type: ignore[arg-type]
    store.write(lambda tx: tx.dispatches.save_dispatch(row))


def due(store: SqliteStore, now_us: int, *, floor_only: bool = False) -> list[int]:
    """The last byte of the ids of what is due for `night`."""
    rows = store.read(
        lambda r: r.dispatches.due_dispatches("night", now_us, 1_000, 9, floor_only=floor_only)
    )
    return [row.id[-1] for row in rows]


def test_the_floor_is_due_first_and_what_another_clock_put_off_is_due(store: SqliteStore) -> None:
    save(store, id=id_(1), due_us=5)
    save(store, id=id_(2), due_us=6, floor=True)
    save(store, id=id_(3), due_us=4)
    save(store, id=id_(4), due_us=5, outlet="pager")
    save(store, id=id_(5), due_us=None, state="accepted", done_us=3)
    save(store, id=id_(6), due_us=5_000)
    assert due(store, 3) == [6]
    assert due(store, 5) == [3, 1, 6]
    assert due(store, 6) == [2, 3, 1, 6]
    assert due(store, 6, floor_only=True) == [2]
    assert store.read(lambda r: r.dispatches.next_dispatch_due("night")) == 4
    assert store.read(lambda r: r.dispatches.next_dispatch_due("nobody")) is None


def test_what_was_tried_least_is_due_first_among_equals(store: SqliteStore) -> None:
    save(store, id=id_(1), due_us=1, attempts=7, floor=True)
    save(store, id=id_(2), due_us=2, attempts=3)
    save(store, id=id_(3), due_us=4, floor=True)
    save(store, id=id_(4), due_us=3)
    save(store, id=id_(5), due_us=1, outlet="pager")
    save(store, id=id_(6), due_us=9)
    assert due(store, 5) == [3, 1, 4, 2]

    def least(tries: int, *, floor_only: bool = False) -> list[int]:
        found = store.read(
            lambda r: r.dispatches.least_tried("night", 5, tries, 9, floor_only=floor_only)
        )
        return [row.id[-1] for row in found]

    assert least(8) == [3, 4, 2, 1]
    assert least(7) == [3, 4, 2]
    assert least(7, floor_only=True) == [3]


def test_they_are_found_by_what_they_tell_and_forgotten_with_it(store: SqliteStore) -> None:
    save(store)
    save(store, id=id_(121), of=id_(9), about=None, made_us=1)
    save(store, id=id_(122), of=id_(8), about=id_(1), made_us=3)

    def about(number: int) -> list[int]:
        found = store.read(lambda r: r.dispatches.dispatches_about(id_(number)))
        return [row.id[-1] for row in found]

    assert about(9) == [121, 120]
    assert about(7) == [120]
    store.write(lambda tx: tx.dispatches.forget([id_(9), id_(99)]))
    assert about(9) == []
    assert about(1) == [122]


def test_pages_counts_and_what_waits_elsewhere(store: SqliteStore) -> None:
    for number in range(7):
        outlet = "night" if number % 2 else "pager"
        save(store, id=id_(120 + number), made_us=1 + number // 3, outlet=outlet)
    whole = store.read(lambda r: r.dispatches.dispatches(None, 99))
    found = store.read(lambda r: r.dispatches.dispatches(None, 2))
    while len(found) < 7:
        last = found[-1]
        page = store.read(lambda r, e=last: r.dispatches.dispatches((e.made_us, e.id), 2))  # type: ignore[misc]
        assert page
        found += page
    assert found == whole
    counts = store.read(lambda r: r.dispatches.dispatch_counts())
    assert counts == {("night", "waiting"): 3, ("pager", "waiting"): 4}
    for names, left in ((["night"], 4), (["night", "pager"], 0), ([], 7)):
        rows = store.read(lambda r, n=names: r.dispatches.waiting_elsewhere(n))  # type: ignore[misc]
        assert len(rows) == left
    save(store, id=id_(120), state="accepted", due_us=None, done_us=50)
    store.write(lambda tx: tx.dispatches.drop_done(50))
    assert store.read(lambda r: r.dispatches.dispatch(id_(120))) is not None
    store.write(lambda tx: tx.dispatches.drop_done(51))
    assert store.read(lambda r: r.dispatches.dispatch(id_(120))) is None
    assert len(store.read(lambda r: r.dispatches.dispatches(None, 99))) == 6


def test_places_are_kept_by_name(store: SqliteStore) -> None:
    assert store.read(lambda r: r.dispatches.place("raised")) is None
    store.write(lambda tx: tx.dispatches.save_place("raised", 3))
    store.write(lambda tx: tx.dispatches.save_place("raised", 4))
    assert store.read(lambda r: r.dispatches.place("raised")) == 4
    store.write(lambda tx: tx.dispatches.drop_places())
    assert store.read(lambda r: r.dispatches.place("raised")) is None


def test_one_warning_is_found_by_its_id(store: SqliteStore) -> None:
    store.write(lambda tx: tx.sky.save_warning(WARNING))
    assert store.read(lambda r: r.sky.warning(WARNING.id)) == WARNING
    assert store.read(lambda r: r.sky.warning(id_(99))) is None


@settings(max_examples=30)
@given(steps=st.lists(st.integers(-1, 12), max_size=30))
def test_whatever_is_dropped_no_number_comes_again_and_none_is_skipped(steps: list[int]) -> None:
    """A step is a warning that is raised (-1), or a place up to which the line is cleared."""
    with in_memory() as folder:
        store = SqliteStore(folder)
        numbers: list[int] = []
        for step in steps:
            if step < 0:
                raised = id_(len(numbers))
                store.write(lambda tx, new=raised: tx.dispatches.put_raised(new))  # type: ignore[misc]
                numbers.append(store.read(lambda r: r.dispatches.newest_raised()))
                last = store.read(lambda r, n=numbers[-1]: r.dispatches.raised_after(n - 1, 9))  # type: ignore[misc]
                assert last == ((numbers[-1], raised),)
            else:
                store.write(lambda tx, upto=step: tx.dispatches.drop_raised(upto))  # type: ignore[misc]
        store.close()
        assert numbers == list(range(1, len(numbers) + 1))

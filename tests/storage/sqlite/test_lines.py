"""Lines: the newest word on each, gaps by age, checks by their answers, changes in order."""

from dataclasses import replace

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ALPHA, BRAVO, CHANGE, CHECK, GAP, LINE, LINE_ENTRY, id_


def test_of_a_line_the_newest_word_counts(store: SqliteStore) -> None:
    after = replace(LINE, state="silent", contact_us=None, contact_index=None, check_late_us=None)
    for row in (LINE, after, replace(LINE, peer=ALPHA)):
        store.write(lambda tx, row=row: tx.lines.save_line(row))  # type: ignore[misc]
    assert store.read(lambda r: r.lines.line(BRAVO)) == after
    assert [row.peer for row in store.read(lambda r: r.lines.lines())] == [ALPHA, BRAVO]
    assert store.read(lambda r: r.lines.line("charlie.example/c")) is None


def test_a_gap_is_open_until_it_has_an_end(store: SqliteStore) -> None:
    open_ = replace(GAP, from_us=20, until_us=None, until_index=None)
    other = replace(GAP, peer=ALPHA, from_us=4)
    for row in (GAP, open_, other):
        store.write(lambda tx, row=row: tx.lines.save_gap(row))  # type: ignore[misc]
    assert store.read(lambda r: r.lines.open_gap(BRAVO)) == open_
    assert store.read(lambda r: r.lines.open_gap(ALPHA)) is None
    assert store.read(lambda r: r.lines.gaps(None, None, 9)) == (open_, GAP, other)
    assert store.read(lambda r: r.lines.gaps(BRAVO, None, 1)) == (open_,)
    assert store.read(lambda r: r.lines.gaps(None, (20, BRAVO), 9)) == (GAP, other)
    assert store.read(lambda r: r.lines.gaps(None, (4, BRAVO), 9)) == (other,)


def test_the_entries_of_a_gap_come_in_order(store: SqliteStore) -> None:
    rows = [
        replace(LINE_ENTRY, index=9),
        LINE_ENTRY,
        replace(LINE_ENTRY, index=4, gap_from_us=None),
        replace(LINE_ENTRY, index=5, gap_from_us=99),
        replace(LINE_ENTRY, index=6, peer=ALPHA),
    ]
    for row in rows:
        store.write(lambda tx, row=row: tx.lines.save_line_entry(row))  # type: ignore[misc]
    assert store.read(lambda r: r.lines.gap_entries(BRAVO, 4)) == (LINE_ENTRY, rows[0])
    assert store.read(lambda r: r.lines.line_entry(4)) == rows[2]
    assert store.read(lambda r: r.lines.line_entry(7)) is None


def test_the_newest_check_is_the_one_that_was_answered_last(store: SqliteStore) -> None:
    later = replace(CHECK, of=id_(1), answered_us=9, there_from_us=None, there_until_us=None)
    for row in (later, CHECK, replace(CHECK, of=id_(2), peer=ALPHA, answered_us=99)):
        store.write(lambda tx, row=row: tx.lines.save_check(row))  # type: ignore[misc]
    assert store.read(lambda r: r.lines.newest_check(BRAVO)) == later
    assert store.read(lambda r: r.lines.newest_check("charlie.example/c")) is None


def test_changes_of_warnings_are_counted(store: SqliteStore) -> None:
    assert store.read(lambda r: r.lines.newest_change()) == 0
    rows = [replace(CHANGE, number=number, raised=number % 2 == 1) for number in (1, 2, 3)]
    for row in rows:
        store.write(lambda tx, row=row: tx.lines.save_change(row))  # type: ignore[misc]
    assert store.read(lambda r: r.lines.newest_change()) == 3
    assert store.read(lambda r: r.lines.changes(1, 9)) == tuple(rows[1:])
    assert store.read(lambda r: r.lines.changes(0, 2)) == tuple(rows[:2])

"""The register's rows: what stands at a moment, by which key it is sealed, who read how often."""

from dataclasses import replace

from comity.storage.register import LAPSED, WITHDRAWN, ProtectedRow
from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import GIVEN, PROTECTED, READ, SUBJECT, id_

OWNER = PROTECTED.owner
THEIRS = replace(PROTECTED, id=id_(80), owner="bravo.example/c", ours=False, expires_us=50)


def save(store: SqliteStore, *rows: ProtectedRow) -> None:
    for row in rows:
        store.write(lambda tx, row=row: tx.register.save_protected(row))  # type: ignore[misc]


def test_what_stands_is_what_has_not_expired_and_is_live(store: SqliteStore) -> None:
    gone = [replace(PROTECTED, id=id_(81), state=LAPSED), replace(PROTECTED, id=id_(82))]
    save(store, PROTECTED, THEIRS, gone[0], replace(gone[1], state=WITHDRAWN))
    assert store.read(lambda r: r.register.live_protected(49)) == (THEIRS, PROTECTED)
    assert store.read(lambda r: r.register.live_protected(50)) == (PROTECTED,)
    assert store.read(lambda r: r.register.expired_protected(50)) == (THEIRS,)
    assert store.read(lambda r: r.register.next_expiry_us()) == 50
    assert store.read(lambda r: r.register.live_protected_of(THEIRS.owner)) == 1
    over = store.read(lambda r: r.register.over_before(101))
    assert [row.id for row in over] == [id_(81), id_(82)]
    assert store.read(lambda r: r.register.over_before(100)) == ()
    save(store, replace(THEIRS, state=LAPSED), replace(PROTECTED, state=LAPSED))
    assert store.read(lambda r: r.register.next_expiry_us()) is None


def test_pages_hold_what_stands_in_order(store: SqliteStore) -> None:
    many = [replace(PROTECTED, id=id_(number)) for number in range(10, 15)]
    save(store, *many, replace(THEIRS, id=id_(9)))
    found, after = list[ProtectedRow](), b""
    while page := store.read(lambda r: r.register.page_of_protected(50, after, 2)):  # noqa: B023
        found += page
        after = page[-1].id
    assert found == many


def test_an_entry_is_found_by_any_notice_about_it(store: SqliteStore) -> None:
    save(store, PROTECTED)
    store.write(lambda tx: tx.sky.link_notice(id_(70), PROTECTED.id))
    assert store.read(lambda r: r.register.protected_of(id_(70))) == PROTECTED
    assert store.read(lambda r: r.register.protected_of(id_(71))) is None
    assert store.read(lambda r: r.sky.subject_of_notice(id_(70))) is None


def test_what_is_sealed_to_a_key_is_named_while_it_stands(store: SqliteStore) -> None:
    save(store, PROTECTED)
    store.write(lambda tx: tx.register.save_given(GIVEN))
    asked = [(GIVEN.audience, GIVEN.key), (GIVEN.audience, id_(1)), ("other.example/c", GIVEN.key)]
    found = [store.read(lambda r, a=a: r.register.sealed_to(*a)) for a in asked]  # type: ignore[misc]
    assert found == [(PROTECTED.id,), (), ()]
    save(store, replace(PROTECTED, state=LAPSED))
    assert store.read(lambda r: r.register.sealed_to(GIVEN.audience, GIVEN.key)) == ()


def test_reads_are_counted_by_party_owner_and_time_and_shown_to_the_owner(
    store: SqliteStore,
) -> None:
    save(store, PROTECTED, THEIRS)
    rows = [replace(READ, leaf=id_(number), known_us=number) for number in (3, 1, 2)]
    ours = replace(READ, leaf=id_(4), of=THEIRS.id, party=PROTECTED.owner, known_us=4)
    for row in (*rows, ours, replace(rows[0], reason="again")):  # of one statement the first stays
        store.write(lambda tx, row=row: tx.register.save_read(row))  # type: ignore[misc]
    shown = store.read(lambda r: r.register.reads(b"", 9))
    assert shown == tuple(sorted(rows, key=lambda row: row.known_us))
    assert store.read(lambda r: r.register.reads(id_(1), 1)) == shown[1:2]
    counts = [
        store.read(lambda r, since=since: r.register.reads_since(READ.party, OWNER, since))  # type: ignore[misc]
        for since in (0, 1, 3)
    ]
    assert counts == [3, 2, 0]
    assert store.read(lambda r: r.register.reads_since(PROTECTED.owner, THEIRS.owner, 0)) == 1


def test_forgotten_it_leaves_nothing(store: SqliteStore) -> None:
    save(store, PROTECTED, THEIRS)
    store.write(lambda tx: tx.register.save_given(GIVEN))
    store.write(lambda tx: tx.register.save_read(READ))
    store.write(lambda tx: tx.sky.link_notice(PROTECTED.id, PROTECTED.id))
    store.write(lambda tx: tx.register.forget_protected([PROTECTED.id]))
    assert store.read(lambda r: r.register.protected(PROTECTED.id)) is None
    assert store.read(lambda r: r.register.given(PROTECTED.id)) == ()
    assert store.read(lambda r: r.register.reads(b"", 9)) == ()
    assert store.read(lambda r: r.register.protected_of(PROTECTED.id)) is None
    assert store.read(lambda r: r.register.protected(THEIRS.id)) == THEIRS


def test_operations_of_any_state_but_cancelled_are_near(store: SqliteStore) -> None:
    box = replace(SUBJECT.box, south_e7=0, north_e7=9, lower_mm=0, upper_mm=9, start_us=0, end_us=9)
    row = replace(SUBJECT, kind="operation", state="ended", box=box)
    others = [
        replace(row, id=id_(60), state="cancelled"),
        replace(row, id=id_(61), kind="presence"),
        replace(row, id=id_(62), box=replace(box, start_us=10, end_us=20)),
        replace(row, id=id_(63), box=replace(box, south_e7=10, north_e7=20)),
        replace(row, id=id_(64), box=replace(box, lower_mm=10, upper_mm=20)),
    ]
    for each in (row, *others):
        store.write(lambda tx, each=each: tx.sky.save_subject(each))  # type: ignore[misc]
    assert store.read(lambda r: r.register.operations_near(box)) == (row,)

"""Reports: by arrival, strays counted, forgotten with their hazard; lapses by moment."""

from dataclasses import replace
from pathlib import Path

from comity.storage.sqlite.open import migrate, open_writer, scripts
from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ALPHA, BRAVO, REPORT, SUBJECT, id_


def test_reports_come_in_the_order_of_their_arrival(store: SqliteStore) -> None:
    later = replace(REPORT, id=id_(2), number=1)
    other = replace(REPORT, id=id_(3), of=id_(9), number=0)
    for row in (later, other, REPORT):
        store.write(lambda tx, row=row: tx.reports.save_report(row))  # type: ignore[misc]
    assert store.read(lambda r: r.reports.reports_of(REPORT.of)) == (REPORT, later)
    assert store.read(lambda r: r.reports.report(later.id)) == later
    assert store.read(lambda r: r.reports.report(id_(99))) is None


def test_a_report_is_a_stray_until_its_hazard_is_known(store: SqliteStore) -> None:
    store.write(lambda tx: tx.reports.save_report(REPORT))
    assert store.read(lambda r: (r.reports.strays(BRAVO), r.reports.strays(ALPHA))) == (1, 0)
    assert store.read(lambda r: r.reports.strays_before(REPORT.at_us)) == ()
    assert store.read(lambda r: r.reports.strays_before(REPORT.at_us + 1)) == (REPORT.id,)
    store.write(lambda tx: tx.sky.save_subject(SUBJECT))
    store.write(lambda tx: tx.sky.link_notice(SUBJECT.id, SUBJECT.id))
    assert store.read(lambda r: r.reports.strays(BRAVO)) == 0
    assert store.read(lambda r: r.reports.strays_before(99)) == ()


def test_a_hazard_is_forgotten_with_its_reports_and_its_lapse(store: SqliteStore) -> None:
    for row in (REPORT, replace(REPORT, id=id_(2), number=1)):
        store.write(lambda tx, row=row: tx.reports.save_report(row))  # type: ignore[misc]
    for subject, at_us in ((REPORT.of, 7), (id_(8), 5)):
        store.write(lambda tx, s=subject, t=at_us: tx.reports.save_lapse(s, t))  # type: ignore[misc]
    assert store.read(lambda r: r.reports.next_lapse()) == 5
    assert store.read(lambda r: r.reports.lapsing(6)) == (id_(8),)
    assert store.read(lambda r: r.reports.lapsing(7)) == (id_(8), REPORT.of)
    store.write(lambda tx: tx.reports.forget([REPORT.of]))
    assert store.read(lambda r: r.reports.reports_of(REPORT.of)) == ()
    store.write(lambda tx: tx.reports.drop_lapse(id_(8)))
    assert store.read(lambda r: r.reports.next_lapse()) is None


def test_an_upgrade_looks_again_at_every_live_hazard(folder: Path) -> None:
    steps = scripts()
    before = next(i for i, step in enumerate(steps) if "CREATE TABLE report " in step)
    connection = open_writer(folder / "journal.db")
    migrate(connection, steps[:before])
    subject = (
        "INSERT INTO subject (id, kind, owner, ours, state, content, volumes, notice, issued_us, "
        "flags, recipients, south_e7, north_e7, lower_mm, upper_mm, start_us, end_us) "
        "VALUES (?,?,?,1,?,x'',x'',x'',1,'','',0,0,0,0,0,0)"
    )
    for number, kind, state in (
        (1, "hazard", "declared"),
        (2, "hazard", "active"),
        (3, "hazard", "ended"),
        (4, "operation", "declared"),
    ):
        connection.execute(subject, (id_(number), kind, ALPHA, state))
    migrate(connection, steps)
    connection.close()
    store = SqliteStore(folder)
    assert store.read(lambda r: r.reports.lapsing(0)) == (id_(1), id_(2))
    store.close()

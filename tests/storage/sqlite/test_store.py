"""Transactions: all or nothing, parts undone alone, one state for a reader, kept across a close."""

import threading
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from comity.model.fault import Corrupt, Malformed
from comity.storage.rows import PeerRow
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Reading, Store, Transaction
from tests.model.saying_no import says_no
from tests.storage.sqlite import samples
from tests.storage.sqlite.samples import (
    AGREEMENT,
    ALPHA,
    ANSWER,
    ASSESSMENT,
    BRAVO,
    CALL,
    CALLER,
    CONFLICT,
    COSIGNATURE,
    EVIDENCE,
    FORK,
    HEAD,
    KEY,
    ONLOOKER,
    OPENING,
    OUTBOX,
    PARCEL,
    PEER,
    PURGE,
    RECEIVED,
    SUBJECT,
    TAKEN,
    TIME_EVIDENCE,
    UNIT,
    WARNING,
    id_,
)
from tests.storage.sqlite.test_journal import append, entry


def peers(reading: Reading) -> list[str]:
    return [row.origin for row in reading.post.peers()]


def peer(name: str) -> PeerRow:
    return replace(PEER, origin=name)


def test_a_store_is_a_store(store: SqliteStore) -> None:
    plain: Store = store
    assert plain.read(lambda r: r.journal.size()) == 0


def test_a_write_that_raises_leaves_nothing(store: SqliteStore) -> None:
    def work(tx: Transaction) -> None:
        tx.post.save_peer(PEER)
        append(tx, 1)
        raise Malformed("no", code="no")

    with says_no("no"):
        store.write(work)
    assert store.read(lambda r: (peers(r), r.journal.size())) == ([], 0)
    assert store.write(lambda tx: tx.journal.size()) == 0  # the next one begins anew


def spoilt(tx: Transaction, name: str, error: BaseException) -> None:
    """A part that saves a peer and an entry, and then fails."""
    with tx.savepoint():
        tx.post.save_peer(peer(name))
        append(tx, 1)
        raise error


def good(tx: Transaction, name: str) -> None:
    with tx.savepoint():
        tx.post.save_peer(peer(name))


def test_a_part_is_undone_alone(store: SqliteStore) -> None:
    def work(tx: Transaction) -> list[str]:
        tx.post.save_peer(peer("before"))
        with says_no("no"):
            spoilt(tx, "in the part", Malformed("no", code="no"))
        good(tx, "in a good part")
        tx.post.save_peer(peer("after"))
        return peers(tx)

    found = store.write(work)
    assert found == ["after", "before", "in a good part"]
    assert store.read(lambda r: (peers(r), r.journal.size())) == (found, 0)


def test_parts_within_parts(store: SqliteStore) -> None:
    def outer(tx: Transaction) -> None:
        with tx.savepoint():
            tx.post.save_peer(peer("outer"))
            with says_no("no"):
                spoilt(tx, "inner", Malformed("no", code="no"))

    def undone(tx: Transaction) -> None:
        with tx.savepoint():
            good(tx, "good within bad")
            raise Malformed("no", code="no")

    def work(tx: Transaction) -> None:
        outer(tx)
        with says_no("no"):
            undone(tx)

    store.write(work)
    assert store.read(peers) == ["outer"]


def test_a_part_ends_also_when_the_process_is_told_to(store: SqliteStore) -> None:
    def work(tx: Transaction) -> None:
        with pytest.raises(KeyboardInterrupt):
            spoilt(tx, "in the part", KeyboardInterrupt())

    store.write(work)
    assert store.read(peers) == []


def test_a_reader_sees_one_state(store: SqliteStore) -> None:
    started, written = threading.Event(), threading.Event()
    seen: list[list[str]] = []

    def query(reading: Reading) -> None:
        seen.append(peers(reading))
        started.set()
        assert written.wait(5)
        seen.append(peers(reading))
        seen.append(store.read(peers))  # a read within a read shares its state

    reader = threading.Thread(target=store.read, args=(query,))
    reader.start()
    assert started.wait(5)
    store.write(lambda tx: tx.post.save_peer(PEER))
    written.set()
    reader.join(5)
    assert seen == [[], [], []]
    assert store.read(peers) == [ALPHA]


def test_nobody_reads_what_is_not_committed(store: SqliteStore) -> None:
    def work(tx: Transaction) -> list[str]:
        tx.post.save_peer(PEER)
        return store.read(peers)

    assert store.write(work) == []
    assert store.read(peers) == [ALPHA]


def test_a_reader_cannot_write(store: SqliteStore) -> None:
    def query(reading: Reading) -> None:
        reading.post.save_peer(PEER)

    with pytest.raises(apsw.ReadOnlyError):
        store.read(query)


def test_writers_take_turns(store: SqliteStore) -> None:
    def work(tx: Transaction) -> None:
        append(tx, 1)

    threads = [threading.Thread(target=store.write, args=(work,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert store.read(lambda r: r.journal.entries(0, 9)) == tuple(map(entry, range(8)))


def fill(tx: Transaction) -> None:
    append(tx, 3)
    tx.journal.set_chain_end(ALPHA, BRAVO, 1, id_(1))
    tx.journal.save_opening(OPENING)
    tx.journal.save_content_index(id_(1), ALPHA, 1)
    tx.journal.save_cosignature(COSIGNATURE)
    tx.post.save_peer(PEER)
    tx.post.save_head(HEAD)
    tx.post.save_key(KEY)
    tx.people.save_purge(PURGE)
    tx.post.put_out(OUTBOX)
    tx.post.save_fork(FORK)
    tx.post.save_received(RECEIVED)
    tx.post.save_taken(TAKEN)
    tx.post.save_agreement(AGREEMENT)
    tx.sky.save_subject(SUBJECT)
    tx.sky.link_notice(SUBJECT.id, SUBJECT.id)
    tx.sky.amended(SUBJECT.id, id_(131), 7)
    tx.sky.save_assessment(ASSESSMENT)
    tx.sky.save_conflict(CONFLICT)
    tx.sky.save_warning(WARNING)
    tx.dispatches.put_raised(WARNING.id)
    tx.dispatches.save_place("raised", 1)
    tx.dispatches.save_dispatch(samples.DISPATCH)
    tx.mirror.save_tile(ALPHA, 0, 0, id_(1) * 3)
    tx.mirror.save_head(HEAD)
    tx.post.save_parcel(PARCEL)
    tx.mirror.save_evidence(EVIDENCE)
    tx.people.save_answer(ANSWER)
    tx.people.save_unit(UNIT)
    tx.people.save_call(CALL)
    tx.people.save_caller(CALLER)
    tx.people.remember(id_(1), "key", id_(2), b"answer", 1)
    tx.times.save_evidence(TIME_EVIDENCE)
    tx.times.save_onlooker(ONLOOKER)
    tx.accords.save_accord(samples.ACCORD)
    tx.accords.save_signature(samples.SIGNATURE)
    tx.accords.save_suspension(samples.SUSPENSION)
    tx.accords.save_told(samples.TOLD)
    fill_more(tx)


def fill_more(tx: Transaction) -> None:
    tx.requests.save_request(samples.REQUEST)
    tx.requests.save_reply(samples.REPLY)
    tx.messages.save_message(samples.MESSAGE)
    tx.messages.save_answer(samples.MESSAGE_ANSWER)
    tx.handovers.save_handover(samples.HANDOVER)
    tx.handovers.save_item(samples.HANDOVER_ITEM)
    tx.duty.save_chain(("duty officer", "alternate"))
    tx.duty.save_shift(samples.SHIFT)
    tx.duty.set_away("b. cohen", 3)
    tx.duty.save_watch(samples.WATCH)
    tx.duty.save_escalation(samples.ESCALATION)
    tx.relay.save_unit(samples.RELAY_UNIT)
    tx.relay.save_task(samples.RELAY_TASK)
    tx.releases.save_held(samples.HELD)
    tx.duty.save_arrival(id_(129), id_(130))
    tx.register.save_protected(samples.PROTECTED)
    tx.register.save_given(samples.GIVEN)
    tx.register.save_read(samples.READ)
    tx.reports.save_report(samples.REPORT)
    tx.reports.save_lapse(samples.SUBJECT.id, 9)
    tx.lines.save_line(samples.LINE)
    tx.lines.save_line_entry(samples.LINE_ENTRY)
    tx.lines.save_gap(samples.GAP)
    tx.lines.save_check(samples.CHECK)
    tx.lines.save_change(samples.CHANGE)


def everything(reading: Reading) -> tuple[object, ...]:
    journal, post, sky, people = reading.journal, reading.post, reading.sky, reading.people
    mirror = reading.mirror
    return (
        *(reading.times.newest_evidence(), reading.times.onlookers(ONLOOKER.kind)),
        *(journal.entries(0, 99), journal.chain_end(ALPHA, BRAVO), journal.opening(OPENING.leaf)),
        *(journal.index_of_content(id_(1), ALPHA), journal.cosignatures(1), journal.node(1, 0)),
        *(
            post.peers(),
            post.head(ALPHA),
            post.keys(ALPHA),
            people.purges(),
            post.outbox(ALPHA, 9),
            post.forks(ALPHA),
            post.received(RECEIVED.leaf),
        ),
        *(mirror.size(ALPHA), mirror.tile(ALPHA, 0, 0), mirror.head(ALPHA), mirror.evidence()),
        *(
            post.parcel(ALPHA),
            journal.leaves(0, 9),
            mirror.evidence(ALPHA),
            mirror.evidence_of(EVIDENCE.id),
        ),
        *(post.taken(1), post.agreement(ALPHA), sky.subject_of_notice(SUBJECT.id)),
        *(sky.assessment(SUBJECT.id), sky.conflicts(), sky.warnings(), people.answers(ANSWER.of)),
        *(people.units(), people.calls(), people.callers(), people.recall(id_(1), "key")),
        *(reading.requests.requests(), reading.requests.replies(samples.REQUEST.id)),
        *(reading.messages.messages(None, 9), reading.messages.answers(samples.MESSAGE.id)),
        *(reading.handovers.handovers(9), reading.handovers.items(samples.HANDOVER.id)),
        *(reading.duty.chain(), reading.duty.shifts(0), reading.duty.away()),
        *(reading.duty.watches(samples.WATCH.about), reading.duty.open_escalations()),
        *(reading.relay.units(), reading.relay.tasks_of(samples.RELAY_TASK.subject)),
        reading.releases.newest(9),
        reading.duty.arrival(id_(129)),
        sky.replaced_us(SUBJECT.id),
        *(
            reading.register.protected(samples.PROTECTED.id),
            reading.register.given(samples.PROTECTED.id),
            reading.register.reads(b"", 9),
        ),
        *(reading.reports.reports_of(samples.REPORT.of), reading.reports.next_lapse()),
        *(reading.lines.lines(), reading.lines.line_entry(samples.LINE_ENTRY.index)),
        *(reading.lines.gaps(None, None, 9), reading.lines.newest_check(BRAVO)),
        reading.lines.changes(0, 9),
    )


def test_everything_is_there_after_a_close(folder: Path) -> None:
    store = SqliteStore(folder)
    store.write(fill)
    before = store.read(everything)
    assert None not in before
    assert () not in before
    store.close()
    again = SqliteStore(folder)
    assert again.read(everything) == before
    again.close()


def tables(folder: Path) -> dict[str, int]:
    connection = apsw.Connection(str(folder / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    sql = "SELECT name FROM sqlite_schema WHERE type='table'"
    names = [str(row[0]) for row in connection.execute(sql)]
    names = [name for name in names if name not in {"sky_node", "sky_parent"}]  # the tree's own
    found = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]  # noqa: S608
        for name in names
    }
    connection.close()
    return {name: int(str(count)) for name, count in found.items()}


def test_no_table_was_forgotten_above(folder: Path) -> None:
    store = SqliteStore(folder)
    assert set(tables(folder).values()) == {0}
    store.write(fill)
    store.close()
    assert [name for name, count in tables(folder).items() if count == 0] == []


def test_a_failed_commit_is_the_end(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcome of a failed COMMIT is unknown, so the node stops and reads what is there."""
    connection = store._writer.db

    class Failing:
        def __getattr__(self, name: str) -> object:
            return getattr(connection, name)

        def execute(self, sql: str) -> object:
            if sql == "COMMIT":
                raise apsw.IOError("the disk said no")
            return connection.execute(sql)

    monkeypatch.setattr(store._writer, "db", Failing())
    with says_no("commit_failed", Corrupt):
        store.write(lambda tx: tx.post.save_peer(PEER))
    monkeypatch.undo()
    assert store.read(peers) == []
    with says_no("commit_failed", Corrupt):  # fatal stays fatal, also where the disk says yes again
        store.write(lambda tx: tx.post.save_peer(PEER))

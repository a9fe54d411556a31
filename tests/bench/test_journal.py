import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest

from comity.bench.ground import Ground
from comity.bench.journal import FULL, QUICK, JournalPlan, _audits, drive, measure_journal
from comity.journal.checkpoint import Checkpoint
from comity.journal.scribe import Committed, SignedHead
from comity.model.fault import Corrupt, Unavailable
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import sign_note

TINY = JournalPlan(rounds=2, alone=2, works=6, in_flight=(1, 4, 64), entries=60, starts=2, audits=1)
KEY = SigningKey(name="log.example", key_type=KeyType.ED25519, seed=bytes(32))
HEAD = SignedHead(
    checkpoint=Checkpoint(origin="log.example", size=1, root=bytes(32)), note=sign_note("x\n", KEY)
)
DONE = Committed(value=0, head=HEAD)


def test_every_figure_of_a_tiny_run(ground: Ground, all_told: Callable[[], bool]) -> None:
    found = measure_journal(ground, TINY)
    names = {f"entries_at_{n}{part}" for n in (1, 4, 64) for part in ("", *LATENCIES)}
    assert found.figures.keys() == names | {"start_again", "audit"}
    assert found.peers.keys() == {
        "plain_rows_in_groups_of_1",
        "plain_rows_in_groups_of_64",
        "entries_at_1_over_plain_rows",
        "entries_at_64_over_plain_rows",
    }
    assert all(number > 0 for figure in found.figures.values() for number in figure.rounds)
    assert {name for name, figure in found.figures.items() if figure.aim} == {
        "entries_at_64",
        "entries_at_64_latency_p99",
        "audit",  # the aim for a start is stated for 100,000 entries, and this journal has fewer
    }
    assert found.figures["audit"].samples >= TINY.entries
    assert all_told()


LATENCIES = ("_latency_p50", "_latency_p99")


def test_a_ratio_is_of_the_same_round(ground: Ground) -> None:
    found = measure_journal(ground, TINY)
    ours, plain = found.figures["entries_at_64"], found.peers["plain_rows_in_groups_of_64"]
    ratio = found.peers["entries_at_64_over_plain_rows"]
    pairs = zip(ours.rounds, plain.rounds, strict=True)
    assert ratio.rounds == tuple(one / other for one, other in pairs)


def test_an_audit_that_finds_another_root_is_no_figure(ground: Ground) -> None:
    measure_journal(ground, TINY)
    with pytest.raises(Corrupt, match="another root"):
        _audits(ground, TINY, bytes(32))


@pytest.mark.parametrize("plan", [QUICK, FULL])
def test_both_plans_measure_the_same_concurrencies(plan: JournalPlan) -> None:
    assert plan.in_flight == (1, 16, 64, 256)


def test_more_in_flight_than_the_queue_holds_is_no_plan() -> None:
    with pytest.raises(Exception, match="queue"):
        replace(TINY, in_flight=(1, 100_000))


def test_as_many_are_in_flight_as_was_asked_for() -> None:
    """Works that never end pile up to the number, and no further."""
    waiting: list[Future[Committed[int]]] = []
    full = threading.Event()

    def begin() -> Future[Committed[int]]:
        waiting.append(Future())
        if len(waiting) == 3:
            full.set()
        return waiting[-1]

    thread = threading.Thread(target=lambda: drive(begin, 5, 3))
    thread.start()
    assert full.wait(10)
    assert len(waiting) == 3
    for number in range(5):  # each that ends lets one more in
        while len(waiting) <= number:
            threading.Event().wait(0.001)
        waiting[number].set_result(DONE)
    thread.join(10)
    assert not thread.is_alive()
    assert len(waiting) == 5


def test_a_work_that_fails_is_no_figure() -> None:
    def begin() -> Future[Committed[int]]:
        future: Future[Committed[int]] = Future()
        future.set_exception(Unavailable("the journal has stopped writing"))
        return future

    with pytest.raises(Unavailable, match="stopped"):
        drive(begin, 3, 2)

from collections.abc import Callable
from dataclasses import replace

import pytest

from comity.bench.exchange import ExchangePlan, Recorded, Way, measure_exchange, ways
from comity.bench.ground import Ground
from comity.bench.pair import notice_body, until
from comity.bench.verifying import VerifyPlan, _run, measure_verify
from comity.model.fault import Unavailable
from comity.wire.entry_v1 import (
    Body,
    ContentBody,
    Entry,
    EntryType,
    Got,
    PeerCheckpointBody,
    ReceiptBody,
)

NOON_US = 1_767_268_800_000_000
TINY = ExchangePlan(rounds=2, notices=2, gap_s=0.1, posts=((1, 2), (3, 6)))


@pytest.mark.timeout(60)
def test_every_figure_of_a_tiny_exchange(ground: Ground, all_told: Callable[[], bool]) -> None:
    found = measure_exchange(ground, TINY).figures
    ways = {f"{way}_p{p}" for way in WAYS for p in (50, 99)}
    posts = {f"posts_by_{n}{part}" for n in (1, 3) for part in PARTS}
    assert found.keys() == ways | posts
    aimed = {name for name, figure in found.items() if figure.aim}
    assert aimed == {"give_sent_to_take_p50", "post_to_take_p50"}
    assert all(len(figure.rounds) == TINY.rounds for figure in found.values())
    # A part of a way is never longer than the whole.
    for part in ("post_to_give_p99", "give_to_take_p99", "give_sent_to_take_p99"):
        assert max(found[part].rounds) <= max(found["post_to_take_p99"].rounds)
    assert all_told()


WAYS = ("give_sent_to_take", "post_to_take", "post_to_give", "give_to_take")
PARTS = ("", "_latency_p50", "_latency_p99")


@pytest.mark.timeout(60)
def test_every_figure_of_a_tiny_verification(ground: Ground, all_told: Callable[[], bool]) -> None:
    found = measure_verify(ground, VerifyPlan(runs=2)).figures
    own, whole = found["verify_own_work"], found["verify_whole_command"]
    assert all(one < all_ for one, all_ in zip(own.rounds, whole.rounds, strict=True))
    assert own.aim is not None
    assert whole.aim is None
    assert all_told()


def test_a_bundle_that_is_not_proven_is_no_figure(ground: Ground) -> None:
    with pytest.raises(Unavailable, match="ended with 10"):
        _run(replace(ground, run=lambda _: (10, '{"elapsed_ms": 1.0}', "")), ["verify"])


def test_a_verifier_that_does_not_say_how_long_is_no_figure(ground: Ground) -> None:
    with pytest.raises(Unavailable, match="another form"):
        _run(replace(ground, run=lambda _: (0, '{"exit": 0}', "")), ["verify"])


@pytest.mark.parametrize("times", [(2, 1, 3), (1, 3, 2)])
def test_a_clock_that_went_back_is_no_figure(times: tuple[int, int, int]) -> None:
    posted_us, given_us, taken_us = times
    with pytest.raises(Unavailable, match="went back"):
        Way(posted_us=posted_us, given_us=given_us, taken_us=taken_us)


def recorded(
    kind: EntryType, body: Body, issued_us: int, leaf: int, refs: tuple[bytes, ...] = ()
) -> Recorded:
    entry = Entry(
        type=kind,
        sender="alpha.example/comity/2026",
        audience="bravo.example/comity/2026",
        seq=0,
        prev=None,
        issued_us=NOON_US + issued_us,
        beacon=None,
        body=body,
        refs=refs,
    )
    return Recorded(leaf=bytes([leaf]) * 32, entry=entry)


def notice(issued_us: int) -> Recorded:
    body = ContentBody(root=bytes(32), leaves=8, seed_commit=bytes(32))
    return recorded(EntryType.NOTICE, body, issued_us, 0)


def bound(issued_us: int, receipt: int) -> Recorded:
    body = PeerCheckpointBody(
        peer="bravo.example/comity/2026", peer_size=1, peer_root=bytes(32), note_hash=bytes(32)
    )
    refs = (bytes([receipt]) * 32,)
    return recorded(EntryType.PEER_CHECKPOINT, body, issued_us, 9, refs)


def receipt(given_index: int, taken_us: int, leaf: int) -> Recorded:
    body = ReceiptBody(
        given_leaf=bytes(32),
        given_index=given_index,
        peer_size=given_index + 1,
        peer_root=bytes(32),
        got=Got.FULL,
        taken_us=NOON_US + taken_us,
        verdict="accepted",
    )
    return recorded(EntryType.RECEIPT, body, taken_us, leaf)


def test_ways_are_joined_by_the_receipt_and_not_by_order() -> None:
    """Both notices are posted before the first TAKE, and an older entry's TAKE comes between."""
    alpha = [notice(5), notice(10), notice(20), bound(25, 1), bound(30, 2), bound(45, 3)]
    bravo = [receipt(0, 6, 1), receipt(1, 26, 2), receipt(2, 40, 3)]
    assert ways(alpha, bravo, [1, 2]) == (
        Way(posted_us=NOON_US + 10, given_us=NOON_US + 26, taken_us=NOON_US + 30),
        Way(posted_us=NOON_US + 20, given_us=NOON_US + 40, taken_us=NOON_US + 45),
    )


@pytest.mark.parametrize("bravo", [[], [receipt(0, 6, 7)]])
def test_a_way_without_a_bound_receipt_is_no_figure(bravo: list[Recorded]) -> None:
    with pytest.raises(Unavailable, match="no receipt of entry 0"):
        ways([notice(5), bound(25, 1)], bravo, [0])


def test_more_notices_than_a_peer_takes_are_no_plan() -> None:
    with pytest.raises(Exception, match="only so many"):
        replace(TINY, rounds=5, notices=40)


def test_a_wait_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.bench.pair._TRIES_MAX", 2)
    with pytest.raises(Unavailable, match="never"):
        until(lambda: False, "never")


def test_notices_of_different_numbers_differ() -> None:
    assert notice_body(1, None) != notice_body(2, None)

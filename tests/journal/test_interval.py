"""Ends of a time interval: whose word they are, and how many lies they withstand."""

import pytest

from comity.journal.cosignature import cosign
from comity.journal.manifest import Piece
from comity.journal.quorum import at_least
from comity.journal.report import Basis, Interval, Level, Outcome, Report, Standing
from comity.journal.verify import verify_bundle
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, serialise
from comity.wire.canonical import sha256
from tests.journal.handmade import ALPHA, NOON_S, WITNESSES, Tree, made, trust_of
from tests.journal.two_nodes import NOON_US, seeded

MORE = tuple(seeded(f"w{i}.example/w", KeyType.COSIGNATURE_V1) for i in range(6, 8))


def beacon_of(key: SigningKey, time_s: int) -> bytes:
    """A head of alpha's, cosigned: what its pen puts into the next entry."""
    text = Tree(ALPHA, [b"before"]).signed(1).text
    return serialise(Note(text=text, signatures=(cosign(text, key, time_s),)))


def given(report: Report) -> Interval:
    assert report.times is not None
    return report.times.given


def timed(report: Report) -> tuple[Standing, str]:
    return next((c.standing, c.text) for c in report.claims if c.level is Level.TIMED)


@pytest.mark.parametrize(
    ("known", "quorum", "tolerates"),
    [(1, 1, 0), (2, 2, 1), (3, 2, 0), (3, 3, 2), (4, 3, 1), (7, 5, 2), (4, 2, -1), (0, 0, -1)],
)
def test_a_quorum_tolerates_what_its_overlap_allows(
    known: int, quorum: int, tolerates: int
) -> None:
    found = at_least(quorum, [key.verifier() for key in (*WITNESSES, *MORE)[:known]])
    assert found.tolerates == tolerates
    assert 2 * quorum > known + tolerates
    assert not 2 * quorum > known + tolerates + 1


@pytest.mark.parametrize(("quorum", "place"), [(2, 0), (3, 2)])
def test_the_upper_end_withstands_as_many_lies_as_the_quorum(quorum: int, place: int) -> None:
    times = (NOON_S + 1, NOON_S + 5, NOON_S + 9)
    bundle = made(cosigners=zip(WITNESSES, times, strict=False))
    high = given(verify_bundle(bundle.sealed(), trust_of(WITNESSES[:3], quorum=quorum))).high
    assert (high.time_s, high.basis) == (times[place], Basis.WITNESS)
    assert len(high.by) == place + 1


def test_the_earlier_of_two_witnessed_heads_counts() -> None:
    bundle = made(cosigners=[(WITNESSES[0], NOON_S + 9)])
    later = bundle.alpha.proof(0, 2, [(WITNESSES[0], NOON_S + 3)])
    report = verify_bundle(bundle.sealed({Piece.NOTICE_WITNESSED: later}), trust_of(WITNESSES[:1]))
    assert given(report).high.time_s == NOON_S + 3


def test_the_beacon_is_the_lower_end() -> None:
    beacon = beacon_of(WITNESSES[0], NOON_S - 7)
    bundle = made(beacon=sha256(beacon), cosigners=[(WITNESSES[0], NOON_S + 1)])
    report = verify_bundle(bundle.sealed({Piece.BEACON: beacon}), trust_of(WITNESSES[:1]))
    low = given(report).low
    assert (low.time_s, low.basis, low.by) == (NOON_S - 7, Basis.BEACON, (WITNESSES[0].name,))
    assert timed(report)[0] is Standing.HELD


def test_a_beacon_by_an_unknown_witness_bounds_nothing() -> None:
    beacon = beacon_of(WITNESSES[1], NOON_S - 7)
    bundle = made(beacon=sha256(beacon)).sealed({Piece.BEACON: beacon})
    report = verify_bundle(bundle, trust_of(WITNESSES[:1]))
    assert given(report).low.time_s is None
    assert report.outcome is Outcome.PROVEN


def test_a_beacon_that_the_entry_does_not_hold_fails() -> None:
    beacon = beacon_of(WITNESSES[0], NOON_S - 7)
    for held in (None, bytes(32)):
        bundle = made(beacon=held).sealed({Piece.BEACON: beacon})
        report = verify_bundle(bundle, trust_of(WITNESSES[:1]))
        assert report.outcome is Outcome.NOT_PROVEN
        assert timed(report)[0] is Standing.FAILED


def test_evidence_that_contradicts_itself_is_said_so() -> None:
    beacon = beacon_of(WITNESSES[0], NOON_S + 60)
    bundle = made(beacon=sha256(beacon), cosigners=[(WITNESSES[0], NOON_S + 1)])
    report = verify_bundle(bundle.sealed({Piece.BEACON: beacon}), trust_of(WITNESSES[:1]))
    assert timed(report) == (Standing.ABSENT, "the evidence of time contradicts itself")
    assert given(report).contradictory


@pytest.mark.parametrize(("shift_s", "inside"), [(-4, True), (-60, False), (60, True)])
def test_a_clock_outside_of_the_evidence_is_noticed(shift_s: int, *, inside: bool) -> None:
    bundle = made(cosigners=[(WITNESSES[0], NOON_S + shift_s)])  # the sender's clock says noon
    report = verify_bundle(bundle.sealed(), trust_of(WITNESSES[:1]))
    assert given(report).claimed_us == NOON_US
    assert given(report).holds_claim is inside


def test_a_cosignature_of_no_time_at_all_fails() -> None:
    bundle = made(cosigners=[(WITNESSES[0], 2**62)])
    report = verify_bundle(bundle.sealed(), trust_of(WITNESSES[:1]))
    assert report.outcome is Outcome.NOT_PROVEN

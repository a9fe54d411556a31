"""Witnesses sign an unchanged head again, and are missed when they do not."""

from pathlib import Path

from comity.exchange.clock_watch import ClockWatch
from comity.exchange.watch_time import TimeWarner, newest_quorum_s
from comity.journal.quorum import at_least
from comity.storage.times import COSIGNATURE, WITNESS
from comity.wire.canonical import sha256
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_wrong_clock import entries, hazard, open_warnings

SECOND = 1_000_000
BEAT = 30 * SECOND


async def alone(net: Net) -> None:
    """Alpha, one witness, an entry in the journal, and somebody who watches."""
    node = net.add("alpha")
    net.add("bravo")
    net.add_witness(refresh_us=BEAT)
    await net.enrol("alpha", "bravo")
    net.lines["alpha", "bravo"].cut = True  # so that nothing is written but what the test writes
    clock = net.clock
    net.pacers["alpha"].add(
        TimeWarner(
            store=node.store,
            scribe=node.scribe,
            quorum=at_least(1, net.witness_keys),
            watch=ClockWatch(clock.now_us, clock.elapsed_us),
            heartbeat_us=BEAT,
            now_us=net.now(),
        )
    )
    await net.advance(1)


def shown(net: Net) -> int:
    """How often the witness was asked by alpha."""
    return len(net.feeds["alpha"].seen)


def test_an_unchanged_head_is_shown_again_every_heartbeat(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await alone(net)
        alpha, before = net.nodes["alpha"], shown(net)
        size = alpha.head.checkpoint.size
        await net.advance(300)
        assert alpha.head.checkpoint.size == size
        assert 9 <= shown(net) - before <= 11
        (row,) = alpha.read(lambda r: r.times.onlookers(WITNESS))
        assert (row.size, row.error) == (size, None)
        assert net.now() // SECOND - row.time_s <= 30
        assert open_warnings(net, "alpha") == []

    run(tmp_path, story)


def test_the_first_cosignature_stays_and_the_newest_is_the_beacon(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await alone(net)
        alpha = net.nodes["alpha"]
        size = alpha.head.checkpoint.size
        await net.advance(300)
        (first,) = alpha.read(lambda r: r.journal.cosignatures(size))
        newest = alpha.read(lambda r: r.times.newest_evidence())
        assert newest is not None
        assert (newest.kind, newest.size) == (COSIGNATURE, size)
        assert newest.time_s - first.time_s >= 240
        await hazard(net, "alpha", "bravo")
        await net.advance(65)
        assert [e.beacon for e in entries(net, "alpha")][-1] == newest.hash == sha256(newest.body)
        kept = alpha.read(lambda r: r.times.evidence(newest.hash))
        assert kept == newest  # later ones take its place as the newest, and leave it there

    run(tmp_path, story)


def test_a_silent_witness_is_missed_after_three_heartbeats_and_welcomed(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await alone(net)
        net.feeds["alpha"].cut = True
        await net.advance(85)
        assert open_warnings(net, "alpha") == []
        await net.advance(40)
        assert [row.kind for row in open_warnings(net, "alpha")] == ["witness_stale"]
        (row,) = net.nodes["alpha"].read(lambda r: r.times.onlookers(WITNESS))
        assert row.error is not None
        assert "no answer" in row.error
        net.feeds["alpha"].cut = False
        await net.advance(65)
        assert open_warnings(net, "alpha") == []
        (row,) = net.nodes["alpha"].read(lambda r: r.times.onlookers(WITNESS))
        assert row.error is None

    run(tmp_path, story)


def test_a_witness_that_never_answered_is_missed_too(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        net.add_witness(refresh_us=BEAT)
        net.feeds["alpha"].cut = True
        alpha = net.nodes["alpha"]
        clock = net.clock
        warner = TimeWarner(
            store=alpha.store,
            scribe=alpha.scribe,
            quorum=at_least(1, net.witness_keys),
            watch=ClockWatch(clock.now_us, clock.elapsed_us),
            heartbeat_us=BEAT,
            now_us=NOON,
        )
        net.pacers["alpha"].add(warner)
        await net.enrol("alpha", "bravo")
        await net.advance(100)
        assert [row.kind for row in open_warnings(net, "alpha")] == ["witness_stale"]
        assert alpha.read(lambda r: newest_quorum_s(r, at_least(1, net.witness_keys))) is None

    run(tmp_path, story)


def test_what_a_witness_said_last_survives_and_an_old_head_is_dropped(tmp_path: Path) -> None:
    """Of later cosignatures only the newest stays, unless an entry names one."""

    async def story(net: Net) -> None:
        await alone(net)
        alpha = net.nodes["alpha"]
        await net.advance(95)
        one = alpha.read(lambda r: r.times.newest_evidence())
        await net.advance(60)
        other = alpha.read(lambda r: r.times.newest_evidence())
        assert one is not None
        assert other is not None
        assert other.time_s > one.time_s
        assert alpha.read(lambda r: r.times.evidence(one.hash)) is None

    run(tmp_path, story)

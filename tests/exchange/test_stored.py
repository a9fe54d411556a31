"""What a peer can make us store by what it sends: counted, no less than it is, and bounded."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from comity.exchange import rate
from comity.exchange.rate import Bucket, Rates
from comity.intake.order import DeclareOrder
from comity.intake.receive import declare
from comity.model.fault import Refused
from comity.model.notice import Declaration
from comity.model.quantity import Position
from comity.model.volume import Polygon
from comity.wire.limits import SAFETY_STORED_BYTES_AT_ONCE, STORED_BYTES_AT_ONCE, STORED_BYTES_PER_S
from tests.exchange.net import Net, run
from tests.exchange.test_batch import cut
from tests.exchange.test_exchange import give, joined, notice
from tests.exchange.test_forks import named
from tests.exchange.test_full_disk import hazard, say
from tests.model.saying_no import says_no


def wide(corners: int, lat: float) -> Declaration:
    """An operation with many corners, so that its content is large."""
    turns = [2 * math.pi * i / corners for i in range(corners)]
    ring = tuple(
        Position(
            lat_e7=round((lat + 0.2 * math.sin(turn)) * 1e7),
            lon_e7=round((35.7 + 0.2 * math.cos(turn)) * 1e7),
        )
        for turn in turns
    )
    found = notice()
    volume = replace(found.volumes[0], footprint=Polygon(vertices=ring))
    return replace(found, volumes=(volume,))


def in_one_place(_: int) -> Declaration:
    """Each meets whatever is there already."""
    return notice()


def large(i: int) -> Declaration:
    """Each as large as some thirty small ones, and by itself."""
    return wide(1_500, 40 + i)


def on_disk(net: Net, name: str) -> int:
    """The bytes of a node's data, without pages that are free."""
    db = apsw.Connection(str(net.folder / name / "journal.db"))
    values = [db.pragma(word) for word in ("page_count", "freelist_count", "page_size")]
    db.close()
    pages, free, size = (int(str(value)) for value in values)
    return (pages - free) * size


@pytest.fixture
def charged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is counted, against anybody."""
    found: list[int] = []
    spend = Bucket.spend

    def noted(self: Bucket, now_us: int, count: int) -> None:
        found.append(count)
        spend(self, now_us, count)

    monkeypatch.setattr(Bucket, "spend", noted)
    return found


@pytest.mark.parametrize("made", [in_one_place, large])
@pytest.mark.timeout(60)
def test_no_less_is_counted_than_entries_weigh(
    tmp_path: Path, charged: list[int], made: Callable[[int], Declaration]
) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        for _ in range(3):
            await give(net, "bravo", "alpha")
        await net.advance(40)
        cut(net, is_cut=True)
        for i in range(40):
            await say(net, "alpha", made(i))
        cut(net, is_cut=False)
        before, charged[:] = on_disk(net, "bravo"), []
        await net.advance(3)
        bravo = net.nodes["bravo"].origin
        assert net.nodes["alpha"].read(lambda r: r.post.outbox_count(bravo)) == 0
        assert on_disk(net, "bravo") - before <= sum(charged)

    run(tmp_path, story)


def test_no_less_is_counted_than_heads_weigh(tmp_path: Path, charged: list[int]) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(40)
        before, charged[:] = on_disk(net, "bravo"), []
        order = DeclareOrder(notice=notice(), to=())
        for _ in range(20):
            await net.nodes["alpha"].commit(lambda tx, pen: declare(tx, pen, order), net.now())
            await net.advance(30)
        assert len(charged) == 20
        assert on_disk(net, "bravo") - before <= sum(charged)

    run(tmp_path, story)


def test_beyond_its_share_a_peer_is_refused_by_name_and_its_safety_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "STORED_BYTES_AT_ONCE", 100_000)
    monkeypatch.setattr(rate, "STORED_BYTES_PER_S", 1)

    async def story(net: Net) -> None:
        await joined(net)
        net.add("charlie")
        await net.join("charlie", "bravo")
        await net.advance()
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        for i in range(20):
            await give(net, "alpha", "bravo", lat=20 + i)
            await net.advance(1)
        rows = alpha.read(lambda r: r.post.outbox(bravo.origin, 100))
        assert 0 < len(rows) < 18
        assert named(net) == ["flooded"]
        said = await say(net, "alpha", hazard())
        theirs = await give(net, "charlie", "bravo", lat=60.0)
        await net.advance(1)
        taken = alpha.read(lambda r: r.post.taken(said.written[0].index))
        assert taken is not None
        assert taken.verdict == "accepted"
        assert net.nodes["charlie"].read(lambda r: r.post.taken(theirs.index)) is not None
        assert len(alpha.read(lambda r: r.post.outbox(bravo.origin, 100))) == len(rows)

    run(tmp_path, story)


def test_a_share_is_spent_by_what_was_stored_and_comes_back() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])

    def admit(*, writes: bool = True, safety: bool = False) -> Callable[[int], None]:
        return rates.admit("a", is_safety=lambda: safety, writes=writes)

    admit()(STORED_BYTES_AT_ONCE + 10 * STORED_BYTES_PER_S)
    with says_no("too_many", Refused):
        admit()
    admit(writes=False)  # who only asks makes us store nothing
    admit(safety=True)(SAFETY_STORED_BYTES_AT_ONCE)
    with says_no("too_many", Refused):
        admit(safety=True)
    now[0] += 11
    admit()
    now[0] += 1_000_000
    admit()(STORED_BYTES_AT_ONCE)  # no more than at once, however long it was quiet
    with says_no("too_many", Refused):
        admit()

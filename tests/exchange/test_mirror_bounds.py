"""A peer that signs heads of any size and serves leaves without end: what it gets, and what not.

Its journal is true up to what it really wrote; after that all leaves are the same, so that it has
the root and every proof at any size for nothing.
"""

import itertools
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from comity.exchange import copy
from comity.exchange.line import BEAT_PATH, LEAVES_PATH
from comity.exchange.messages import Beat, Growth, Leaves, Want, decode, encode, hashes_to
from comity.exchange.rate import Bucket
from comity.exchange.shown import Shown
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.merkle import GetNode, consistency_proof, node_hash, root
from comity.journal.mirror import added
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.trust.note import serialise, sign_note
from comity.wire.canonical import b64, sha256
from comity.wire.limits import (
    BODY_BYTES_MAX,
    JOURNAL_AGE_S_MAX,
    JOURNAL_ENTRIES_LATE_MAX,
    JOURNAL_ENTRIES_PER_S_MAX,
    LEAVES_MAX,
    MIRROR_LEAVES_AT_ONCE,
    MIRROR_LEAVES_PER_S,
    MIRROR_STEP_LEAVES,
    PEERS_MAX,
)
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_forks import line_state, named
from tests.exchange.test_hostile import Request, post

SECOND_US = 1_000_000
HUGE = 2**62
AT_ONCE = 3 * LEAVES_MAX


@dataclass(frozen=True)
class Endless:
    """A tree of some true leaves and any number of equal ones."""

    true: tuple[bytes, ...]

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree."""
        if index << level >= len(self.true):
            return self._equal(level)
        if level == 0:
            return self.true[index]
        return node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def leaf(self, index: int) -> bytes:
        """One leaf."""
        return self.node(0, index)

    def _equal(self, level: int) -> bytes:
        found = bytes(32)
        for _ in range(level):
            found = node_hash(found, found)
        return found


class Swollen:
    """Alpha, which really wrote a little, and signs for as much as it likes."""

    def __init__(self, net: Net) -> None:
        """From now on alpha's own node says nothing to bravo; this one does."""
        self._net = net
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        head = bravo.read(lambda r: r.post.head(alpha.origin))
        assert head is not None
        self.known = head.size
        leaves = alpha.read(lambda r: r.journal.leaves(0, self.known))
        self._tree = Endless(true=tuple(leaves))
        self.asked: list[tuple[int, int]] = []
        net.lines["alpha", "bravo"].cut = True
        line = net.lines["bravo", "alpha"]
        line.handle_async_request = self._serve  # type: ignore[method-assign]

    async def beat(self, size: int) -> int:
        """Bravo hears of a head of that size; the status of its answer."""
        alpha = self._net.nodes["alpha"]
        get: GetNode = self._tree.node
        proof = consistency_proof(self.known, size, get)
        text = checkpoint_text(Checkpoint(origin=alpha.origin, size=size, root=root(size, get)))
        beat = Beat(
            checkpoint=serialise(sign_note(text, alpha.identity.log)).decode(),
            growth=[Growth(old=self.known, hashes=hashes_to(proof))],
            have=0,
            cosignature=None,
        )
        response = await post(self._net, Request(body=encode(beat), path=BEAT_PATH))
        self.known = size
        return response.status_code

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != LEAVES_PATH:
            raise httpx.ConnectError("cut")
        want = decode(await request.aread(), Want, BODY_BYTES_MAX)
        self.asked.append((self._net.now(), want.stop - want.start))
        get = self._tree.node
        hashes = b"".join(map(self._tree.leaf, range(want.start, want.stop)))
        proof = consistency_proof(want.stop, want.size, get)
        leaves = Leaves(
            hashes=b64(hashes), root=b64(root(want.stop, get)), consistency=hashes_to(proof)
        )
        return httpx.Response(200, stream=httpx.ByteStream(encode(leaves)))


def mirrored(net: Net, name: str) -> int:
    """How many leaves of a party bravo has."""
    origin = net.nodes[name].origin
    return net.nodes["bravo"].read(lambda r: r.mirror.size(origin))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound at once that a test can reach."""
    monkeypatch.setattr(copy, "MIRROR_LEAVES_AT_ONCE", AT_ONCE)


@pytest.mark.usefixtures("small")
@pytest.mark.timeout(60)
def test_leaves_without_end_are_fetched_at_a_bounded_pace(tmp_path: Path) -> None:
    """What is mirrored is within the bound at any time, and it goes on for as long as it lasts."""

    async def story(net: Net) -> None:
        await joined(net)
        swollen = Swollen(net)
        before = mirrored(net, "alpha")
        assert await swollen.beat(HUGE) == 200
        began = net.now()
        for _ in range(4):
            await net.advance(150)
            bound = AT_ONCE + MIRROR_LEAVES_PER_S * (net.now() - began) // SECOND_US
            assert bound - LEAVES_MAX <= mirrored(net, "alpha") - before <= bound
        assert all(count <= LEAVES_MAX for _, count in swollen.asked)

    run(tmp_path, story)


@pytest.mark.usefixtures("small")
@pytest.mark.timeout(60)
def test_others_are_mirrored_and_served_meanwhile(tmp_path: Path) -> None:
    """Charlie's notice arrives at once, and its leaves are there when theirs are due."""

    async def story(net: Net) -> None:
        await joined(net)
        net.add("charlie")
        await net.join("charlie", "bravo")
        await net.advance()
        assert await Swollen(net).beat(HUGE) == 200
        written = await give(net, "charlie", "bravo")
        await net.advance(1)
        charlie = net.nodes["charlie"]
        taken = charlie.read(lambda r: r.post.taken(written.index))
        assert taken is not None
        assert taken.taken_us - NOON < SECOND_US
        await net.advance(330)
        head = net.nodes["bravo"].read(lambda r: r.mirror.head(charlie.origin))
        assert head is not None
        assert head.size > written.index

    run(tmp_path, story)


@pytest.mark.usefixtures("small")
@pytest.mark.timeout(60)
def test_a_journal_that_outgrows_every_pen_is_named(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        swollen = Swollen(net)
        assert await swollen.beat(swollen.known + JOURNAL_ENTRIES_LATE_MAX) == 200
        assert named(net) == []  # a pen that was heard of late may have come so far
        assert await swollen.beat(HUGE) == 200
        assert named(net) == ["overgrown"]
        assert line_state(net) == "degraded"
        assert await swollen.beat(HUGE + 1) == 200
        assert named(net) == ["overgrown"]  # once

    run(tmp_path, story)


def test_small_lies_add_up_and_time_does_too() -> None:
    shown, day_s = Shown(), 86_400
    known, now = (1_000, NOON), NOON
    step = JOURNAL_ENTRIES_LATE_MAX // 4
    sizes = [known[0] + step * i for i in range(1, 6)]
    assert [shown.can_grow("a", (s - step, now), s, now) for s in sizes] == [*[True] * 4, False]
    later = now + day_s * SECOND_US
    most = known[0] + JOURNAL_ENTRIES_LATE_MAX + day_s * JOURNAL_ENTRIES_PER_S_MAX
    assert shown.can_grow("a", (0, 0), most, later)
    assert not shown.can_grow("a", (0, 0), most + 1, later)
    assert not shown.can_grow("a", (0, 0), most, now - 1)  # a clock set back gives nothing
    assert shown.can_grow("b", known, sizes[0], now)


def test_a_first_head_is_one_of_ten_years_at_most() -> None:
    shown, most = Shown(), JOURNAL_AGE_S_MAX * JOURNAL_ENTRIES_PER_S_MAX
    assert shown.first_heard("a", most, NOON)
    assert shown.can_grow("a", (0, 0), most + JOURNAL_ENTRIES_LATE_MAX, NOON)
    assert not shown.can_grow("a", (0, 0), most + JOURNAL_ENTRIES_LATE_MAX + 1, NOON)
    assert not shown.first_heard("b", most + 1, NOON)


@pytest.mark.timeout(60)
def test_all_lines_together_ask_for_no_more_than_one_step_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "MIRROR_STEP_LEAVES", LEAVES_MAX)
    monkeypatch.setattr(copy, "MIRROR_LEAVES_AT_ONCE", AT_ONCE)

    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(1)
        swollen = Swollen(net)
        bucket = net.mirroring["bravo"]
        assert await swollen.beat(HUGE) == 200
        assert bucket.take(net.now(), LEAVES_MAX)  # another line was first
        await net.advance(0.9)
        assert swollen.asked == []
        await net.advance(5)
        times = [at for at, _ in swollen.asked]
        assert len(times) == AT_ONCE // LEAVES_MAX
        assert all(b - a >= SECOND_US for a, b in itertools.pairwise(times))

    run(tmp_path, story)


def test_peers_that_all_use_up_their_share_leave_room_in_every_step() -> None:
    assert PEERS_MAX * MIRROR_LEAVES_PER_S * 5 <= MIRROR_STEP_LEAVES
    assert MIRROR_LEAVES_AT_ONCE % LEAVES_MAX == 0
    assert LEAVES_MAX <= MIRROR_STEP_LEAVES


def test_a_bucket_gives_what_it_says_and_no_more() -> None:
    bucket = Bucket(50, 4_096)
    assert bucket.take(NOON, 4_096)
    assert not bucket.take(NOON, 1)
    ready_us = bucket.ready_us(4_096, NOON)
    assert ready_us == NOON + 4_096 * SECOND_US // 50
    assert not bucket.take(ready_us - 1, 4_096)
    assert not bucket.take(NOON - 3_600 * SECOND_US, 4_096)  # a clock set back neither gives ...
    again_us = bucket.ready_us(4_096, NOON - 3_600 * SECOND_US)
    assert again_us <= NOON - 3_600 * SECOND_US + 2  # ... nor takes
    assert bucket.take(again_us, 4_096)


def test_what_a_mirrored_leaf_weighs_on_disk(tmp_path: Path) -> None:
    """docs/trust.md says how much a hostile peer can make us store: 32 bytes, and what SQLite adds.

    Leaves come tile by tile here, which is the smallest step that a busy mirror makes.
    """
    count, tile = 65_536, 256
    SqliteStore(tmp_path).close()  # the empty tables are in the file: they are no leaves
    before = (tmp_path / "journal.db").stat().st_size
    store = SqliteStore(tmp_path)

    def put(tx: Transaction, start: int) -> None:
        leaves = [sha256(start.to_bytes(8) + i.to_bytes(8)) for i in range(tile)]
        for (level, index), hashes in added(partial(tx.mirror.tile, "a"), start, leaves).items():
            tx.mirror.save_tile("a", level, index, hashes)

    for start in range(0, count, tile):
        store.write(lambda tx, start=start: put(tx, start))  # type: ignore[misc]
    assert store.read(lambda r: r.mirror.size("a")) == count
    store.close()
    grown = (tmp_path / "journal.db").stat().st_size - before
    assert 32 * count <= grown <= 36 * count

"""GIVE, TAKE, ACK and the beat between nodes: what is bound, what survives, what is refused."""

from dataclasses import replace
from pathlib import Path

from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.receive import declare
from comity.journal.merkle import leaf_hash
from comity.journal.pen import Pen, Written
from comity.journal.recover import recomputed_root
from comity.model.agreement import DEFAULT
from comity.model.notice import (
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Onward,
    Purpose,
)
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.store import Transaction
from comity.trust.keys import KeyType
from comity.trust.note import parse_note
from comity.wire.entry_v1 import EntryType, ReceiptBody, parse_entry
from comity.wire.notice_v1 import fields_of
from tests.exchange.net import NOON, WITNESS, Net, run

HOUR = 3_600_000_000


def notice(onward: Onward = Onward.NONE, lat: float = 35.5) -> Declaration:
    """An operation in an hour."""
    volume = Volume4D(
        footprint=Circle(
            centre=Position(lat_e7=round(lat * 1e7), lon_e7=357_000_000), radius_mm=20_000_000
        ),
        heights=HeightBand(lower_mm=0, upper_mm=9_000_000),
        window=Window(start_us=NOON + HOUR, end_us=NOON + 2 * HOUR),
    )
    return Declaration(
        code=Code.NOTIFY,
        purpose=Purpose.TRAINING,
        domain=Domain.AIR,
        craft=Craft.COMBAT,
        onward=onward,
        name="",
        volumes=(volume,),
    )


async def give(net: Net, here: str, there: str, lat: float = 35.5) -> Written:
    """Declare something at `here`, for `there`."""
    order = DeclareOrder(notice=notice(lat=lat), to=(net.nodes[there].origin,))
    done = await net.nodes[here].commit(lambda tx, pen: declare(tx, pen, order), net.now())
    return done.value.written[0]


async def joined(net: Net, types: tuple[KeyType, ...] = (KeyType.COSIGNATURE_V1,)) -> None:
    """Alpha and bravo, agreed, with a witness whose keys are of these types."""
    net.add("alpha")
    net.add("bravo")
    net.add_witness(types=types)
    await net.join("alpha", "bravo")
    await net.advance()


def test_both_journals_are_bound_and_cosigned(tmp_path: Path) -> None:
    """After GIVE, TAKE, ACK each journal holds the other's head, and both heads are cosigned."""

    async def story(net: Net) -> None:
        await joined(net)
        written = await give(net, "alpha", "bravo")
        await net.advance(2)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        taken = alpha.read(lambda r: r.post.taken(written.index))
        assert taken is not None
        assert taken.verdict == "accepted"
        receipt = parse_entry(parse_note(taken.receipt).text)
        assert isinstance(receipt.body, ReceiptBody)
        assert receipt.body.given_leaf == written.leaf
        assert receipt.body.peer_size > written.index
        bound = alpha.read(lambda r: r.journal.entry(taken.bind_index))
        assert bound is not None
        entry = parse_entry(parse_note(bound.body).text)
        assert entry.type is EntryType.PEER_CHECKPOINT
        assert entry.refs == (leaf_hash(taken.receipt),)
        size = receipt.body.peer_size
        signers = alpha.read(lambda r: {c.signer for c in r.journal.cosignatures(size)})
        assert f"{bravo.origin}/cosigner" in signers
        mine = bravo.read(lambda r: r.journal.newest_cosignature((f"{alpha.origin}/cosigner",), 0))
        assert mine is not None
        assert alpha.read(lambda r: r.journal.newest_cosignature((WITNESS,), written.index + 1))
        assert bravo.read(lambda r: r.sky.subject(written.entry.body.root))  # type: ignore[union-attr]

    run(tmp_path, story)


def test_a_lost_answer_changes_nothing_twice(tmp_path: Path) -> None:
    """The peer took it, the answer was lost: the retry gets the same receipt, once."""

    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        for lost in range(1, 4):
            net.lines["alpha", "bravo"].lose = lost
            written = await give(net, "alpha", "bravo", lat=35.0 + lost)
            await net.advance(30)
            taken = alpha.read(lambda r, at=written.index: r.post.taken(at))  # type: ignore[misc]
            assert taken is not None
            assert taken.verdict == "accepted"
        receipts = [
            entry
            for row in bravo.read(lambda r: r.journal.entries(0, 10_000))
            if (entry := parse_entry(parse_note(row.body).text)).type is EntryType.RECEIPT
        ]
        assert len(receipts) == 4  # the agreement and three notices, each once
        assert [entry.seq for entry in receipts] == [0, 1, 2, 3]
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0

    run(tmp_path, story)


def test_a_cut_line_delays_and_loses_nothing(tmp_path: Path) -> None:
    """Everything said during a partition arrives in order after it."""

    async def story(net: Net) -> None:
        await joined(net)
        net.lines["alpha", "bravo"].cut = net.lines["bravo", "alpha"].cut = True
        indices = [(await give(net, "alpha", "bravo", lat=30.0 + i)).index for i in range(5)]
        await net.advance(300)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 5
        assert bravo.read(lambda r: r.sky.live_counts()) == {}
        net.lines["alpha", "bravo"].cut = net.lines["bravo", "alpha"].cut = False
        await net.advance(61)
        assert bravo.read(lambda r: r.sky.live_counts()) == {"operation": 5}
        found = [alpha.read(lambda r, at=i: r.post.taken(at)) for i in indices]  # type: ignore[misc]
        assert all(taken is not None and taken.verdict == "accepted" for taken in found)

    run(tmp_path, story)


def test_both_sides_at_once(tmp_path: Path) -> None:
    """Heads that grow by the other's requests meanwhile are asked for again, not given up."""

    async def story(net: Net) -> None:
        await joined(net)
        for i in range(5):
            await give(net, "alpha", "bravo", lat=30.0 + i)
            await give(net, "bravo", "alpha", lat=20.0 + i)
        await net.advance(10)
        for node in net.nodes.values():
            assert node.read(lambda r: r.sky.live_counts()) == {"operation": 10}

    run(tmp_path, story)


def test_terms_that_differ_are_no_agreement(tmp_path: Path) -> None:
    """Each side sees it, and a notice is refused by name until both sign the same."""

    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        await net.enrol("alpha", "bravo")
        await net.enrol("bravo", "alpha", replace(DEFAULT, margin_us=1))
        await net.advance(1)
        for here, there in (("alpha", "bravo"), ("bravo", "alpha")):
            node, origin = net.nodes[here], net.nodes[there].origin
            row = node.read(lambda r, o=origin: r.post.agreement(o))  # type: ignore[misc]
            assert row is not None
            assert row.in_force_us is None
            assert "margin_us" in node.read(lambda r: r.sky.warnings())[0].text

    run(tmp_path, story)


def test_beats_go_on_and_keep_the_line_up(tmp_path: Path) -> None:
    """An hour of silence on both sides is 120 beats in both journals, each consistent."""

    async def story(net: Net) -> None:
        await joined(net)
        before = net.nodes["bravo"].head.checkpoint.size
        await net.advance(3_600)
        bravo = net.nodes["bravo"]
        assert bravo.head.checkpoint.size - before >= 120
        peer = bravo.read(lambda r: r.post.peer(net.nodes["alpha"].origin))
        assert peer is not None
        assert peer.contact_us is not None
        assert net.now() - peer.contact_us <= 30_000_000
        size = bravo.head.checkpoint.size
        assert bravo.read(lambda r: recomputed_root(r, 0, size)) == bravo.head.checkpoint.root

    run(tmp_path, story)


def test_the_end_reaches_those_who_knew_the_beginning(tmp_path: Path) -> None:
    """Start and end follow the declaration's recipients."""

    async def story(net: Net) -> None:
        await joined(net)
        written = await give(net, "alpha", "bravo")
        subject = written.entry.body.root  # type: ignore[union-attr]
        for code in (Code.START, Code.END):
            order = MoveOrder(subject=subject, code=code, at_us=net.now())
            await net.nodes["alpha"].commit(lambda tx, pen, o=order: move(tx, pen, o), net.now())  # type: ignore[misc]
        await net.advance(5)
        row = net.nodes["bravo"].read(lambda r: r.sky.subject(subject))
        assert row is not None
        assert row.state == "ended"

    run(tmp_path, story)


def hazard(lat: float = 35.5) -> Declaration:
    """Something dangerous, now."""
    said = notice(lat=lat)
    basis = HazardBasis(
        source="duty officer", confidence=Confidence.CONFIRMED, expires_us=NOON + 3 * HOUR
    )
    return replace(said, code=Code.HAZARD, craft=Craft.NONE, basis=basis)


def test_a_hazard_waits_behind_nothing(tmp_path: Path) -> None:
    """After an outage the safety lane goes first, and a line that is heard ends all waiting."""

    async def story(net: Net) -> None:
        await joined(net)
        line = net.lines["alpha", "bravo"]
        line.cut = net.lines["bravo", "alpha"].cut = True
        for i in range(5):
            await give(net, "alpha", "bravo", lat=30.0 + i)
        await net.advance(300)
        line.cut = net.lines["bravo", "alpha"].cut = False
        line.seen.clear()
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        order = DeclareOrder(notice=hazard(), to=(bravo.origin,))
        done = await alpha.commit(lambda tx, pen: declare(tx, pen, order), net.now())
        declared_us = net.now()
        await net.advance(5)
        gives = [body for path, body, _ in line.seen if path == "/exchange/v1/give"]
        assert b"comity/safety@v1" in gives[0]
        taken = alpha.read(lambda r: r.post.taken(done.value.written[0].index))
        assert taken is not None
        assert taken.verdict == "accepted"
        assert taken.taken_us - declared_us <= 1_000_000
        assert bravo.read(lambda r: r.sky.live_counts()) == {"hazard": 1, "operation": 5}

    run(tmp_path, story)


def test_nothing_ordinary_overtakes_as_safety(tmp_path: Path) -> None:
    """An operation given under the safety floor's type is refused in its receipt."""

    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]

        def work(tx: Transaction, pen: Pen) -> Written:
            del tx
            content = pen.seal(fields_of(notice()))
            return pen.write_content(EntryType.SAFETY, bravo.origin, content)

        done = await alpha.commit(work, net.now())
        await net.advance(1)
        taken = alpha.read(lambda r: r.post.taken(done.value.index))
        assert taken is not None
        assert taken.verdict == "not_safety"
        warnings = alpha.read(lambda r: r.sky.warnings())
        assert [row.kind for row in warnings] == ["refused_by_peer"]
        assert bravo.read(lambda r: r.sky.live_counts()) == {}

    run(tmp_path, story)

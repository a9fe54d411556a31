"""Many entries in one GIVE: what is taken of it, in what order, where it ends, what goes first."""

from dataclasses import replace
from pathlib import Path

import msgspec

from comity.exchange.line import GIVE_PATH
from comity.exchange.messages import Give, Take, decode, encode
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.receive import declare
from comity.journal.merkle import leaf_hash
from comity.journal.pen import Written
from comity.model.notice import Code, Declaration
from comity.model.quantity import Position
from comity.model.volume import Polygon
from comity.trust.note import parse_note
from comity.wire.entry_v1 import EntryType, ReceiptBody, parse_entry
from comity.wire.limits import BATCH_ENTRIES_MAX, BODY_BYTES_MAX, PEER_RESPONSE_BYTES_MAX
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined, notice
from tests.exchange.test_hostile import Request, post


def cut(net: Net, *, is_cut: bool) -> None:
    """Cut or heal the line both ways."""
    for line in net.lines.values():
        line.cut = is_cut


def gives(net: Net, here: str, there: str) -> list[Give]:
    """What went over the line."""
    seen = net.lines[here, there].seen
    return [decode(body, Give, BODY_BYTES_MAX) for path, body, _ in seen if path == GIVE_PATH]


def verdicts(net: Net, here: str, written: list[Written]) -> list[str | None]:
    """What the other side said to each."""
    rows = [net.nodes[here].read(lambda r, i=w.index: r.post.taken(i)) for w in written]  # type: ignore[misc]
    return [None if row is None else row.verdict for row in rows]


async def true_batch(net: Net, count: int) -> tuple[Give, list[Written]]:
    """A GIVE of several entries that alpha has built and bravo has not seen."""
    await joined(net)
    await net.advance(31)  # a beat: both know each other's newest head
    cut(net, is_cut=True)
    written = [await give(net, "alpha", "bravo", lat=30.0 + i) for i in range(count)]
    caught: list[bytes] = []
    line = net.lines["alpha", "bravo"]
    line.before = caught.append
    await net.advance(0.001)
    line.before = None
    return decode(caught[0], Give, BODY_BYTES_MAX), written


async def taken(net: Net, message: Give) -> Take:
    """Send it to bravo."""
    response = await post(net, Request(body=encode(message)))
    assert response.status_code == 200, response.text
    return decode(response.content, Take, PEER_RESPONSE_BYTES_MAX)


def test_what_waited_goes_in_few_requests_once_and_in_order(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        cut(net, is_cut=True)
        count = BATCH_ENTRIES_MAX + 8
        ours = [await give(net, "alpha", "bravo", lat=20.0 + i / 2) for i in range(count)]
        theirs = [await give(net, "bravo", "alpha", lat=20.0 + i / 2) for i in range(count)]
        cut(net, is_cut=False)
        for line in net.lines.values():
            line.seen.clear()
        await net.advance(5)
        assert verdicts(net, "alpha", ours) == ["accepted"] * count
        assert verdicts(net, "bravo", theirs) == ["accepted"] * count
        for here, there, written in (("alpha", "bravo", ours), ("bravo", "alpha", theirs)):
            assert len(gives(net, here, there)) <= 10  # small at first, each time twice as many
            entries = net.nodes[there].read(lambda r: r.journal.entries(0, 10_000))
            bodies = [parse_entry(parse_note(row.body).text).body for row in entries]
            receipts = [body for body in bodies if isinstance(body, ReceiptBody)]
            leaves = [body.given_leaf for body in receipts]
            assert leaves[-count:] == [w.leaf for w in written]
            assert len(set(leaves)) == len(leaves)

    run(tmp_path, story)


def test_each_binding_names_the_receipts_that_it_is_for(tmp_path: Path) -> None:
    """A bundle's third leg: an entry of ours, after the receipt's head, that refers to it."""

    async def story(net: Net) -> None:
        await joined(net)
        cut(net, is_cut=True)
        written = [await give(net, "alpha", "bravo", lat=20.0 + i) for i in range(20)]
        cut(net, is_cut=False)
        await net.advance(5)
        alpha = net.nodes["alpha"]
        for each in written:
            row = alpha.read(lambda r, i=each.index: r.post.taken(i))  # type: ignore[misc]
            assert row is not None
            bound = alpha.read(lambda r, i=row.bind_index: r.journal.entry(i))  # type: ignore[misc]
            assert bound is not None
            entry = parse_entry(parse_note(bound.body).text)
            assert entry.type is EntryType.PEER_CHECKPOINT
            assert leaf_hash(row.receipt) in entry.refs

    run(tmp_path, story)


def test_a_refusal_of_one_does_not_stop_the_others(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        message, _ = await true_batch(net, 3)
        spoilt = msgspec.structs.replace(message.entries[1], fields=message.entries[0].fields)
        entries = [message.entries[0], spoilt, message.entries[2]]
        take = await taken(net, msgspec.structs.replace(message, entries=entries))
        found = [receipt_of(each.receipt).verdict for each in take.receipts]
        assert found == ["accepted", "content_mismatch", "accepted"]
        assert take.stopped is None

    run(tmp_path, story)


def receipt_of(text: str) -> ReceiptBody:
    """The body of a receipt's note."""
    body = parse_entry(parse_note(text.encode()).text).body
    assert isinstance(body, ReceiptBody)
    return body


def test_a_gap_ends_the_batch_by_name_and_the_rest_can_be_given_again(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        message, written = await true_batch(net, 3)
        gap = [message.entries[0], message.entries[2]]
        take = await taken(net, msgspec.structs.replace(message, entries=gap))
        assert [receipt_of(each.receipt).given_leaf for each in take.receipts] == [written[0].leaf]
        assert take.stopped == "out_of_order"
        cut(net, is_cut=False)
        await net.advance(5)
        assert verdicts(net, "alpha", written) == ["accepted"] * 3

    run(tmp_path, story)


def test_a_false_signature_ends_the_batch_before_it(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        message, _ = await true_batch(net, 3)
        note = parse_note(message.entries[1].entry.encode())
        forged = replace(note.signatures[0], blob=bytes(64)).line()
        entry = message.entries[1].entry.replace(note.signatures[0].line(), forged)
        entries = [
            message.entries[0],
            msgspec.structs.replace(message.entries[1], entry=entry),
            message.entries[2],
        ]
        take = await taken(net, msgspec.structs.replace(message, entries=entries))
        assert len(take.receipts) == 1
        assert take.stopped == "bad_signature"

    run(tmp_path, story)


def test_safety_overtakes_what_lost_its_answer(tmp_path: Path) -> None:
    """Its receipt stands behind the ones that were lost: these are asked for first."""

    async def story(net: Net) -> None:
        await joined(net)
        first = await give(net, "alpha", "bravo")
        await net.advance(1)
        line = net.lines["alpha", "bravo"]
        line.lose = 1
        lost = await give(net, "alpha", "bravo", lat=20.0)
        await net.advance(0.001)
        alpha = net.nodes["alpha"]
        order = MoveOrder(subject=first.entry.body.root, code=Code.CANCEL, at_us=net.now())  # type: ignore[union-attr]
        done = await alpha.commit(lambda tx, pen: move(tx, pen, order), net.now())
        (end,) = done.value.written
        assert end.entry.type is EntryType.SAFETY
        await net.advance(0.001)
        bravo = net.nodes["bravo"]
        assert bravo.read(lambda r: r.post.received(end.leaf)) is not None  # it was told at once
        await net.advance(10)
        assert verdicts(net, "alpha", [lost, end]) == ["accepted", "accepted"]
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0

    run(tmp_path, story)


def test_a_batch_of_large_contents_is_cut_by_bytes(tmp_path: Path) -> None:
    def large(lat: float) -> Declaration:
        found = notice(lat=lat)
        (volume,) = found.volumes
        west, south = 300_000_000, round(lat * 1e7)
        edge = [Position(lat_e7=south, lon_e7=west + i * 1_000) for i in range(1_900)]
        top = Position(lat_e7=south + 5_000_000, lon_e7=west + 950_000)
        return replace(found, volumes=(replace(volume, footprint=Polygon(vertices=(*edge, top))),))

    async def story(net: Net) -> None:
        await joined(net)
        cut(net, is_cut=True)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        written: list[Written] = []
        for i in range(28):
            order = DeclareOrder(notice=large(20.0 + i), to=(bravo.origin,))
            done = await alpha.commit(lambda tx, pen, o=order: declare(tx, pen, o), net.now())  # type: ignore[misc]
            written += done.value.written
        cut(net, is_cut=False)
        line = net.lines["alpha", "bravo"]
        line.seen.clear()
        await net.advance(10)
        sizes = [len(body) for path, body, _ in line.seen if path == GIVE_PATH]
        assert 2 <= len(sizes) <= 8
        assert max(sizes) < BODY_BYTES_MAX
        assert verdicts(net, "alpha", written) == ["accepted"] * len(written)

    run(tmp_path, story)

"""The register on the line: carried sealed, withdrawn ahead of all, let go in time; new keys."""

from dataclasses import replace
from pathlib import Path

from comity.exchange.lapse import Lapser
from comity.intake.guard import open_entry
from comity.intake.order import Outcome, ProtectOrder
from comity.intake.protect import extend, protect, release
from comity.intake.renew import announce
from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited
from comity.journal.bundle import bundle_files
from comity.journal.manifest import MANIFEST_NAME
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.register import ProtectedRow
from comity.storage.sqlite.inspect import SqliteInspected
from comity.trust.identity import Role
from comity.trust.note import parse_note
from comity.web.node import Node
from comity.wire.canonical import b64
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_keys import fresh_key, statement

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
LAT, LON = 355_100_000, 357_700_000


def clinic(end_us: int = NOON + HOUR_US) -> Declaration:
    site = Volume4D(
        footprint=Circle(centre=Position(lat_e7=LAT, lon_e7=LON), radius_mm=2_000_000),
        heights=HeightBand(lower_mm=0, upper_mm=100_000),
        window=Window(start_us=NOON, end_us=end_us),
    )
    return Declaration(
        code=Code.PROTECT,
        purpose=Purpose.MEDICAL,
        domain=Domain.GROUND,
        craft=Craft.NONE,
        onward=Onward.NONE,
        name="RIVER-CLINIC",
        volumes=(site,),
    )


async def register(
    net: Net, notice: Declaration, owner: str = "alpha", to: str = "bravo"
) -> Outcome:
    node = net.nodes[owner]
    order = ProtectOrder(notice=notice, to=(net.nodes[to].origin,))
    return (await node.commit(lambda tx, pen: protect(tx, pen, order), net.now())).value


async def with_lapsers(net: Net) -> None:
    await joined(net)
    for name in ("alpha", "bravo"):
        node = net.nodes[name]
        net.pacers[name].add(Lapser(node.store, node.scribe, node.identity))


def standing(node: Node, now_us: int) -> list[ProtectedRow]:
    return list(node.read(lambda r: r.register.live_protected(now_us)))


def files(net: Net, name: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((net.folder / name).iterdir()))


def words() -> list[bytes]:
    """What nobody but owner and recipient may read, in the forms in which bytes travel and rest."""
    plain = serialise_fields(fields_of(clinic()))
    point = LAT.to_bytes(4, "big") + LON.to_bytes(4, "big")
    return [b"RIVER-CLINIC", point, b64(plain)[40:80].encode(), b64(point)[:8].encode()]


def test_nothing_that_is_carried_or_kept_says_what_is_protected(tmp_path: Path) -> None:
    """Requests, journals, openings, whole stores, and a bundle of evidence."""

    async def story(net: Net) -> None:
        await with_lapsers(net)
        outcome = await register(net, clinic())
        await net.advance(2)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        [row] = standing(bravo, net.now())
        [written] = [w for w in outcome.written if w.entry.audience == bravo.origin]
        taken = alpha.read(lambda r: r.post.taken(written.index))
        assert taken is not None
        assert taken.verdict == "accepted"
        shown = await bravo.commit(
            lambda tx, pen: open_entry(tx, pen, row.id, "pilot", "a route"), net.now()
        )
        assert shown.value.declaration == clinic()
        await net.advance(2)
        [read] = alpha.read(lambda r: r.register.reads(b"", 9))
        assert (read.party, read.role, read.reason) == (bravo.origin, "pilot", "a route")
        held = b"".join(body for line in net.lines.values() for _, body, _ in line.seen)
        assert b"comity/register@v1" in held
        held += files(net, "alpha") + files(net, "bravo")
        bundle = alpha.read(
            lambda r: bundle_files(
                r,
                index=written.index,
                head_of=alpha.scribe.head_of,
                head=alpha.head,
                identity=alpha.identity,
                witnesses=(),
            )
        )
        assert MANIFEST_NAME in bundle
        held += b"".join(bundle.values())
        assert [word for word in words() if word in held] == []

    run(tmp_path, story)


def test_withdrawn_ahead_of_everything_once_it_was_taken(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await with_lapsers(net)
        outcome = await register(net, clinic())
        await net.advance(2)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        assert len(standing(bravo, net.now())) == 1
        net.lines["alpha", "bravo"].cut = True
        for _ in range(3):
            await give(net, "alpha", "bravo")
        gone = await alpha.commit(lambda tx, pen: release(tx, pen, outcome.subject), net.now())
        kinds = {w.entry.audience: w.entry.type for w in gone.value.written}
        assert kinds[bravo.origin] is EntryType.SAFETY
        assert standing(alpha, net.now()) == []
        [first, *_] = alpha.read(lambda r: r.post.outbox(bravo.origin, 9))
        entry = alpha.read(lambda r: r.journal.entry(first.index))
        assert entry is not None
        assert b"comity/safety@v1" in entry.body
        net.lines["alpha", "bravo"].cut = False
        await net.advance(3)
        assert standing(bravo, net.now()) == []

    run(tmp_path, story)


def test_withdrawn_before_it_was_taken_it_ends_behind_itself(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await with_lapsers(net)
        net.lines["alpha", "bravo"].cut = True
        outcome = await register(net, clinic())
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        await alpha.commit(lambda tx, pen: release(tx, pen, outcome.subject), net.now())
        net.lines["alpha", "bravo"].cut = False
        await net.advance(5)
        assert standing(bravo, net.now()) == []
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0
        taken = [alpha.read(lambda r, at=w.index: r.post.taken(at)) for w in outcome.written[:1]]  # type: ignore[misc]
        assert [each and each.verdict for each in taken] == ["accepted"]

    run(tmp_path, story)


def test_what_expires_is_let_go_on_time_by_both_also_on_a_broken_line(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await with_lapsers(net)
        outcome = await register(net, clinic(NOON + MINUTE_US))
        await net.advance(2)
        bravo = net.nodes["bravo"]
        [row] = standing(bravo, net.now())
        assert bravo.read(lambda r: r.journal.opening(row.leaf)) is not None
        for line in net.lines.values():
            line.cut = True
        await net.advance(60)
        for name, id_ in (("alpha", outcome.subject), ("bravo", row.id)):
            kept = net.nodes[name].read(lambda r, id_=id_: r.register.protected(id_))  # type: ignore[misc]
            assert kept is not None
            assert (kept.state, kept.sealed) == ("lapsed", b"")
        assert bravo.read(lambda r: r.journal.opening(row.leaf)) is None
        assert b64(row.sealed)[:60].encode() not in files(net, "bravo")
        size = bravo.read(lambda r: r.journal.size())
        types = [
            parse_entry(parse_note(each.body).text).type
            for each in bravo.read(lambda r: r.journal.entries(0, size))
        ]
        assert types.count(EntryType.PURGE) == 1
        flawless(net, "bravo")

    run(tmp_path, story)


def flawless(net: Net, name: str) -> None:
    """An audit finds every entry, proof and opening as it should be: one may be gone."""
    node = net.nodes[name]
    audited, store = Audited(), SqliteInspected(net.folder / name)
    keys = OwnKeys(
        entry=node.identity.entry.verifier(),
        log=node.identity.log.verifier(),
        cosigner=node.identity.cosigner.verifier(),
        witnesses=net.witness_keys,
    )
    verify_all(store, hash_all(store, audited), keys, audited)
    store.close()
    assert audited.flaws == []


def test_a_renewal_on_the_line_moves_the_expiry_at_the_recipient(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await with_lapsers(net)
        outcome = await register(net, clinic(NOON + MINUTE_US))
        await net.advance(2)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        [before] = standing(bravo, net.now())
        until_us = NOON + HOUR_US
        await alpha.commit(lambda tx, pen: extend(tx, pen, outcome.subject, until_us), net.now())
        await net.advance(70)
        [after] = standing(bravo, net.now())
        assert (after.id, after.expires_us) == (before.id, until_us)
        [own] = standing(alpha, net.now())
        assert own.expires_us == until_us

    run(tmp_path, story)


def test_what_was_sealed_to_a_key_that_is_replaced_is_still_opened(tmp_path: Path) -> None:
    """In the register already, and on its way while the key changes; renewed, to the new key."""

    async def story(net: Net) -> None:
        await with_lapsers(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        first = await register(net, clinic())
        await net.advance(2)
        net.lines["alpha", "bravo"].cut = True
        await register(net, replace(clinic(), name="SECOND"))  # sealed to the key of now
        new = fresh_key(bravo, Role.ENTRY)
        said = statement(bravo, Role.ENTRY, new, bravo.identity.entry, now_us=net.now())
        await bravo.commit(lambda tx, pen: announce(tx, pen, said, bravo.identity, new), net.now())
        net.lines["alpha", "bravo"].cut = False
        await net.advance(5)
        rows = standing(bravo, net.now())
        assert len(rows) == 2
        for row in rows:
            shown = await bravo.commit(
                lambda tx, pen, id_=row.id: open_entry(tx, pen, id_, "pilot", "why"),  # type: ignore[misc]
                net.now(),
            )
            assert shown.value.declaration.volumes == clinic().volumes
        await alpha.commit(
            lambda tx, pen: extend(tx, pen, first.subject, NOON + 2 * HOUR_US), net.now()
        )
        await net.advance(5)
        object.__setattr__(bravo.identity, "entries_before", ())  # the old file is deleted
        net.pacers["bravo"].add(Lapser(bravo.store, bravo.scribe, bravo.identity))
        await net.advance(1)
        [unread] = [
            row.about
            for row in bravo.read(lambda r: r.sky.warnings())
            if row.kind == "register_unopenable"
        ]
        assert unread in {row.id for row in rows}  # the second; the first is under the new key
        opened = [row for row in standing(bravo, net.now()) if row.id != unread]
        shown = await bravo.commit(
            lambda tx, pen: open_entry(tx, pen, opened[0].id, "pilot", "why"), net.now()
        )
        assert shown.value.declaration.name == "RIVER-CLINIC"

    run(tmp_path, story)


def test_who_was_not_given_an_entry_has_nothing_of_it(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await with_lapsers(net)
        net.add("charlie")
        await net.join("alpha", "charlie")
        await net.advance(1)
        await register(net, clinic())
        await net.advance(2)
        charlie = net.nodes["charlie"]
        assert standing(charlie, net.now()) == []
        sent = [body for _, body, _ in net.lines["alpha", "charlie"].seen]
        assert not any(b"comity/register@v1" in body for body in sent)

    run(tmp_path, story)


def test_nothing_is_due_before_the_first_expiry(tmp_path: Path) -> None:
    """An exercise's clock jumps from event to event, and no look of ours is one."""

    async def story(net: Net) -> None:
        await joined(net)
        node = net.nodes["alpha"]
        lapser = Lapser(node.store, node.scribe, node.identity)
        assert await lapser.tick(net.now()) == 0
        assert lapser.next_due(net.now()) is None
        await register(net, clinic(NOON + MINUTE_US))
        assert lapser.next_due(net.now()) == NOON + MINUTE_US
        assert await lapser.tick(net.now()) == 0
        assert await lapser.tick(NOON + MINUTE_US) == 1
        assert lapser.next_due(NOON + MINUTE_US) is None

    run(tmp_path, story)

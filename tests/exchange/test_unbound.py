"""A line whose history forked: only the safety floor passes, on its signature alone, unbound."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from comity.exchange.messages import Take
from comity.exchange.send import deliver
from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited
from comity.journal.bundle import bundle_files
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.model.fault import Refused, Untrusted
from comity.storage.rows import Head
from comity.storage.sqlite.inspect import SqliteInspected
from comity.trust.note import parse_note, serialise, sign_note
from comity.web.api.event_views import happened, newest_place
from comity.wire.entry_v1 import ReceiptBody, parse_entry
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined, notice
from tests.exchange.test_full_disk import hazard, say
from tests.model.saying_no import says_no


async def forked(net: Net) -> Head:
    """Bravo has seen a head of alpha's that alpha's journal does not extend; that head."""
    await joined(net)
    await give(net, "alpha", "bravo")
    await net.advance(2)
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    known = bravo.read(lambda r: r.post.head(alpha.origin))
    assert known is not None
    text = checkpoint_text(Checkpoint(origin=alpha.origin, size=known.size, root=bytes(32)))
    note = serialise(sign_note(text, alpha.identity.log))
    head = replace(known, root=bytes(32), note=note)
    bravo.store.write(lambda tx: tx.post.save_head(head))
    return head


def warned(net: Net, name: str) -> set[str]:
    """Kinds of what is open."""
    rows = net.nodes[name].read(lambda r: r.sky.warnings())
    return {row.kind for row in rows if row.cleared_us is None}


def test_a_hazard_passes_a_forked_line_and_nothing_else(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        head = await forked(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        ordinary = await say(net, "alpha", notice(lat=36.5))
        said = await say(net, "alpha", hazard())
        await net.advance(5)
        assert alpha.read(lambda r: r.post.taken(ordinary.written[0].index)) is None
        taken = alpha.read(lambda r: r.post.taken(said.written[0].index))
        assert taken is not None
        assert taken.verdict == "unbound"
        body = parse_entry(parse_note(taken.receipt).text).body
        assert isinstance(body, ReceiptBody)
        assert (body.peer_size, body.peer_root) == (head.size, head.root)  # not what alpha offers
        assert bravo.read(lambda r: r.sky.subject(said.notice)) is not None
        assert bravo.read(lambda r: r.post.head(alpha.origin)) == head
        assert warned(net, "bravo") == {"forked"}
        assert warned(net, "alpha") == {"unbound_at_peer"}
        with says_no("taken_unbound", Refused):
            alpha.read(
                lambda r: bundle_files(
                    r,
                    index=said.written[0].index,
                    head_of=alpha.scribe.head_of,
                    head=alpha.head,
                    identity=alpha.identity,
                    witnesses=(),
                )
            )

    run(tmp_path, story)


def test_given_again_it_is_the_same_receipt(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await forked(net)
        net.lines["alpha", "bravo"].lose = 1
        said = await say(net, "alpha", hazard())
        await net.advance(10)
        taken = net.nodes["alpha"].read(lambda r: r.post.taken(said.written[0].index))
        assert taken is not None
        assert taken.verdict == "unbound"
        bravo = net.nodes["bravo"]
        assert len(bravo.read(lambda r: r.sky.subjects("hazard", None, b"", 10))) == 1
        for node in (net.nodes["alpha"], bravo):
            audited, store = Audited(), SqliteInspected(tmp_path / node.name)
            keys = OwnKeys(
                entry=node.identity.entry.verifier(),
                log=node.identity.log.verifier(),
                cosigner=node.identity.cosigner.verifier(),
                witnesses=(),
            )
            verify_all(store, hash_all(store, audited), keys, audited)
            store.close()
            assert audited.flaws == []  # what is unbound stands in no lane

    run(tmp_path, story)


def test_a_peer_cannot_take_the_ordinary_unbound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt without a cosignature binds nothing: a peer may not choose that."""

    async def story(net: Net) -> None:
        await joined(net)
        written = await give(net, "alpha", "bravo")
        line = net.senders["alpha", "bravo"]
        whole = line.ask

        async def ask(path: str, message: object, shape: type[Take]) -> Take:
            take = await whole(path, message, shape)  # type: ignore[arg-type]
            return msgspec.structs.replace(take, cosignature=None)

        with monkeypatch.context() as patch:
            patch.setattr(type(line), "ask", lambda _, *words: ask(*words))
            with says_no("bad_receipt", Untrusted):
                await deliver(line, net.nodes["alpha"].roster.now, [written.index])
        assert net.nodes["alpha"].read(lambda r: r.post.taken(written.index)) is None

    run(tmp_path, story)


def test_events_tell_of_what_was_taken_unbound_by_its_kind(tmp_path: Path) -> None:
    """Who watches the events sees a hazard, whatever the line is worth."""

    async def story(net: Net) -> None:
        await forked(net)
        bravo = net.nodes["bravo"]
        before = bravo.read(lambda r: newest_place(r, bravo.scribe.checkpoint.size))
        await say(net, "alpha", hazard())
        await net.advance(5)
        size = bravo.scribe.checkpoint.size
        events = bravo.read(lambda r: happened(r, before, size, 100))
        told = [event for event in events if event.says.get("verdict") == "unbound"]
        assert [event.kind for event in told] == ["notice"]

    run(tmp_path, story)

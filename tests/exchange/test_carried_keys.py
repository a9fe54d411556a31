"""Keys that change between two nodes that have no network: a parcel brings the new one."""

import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from comity.exchange.air_gap import _imported
from comity.exchange.desks import desks_of
from comity.exchange.parcel import pack
from comity.journal.parcel import parcel_text, parse_parcel_text
from comity.model.fault import Untrusted
from comity.trust.identity import Role
from comity.trust.note import Note, serialise, sign_note
from comity.web.api.carried import ImportRequest
from comity.web.gate import Admitted
from comity.wire.canonical import b64
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_keys import bundle as bundle_of
from tests.exchange.test_keys import fresh_key, proven, rotate, statement, trust, verdict
from tests.model.saying_no import says_no


async def apart(net: Net) -> None:
    """Alpha and bravo, which talked once and never will again."""
    await joined(net)
    await net.advance(2)
    net.lines["alpha", "bravo"].cut = net.lines["bravo", "alpha"].cut = True


async def take_in(net: Net, here: str, note: Note, pieces: tuple[bytes, ...]) -> None:
    """All pieces, as `comity import` hands them to the node `here`."""
    node = net.nodes[here]
    lines = {line.enrolled.origin: line for (by, _), line in net.senders.items() if by == here}
    desks = desks_of(secrets.token_bytes(32))
    call = Admitted(
        node=node, caller=None, path={}, query={}, body=b"", now_us=net.now(), idempotency=None
    )
    for position, piece in enumerate((*pieces, b"")):
        request = ImportRequest(
            manifest=serialise(note).decode(), position=position, piece=b64(piece)
        )
        await _imported(lines, desks, call, request)


async def carry(net: Net, here: str, there: str) -> None:
    """One parcel."""
    note, pieces = await pack(net.senders[here, there])
    await take_in(net, there, note, pieces)


@pytest.mark.parametrize("role", list(Role))
def test_a_rotation_travels_by_hand(tmp_path: Path, role: Role) -> None:
    async def story(net: Net) -> None:
        await apart(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        ours = await give(net, "alpha", "bravo")
        theirs = await give(net, "bravo", "alpha", 36.5)
        await rotate(net, "alpha", role)
        await carry(net, "bravo", "alpha")  # its receipt is signed by the new key
        later = await give(net, "alpha", "bravo", 37.5)
        await rotate(net, "alpha", role)
        for here, there in (("alpha", "bravo"), ("bravo", "alpha")) * 3:
            await carry(net, here, there)
        for node, written in ((alpha, ours), (alpha, later), (bravo, theirs)):
            assert verdict(node, written.index) == "accepted"
        known = bravo.roster.now.peer(alpha.origin)
        new = alpha.identity.key(role)
        assert new is not None
        assert new.verifier() in {life.key for life in known.of_role(role) if life.living}
        note, _ = await pack(net.senders["alpha", "bravo"])
        assert parse_parcel_text(note.text).statements == ()  # taken: it is not said again
        believed = trust(net)
        assert proven(bundle_of(net, "alpha", later.index), believed)
        assert bravo.read(lambda r: r.sky.warnings()) == ()

    run(tmp_path, story)


def test_a_key_that_nobody_introduced_signs_no_parcel(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await apart(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        size = bravo.head.checkpoint.size
        note, pieces = await pack(net.senders["alpha", "bravo"])
        parcel, thief = parse_parcel_text(note.text), fresh_key(alpha, Role.ENTRY)
        with says_no("not_signed", Untrusted):
            await take_in(net, "bravo", sign_note(note.text, thief), pieces)
        forged = statement(alpha, Role.ENTRY, thief, now_us=net.now())
        text = parcel_text(replace(parcel, statements=(forged,)))
        with says_no("not_signed", Untrusted):
            await take_in(net, "bravo", sign_note(text, thief), pieces)
        assert bravo.head.checkpoint.size == size
        await take_in(net, "bravo", note, pieces)  # the control
        assert bravo.head.checkpoint.size > size

    run(tmp_path, story)

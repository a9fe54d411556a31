"""A peer with two histories: a node restored from a backup, or run twice, convicts itself.

The second history is made by the real node, with the real keys, on a copy of the data. What is kept
is judged offline by `comity verify`, as anybody would.
"""

import json
from pathlib import Path

import pytest

from comity.cli.main import run as cli
from comity.journal.pen import Pen
from comity.journal.trustfile import trust_text
from comity.model.party import party_name
from comity.storage.rows import EvidenceRow
from comity.storage.store import Transaction
from comity.trust.card import card_note, open_card
from comity.trust.identity import Role
from comity.trust.note import parse_note, serialise, sign_note
from comity.web.api.parties import party_views
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import text_field
from tests.exchange.net import Net, run
from tests.exchange.test_batch import cut
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_hostile import growth_unproven, post, true_give
from tests.exchange.test_keys import revocation, rotate, submit


async def mirrored(net: Net) -> Path:
    """Alpha and bravo, each with the other's leaves; a backup of alpha from some time before."""
    await joined(net)
    backup = net.backup("alpha")
    for i in range(3):
        await give(net, "alpha", "bravo", lat=20.0 + i)
    await net.advance(700)
    return backup


def size_known(net: Net) -> int:
    """How far bravo follows alpha."""
    head = net.nodes["bravo"].read(lambda r: r.post.head(net.nodes["alpha"].origin))
    assert head is not None
    return head.size


async def talk(net: Net, until: int) -> None:
    """The restored alpha writes other entries, to itself or anybody, up to a size."""
    while net.nodes["alpha-restored"].head.checkpoint.size < until:
        await give(net, "alpha-restored", "bravo", lat=50.0)


def evidence(net: Net) -> EvidenceRow:
    """The one piece that bravo holds."""
    (row,) = net.nodes["bravo"].read(lambda r: r.mirror.evidence())
    return row


def judged(net: Net, file: bytes, *, trusted: str = "alpha") -> int:
    """The exit code of `comity verify` on a file."""
    bravo = net.nodes["bravo"]
    card = open_card(card_note(net.nodes[trusted].identity, "http://127.0.0.1:1", b""))
    key = bravo.identity.entry
    text = trust_text([card], [], signer=key.verifier().text())
    (net.folder / "trust.note").write_bytes(serialise(sign_note(text, key)))
    (net.folder / "found.fork").write_bytes(file)
    return cli(
        ["verify", str(net.folder / "found.fork"), "--trust", str(net.folder / "trust.note")]
    )


def line_state(net: Net) -> str:
    """How bravo shows its line to alpha."""
    bravo = net.nodes["bravo"]
    (view,) = bravo.read(lambda r: party_views(r, bravo.roster.now, net.now()))
    return view.line


def named(net: Net) -> list[str]:
    """The kinds of warnings, and that each stands in bravo's journal."""
    bravo = net.nodes["bravo"]
    kinds = [row.kind for row in bravo.read(lambda r: r.sky.warnings()) if row.cleared_us is None]
    rows = bravo.read(lambda r: r.journal.entries(0, 10_000))
    entries = [parse_entry(parse_note(row.body).text).type for row in rows]
    assert entries.count(EntryType.WARNING) >= len(kinds)
    return kinds


def test_the_mirror_holds_every_leaf_and_no_entry(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await mirrored(net)
        for here, there in (("alpha", "bravo"), ("bravo", "alpha")):
            origin = net.nodes[there].origin
            head = net.nodes[here].read(lambda r, o=origin: r.mirror.head(o))  # type: ignore[misc]
            assert head is not None
            tile = net.nodes[here].read(lambda r, o=origin: r.mirror.tile(o, 0, 0))  # type: ignore[misc]
            leaves = net.nodes[there].read(lambda r, n=head.size: r.journal.leaves(0, n))  # type: ignore[misc]
            assert tile[: 32 * head.size] == b"".join(leaves)
        assert named(net) == []

    run(tmp_path, story)


@pytest.mark.parametrize("more", [0, 1, 5])
def test_heads_of_different_sizes_convict(
    tmp_path: Path, more: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story(net: Net) -> None:
        backup = await mirrored(net)
        net.restore("alpha", backup)
        cut(net, is_cut=True)
        await talk(net, size_known(net) + 1 + more)
        cut(net, is_cut=False)
        await net.advance(60)
        row = evidence(net)
        assert row.origin == net.nodes["alpha"].origin
        assert row.kind == "inconsistent"
        assert judged(net, row.file) == 12
        assert line_state(net) == "forked"
        assert named(net) == ["forked"]

    run(tmp_path, story)
    assert "signed two histories" in capsys.readouterr().out


def test_heads_of_a_log_key_that_came_while_the_line_stood_convict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first log key is revoked: only who knows the second by now can judge either head.

    The proof alone does not give the other root (as when the known size is a power of two), so
    that the peer is asked for it, on a line that was opened before the rotation.
    """
    monkeypatch.setattr("comity.exchange.accuse.earlier_root", lambda *_: None)

    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        alpha = net.nodes["alpha"]
        old, new = await rotate(net, "alpha", Role.LOG)
        await net.advance(40)
        to = alpha.head.checkpoint.size
        data = revocation(alpha, Role.LOG, old, new, to=to, since_us=None)
        await submit(alpha, data, None)
        await net.advance(40)
        backup = net.backup("alpha")
        for i in range(3):
            await give(net, "alpha", "bravo", lat=20.0 + i)
        await net.advance(700)
        net.restore("alpha", backup)
        cut(net, is_cut=True)
        await talk(net, size_known(net) + 1)
        cut(net, is_cut=False)
        await net.advance(60)
        assert evidence(net).kind == "inconsistent"

    run(tmp_path, story)


def test_a_smaller_head_of_another_history_convicts_by_the_mirror_alone(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        backup = await mirrored(net)
        net.restore("alpha", backup)
        net.lines["bravo", "alpha"].cut = True  # whom nobody can ask
        await give(net, "alpha-restored", "bravo", lat=50.0)
        assert net.nodes["alpha-restored"].head.checkpoint.size < size_known(net)
        await net.advance(5)
        assert judged(net, evidence(net).file) == 12

    run(tmp_path, story)


def test_a_peer_that_shrank_is_named_and_nothing_is_proven(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        backup = await mirrored(net)
        net.restore("alpha", backup)
        await net.advance(61)
        assert named(net) == ["shrunk"]
        assert line_state(net) == "degraded"
        assert net.nodes["bravo"].read(lambda r: r.mirror.evidence()) == ()

    run(tmp_path, story)


def test_heads_that_fit_are_no_evidence_even_if_a_proof_was_spoilt(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        message = await true_give(net)
        await post(net, growth_unproven(net, message))
        line = net.lines["alpha", "bravo"]
        del line.handle_async_request
        await net.advance(60)
        assert net.nodes["bravo"].read(lambda r: r.mirror.evidence()) == ()
        assert named(net) == ["forked"]  # a person must look

    run(tmp_path, story)


def test_edited_evidence_convicts_nobody(tmp_path: Path) -> None:
    """Every byte: 10 (not proven) or 13 (no such file), never 12. The control is 12."""

    async def story(net: Net) -> None:
        backup = await mirrored(net)
        net.restore("alpha", backup)
        cut(net, is_cut=True)
        await talk(net, size_known(net) + 2)
        cut(net, is_cut=False)
        await net.advance(60)
        file = evidence(net).file
        assert judged(net, file) == 12
        assert judged(net, file, trusted="bravo") == 10
        codes = set()
        for at in range(0, len(file), 61):
            edited = bytearray(file)
            edited[at] ^= 1
            codes.add(judged(net, bytes(edited)))
        assert codes == {10, 13}
        assert judged(net, file[:-1]) == 13
        assert judged(net, file + b"\n") == 13
        assert judged(net, b"") == 13
        assert judged(net, file * 40) == 13
        assert party_name(net.nodes["alpha"].origin) == "alpha"
        assert json.dumps(named(net)) == '["forked"]'

    run(tmp_path, story)


def test_a_twin_that_gives_nothing_is_convicted_by_its_beat(tmp_path: Path) -> None:
    """It denies the head that was cosigned; asked without a cosignature it shows its own."""

    async def story(net: Net) -> None:
        for name in ("alpha", "bravo"):
            net.add(name)
        await net.join("alpha", "bravo")
        await net.advance(65)
        copy = net.backup("bravo")
        await grow(net, "bravo", 1)
        await net.advance(35)
        alpha, origin = net.nodes["alpha"], net.nodes["bravo"].origin
        assert alpha.read(lambda r: r.post.forks(origin)) == ()
        net.restore("bravo", copy)
        await grow(net, "bravo-restored", 9)
        await net.advance(35)
        (fork,) = alpha.read(lambda r: r.post.forks(origin))
        assert fork.known != fork.offered

    run(tmp_path, story)


async def grow(net: Net, name: str, count: int) -> None:
    """So many entries more, to itself."""
    node = net.nodes[name]

    def work(_: Transaction, pen: Pen) -> None:
        for number in range(count):
            content = pen.seal((text_field("words", f"{name} {number}"),))
            pen.write_content(EntryType.CALL, pen.origin, content)

    await node.commit(work, net.now())

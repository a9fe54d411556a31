"""A gap is proven: an audit bears it out, a bundle shows it offline, and a false one is found."""

from pathlib import Path

import pytest

from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited
from comity.journal.bundle import bundle_files
from comity.journal.manifest import Piece
from comity.journal.pen import Pen
from comity.journal.report import Outcome
from comity.journal.trustfile import Trust, parse_trust, trust_text
from comity.journal.verify import verify_bundle
from comity.model.line import Contact, LineFact, LineState, Span
from comity.storage.sqlite.inspect import SqliteInspected
from comity.storage.store import Transaction
from comity.trust.card import card_note, open_card
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import serialise, sign_note
from comity.web.node import Node
from comity.wire.entry_v1 import EntryType
from comity.wire.line_v1 import fields_of_line, line_from
from tests.exchange.net import WITNESS, Net, run
from tests.exchange.test_line_states import BEAT_US, cut, facts, gaps, joined

SECOND_US = 1_000_000


def audit(net: Net, name: str) -> Audited:
    identity = net.nodes[name].identity
    keys = OwnKeys(
        entry=identity.entry.verifier(),
        log=identity.log.verifier(),
        cosigner=identity.cosigner.verifier(),
        witnesses=(),
    )
    audited = Audited()
    store = SqliteInspected(net.folder / name)
    try:
        verify_all(store, hash_all(store, audited), keys, audited)
    finally:
        store.close()
    return audited


async def with_a_gap(net: Net) -> tuple[Node, Node]:
    nodes = await joined(net)
    cut(net, is_cut=True)
    await net.advance(300)
    cut(net, is_cut=False)
    await net.advance(95)
    return nodes


def test_an_audit_bears_out_what_was_recorded(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await with_a_gap(net)
        for name in ("alpha", "bravo"):
            found = audit(net, name)
            assert found.flaws == []
            assert found.checked["states of lines"] == len(["up", "silent", "up"])

    run(tmp_path, story)


@pytest.mark.parametrize("wrong", ["longer", "later", "inside", "other contact"])
def test_an_audit_finds_a_gap_that_was_none(tmp_path: Path, wrong: str) -> None:
    """Signed by the node itself, and not borne out by its journal."""

    async def story(net: Net) -> None:
        alpha, bravo = await with_a_gap(net)
        (gap,) = gaps(alpha)
        assert gap.from_index is not None
        assert gap.until_index is not None
        assert gap.until_us is not None
        from_us, until_us, after = gap.from_us, gap.until_us, gap.until_index
        if wrong == "longer":
            from_us -= 20 * SECOND_US
        elif wrong == "later":
            until_us += 20 * SECOND_US
        elif wrong == "inside":
            row = alpha.read(lambda r: r.lines.line(bravo.origin))
            assert row is not None
            assert row.contact_us is not None
            after, until_us = row.contact_index or 0, row.contact_us
        named = after - 1 if wrong == "other contact" else after
        fact = LineFact(
            party=bravo.origin,
            state=LineState.UP,
            since_us=until_us,
            contact=Contact(at_us=until_us, index=named),
            gap=Span(from_us=from_us, until_us=until_us),
        )
        refs = tuple(leaf_of(alpha, index) for index in (gap.from_index, after))

        def work(_: Transaction, pen: Pen) -> None:
            content = pen.seal(fields_of_line(fact))
            pen.write_content(EntryType.PARTY, pen.origin, content, refs)

        await alpha.commit(work, net.now())
        (flaw,) = audit(net, "alpha").flaws
        assert flaw.where.startswith("line in entry ")

    run(tmp_path, story)


def leaf_of(node: Node, index: int) -> bytes:
    row = node.read(lambda r: r.journal.entry(index))
    assert row is not None
    return row.leaf


def test_a_bundle_of_a_gap_is_verified_offline_and_both_sides_bound_it(tmp_path: Path) -> None:
    """Somebody with the two cards alone reads the gap from each side's bundle, and compares."""

    async def story(net: Net) -> None:
        witness = await seen_by_a_witness(net)
        await with_a_gap(net)
        read = []
        for name in ("alpha", "bravo"):
            node = net.nodes[name]
            index = list(facts(node))[-1]
            files = bundle_of(node, index)
            report = verify_bundle(files, trust(net, witness), recorded=True)
            assert report.outcome is Outcome.PROVEN
            assert report.opened is not None
            shown = line_from(report.opened.fields)
            assert shown.gap is not None
            read.append(shown.gap)
            changed = {**files, Piece.NOTICE: files[Piece.NOTICE].replace(b"label", b"lable")}
            changed[Piece.OPENING] = files[Piece.OPENING][:-2]
            worse = verify_bundle(changed, trust(net, witness), recorded=True)
            assert worse.outcome is not Outcome.PROVEN
        assert abs(read[0].from_us - read[1].from_us) <= BEAT_US
        assert abs(read[0].until_us - read[1].until_us) <= BEAT_US

    run(tmp_path, story)


async def seen_by_a_witness(net: Net) -> str:
    for name in ("alpha", "bravo"):
        net.add(name)
    net.add_witness(refresh_us=BEAT_US)
    return net.witness_keys[0].text()


def bundle_of(node: Node, index: int) -> dict[str, bytes]:
    return node.read(
        lambda reading: bundle_files(
            reading,
            index=index,
            head_of=node.scribe.head_of,
            head=node.scribe.head,
            identity=node.identity,
            witnesses=(WITNESS,),
            recorded=True,
        )
    )


def trust(net: Net, witness: str) -> Trust:
    referee = SigningKey(name="referee.example/t", key_type=KeyType.ED25519, seed=bytes(32))
    cards = [
        open_card(card_note(node.identity, "http://127.0.0.1:1", b""))
        for node in net.nodes.values()
    ]
    text = trust_text(cards, [witness], signer=referee.verifier().text())
    return parse_trust(serialise(sign_note(text, referee)))

"""A backup an hour old, with peers and a witness ahead: the node signs nothing over what is lost.

Nodes, doors and witness are real. In every case the peers' own books show afterwards that nobody
saw two histories. The control is the same node without the asking: its peer sees the fork.
"""

from pathlib import Path

import pytest

from comity.exchange.inquire import hold_of
from comity.exchange.witness import Witness
from comity.intake.order import DeclareOrder
from comity.intake.receive import declare
from comity.journal.restored import NOBODY, Said
from comity.model.fault import Fault, Refused, Unavailable
from comity.storage.rows import EntryRow
from comity.trust.identity import Role
from comity.trust.note import parse_note, verify_note
from comity.web.node import Node
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import parse_fields
from tests.exchange.net import WITNESS, Net, run
from tests.exchange.test_exchange import HOUR, give, joined, notice
from tests.exchange.test_keys import rotate
from tests.upkeep.reborn import copied, die, reborn


async def settled(net: Net) -> Witness:
    """Alpha and bravo in agreement, a witness, one notice given and taken."""
    net.add("alpha")
    net.add("bravo")
    witness = net.add_witness()
    await net.join("alpha", "bravo")
    await net.advance()
    await give(net, "alpha", "bravo")
    await net.advance(2)
    return witness


async def an_hour_later(net: Net) -> None:
    """More was said, and heard, than the backup holds."""
    net.clock.set(net.now() + HOUR)
    await give(net, "alpha", "bravo", lat=36.0)
    await net.advance(2)


async def declare_at_home(net: Net) -> None:
    """Something that alpha tells nobody."""
    lat = 30 + net.nodes["alpha"].scribe.checkpoint.size
    order = DeclareOrder(notice=notice(lat=lat), to=())
    await net.nodes["alpha"].commit(lambda tx, pen: declare(tx, pen, order), net.now())


def entries(node: Node) -> tuple[EntryRow, ...]:
    """Its whole journal."""
    return node.read(lambda r: r.journal.entries(0, 10_000))


def forks(net: Net, about: Node) -> int:
    """How many forks of a party the others hold."""
    others = [node for node in net.nodes.values() if node.name != about.name]
    return sum(len(node.read(lambda r: r.post.forks(about.origin))) for node in others)


async def refused(net: Net, node: Node) -> Fault:
    """The no that a person gets who wants to write."""
    with pytest.raises((Refused, Unavailable)) as caught:
        await give(net, node.name, "bravo", lat=37.0)
    return caught.value


@pytest.mark.parametrize("lost", [(WITNESS,), ("bravo",), ()])
def test_who_is_ahead_stops_it(tmp_path: Path, lost: tuple[str, ...]) -> None:
    """The peer alone, the witness alone, or both have a later head: refused, with the evidence."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        copy = copied(net, "alpha")
        await an_hour_later(net)
        newest = net.nodes["alpha"].scribe.checkpoint.size
        dead = die(net, "alpha")
        node, inquiry, _ = reborn(net, dead, copy, witness=witness, lost=lost)
        before = entries(node)
        fault = await refused(net, node)
        assert fault.code == "restored"  # nobody was asked yet
        await net.advance(120)
        fault = await refused(net, node)
        assert fault.code == "rollback_detected"
        ahead = [word for word in inquiry.words if word.said is Said.AHEAD]
        assert {word.party for word in ahead} == {"bravo.example/comity/2026", WITNESS} - {
            {"bravo": "bravo.example/comity/2026"}.get(each, each) for each in lost
        }
        for word in ahead:
            assert word.party in fault.reason
            assert f"size {word.size}" in fault.reason
            assert word.size is not None
            assert len(before) < word.size <= newest
            assert word.note is not None
            assert verify_note(parse_note(word.note), [dead.identity.log.verifier()])  # evidence
        assert entries(node) == before
        with pytest.raises(Refused):
            _ = node.head  # not even the old head is signed anew
        for party in (WITNESS, "bravo.example/comity/2026"):
            with pytest.raises(Refused, match="not the newest"):
                await inquiry.accept(party, "Major Tom", net.now())
        assert node.store.lock().restored() is not None  # a second start asks again
        assert forks(net, node) == 0

    run(tmp_path, story)


def test_all_agree_and_it_goes_on_by_itself(tmp_path: Path) -> None:
    """Nothing was lost: it says so in its journal, and the line goes on where it was."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        await an_hour_later(net)
        copy = copied(net, "alpha")
        node, inquiry, _ = reborn(net, die(net, "alpha"), copy, witness=witness)
        size = len(entries(node))
        await net.advance(1)
        assert node.scribe.held is None
        assert node.store.lock().restored() is None
        written = entries(node)[size]
        assert parse_entry(parse_note(written.body).text).type is EntryType.RESTORED
        opening = node.read(lambda r: r.journal.opening(written.leaf))
        assert opening is not None
        said = [field.value for field in parse_fields(opening.fields) if "said" in field.path]
        assert len(said) == 2
        assert all(b"agrees" in each for each in said)
        await give(net, "alpha", "bravo", lat=37.0)
        await net.advance(40)
        assert node.read(lambda r: r.post.outbox_count("bravo.example/comity/2026")) == 0
        assert forks(net, node) == 0
        assert {word.said for word in inquiry.words} == {Said.AGREES}

    run(tmp_path, story)


def test_it_waits_for_the_silent_and_says_for_whom(tmp_path: Path) -> None:
    """Silence is neither yes nor no; when the last one is heard, it goes on."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        copy = copied(net, "alpha")
        node, _, doors = reborn(
            net, die(net, "alpha"), copy, witness=witness, lost=(WITNESS, "bravo")
        )
        await net.advance(300)
        fault = await refused(net, node)
        assert fault.code == "restored"
        assert isinstance(fault, Unavailable)
        assert WITNESS in fault.reason
        assert "bravo.example/comity/2026" in fault.reason
        doors["bravo"].cut = False
        await net.advance(120)
        fault = await refused(net, node)
        assert "bravo.example" not in fault.reason
        doors[WITNESS].cut = False
        await net.advance(120)
        assert node.scribe.held is None
        assert forks(net, node) == 0

    run(tmp_path, story)


def test_a_person_answers_for_a_silence_and_the_journal_says_who(tmp_path: Path) -> None:
    """Only for who is silent, and only by name; it stands in the entry."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        copy = copied(net, "alpha")
        node, inquiry, _ = reborn(net, die(net, "alpha"), copy, witness=witness, lost=(WITNESS,))
        size = len(entries(node))
        await net.advance(10)
        with pytest.raises(Refused) as caught:
            await inquiry.accept("bravo.example/comity/2026", "Major Tom", net.now())
        assert caught.value.code == "not_silent"
        await inquiry.accept(WITNESS, "Major Tom", net.now())
        await net.advance(1)
        assert node.scribe.held is None
        opening = node.read(lambda r: r.journal.opening(entries(node)[size].leaf))
        assert opening is not None
        texts = {field.value for field in parse_fields(opening.fields)}
        assert f"{WITNESS} silent accepted by Major Tom".encode() in texts
        with pytest.raises(Refused) as caught:
            await inquiry.accept(WITNESS, "Major Tom", net.now())
        assert caught.value.code == "not_restored"

    run(tmp_path, story)


def test_a_copy_with_another_history_is_told_by_its_root(tmp_path: Path) -> None:
    """A clone that went its own way elsewhere: large enough, sound in itself, not what was seen."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        copy = copied(net, "alpha")
        await an_hour_later(net)
        dead = die(net, "alpha")
        clone, _, _ = reborn(net, dead, copy, checked=False)
        while clone.scribe.checkpoint.size <= dead.scribe.checkpoint.size:
            await declare_at_home(net)
        clone.scribe.close()
        clone.store.close()
        del net.nodes["alpha"]
        node, inquiry, _ = reborn(net, dead, copy, witness=witness)
        await net.advance(10)
        assert (await refused(net, node)).code == "rollback_detected"
        assert {word.said for word in inquiry.words} == {Said.DIFFERS}

    run(tmp_path, story)


def test_with_nobody_to_ask_a_person_must_say_so(tmp_path: Path) -> None:
    """No peer and no witness can say that nothing is lost; silence is not consent."""

    async def story(net: Net) -> None:
        net.add("alpha")
        await declare_at_home(net)
        copy = copied(net, "alpha")
        node, inquiry, _ = reborn(net, die(net, "alpha"), copy)
        await net.advance(10)
        with pytest.raises(Unavailable, match=NOBODY):
            await declare_at_home(net)
        await inquiry.accept(NOBODY, "Major Tom", net.now())
        await net.advance(1)
        await declare_at_home(net)
        assert node.scribe.held is None

    run(tmp_path, story)


def test_without_the_asking_the_peer_sees_a_fork(tmp_path: Path) -> None:
    """The control: the same backup, the same peers, no question. Bravo holds two histories."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        copy = copied(net, "alpha")
        await an_hour_later(net)
        node, _, _ = reborn(net, die(net, "alpha"), copy, witness=witness, checked=False)
        for number in range(8):
            await give(net, "alpha", "bravo", lat=38.0 + number)
        await net.advance(120)
        assert forks(net, node) > 0

    run(tmp_path, story)


def test_a_rollback_of_data_and_lock_together_is_found_by_asking(tmp_path: Path) -> None:
    """A snapshot of the whole disk has no mark. The first answers stop the pen all the same."""

    async def story(net: Net) -> None:
        witness = await settled(net)
        copy = copied(net, "alpha")
        await an_hour_later(net)
        dead = die(net, "alpha")
        node, inquiry, _ = reborn(net, dead, copy, witness=witness, checked=False)
        net.pacers["alpha"].add(inquiry)
        inquiry.mark = None
        await net.advance()
        assert (await refused(net, node)).code == "rollback_detected"
        assert forks(net, node) == 0
        assert hold_of(node.store) is not None  # its next start waits from the beginning

    run(tmp_path, story)


def shown_to(net: Net, name: str, about: Node) -> set[bytes]:
    """The keys whose lines stand under the head that a node keeps of another."""
    head = net.nodes[name].read(lambda r: r.post.head(about.origin))
    assert head is not None
    return {line.key_id for line in parse_note(head.note).signatures}


@pytest.mark.parametrize("stale", [False, True])
def test_after_a_rotation_the_old_keys_line_is_ours(tmp_path: Path, *, stale: bool) -> None:
    """A peer keeps the line of the oldest key: it agrees, or is ahead and cannot be overridden."""

    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        old, _ = await rotate(net, "alpha", Role.LOG)
        await net.advance(100)
        copy = copied(net, "alpha")
        if stale:
            await an_hour_later(net)
        dead = die(net, "alpha")
        assert shown_to(net, "bravo", dead) == {old.verifier().key_id}
        node, inquiry, _ = reborn(net, dead, copy)
        await net.advance(10)
        (word,) = inquiry.words
        if not stale:
            assert word.said is Said.AGREES
            assert node.scribe.held is None
            return
        assert word.said is Said.AHEAD
        with pytest.raises(Refused) as caught:
            await inquiry.accept(word.party, "Major Tom", net.now())
        assert caught.value.code == "rollback_detected"
        assert forks(net, node) == 0

    run(tmp_path, story)

"""Whose head is it that a restored node is shown? What a key that it does not know comes to.

Backup and keys are older than a rotation whose old key was revoked, so that the heads which others
keep bear the new key alone. Nodes and doors are real; a hostile peer changes what its door says.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import msgspec
import pytest

from comity.exchange.inquire import Answer, Asked, Inquiry
from comity.exchange.keys import STATEMENTS_MAX, about_log_keys
from comity.exchange.line import RECALL_PATH
from comity.exchange.messages import Recalled, decode, encode
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.restored import Accepted, Mark, Said
from comity.model.fault import Refused, Unavailable
from comity.trust.identity import Role
from comity.trust.keys import SigningKey
from comity.trust.note import parse_note, serialise, sign_note
from comity.web.node import Node
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import parse_fields
from comity.wire.limits import PEER_RESPONSE_BYTES_MAX
from tests.exchange.net import WITNESS, Lossy, Net, make_identity, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_keys import (
    fresh_key,
    revocation,
    rotate,
    statement,
    submit,
    with_roots,
)
from tests.upkeep.reborn import copied, die, reborn
from tests.upkeep.test_restored_backup import an_hour_later, entries, forks, refused, shown_to

BRAVO = "bravo.example/comity/2026"
Change = Callable[[Recalled], Recalled]


@dataclass(frozen=True, kw_only=True)
class Again:
    """Alpha after its restore, with the keys of its backup."""

    node: Node
    inquiry: Inquiry
    doors: dict[str, Lossy]

    def said(self, party: str = BRAVO) -> Said:
        """What the answer of a party came to."""
        return next(word.said for word in self.inquiry.words if word.party == party)


async def restored(net: Net, *, roots: int = 0, lose: bool = False) -> Again:
    """A backup, then a new log key, the old one revoked, and more; then the backup again."""
    net.add("alpha")
    net.add("bravo")
    alpha = net.nodes["alpha"]
    signers = with_roots(alpha)[:roots] if roots else ()
    await net.join("alpha", "bravo")
    await net.advance()
    await give(net, "alpha", "bravo")
    await net.advance(2)
    copy, before = copied(net, "alpha"), replace(alpha.identity)
    old, new = alpha.identity.log, fresh_key(alpha, Role.LOG)
    because, former = ("loss", ()) if lose else ("rotation", (old,))
    by = (*former, *signers)
    data = statement(alpha, Role.LOG, new, *by, because=because, now_us=net.now())
    await submit(alpha, data, new)
    await net.advance(40)
    enders = signers or (new,)
    size = alpha.scribe.checkpoint.size
    await submit(alpha, revocation(alpha, Role.LOG, old, *enders, to=size, since_us=None), None)
    await net.advance(40)
    await an_hour_later(net)
    dead = die(net, "alpha")
    assert shown_to(net, "bravo", dead) == {new.verifier().key_id}
    node, inquiry, doors = reborn(net, replace(dead, identity=before), copy)
    return Again(node=node, inquiry=inquiry, doors=doors)


def hostile(door: Lossy, change: Change) -> None:
    """From now on whoever is behind a door answers RECALL in its own way."""
    honest = door.handle_async_request

    async def answer(request: httpx.Request) -> httpx.Response:
        response = await honest(request)
        if request.url.path != RECALL_PATH:
            return response
        found = decode(await response.aread(), Recalled, PEER_RESPONSE_BYTES_MAX)
        return httpx.Response(200, stream=httpx.ByteStream(encode(change(found))))

    door.handle_async_request = answer  # type: ignore[method-assign]


def invented(origin: str, size: int, key: SigningKey | None = None) -> str:
    """A head of ours that is none."""
    signer = key or make_identity(origin).log
    text = checkpoint_text(Checkpoint(origin=origin, size=size, root=bytes(32)))
    return serialise(sign_note(text, signer)).decode()


def showing(net: Net, *statements: bytes) -> Change:
    """A larger head of an invented key, each time of another size, and these statements."""

    def change(_: Recalled) -> Recalled:
        size = 1_000 + secrets.randbelow(10**9)
        head = invented(net.nodes["alpha"].origin, size)
        return Recalled(checkpoint=head, statements=[each.decode() for each in statements])

    return change


def without(found: Recalled) -> Recalled:
    """A peer of a release that hands over nothing."""
    return msgspec.structs.replace(found, statements=[])


def warned(node: Node) -> list[str]:
    """The kinds of open warnings."""
    rows = node.read(lambda r: r.sky.warnings())
    return [row.kind for row in rows if row.cleared_us is None]


@pytest.mark.parametrize(("roots", "lose"), [(0, False), (2, False), (2, True)])
def test_a_head_of_a_key_that_statements_of_ours_lead_to_stops_it(
    tmp_path: Path, roots: int, *, lose: bool
) -> None:
    """Signed by the key that it knows, by its roots too, or by these alone: nobody overrides it."""

    async def story(net: Net) -> None:
        again = await restored(net, roots=roots, lose=lose)
        await net.advance(10)
        assert again.said() is Said.AHEAD
        fault = await refused(net, again.node)
        assert fault.code == "rollback_detected"
        assert BRAVO in fault.reason
        with pytest.raises(Refused) as caught:
            await again.inquiry.accept(BRAVO, "Major Tom", net.now())
        assert caught.value.code == "rollback_detected"
        assert forks(net, again.node) == 0

    run(tmp_path, story)


def test_without_the_statement_it_waits_and_a_named_person_decides(tmp_path: Path) -> None:
    """The peer is shown by name, with the size. That it may be right is the person's to judge."""

    async def story(net: Net) -> None:
        again = await restored(net)
        hostile(again.doors["bravo"], without)
        await net.advance(10)
        assert again.said() is Said.UNPROVEN
        (word,) = again.inquiry.words
        fault = await refused(net, again.node)
        assert isinstance(fault, Unavailable)
        assert f"{BRAVO} shows a head of our journal of size {word.size}" in fault.reason
        again.doors["bravo"].cut = True  # nor does it become a silence by a cut line
        await net.advance(120)
        assert again.said() is Said.UNPROVEN
        await again.inquiry.accept(BRAVO, "Major Tom", net.now())
        await net.advance(1)
        assert again.node.scribe.held is None

    run(tmp_path, story)


def test_an_invented_head_holds_nobody_whom_a_person_lets_go_on(tmp_path: Path) -> None:
    """A head of another size in each round; the journal says what was shown and who answers."""

    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        await net.advance(40)
        copy = copied(net, "alpha")
        node, inquiry, doors = reborn(net, die(net, "alpha"), copy)
        hostile(doors["bravo"], showing(net))
        size = len(entries(node))
        await net.advance(200)
        assert (await refused(net, node)).code == "restored"
        await inquiry.accept(BRAVO, "Major Tom", net.now())
        await net.advance(1)
        assert node.scribe.held is None
        written = entries(node)[size]
        assert parse_entry(parse_note(written.body).text).type is EntryType.RESTORED
        opening = node.read(lambda r: r.journal.opening(written.leaf))
        assert opening is not None
        fields = parse_fields(opening.fields)
        (said,) = [field.value.decode() for field in fields if field.path.startswith("said/")]
        assert said.startswith(f"{BRAVO} unproven ")
        assert said.endswith(" accepted by Major Tom")
        assert "unproven_head" in warned(node)

    run(tmp_path, story)


def test_statements_that_are_not_ours_lead_nowhere(tmp_path: Path) -> None:
    """Signed by the thief's own keys, by one root of two, or true of another head's key."""

    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        alpha = net.nodes["alpha"]
        roots = with_roots(alpha)
        await net.join("alpha", "bravo")
        await net.advance()
        await give(net, "alpha", "bravo")
        await net.advance(40)
        copy, thief = copied(net, "alpha"), fresh_key(alpha, Role.LOG)
        old, now = alpha.identity.log, net.now()
        forged = [
            statement(alpha, Role.LOG, thief, fresh_key(alpha, Role.LOG), now_us=now),
            statement(alpha, Role.LOG, thief, old, now_us=now),
            statement(alpha, Role.LOG, thief, old, roots[0], now_us=now),
            statement(alpha, Role.LOG, thief, *roots[:1], because="loss", now_us=now),
        ]
        node, inquiry, doors = reborn(net, die(net, "alpha"), copy)

        def change(_: Recalled) -> Recalled:
            head = invented(node.origin, 1_000, thief)
            return Recalled(checkpoint=head, statements=[each.decode() for each in forged])

        hostile(doors["bravo"], change)
        await net.advance(10)
        again = Again(node=node, inquiry=inquiry, doors=doors)
        assert again.said() is Said.UNPROVEN
        # The control: with two roots it is ours.
        forged.append(statement(alpha, Role.LOG, thief, old, *roots[1:], now_us=now))
        await net.advance(10)
        assert again.said() is Said.AHEAD

    run(tmp_path, story)


def test_what_one_peer_hands_over_tells_whose_head_another_shows(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        again = await restored(net)
        head = net.nodes["bravo"].read(lambda r: r.post.head(again.node.origin))
        assert head is not None
        statements = net.nodes["bravo"].read(lambda r: about_log_keys(r, again.node.origin))
        assert len(statements) == 2
        hostile(again.doors["bravo"], without)
        await net.advance(10)
        assert again.said() is Said.UNPROVEN
        again.doors["bravo"].cut = True  # its word is known

        async def hand_over() -> Answer:
            return Answer(statements=tuple(each.encode() for each in statements))

        again.inquiry.add(Asked(party="charlie.example/comity/2026", witness=False, ask=hand_over))
        await net.advance(120)
        assert again.said() is Said.AHEAD
        assert (await refused(net, again.node)).code == "rollback_detected"

    run(tmp_path, story)


def test_who_took_a_silence_upon_them_knew_of_no_head(tmp_path: Path) -> None:
    """The same party comes back with a larger head: that is another question, asked once."""

    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        witness = net.add_witness()
        await net.join("alpha", "bravo")
        await net.advance(40)
        copy = copied(net, "alpha")
        lost = ("bravo", WITNESS)
        dead = die(net, "alpha")
        node, inquiry, doors = reborn(net, dead, copy, witness=witness, lost=lost)
        await net.advance(10)
        await inquiry.accept(BRAVO, "Major Tom", net.now())
        hostile(doors["bravo"], showing(net))
        doors["bravo"].cut = False
        doors[WITNESS].cut = False
        await net.advance(120)
        fault = await refused(net, node)
        assert f"{BRAVO} shows a head" in fault.reason
        await inquiry.accept(BRAVO, "Major Tim", net.now())
        await net.advance(1)
        assert node.scribe.held is None

    run(tmp_path, story)


def test_an_acceptance_covers_what_was_seen_and_what_is_less() -> None:
    mark = Mark(size=1, root="", made_us=0)
    silent = Accepted(party="b", by="Tom", at_us=1)
    seen = Accepted(party="b", by="Tim", at_us=2, said="unproven")
    assert [silent.covers("b", said) for said in ("silent", "unproven")] == [True, False]
    assert [seen.covers("b", said) for said in ("silent", "unproven")] == [True, True]
    assert not seen.covers("c", "silent")
    assert mark.accepting(silent).accepting(seen).accepted == (seen,)
    assert mark.accepting(seen).accepting(silent).accepted == (seen,)


def test_after_an_ordinary_start_an_invented_head_is_shown_to_people_and_holds_nothing(
    tmp_path: Path,
) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        await net.advance(40)
        copy = copied(net, "alpha")
        node, inquiry, doors = reborn(net, die(net, "alpha"), copy, checked=False)
        hostile(doors["bravo"], showing(net))
        inquiry.mark = None
        net.pacers["alpha"].add(inquiry)
        await net.advance(120)
        assert node.scribe.held is None
        assert warned(node) == ["unproven_head"]
        await give(net, "alpha", "bravo", lat=40.0)

    run(tmp_path, story)


def test_a_peer_hands_over_what_it_took_of_log_keys_and_no_more(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        assert bravo.read(lambda r: about_log_keys(r, alpha.origin)) == []
        made = []
        for number in range(STATEMENTS_MAX + 2):
            old, new = await rotate(net, "alpha", Role.LOG)
            if number == 0:
                await rotate(net, "alpha", Role.ENTRY)
            made.append(new.verifier().text())
            del old
            await net.advance(40)
        handed = bravo.read(lambda r: about_log_keys(r, alpha.origin))
        assert len(handed) == STATEMENTS_MAX
        newest = made[-STATEMENTS_MAX:]
        assert all(f"new {key}\n" in each for key, each in zip(newest, handed, strict=True))
        assert bravo.read(lambda r: about_log_keys(r, bravo.origin)) == []

    run(tmp_path, story)


def test_more_statements_than_can_be_are_no_answer(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(40)
        copy = copied(net, "alpha")
        node, inquiry, doors = reborn(net, die(net, "alpha"), copy)
        hostile(doors["bravo"], showing(net, *[b"x"] * (STATEMENTS_MAX + 1)))
        await net.advance(10)
        again = Again(node=node, inquiry=inquiry, doors=doors)
        assert again.said() is Said.SILENT

    run(tmp_path, story)

"""Keys that change while nodes talk: peers follow, old bundles hold, stolen keys end."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from comity.exchange.courier import Courier
from comity.exchange.receive import open_give
from comity.exchange.send import deliver, give_of
from comity.exchange.shown import Shown
from comity.exchange.standing import show
from comity.intake.renew import announce, lives_of, own_lives
from comity.journal.bundle import bundle_files
from comity.journal.merkle import leaf_hash
from comity.journal.report import Outcome
from comity.journal.trustfile import Trust, parse_trust, trust_text
from comity.journal.verify import verify_bundle
from comity.model.fault import Refused, Untrusted
from comity.trust.card import card_note, open_card
from comity.trust.identity import Role, Roots, key_name, key_type, root_key_name
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.trust.possession import prove_possession
from comity.web.node import Node
from comity.wire.entry_v1 import EntryType, entry_text, parse_entry
from comity.wire.key_v1 import KeyText, RevokeText, statement_text
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.model.saying_no import says_no

REFEREE = SigningKey(name="referee.example/t", key_type=KeyType.ED25519, seed=bytes(31) + b"r")


def fresh_key(node: Node, role: Role) -> SigningKey:
    return SigningKey(
        name=key_name(role, node.origin), key_type=key_type(role), seed=secrets.token_bytes(32)
    )


def statement(
    node: Node,
    role: Role,
    new: SigningKey,
    *signers: SigningKey,
    because: str = "rotation",
    now_us: int,
) -> bytes:
    old = node.identity.key(role)
    text = statement_text(
        KeyText(
            origin=node.origin,
            role=role,
            because=because,
            old=None if old is None else old.verifier().text(),
            new=new.verifier().text(),
            made_us=now_us,
        )
    )
    lines = tuple(prove_possession(text, key) for key in (new, *signers))
    return serialise(Note(text=text, signatures=lines))


def revocation(
    node: Node, role: Role, key: SigningKey, *signers: SigningKey, to: int, since_us: int | None
) -> bytes:
    text = statement_text(
        RevokeText(
            origin=node.origin,
            role=role,
            key=key.verifier().text(),
            to=to,
            since_us=since_us,
            made_us=node.clock.now_us(),
        )
    )
    lines = tuple(prove_possession(text, each) for each in signers)
    return serialise(Note(text=text, signatures=lines))


async def submit(node: Node, data: bytes, fresh: SigningKey | None) -> None:
    await node.commit(
        lambda tx, pen: announce(tx, pen, data, node.identity, fresh), node.clock.now_us()
    )


async def rotate(net: Net, name: str, role: Role, *roots: SigningKey) -> tuple[SigningKey, ...]:
    """A new key for `role`; the old and the new one."""
    node = net.nodes[name]
    # A node of release 0.1 has no ML-DSA key: its log key stands for the first.
    old, new = node.identity.key(role) or node.identity.log, fresh_key(node, role)
    await submit(node, statement(node, role, new, old, *roots, now_us=net.now()), new)
    return old, new


def with_roots(node: Node, needed: int = 2, count: int = 3) -> tuple[SigningKey, ...]:
    """Give a node roots before its card is made."""
    keys = tuple(
        SigningKey(
            name=root_key_name(node.origin, f"r{number}"),
            key_type=KeyType.ED25519,
            seed=secrets.token_bytes(32),
        )
        for number in range(count)
    )
    roots = Roots(needed=needed, keys=tuple(key.verifier() for key in keys))
    object.__setattr__(node.identity, "roots", roots)
    return keys


def bundle(net: Net, name: str, index: int) -> dict[str, bytes]:
    node = net.nodes[name]
    return node.read(
        lambda reading: bundle_files(
            reading,
            index=index,
            head_of=node.scribe.head_of,
            head=node.head,
            identity=node.identity,
            witnesses=("witness.example/w1",),
        )
    )


def trust(net: Net, witness: SigningKey | None = None) -> Trust:
    """What alpha believes now."""
    alpha = net.nodes["alpha"]
    cards = [
        open_card(card_note(node.identity, "http://127.0.0.1:1", b""))
        for node in net.nodes.values()
    ]
    lives = {alpha.origin: alpha.read(lambda r: own_lives(r, alpha.identity))}
    for origin in alpha.roster.now.peers:
        lives[origin] = alpha.roster.now.peer(origin).all_lives
    witnesses = [] if witness is None else [witness.verifier().text()]
    text = trust_text(cards, witnesses, signer=REFEREE.verifier().text(), lives=lives)
    return parse_trust(serialise(sign_note(text, REFEREE)))


def verdict(node: Node, index: int) -> str:
    taken = node.read(lambda r: r.post.taken(index))
    return "not taken" if taken is None else taken.verdict


def proven(files: dict[str, bytes], believed: Trust) -> bool:
    return verify_bundle(files, believed).outcome is Outcome.PROVEN


@pytest.mark.parametrize("role", list(Role))
def test_a_rotation_is_followed_and_bundles_of_both_times_hold(tmp_path: Path, role: Role) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        before = await give(net, "alpha", "bravo")
        await net.advance(2)
        old_trust, old_bundle = trust(net), bundle(net, "alpha", before.index)
        assert proven(old_bundle, old_trust)
        _, new = await rotate(net, "alpha", role)
        await net.advance(2)
        after = await give(net, "alpha", "bravo", 36.5)
        back = await give(net, "bravo", "alpha", 37.5)
        await net.advance(40)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        for node, written in ((alpha, after), (bravo, back)):
            assert verdict(node, written.index) == "accepted"
        known = bravo.read(lambda r: lives_of(r, alpha.origin))
        assert known[-1].key == new.verifier()
        assert alpha.identity.key(role) == new
        assert bravo.roster.now.peer(alpha.origin).all_lives == known
        new_trust = trust(net)
        assert proven(old_bundle, new_trust)
        assert proven(bundle(net, "alpha", before.index), new_trust)
        assert proven(bundle(net, "alpha", after.index), new_trust)
        assert proven(bundle(net, "bravo", back.index), new_trust)
        if role is Role.ENTRY:  # of the others, overlap: both keys sign, so the old trust will do
            assert not proven(bundle(net, "alpha", after.index), old_trust)

    run(tmp_path, story)


@pytest.mark.parametrize("role", [Role.ENTRY, Role.COSIGNER])
@pytest.mark.parametrize("cut", [False, True])
def test_a_party_that_changes_a_key_is_not_accused(
    tmp_path: Path, role: Role, *, cut: bool
) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(2)
        bravo = net.nodes["bravo"]
        net.lines["alpha", "bravo"].cut = cut  # its statement cannot come; bravo still asks it
        await rotate(net, "alpha", role)
        written = await give(net, "bravo", "alpha")
        await net.advance(60)
        if cut:
            assert verdict(bravo, written.index) == "not taken"
            net.lines["alpha", "bravo"].cut = False
            await net.advance(120)
        assert verdict(bravo, written.index) == "accepted"
        assert bravo.read(lambda r: [w.kind for w in r.sky.warnings()]) == []

    run(tmp_path, story)


def test_clocks_are_compared_under_a_new_key(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha", off_us=0)
        bravo = net.add("bravo", off_us=0)
        await net.join("alpha", "bravo")
        await net.advance(5)
        await rotate(net, "bravo", Role.ENTRY)
        await net.advance(900)  # what was heard under the old key is forgotten by then
        assert [each.by for each in net.watches["alpha"].standing().sources] == [bravo.origin]
        assert net.senders["alpha", "bravo"].peer.entry == bravo.identity.entry.verifier()

    run(tmp_path, story)


def test_a_peer_that_was_away_follows_two_rotations_and_what_waited(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(2)
        net.lines["alpha", "bravo"].cut = net.lines["bravo", "alpha"].cut = True
        first = await give(net, "alpha", "bravo")
        await rotate(net, "alpha", Role.ENTRY)
        second = await give(net, "alpha", "bravo", 36.5)
        await rotate(net, "alpha", Role.ENTRY)
        await rotate(net, "alpha", Role.LOG)
        third = await give(net, "alpha", "bravo", 37.5)
        theirs = await give(net, "bravo", "alpha", 38.5)
        await net.advance(5)
        net.lines["alpha", "bravo"].cut = net.lines["bravo", "alpha"].cut = False
        net.lines["alpha", "bravo"].lose = 1
        await net.advance(200)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        for node, written in (
            (alpha, first),
            (alpha, second),
            (alpha, third),
            (bravo, theirs),
        ):
            assert verdict(node, written.index) == "accepted"
        believed = trust(net)
        for written in (first, second, third):
            assert proven(bundle(net, "alpha", written.index), believed)

    run(tmp_path, story)


def test_without_enough_roots_nothing_changes(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha = net.add("alpha")
        roots = with_roots(alpha)
        net.add("bravo")
        await net.join("alpha", "bravo")
        await net.advance(1)
        size, old = alpha.head.checkpoint.size, alpha.identity.entry
        new = fresh_key(alpha, Role.ENTRY)
        wrong: dict[str, list[tuple[SigningKey, ...]]] = {
            "too_few_roots": [(old, roots[0]), (old,), (roots[1],)],
            "not_signed": [(roots[0], roots[1])],
        }
        for code, all_signers in wrong.items():
            for signers in all_signers:
                data = statement(alpha, Role.ENTRY, new, *signers, now_us=net.now())
                with says_no(code, Refused if code == "too_few_roots" else Untrusted):
                    await submit(alpha, data, new)
        assert (alpha.head.checkpoint.size, alpha.identity.entry) == (size, old)
        good = statement(alpha, Role.ENTRY, new, old, roots[0], roots[2], now_us=net.now())
        with says_no("bad_signature", Untrusted):
            spoilt = parse_note(good)
            false = replace(spoilt.signatures[-1], blob=bytes(64))
            await submit(
                alpha,
                serialise(replace(spoilt, signatures=(*spoilt.signatures[:-1], false))),
                new,
            )
        await submit(alpha, good, new)
        assert alpha.identity.entry == new
        with says_no("shared_key", Untrusted):  # and it is new but once
            again = statement(alpha, Role.ENTRY, new, new, *roots, now_us=net.now())
            await submit(alpha, again, new)

    run(tmp_path, story)


def forged_give(net: Net, key: SigningKey, index: int) -> Callable[[], object]:
    """Bravo's door is given alpha's entry `index`, signed anew with `key` under a new seq."""
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    row = alpha.read(lambda r: r.journal.entry(index))
    assert row is not None
    entry = parse_entry(parse_note(row.body).text)
    note = serialise(sign_note(entry_text(entry), key))
    head = alpha.head
    courier = courier_of(net)
    line = courier._line
    _, honest = alpha.read(
        lambda r: give_of(r, line, [index], head, show(r, line.peer.origin, head, line.shown))
    )
    gift = msgspec.structs.replace(honest.entries[0], entry=note.decode())
    forged = msgspec.structs.replace(honest, entries=[gift])
    assert leaf_hash(note) != leaf_hash(row.body)
    roster = bravo.roster.now
    desks = dict.fromkeys(EntryType, lambda *_: None)
    return lambda: open_give(forged, roster.peer(alpha.origin), roster, desks, Shown())


def test_a_stolen_key_is_ended_by_the_roots(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha = net.add("alpha")
        roots = with_roots(alpha)
        bravo = net.add("bravo")
        witness = net.add_witness()
        await net.join("alpha", "bravo")
        await net.advance(1)
        before = await give(net, "alpha", "bravo")
        await net.advance(3)
        kept = bundle(net, "alpha", before.index)
        stolen, log = alpha.identity.entry, alpha.identity.log
        size, since = alpha.head.checkpoint.size, net.now()
        for role, old in ((Role.ENTRY, stolen), (Role.LOG, log)):
            new = fresh_key(alpha, role)
            data = statement(alpha, role, new, *roots[:2], because="loss", now_us=net.now())
            with says_no("key_in_use", Refused):
                end = revocation(alpha, role, old, *roots, to=size, since_us=since)
                await submit(alpha, end, None)
            await submit(alpha, data, new)
            with says_no("too_few_roots", Refused):
                end = revocation(alpha, role, old, roots[0], to=size, since_us=since)
                await submit(alpha, end, None)
            end = revocation(alpha, role, old, *roots[1:], to=size, since_us=since)
            await submit(alpha, end, None)
        assert alpha.identity.logs_before == ()
        await net.advance(10)
        assert bravo.read(lambda r: len(r.sky.warnings())) >= 4  # people hear of each
        after = await give(net, "alpha", "bravo", 36.5)
        await net.advance(5)
        assert alpha.read(lambda r: r.post.taken(after.index)) is not None
        # bravo takes nothing more that the stolen keys sign.
        with says_no("proof_fails", Untrusted):  # not in alpha's journal
            forged_give(net, stolen, after.index)()
        # A judge: what was witnessed before still counts, what was not does not.
        believed = trust(net, witness._keys[0])
        assert proven(kept, believed)
        blind = trust(net)
        report = verify_bundle(kept, blind)
        assert report.outcome is Outcome.NOT_PROVEN
        assert "revoked" in report.reason
        assert proven(bundle(net, "alpha", after.index), blind)

    run(tmp_path, story)


def test_an_expired_or_revoked_key_is_refused_by_name(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        old, _ = await rotate(net, "alpha", Role.ENTRY)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        await net.advance(2)
        alpha.identity.use(Role.ENTRY, old)  # as a thief with the log key too would go on
        await give(net, "alpha", "bravo")
        said = await refused_as(net)
        assert "peer_key_expired" in said
        assert bravo.read(lambda r: r.sky.live_counts()) == {}

    run(tmp_path, story)


def courier_of(net: Net) -> Courier:
    """Alpha's to bravo."""
    return next(each for each in net.pacers["alpha"]._tailers if isinstance(each, Courier))


async def refused_as(net: Net) -> str:
    """The code with which bravo refuses what waits at alpha."""
    courier = courier_of(net)
    (row,) = courier._next(1)
    alpha = net.nodes["alpha"]
    try:
        await deliver(courier._line, alpha.roster.now, [row.index])
    except Refused as fault:
        return fault.code
    return "accepted"

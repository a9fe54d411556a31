"""A hostile peer at the door: each attack gets a named no, 4xx, and changes nothing.

The attacker is alpha: enrolled, with its real keys. Each attack is built from a true GIVE of
alpha's and changed in one way. The control sends it unchanged and must be accepted.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from comity.assembly import desks_of
from comity.exchange.conduct import FALSE
from comity.exchange.line import BEAT_PATH, ENVELOPE_HEADER, GIVE_PATH
from comity.exchange.messages import Beat, Give, Growth, decode, encode, hashes_to
from comity.exchange.server import exchange_routes
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.content import commit_content, owned_seed
from comity.journal.merkle import consistency_proof, leaf_hash, tree_inclusion, tree_root
from comity.trust.envelope import seal_transport
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.web.node import Node
from comity.wire.canonical import b64, loads
from comity.wire.entry_v1 import Entry, entry_text, parse_entry
from comity.wire.fields import Field, serialise_fields
from comity.wire.limits import BATCH_ENTRIES_MAX, BODY_BYTES_MAX, GROWTHS_MAX
from tests.exchange.net import Net, make_identity, run
from tests.exchange.test_exchange import give, joined

DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent to bravo."""

    body: bytes
    path: str = GIVE_PATH
    envelope: bytes | None = None


Attack = Callable[[Net, Give], Request]
ATTACKS: dict[str, tuple[Attack, str]] = {}


def attack(code: str) -> Callable[[Attack], Attack]:
    """Register an attack with the code of its refusal."""

    def register(function: Attack) -> Attack:
        ATTACKS[function.__name__] = (function, code)
        return function

    return register


def changed(message: Give, **values: object) -> Request:
    """The true GIVE with some members replaced, its own or those of its one entry."""
    (gift,) = message.entries
    inner = {name: value for name, value in values.items() if name in gift.__struct_fields__}
    outer = {name: value for name, value in values.items() if name not in inner}
    if inner:
        outer["entries"] = [msgspec.structs.replace(gift, **inner)]
    return Request(body=encode(msgspec.structs.replace(message, **outer)))


def signed_again(
    net: Net, message: Give, entry: Entry, fields: tuple[Field, ...] | None = None
) -> Request:
    """Another entry, truly signed by alpha, in a fresh little tree that alpha truly signed."""
    alpha = net.nodes["alpha"].identity
    seed = secrets.token_bytes(32)
    if fields is not None:
        entry = replace(entry, body=commit_content(fields, owned_seed(seed, entry.sender)))
    note = serialise(sign_note(entry_text(entry), alpha.entry))
    rows = net.nodes["alpha"].read(lambda r: r.journal.entries(0, 10_000))
    last = message.entries[0].index
    leaves = [row.leaf for row in rows[:last]] + [leaf_hash(note)]
    checkpoint = Checkpoint(origin=alpha.origin, size=len(leaves), root=tree_root(leaves))
    return changed(
        message,
        head=serialise(sign_note(checkpoint_text(checkpoint), alpha.log)).decode(),
        entry=note.decode(),
        path=hashes_to(tree_inclusion(leaves, last)),
        seed=b64(seed) if fields is not None else message.entries[0].seed,
        fields=b64(serialise_fields(fields)) if fields is not None else message.entries[0].fields,
        growth=[Growth(old=g.old, hashes=hashes_to(grown(leaves, g.old))) for g in message.growth],
    )


def grown(leaves: list[bytes], old: int) -> tuple[bytes, ...]:
    """A true consistency proof inside a list of leaves."""

    def get(level: int, index: int) -> bytes:
        return tree_root(leaves[index << level : (index + 1) << level])

    return () if old in (0, len(leaves)) else consistency_proof(old, len(leaves), get)


def entry_of(message: Give) -> Entry:
    """The entry that a GIVE carries."""
    return parse_entry(parse_note(message.entries[0].entry.encode()).text)


@attack("bad_signature")
def signature_over_other_bytes(net: Net, message: Give) -> Request:
    del net
    _, _, rest = message.entries[0].entry.partition("issued ")
    stamp = int(rest.split("\n", 1)[0])
    later = message.entries[0].entry.replace(f"issued {stamp}", f"issued {stamp + 1}")
    return changed(message, entry=later)


@attack("bad_signature")
def malleable_signature(net: Net, message: Give) -> Request:
    """S + L is the same signature to a lax verifier."""
    del net
    order = 2**252 + 27742317777372353535851937790883648493
    note = parse_note(message.entries[0].entry.encode())
    blob = note.signatures[0].blob
    s = int.from_bytes(blob[32:], "little") + order
    forged = replace(note.signatures[0], blob=blob[:32] + s.to_bytes(32, "little"))
    return changed(message, entry=serialise(Note(text=note.text, signatures=(forged,))).decode())


@attack("not_signed")
def key_substitution(net: Net, message: Give) -> Request:
    """The right name, another key."""
    alpha = net.nodes["alpha"].identity
    other = make_identity(alpha.origin)
    note = sign_note(parse_note(message.entries[0].entry.encode()).text, other.entry)
    return changed(message, entry=serialise(note).decode())


@attack("bad_entry")
def two_signatures(net: Net, message: Give) -> Request:
    alpha = net.nodes["alpha"].identity
    note = parse_note(message.entries[0].entry.encode())
    more = sign_note(note.text, alpha.log).signatures
    return changed(
        message,
        entry=serialise(Note(text=note.text, signatures=(*note.signatures, *more))).decode(),
    )


@attack("wrong_audience")
def another_audience(net: Net, message: Give) -> Request:
    return signed_again(
        net, message, replace(entry_of(message), audience="carol.example/comity/2026")
    )


@attack("stranger")
def another_sender(net: Net, message: Give) -> Request:
    return signed_again(
        net, message, replace(entry_of(message), sender="carol.example/comity/2026")
    )


@attack("exercise_mismatch")
def an_exercise_entry_on_a_live_line(net: Net, message: Give) -> Request:
    text = parse_note(message.entries[0].entry.encode()).text
    alpha = net.nodes["alpha"].identity
    text = text.replace(f"from {alpha.origin}", f"from {alpha.origin}/exercise/x")
    return changed(message, entry=serialise(sign_note(text, alpha.entry)).decode())


@attack("out_of_order")
def a_gap_in_the_chain(net: Net, message: Give) -> Request:
    entry = entry_of(message)
    return signed_again(net, message, replace(entry, seq=entry.seq + 1))


@attack("out_of_order")
def another_past(net: Net, message: Give) -> Request:
    return signed_again(net, message, replace(entry_of(message), prev=bytes(32)))


@attack("proof_fails")
def a_proof_for_another_leaf(net: Net, message: Give) -> Request:
    del net
    return changed(message, path=[*message.entries[0].path[:-1], b64(bytes(32))])


@attack("proof_fails")
def a_proof_for_another_place(net: Net, message: Give) -> Request:
    del net
    return changed(message, index=message.entries[0].index - 1)


@attack("bad_signature")
def an_unsigned_head(net: Net, message: Give) -> Request:
    del net
    head = parse_note(message.head.encode())
    signature = replace(head.signatures[0], blob=bytes(64))
    note = Note(text=head.text, signatures=(signature,))
    return changed(message, head=serialise(note).decode())


@attack("inconsistent")
def a_forked_journal(net: Net, message: Give) -> Request:
    """Alpha shows bravo a history that is not the one it showed before."""
    alpha = net.nodes["alpha"].identity
    note = message.entries[0].entry.encode()
    size = message.entries[0].index + 1
    leaves = [secrets.token_bytes(32) for _ in range(size - 1)] + [leaf_hash(note)]
    checkpoint = Checkpoint(origin=alpha.origin, size=size, root=tree_root(leaves))
    return changed(
        message,
        head=serialise(sign_note(checkpoint_text(checkpoint), alpha.log)).decode(),
        path=hashes_to(tree_inclusion(leaves, size - 1)),
    )


@attack("inconsistent")
def growth_unproven(net: Net, message: Give) -> Request:
    del net
    return changed(
        message, growth=[Growth(old=g.old, hashes=[b64(bytes(32))]) for g in message.growth]
    )


@attack("bad_proof")
def a_proof_too_long(net: Net, message: Give) -> Request:
    del net
    return changed(message, growth=[Growth(old=1, hashes=[b64(bytes(32))] * 64)])


@attack("bad_proof")
def growth_from_nowhere(net: Net, message: Give) -> Request:
    del net
    return changed(message, growth=[])


@attack("bad_proof")
def growth_from_everywhere(net: Net, message: Give) -> Request:
    del net
    return changed(message, growth=message.growth * (GROWTHS_MAX + 1))


@attack("bad_proof")
def a_path_too_long(net: Net, message: Give) -> Request:
    del net
    return changed(message, path=[b64(bytes(32))] * 64)


@attack("bad_message")
def no_entry_at_all(net: Net, message: Give) -> Request:
    del net
    return changed(message, entries=[])


@attack("bad_message")
def too_many_entries(net: Net, message: Give) -> Request:
    del net
    return changed(message, entries=message.entries * (BATCH_ENTRIES_MAX + 1))


@attack("other_size")
def growth_from_another_size(net: Net, message: Give) -> Request:
    del net
    return changed(message, growth=[Growth(old=g.old - 1, hashes=g.hashes) for g in message.growth])


@attack("bad_base64")
def base64_with_spare_bits(net: Net, message: Give) -> Request:
    del net
    return changed(
        message, seed=message.entries[0].seed[:-2] + chr(ord(message.entries[0].seed[-2]) + 1) + "="
    )


@attack("duplicate_key")
def duplicate_keys(net: Net, message: Give) -> Request:
    del net
    return Request(body=b'{"have":0,' + encode(message)[1:])


@attack("bad_number")
def not_a_number(net: Net, message: Give) -> Request:
    del net
    return Request(body=encode(message).replace(b'"have":', b'"have":NaN,"x":', 1))


@attack("bad_message")
def a_surplus_member(net: Net, message: Give) -> Request:
    del net
    return Request(body=b'{"target":1,' + encode(message)[1:])


@attack("bad_json")
def not_json(net: Net, message: Give) -> Request:
    del net, message
    return Request(body=b"\xff\xfe")


@attack("too_deep")
def too_deep(net: Net, message: Give) -> Request:
    del net, message
    return Request(body=b"[" * 10_000)


@attack("too_large")
def too_large(net: Net, message: Give) -> Request:
    del net, message
    return Request(body=b" " * (BODY_BYTES_MAX + 1))


@attack("wrong_audience")
def replayed_on_another_path(net: Net, message: Give) -> Request:
    body = encode(message)
    return Request(body=body, envelope=envelope(net, BEAT_PATH, body))


@attack("wrong_body")
def another_body_in_the_envelope(net: Net, message: Give) -> Request:
    return Request(body=encode(message), envelope=envelope(net, GIVE_PATH, b"{}"))


@attack("expired")
def a_stale_envelope(net: Net, message: Give) -> Request:
    body = encode(message)
    return Request(body=body, envelope=envelope(net, GIVE_PATH, body, -301_000_000))


@attack("from_the_future")
def an_envelope_from_the_future(net: Net, message: Give) -> Request:
    body = encode(message)
    return Request(body=body, envelope=envelope(net, GIVE_PATH, body, 6_000_000))


@attack("inconsistent")
def a_head_of_the_same_size_with_another_root(net: Net, message: Give) -> Request:
    """By way of the beat: the classic split view."""
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    known = bravo.read(lambda r: r.post.head(alpha.origin))
    assert known is not None
    del message
    return beat(alpha, known.size, bytes(32), known.size)


@attack("bad_checkpoint")
def a_head_of_a_smaller_size(net: Net, message: Give) -> Request:
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    known = bravo.read(lambda r: r.post.head(alpha.origin))
    assert known is not None
    del message
    return beat(alpha, known.size - 1, bytes(32), known.size)


def beat(alpha: Node, size: int, root: bytes, old: int) -> Request:
    """A beat with a head of the attacker's choice."""
    text = checkpoint_text(Checkpoint(origin=alpha.origin, size=size, root=root))
    note = serialise(sign_note(text, alpha.identity.log)).decode()
    growth = [Growth(old=old, hashes=[])]
    message = Beat(checkpoint=note, growth=growth, have=0, cosignature=None)
    return Request(body=encode(message), path=BEAT_PATH)


def envelope(net: Net, path: str, body: bytes, shift_us: int = 0) -> bytes:
    """A transport envelope truly sealed by alpha."""
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    return seal_transport(
        alpha.identity.entry, alpha.origin, bravo.origin, path, body, net.now() + shift_us
    )


async def true_give(net: Net) -> Give:
    """A GIVE that alpha has built and bravo has not seen."""
    await joined(net)
    line = net.lines["alpha", "bravo"]
    line.cut = True
    await give(net, "alpha", "bravo")
    line.cut = False
    caught: list[bytes] = []

    async def catch(request: httpx.Request) -> httpx.Response:
        caught.append(await request.aread())
        raise httpx.ConnectError("caught")

    line.handle_async_request = catch  # type: ignore[method-assign]
    await net.advance(0.001)
    return decode(caught[0], Give, BODY_BYTES_MAX)


async def post(net: Net, request: Request) -> httpx.Response:
    """Send it to bravo's door."""
    bravo = net.nodes["bravo"]
    sealed = request.envelope or envelope(net, request.path, request.body)
    app = Starlette(routes=exchange_routes(bravo, desks_of(bravo.handle_secret)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://b") as client:
        return await client.post(
            request.path, content=request.body, headers={ENVELOPE_HEADER: b64(sealed)}
        )


def test_control_the_true_give_is_taken_and_its_replay_changes_nothing(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        message = await true_give(net)
        first = await post(net, Request(body=encode(message)))
        assert first.status_code == 200
        size = net.nodes["bravo"].head.checkpoint.size
        known = net.nodes["bravo"].read(lambda r: r.post.head(net.nodes["alpha"].origin))
        assert known is not None
        again = msgspec.structs.replace(message, growth=[Growth(old=known.size, hashes=[])])
        replay = await post(net, Request(body=encode(again)))
        assert replay.status_code == 200
        assert net.nodes["bravo"].head.checkpoint.size == size
        one, other = (loads(r.content, bytes_max=10**6) for r in (first, replay))
        assert isinstance(one, dict)
        assert isinstance(other, dict)
        assert one["receipts"][0]["receipt"] == other["receipts"][0]["receipt"]  # type: ignore[index, call-overload]

    run(tmp_path, story)


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_is_refused_by_name_and_changes_nothing(tmp_path: Path, name: str) -> None:
    build, code = ATTACKS[name]

    async def story(net: Net) -> None:
        message = await true_give(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        size = bravo.head.checkpoint.size
        before = bravo.read(lambda r: r.post.head(alpha.origin))
        response = await post(net, build(net, message))
        found = loads(response.content, bytes_max=10**6)
        assert isinstance(found, dict)
        # A smaller head convicts where the mirror reaches that far, which the pace decides.
        mirrored = code == "bad_checkpoint" and found["code"] == "inconsistent"
        refused = "inconsistent" if mirrored else code
        assert found["code"] == refused, found
        assert 400 <= response.status_code < 500
        assert bravo.read(lambda r: r.post.head(alpha.origin)) == before
        rows = bravo.read(lambda r: r.journal.entries(size, 10_000))
        kinds = [parse_entry(parse_note(row.body).text).type for row in rows]
        warnings = bravo.read(lambda r: r.sky.warnings())
        if (
            refused in FALSE or refused == "inconsistent"
        ):  # alpha said it under its own key: it is named
            assert kinds == ["warning"]
            assert [row.party for row in warnings] == [alpha.origin]
        else:
            assert kinds == []
            assert warnings == ()

    run(tmp_path, story)

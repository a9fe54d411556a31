"""Every parser of foreign bytes as a fuzz target: how to call it, what must hold, where to begin.

`probe` returns whether the input was accepted; what is accepted must be written back as the same
bytes (or, for JSON, as the same value). Whatever a probe raises is a finding. `functions` names the
parsers that a target reaches, for the test that none is left out.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from comity.exchange import feed, line, messages, witness
from comity.exchange.client import Answered
from comity.journal import (
    checkpoint,
    content,
    evidence,
    manifest,
    opening,
    tile,
    tlog_proof,
    trustfile,
)
from comity.journal.scribe import SignedHead
from comity.model.fault import Malformed, Refused, Unavailable, Untrusted
from comity.trust import card, envelope, keyfile, keys, note
from comity.trust.roster import Roster, peer_of
from comity.web import json_body
from comity.web.api import shapes, translate
from comity.wire import answer_v1, canonical, entry_v1, fields, notice_v1, terms_v1
from comity.wire.limits import BODY_BYTES_MAX
from tests.fuzz import seeds
from tests.journal.two_nodes import card_of, full_sample

__all__ = ["TARGETS", "Target", "probe"]

NOW_US = 1_790_102_402_750_000
_GIVEN = evidence._NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`take` gives None for what it refused. `untrusted`: it may also say Untrusted or Refused."""

    take: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    functions: tuple[str, ...]
    untrusted: bool = False


def probe(target: Target, data: bytes) -> bool:
    """Whether the parser accepted the input; raises what it must not."""
    allowed = (Malformed, Untrusted, Refused) if target.untrusted else (Malformed,)
    try:
        return target.take(data) is not None
    except allowed:
        return False


def _same(written: bytes | str, data: bytes) -> bool:
    """What was read is written as the bytes that were read."""
    again = written.encode() if isinstance(written, str) else written
    assert again == data, f"{data[:80]!r} is written as {again[:80]!r}"
    return True


def _text(data: bytes) -> str:
    """Text as it comes from JSON or a file: any code point, also a lone surrogate."""
    return data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("latin-1")


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _of_text(read: Callable[[str], Any], write: Callable[[Any], str]) -> Callable[[bytes], object]:
    """A parser of text, with its round trip."""

    def take(data: bytes) -> object:
        text = _text(data)
        written = write(read(text))
        assert written == text, f"{text[:80]!r} is written as {written[:80]!r}"
        return written

    return take


# Targets that need more than one call


def _note(data: bytes) -> object:
    return _same(note.serialise(note.parse_note(data)), data)


def _checkpoint(data: bytes) -> object:
    text = note.parse_note(data).text
    return _same(checkpoint.checkpoint_text(checkpoint.parse_checkpoint(text)), text.encode())


def _proof(data: bytes) -> object:
    return _same(tlog_proof.serialise_proof(tlog_proof.parse_proof(data)), data)


def _fields(data: bytes) -> object:
    return _same(fields.serialise_fields(fields.parse_fields(data)), data)


def _meaning(read: Callable[[Any], Any], write: Callable[[Any], Any]) -> Callable[[bytes], object]:
    def take(data: bytes) -> object:
        return _same(fields.serialise_fields(write(read(fields.parse_fields(data)))), data)

    return take


@functools.cache
def _roster() -> Roster:
    """Beta, who knows alpha."""
    alpha, beta = full_sample().alpha, full_sample().beta
    peer = peer_of(card_of(alpha))
    return Roster(own=beta.origin, peers=MappingProxyType({alpha.origin: peer}))


def _open_entry(data: bytes) -> object:
    return _same(entry_v1.entry_text(envelope.open_entry(data, _roster()).value), _head(data))


def _head(data: bytes) -> bytes:
    return note.parse_note(data).text.encode()


def _open_transport(data: bytes) -> object:
    return envelope.open_transport(data, "/exchange/v1/give", b"{}", _roster(), NOW_US)


def _envelopes() -> list[bytes]:
    sample = full_sample()
    sealed = envelope.seal_transport(
        sample.alpha.entry,
        sample.alpha.origin,
        sample.beta.origin,
        "/exchange/v1/give",
        b"{}",
        NOW_US,
    )
    return [sealed]


def _card(data: bytes) -> object:
    return card.card_keys(card.open_card(data))


def _trust(data: bytes) -> object:
    return _same(trustfile._text(trustfile.parse_trust(data)), _head(data))


def _key_file(data: bytes) -> object:
    try:
        key = keyfile._parse_key(data.decode("utf-8"))
    except ValueError:
        return None  # `read_key` names it, and drops the cause, which may hold a part of the seed
    return key.verifier()


def _key_files() -> list[bytes]:
    key = full_sample().alpha.log
    text = f"{keyfile._FORM} {key.key_type:02x} {key.name} {key.verifier().key_id.hex()} "
    return [f"{text}{canonical.b64(key.seed)}\n".encode()]


def _opening(data: bytes) -> object:
    return _same(opening.opening_text(opening.parse_opening(data)), data)


def _bundle(data: bytes) -> object:
    """The first byte chooses the file that is replaced; the manifest is left as it is, or not."""
    files = dict(full_sample().files)
    names = sorted(files)
    name = names[data[0] % len(names)] if data else names[0]
    files[name] = data[1:]
    return evidence.read_evidence(files)


def _logged(data: bytes) -> object:
    """An entry with its proof, as a bundle holds them, without the manifest."""
    body, _, proof = data.partition(b"\0")
    files: dict[str, bytes] = {_GIVEN.note: body, _GIVEN.proof: proof}
    return evidence._logged(files, _GIVEN, entry_v1.ContentBody)


def _logged_seeds() -> list[bytes]:
    files = full_sample().files
    return [files[_GIVEN.note] + b"\0" + files[_GIVEN.proof]]


def _entries(data: bytes) -> object:
    width = data[0] + 1 if data else 1
    return _same(tile.pack_entries(tile.unpack_entries(data[1:], width)), data[1:])


def _content(data: bytes) -> object:
    """Seed and fields under a commitment that was made for them, or not."""
    seed, rest = data[:32], data[32:]
    found = fields.parse_fields(rest)
    body = content.commit_content(found, seed) if len(seed) == 32 else _nothing()
    return content.open_content(body, seed, rest)


def _nothing() -> entry_v1.ContentBody:
    return entry_v1.ContentBody(root=bytes(32), leaves=8, seed_commit=bytes(32))


MESSAGES: tuple[type[Any], ...] = (
    messages.Give,
    messages.Take,
    messages.Ack,
    messages.Acked,
    messages.Beat,
    messages.Beaten,
    messages.NotKept,
    messages.ShownOnly,
    messages.Want,
    messages.Leaves,
    messages.Recall,
    messages.Recalled,
)


def _message(data: bytes) -> object:
    """The first byte chooses the kind; then everything in it is read, as the exchange does."""
    kind = MESSAGES[data[0] % len(MESSAGES)] if data else messages.Give
    message = messages.decode(data[1:], kind, BODY_BYTES_MAX)
    assert messages.decode(messages.encode(message), kind, BODY_BYTES_MAX) == message
    for name in ("head", "entry", "checkpoint", "statement"):
        if getattr(message, name, None) is not None:
            messages.note_from(getattr(message, name))
    if hasattr(message, "proof"):
        messages.proof_from(message.proof)
    if hasattr(message, "growth"):
        messages.growths_from(message.growth)
    if hasattr(message, "consistency"):
        messages.hashes_from(message.consistency)
    if getattr(message, "cosignature", None) is not None:
        signature = messages.signature_from(message.cosignature)
        assert messages.signature_to(signature) == message.cosignature
    _parts(message)
    return message


def _parts(message: Any) -> None:
    """What a batch holds."""
    for each in getattr(message, "entries", []):
        messages.note_from(each.entry)
        messages.hashes_from(each.path)
        messages.content_from(each)
    for each in getattr(message, "receipts", []):
        messages.note_from(each.receipt)
        messages.hashes_from(each.path)


def _message_seeds() -> list[bytes]:
    files = full_sample().files
    notice, proof = (files[name].decode() for name in (_GIVEN.note, _GIVEN.proof))
    head = note.serialise(tlog_proof.parse_proof(proof.encode()).checkpoint).decode()
    one = canonical.b64(bytes(32))
    cosigned = "w.example/key " + canonical.b64(bytes(76))
    growth = [messages.Growth(old=1, hashes=[one])]
    gift = messages.Gift(entry=notice, seed=one, fields=one, index=1, path=[one])
    receipt = messages.Receipted(receipt=notice, index=1, path=[one])
    samples = (
        messages.Give(head=head, growth=growth, have=1, entries=[gift], statements=[notice]),
        messages.Take(
            head=head, growth=growth, cosignature=cosigned, receipts=[receipt], stopped=None
        ),
        messages.Ack(entry=notice, proof=proof, growth=growth, cosignature=cosigned),
        messages.Acked(cosignature=cosigned),
        messages.Beat(checkpoint=head, growth=growth, have=1, cosignature=cosigned),
        messages.Beaten(checkpoint=head, growth=growth, cosignature=cosigned),
        messages.NotKept(statement=notice, seed=one, fields=one),
        messages.ShownOnly(statement=notice),
        messages.Want(start=0, stop=1, size=2),
        messages.Leaves(hashes=one, root=one, consistency=[one]),
        messages.Recall(),
        messages.Recalled(checkpoint=head),
    )
    return [bytes([kind]) + messages.encode(sample) for kind, sample in enumerate(samples)]


def _add_checkpoint(data: bytes) -> object:
    old, hashes, head = witness._parse(data)
    lines = [f"old {old}", *(canonical.b64(value) for value in hashes), ""]
    return _same("\n".join(lines).encode() + b"\n" + note.serialise(head), data)


def _add_checkpoint_seeds() -> list[bytes]:
    one = canonical.b64(bytes(32)).encode()
    return [b"old 3\n" + one + b"\n\n" + head for head in seeds.checkpoints()]


def _peer_problem(data: bytes) -> object:
    """What a peer says instead of an answer; never an exception, whatever it says."""
    return line._named(Answered(status=409, body=data))


def _witness_size(data: bytes) -> object:
    """What a witness says that it knows."""
    head = SignedHead(
        checkpoint=checkpoint.Checkpoint(origin="a.example/b", size=9, root=bytes(32)),
        note=note.parse_note(seeds.checkpoints()[0]),
    )
    try:
        return feed._size_from(Answered(status=409, body=data), head) + 1
    except Unavailable:
        return None


SHAPES: tuple[type[Any], ...] = (
    shapes.NoticeRequest,
    shapes.TransitionRequest,
    shapes.AnswerRequest,
    shapes.AttestationRequest,
    shapes.CallRequest,
    shapes.PartyRequest,
    shapes.CallerRequest,
)


def _request(data: bytes) -> object:
    """The first byte chooses the shape; then it is turned into nouns, as the routes do."""
    shape = SHAPES[data[0] % len(SHAPES)] if data else SHAPES[0]
    request = json_body.shaped(data[1:], shape)
    meanings: Mapping[type[Any], Callable[[Any], object]] = {
        shapes.NoticeRequest: lambda r: translate.declaration_from(r, _roster()),
        shapes.TransitionRequest: lambda r: translate.move_from(r, bytes(32), NOW_US),
        shapes.AnswerRequest: lambda r: translate.answer_from(r, bytes(32)),
        shapes.AttestationRequest: lambda r: translate.units_from(r, NOW_US),
        shapes.CallRequest: translate.call_from,
    }
    return meanings[shape](request) if shape in meanings else request


def _json(data: bytes) -> object:
    value = canonical.loads(data, bytes_max=BODY_BYTES_MAX)
    assert canonical.loads(canonical.dumps(value), bytes_max=2 * BODY_BYTES_MAX) == value
    return True


def _scalars(data: bytes) -> object:
    """Base64, hashes, ids and numbers: each is the only way to write its value."""
    text, accepted = _text(data), None
    ways: tuple[tuple[Callable[[str], Any], Callable[[Any], str]], ...] = (
        (canonical.unb64, canonical.b64),
        (canonical.hash32, canonical.b64),
        (canonical.hex32, lambda value: value.hex()),
        (canonical.decimal, str),
    )
    for read, write in ways:
        try:
            assert write(read(text)) == text
            accepted = text
        except Malformed:
            continue
    return accepted


def _scalar_seeds() -> list[bytes]:
    return [b"AAAA", canonical.b64(bytes(32)).encode(), b"ab" * 32, b"18446744073709551615", b"0"]


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "note": Target(take=_note, seeds=seeds.notes, functions=("trust.note.parse_note",)),
        "checkpoint": Target(
            take=_checkpoint,
            seeds=seeds.checkpoints,
            functions=("journal.checkpoint.parse_checkpoint",),
        ),
        "proof": Target(
            take=_proof, seeds=seeds.proofs, functions=("journal.tlog_proof.parse_proof",)
        ),
        "tile-path": Target(
            take=_of_text(tile.parse_tile_path, lambda ref: ref.path()),
            seeds=lambda: [b"tile/0/x001/x234/067", b"tile/1/000.p/7", b"tile/entries/001.p/255"],
            functions=("journal.tile.parse_tile_path",),
        ),
        "tile-entries": Target(
            take=_entries,
            seeds=lambda: [b"\1" + tile.pack_entries([b"one", b"two"])],
            functions=("journal.tile.unpack_entries",),
        ),
        "entry": Target(
            take=_of_text(entry_v1.parse_entry, entry_v1.entry_text),
            seeds=seeds.entry_texts,
            functions=("wire.entry_v1.parse_entry", "wire.entry_v1._type_from"),
        ),
        "fields": Target(
            take=_fields, seeds=seeds.contents, functions=("wire.fields.parse_fields",)
        ),
        "notice": Target(
            take=_meaning(notice_v1.notice_from, notice_v1.fields_of),
            seeds=seeds.contents,
            functions=("wire.notice_v1.notice_from", "journal.content.open_notice"),
        ),
        "answer": Target(
            take=_meaning(answer_v1.answer_from, answer_v1.fields_of_answer),
            seeds=seeds.contents,
            functions=("wire.answer_v1.answer_from",),
        ),
        "attestation": Target(
            take=_meaning(answer_v1.attestation_from, answer_v1.fields_of_attestation),
            seeds=seeds.contents,
            functions=("wire.answer_v1.attestation_from",),
        ),
        "content": Target(
            take=_content,
            seeds=lambda: [bytes(32) + data for data in seeds.contents()],
            functions=("journal.content.open_content",),
            untrusted=True,
        ),
        "terms": Target(
            take=_of_text(terms_v1.parse_terms, terms_v1.terms_text),
            seeds=lambda: [seeds.vectors("terms_v1")["text"].encode()],
            functions=("wire.terms_v1.parse_terms",),
        ),
        "verifier-key": Target(
            take=_of_text(keys.parse_verifier_key, lambda key: key.text()),
            seeds=seeds.vkeys,
            functions=("trust.keys.parse_verifier_key",),
        ),
        "card": Target(
            take=_card, seeds=seeds.cards, functions=("trust.card.open_card",), untrusted=True
        ),
        "entry-envelope": Target(
            take=_open_entry,
            seeds=lambda: [full_sample().files[_GIVEN.note]],
            functions=("trust.envelope.open_entry",),
            untrusted=True,
        ),
        "transport-envelope": Target(
            take=_open_transport,
            seeds=_envelopes,
            functions=("trust.envelope.open_transport",),
            untrusted=True,
        ),
        "key-file": Target(
            take=_key_file, seeds=_key_files, functions=("trust.keyfile._parse_key",)
        ),
        "trust-file": Target(
            take=_trust,
            seeds=lambda: [full_sample().trust_file],
            functions=("journal.trustfile.parse_trust", "journal.trustfile._party_from"),
            untrusted=True,
        ),
        "manifest": Target(
            take=_of_text(manifest.parse_manifest, manifest.manifest_text),
            seeds=lambda: [_head(full_sample().files[manifest.MANIFEST_NAME])],
            functions=("journal.manifest.parse_manifest", "journal.manifest._file_from"),
        ),
        "opening": Target(
            take=_opening,
            seeds=lambda: seeds.file(b"comity/opening"),
            functions=("journal.opening.parse_opening", "journal.opening._one_from"),
        ),
        "bundle": Target(
            take=_bundle, seeds=seeds.bundles, functions=("journal.evidence.read_evidence",)
        ),
        "bundle-entry": Target(
            take=_logged, seeds=_logged_seeds, functions=("journal.evidence.read_evidence",)
        ),
        "message": Target(
            take=_message,
            seeds=_message_seeds,
            functions=(
                *(f"exchange.messages.{name}" for name in ("decode", "note_from", "proof_from")),
                *(f"exchange.messages.{name}_from" for name in ("hashes", "signature", "content")),
            ),
        ),
        "add-checkpoint": Target(
            take=_add_checkpoint,
            seeds=_add_checkpoint_seeds,
            functions=("exchange.witness._parse",),
        ),
        "peer-problem": Target(
            take=_peer_problem,
            seeds=lambda: [b'{"code":"other_size","size":7,"detail":"no"}', b"[]", b"\xff"],
            functions=("exchange.line._named",),
        ),
        "witness-size": Target(
            take=_witness_size,
            seeds=lambda: [b"7\n", b"0", b"10\n"],
            functions=("exchange.feed._size_from",),
        ),
        "request": Target(
            take=_request,
            seeds=lambda: [bytes([kind]) + body for kind, body in enumerate(seeds.REQUESTS)],
            functions=(
                "web.json_body.shaped",
                *(f"web.api.translate.{name}_from" for name in ("declaration", "move", "answer")),
                *(f"web.api.translate.{name}_from" for name in ("units", "call")),
            ),
            untrusted=True,
        ),
        "json": Target(
            take=_json,
            seeds=lambda: [b'{"a":[1,-2,0.5,"\\u00e9",null,true]}', *seeds.REQUESTS],
            functions=("wire.canonical.loads",),
        ),
        "scalars": Target(
            take=_scalars,
            seeds=_scalar_seeds,
            functions=tuple(
                f"wire.canonical.{name}" for name in ("unb64", "hash32", "hex32", "decimal")
            ),
        ),
    }
)

"""Every parser of foreign bytes as a fuzz target: how to call it, what must hold, where to begin.

The tools are in `target`; what came with the record's own files is in `record`, the messages and
the requests are in `bodies`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from comity.agreement.lint import lint
from comity.exchange import feed, line, witness
from comity.exchange.client import Answered
from comity.exchange.standing import checked_cosignature
from comity.journal import (
    checkpoint,
    content,
    cosignature,
    evidence,
    manifest,
    opening,
    tile,
    tlog_proof,
    trustfile,
)
from comity.journal.scribe import SignedHead
from comity.model.fault import Malformed, Unavailable
from comity.trust import card, envelope, keyfile, keys, note
from comity.trust.keys import KeyType, VerifierKey
from comity.wire import (
    agreement_v1,
    answer_v1,
    canonical,
    duty_v1,
    entry_v1,
    fields,
    line_v1,
    message_v1,
    notice_v1,
    register_v1,
    relay_page_v1,
    report_v1,
    request_v1,
    terms_v1,
    voice_text,
    voice_v1,
)
from comity.wire.limits import BODY_BYTES_MAX
from tests.fuzz import seeds
from tests.fuzz.bodies import BODIES
from tests.fuzz.record import RECORD
from tests.fuzz.target import NOW_US, Target, foreign_text, note_text, of_text, probe, roster, same
from tests.journal.two_nodes import full_sample, seeded
from tests.model.voice_samples import circle_notice, longest
from tests.wire.coded_lengths import CODED_LENGTHS
from tests.wire.register_vectors import sealed_vector
from tests.wire.vectors_hotline import relay_page

__all__ = ["TARGETS", "Target", "probe"]

_GIVEN = evidence._NOTICE


# Targets that need more than one call


def _note(data: bytes) -> object:
    return same(note.serialise(note.parse_note(data)), data)


def _checkpoint(data: bytes) -> object:
    text = note.parse_note(data).text
    return same(checkpoint.checkpoint_text(checkpoint.parse_checkpoint(text)), text.encode())


def _proof(data: bytes) -> object:
    return same(tlog_proof.serialise_proof(tlog_proof.parse_proof(data)), data)


def _fields(data: bytes) -> object:
    return same(fields.serialise_fields(fields.parse_fields(data)), data)


def _meaning(read: Callable[[Any], Any], write: Callable[[Any], Any]) -> Callable[[bytes], object]:
    def take(data: bytes) -> object:
        return same(fields.serialise_fields(write(read(fields.parse_fields(data)))), data)

    return take


def _put(read: Callable[[Any], Any], write: Callable[[Any], Any], function: str) -> Target:
    """A content of one kind, from its fields and back."""
    return Target(take=_meaning(read, write), seeds=seeds.contents, functions=(function,))


def _voice(data: bytes) -> object:
    """What somebody typed down from a telephone."""
    groups = voice_text.groups_in(foreign_text(data))
    return same(
        " ".join(voice_v1.voice_groups(voice_v1.read_voice(groups))), " ".join(groups).encode()
    )


def _clear(data: bytes) -> object:
    """What is in a sealed text: a recipient alone gets here, and believes nothing either."""
    return same(register_v1.clear_text(register_v1.clear_from(data)), data)


def _agreement_note(data: bytes) -> object:
    """As the desk that takes one reads it, up to the keys: content, note, text, lint."""
    found = fields.parse_fields(data)
    text = agreement_v1.note_from(found)
    signed = note.parse_note(text.encode("utf-8", "surrogatepass"))
    agreement = agreement_v1.parse_agreement(signed.text)
    lint(agreement, NOW_US)
    assert agreement_v1.agreement_text(agreement) == signed.text
    return same(fields.serialise_fields(agreement_v1.fields_of_note(text)), data)


def _open_entry(data: bytes) -> object:
    return same(entry_v1.entry_text(envelope.open_entry(data, roster()).value), note_text(data))


def _open_transport(data: bytes) -> object:
    return envelope.open_transport(data, "/exchange/v1/give", b"{}", roster(), NOW_US)


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
    found = card.open_card(data)
    assert card._text(found) == note.parse_note(data).text
    return card.card_keys(found), card.card_mldsa_key(found), card.card_roots(found)


def _trust(data: bytes) -> object:
    return same(trustfile._text(trustfile.parse_trust(data)), note_text(data))


def _key_file(data: bytes) -> object:
    try:
        key = keyfile._parse_key(data.decode("utf-8"))
    except ValueError:
        return None  # `read_key` names it, and drops the cause, which may hold a part of the seed
    return key.verifier()


def _key_files() -> list[bytes]:
    found = []
    for key in (full_sample().alpha.log, seeded("alpha.example/comity", KeyType.ML_DSA_44)):
        text = f"{keyfile._FORM} {key.key_type:02x} {key.name} {key.verifier().key_id.hex()} "
        found.append(f"{text}{canonical.b64(key.seed)}\n".encode())
    return found


def _opening(data: bytes) -> object:
    return same(opening.opening_text(opening.parse_opening(data)), data)


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
    return same(tile.pack_entries(tile.unpack_entries(data[1:], width)), data[1:])


def _content(data: bytes) -> object:
    """Seed and fields under a commitment that was made for them, or not."""
    seed, rest = data[:32], data[32:]
    found = fields.parse_fields(rest)
    body = content.commit_content(found, seed) if len(seed) == 32 else _nothing()
    return content.open_content(body, seed, rest)


def _nothing() -> entry_v1.ContentBody:
    return entry_v1.ContentBody(root=bytes(32), leaves=8, seed_commit=bytes(32))


def _add_checkpoint(data: bytes) -> object:
    old, hashes, head = witness._parse(data)
    lines = [f"old {old}", *(canonical.b64(value) for value in hashes), ""]
    return same("\n".join(lines).encode() + b"\n" + note.serialise(head), data)


def _add_checkpoint_seeds() -> list[bytes]:
    one = canonical.b64(bytes(32)).encode()
    return [b"old 3\n" + one + b"\n\n" + head for head in seeds.checkpoints()]


def _peer_problem(data: bytes) -> object:
    """What a peer says instead of an answer; never an exception, whatever it says."""
    return line._named(Answered(status=409, body=data))


def _witness_keys() -> tuple[VerifierKey, ...]:
    """Of both types, under one name, as `seeds.witness_note` is cosigned."""
    return tuple(key.verifier() for key in seeds.witness_keys())


def _cosignatures(data: bytes) -> object:
    """A head with cosignatures of either type: the time that is believed was signed."""
    head = note.parse_note(data)
    times = [cosignature.cosigned_at(head, key) for key in _witness_keys()]
    for key, time_s in zip(_witness_keys(), times, strict=True):
        line = note.signature_by(head, key)
        assert (time_s is None) == (line is None)
        assert line is None or line.blob.startswith((time_s or 0).to_bytes(8, "big"))
    return times


def _witness_answer(data: bytes) -> object:
    """What a witness answers: lines that are of its keys, each once, and then true or not."""
    text = note.parse_note(seeds.witness_note()).text
    try:
        lines = feed.lines_from(text, data, _witness_keys())
    except Unavailable:
        return None
    return [checked_cosignature(text, line, key) for key, line in lines.items()]


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


def _json(data: bytes) -> object:
    value = canonical.loads(data, bytes_max=BODY_BYTES_MAX)
    assert canonical.loads(canonical.dumps(value), bytes_max=2 * BODY_BYTES_MAX) == value
    return True


def _scalars(data: bytes) -> object:
    """Base64, hashes, ids and numbers: each is the only way to write its value."""
    text, accepted = foreign_text(data), None
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
        **RECORD,
        **BODIES,
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
            take=of_text(tile.parse_tile_path, lambda ref: ref.path()),
            seeds=lambda: [b"tile/0/x001/x234/067", b"tile/1/000.p/7", b"tile/entries/001.p/255"],
            functions=("journal.tile.parse_tile_path",),
        ),
        "tile-entries": Target(
            take=_entries,
            seeds=lambda: [b"\1" + tile.pack_entries([b"one", b"two"])],
            functions=("journal.tile.unpack_entries",),
        ),
        "entry": Target(
            take=of_text(entry_v1.parse_entry, entry_v1.entry_text),
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
        "answer": _put(
            answer_v1.answer_from, answer_v1.fields_of_answer, "wire.answer_v1.answer_from"
        ),
        "attestation": _put(
            answer_v1.attestation_from,
            answer_v1.fields_of_attestation,
            "wire.answer_v1.attestation_from",
        ),
        "put-request": _put(
            request_v1.request_from, request_v1.fields_of_request, "wire.request_v1.request_from"
        ),
        "put-reply": _put(
            request_v1.reply_from, request_v1.fields_of_reply, "wire.request_v1.reply_from"
        ),
        "put-message": _put(
            message_v1.message_from, message_v1.fields_of_message, "wire.message_v1.message_from"
        ),
        "put-message-answer": _put(
            message_v1.message_answer_from,
            message_v1.fields_of_message_answer,
            "wire.message_v1.message_answer_from",
        ),
        "relay-page": Target(
            take=lambda data: same(
                relay_page_v1.page_text(relay_page_v1.page_from(foreign_text(data))).encode(), data
            ),
            seeds=lambda: [relay_page_v1.page_text(relay_page()).encode()],
            functions=("wire.relay_page_v1.page_from",),
        ),
        "put-line": _put(line_v1.line_from, line_v1.fields_of_line, "wire.line_v1.line_from"),
        "put-unanswered": _put(
            duty_v1.unanswered_from, duty_v1.fields_of_unanswered, "wire.duty_v1.unanswered_from"
        ),
        "voice": Target(
            take=_voice,
            seeds=lambda: [
                " ".join(voice_v1.voice_groups(each)).encode()
                for each in (*CODED_LENGTHS.values(), circle_notice(), longest())
            ],
            functions=(
                *("wire.voice_v1.read_voice", "wire.voice_v1._read"),
                "wire.voice_coded.coded_from",
            ),
        ),
        "sealed": Target(
            take=_meaning(register_v1.sealed_from, register_v1.fields_of_sealed),
            seeds=lambda: [bytes.fromhex(seeds.vectors("register_v1")["content"])],
            functions=("wire.register_v1.sealed_from",),
        ),
        "register-clear": Target(
            take=_clear,
            seeds=lambda: [sealed_vector().clear],
            functions=("wire.register_v1.clear_from",),
        ),
        "register-read": Target(
            take=_meaning(register_v1.read_from, register_v1.fields_of_read),
            seeds=lambda: [bytes.fromhex(seeds.vectors("register_v1")["read"])],
            functions=("wire.register_v1.read_from",),
        ),
        "hazard-report": _put(
            report_v1.report_from, report_v1.fields_of_report, "wire.report_v1.report_from"
        ),
        "content": Target(
            take=_content,
            seeds=lambda: [bytes(32) + data for data in seeds.contents()],
            functions=("journal.content.open_content",),
            untrusted=True,
        ),
        "terms": Target(
            take=of_text(terms_v1.parse_terms, terms_v1.terms_text),
            seeds=lambda: [seeds.vectors("terms_v1")["text"].encode()],
            functions=("wire.terms_v1.parse_terms",),
        ),
        "agreement": Target(
            take=of_text(agreement_v1.parse_agreement, agreement_v1.agreement_text),
            seeds=seeds.agreements,
            functions=("wire.agreement_v1.parse_agreement",),
        ),
        "agreement-note": Target(
            take=_agreement_note,
            seeds=lambda: seeds.agreement_contents("note"),
            functions=("wire.agreement_v1.note_from",),
        ),
        "standing": Target(
            take=_meaning(agreement_v1.standing_from, agreement_v1.fields_of_standing),
            seeds=lambda: seeds.agreement_contents("standing"),
            functions=("wire.agreement_v1.standing_from",),
        ),
        "verifier-key": Target(
            take=of_text(keys.parse_verifier_key, lambda key: key.text()),
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
            seeds=seeds.trust_files,
            functions=("journal.trustfile.parse_trust", "journal.trustfile._party_from"),
            untrusted=True,
        ),
        "manifest": Target(
            take=of_text(manifest.parse_manifest, manifest.manifest_text),
            seeds=lambda: [note_text(full_sample().files[manifest.MANIFEST_NAME])],
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
        "cosignatures": Target(
            take=_cosignatures,
            seeds=lambda: [seeds.witness_note(), *seeds.checkpoints()],
            functions=("trust.note.parse_note",),
            untrusted=True,
        ),
        "witness-answer": Target(
            take=_witness_answer,
            seeds=lambda: [seeds.witness_note().rpartition(b"\n\n")[2]],
            functions=("exchange.feed.lines_from",),
            untrusted=True,
        ),
        "witness-size": Target(
            take=_witness_size,
            seeds=lambda: [b"7\n", b"0", b"10\n"],
            functions=("exchange.feed._size_from",),
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

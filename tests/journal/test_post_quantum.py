"""ML-DSA-44 beside Ed25519: signed when a head leaves, kept by the peer, stated by the verifier."""

from collections.abc import Iterator

import pytest

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosign, cosigned_at, kept_head
from comity.journal.manifest import MANIFEST_NAME, Piece, parse_manifest
from comity.journal.report import Level, Outcome, Standing
from comity.journal.tlog_proof import parse_proof
from comity.journal.verify import verify_bundle
from comity.model.fault import Untrusted
from comity.trust.cosigned import cosigned_message
from comity.trust.keys import KeyType, SigningKey, admit, parse_verifier_key, verify
from comity.trust.note import Note, Signature, parse_note, serialise, signature_by
from comity.wire.canonical import unb64
from tests.journal.handmade import resealed
from tests.journal.two_nodes import TwoNodes, seeded, two_nodes
from tests.model.saying_no import says_no

W1 = SigningKey(name="witness.example/w1", key_type=KeyType.ML_DSA_44, seed=bytes(range(32)))


@pytest.fixture(scope="module")
def nodes() -> Iterator[TwoNodes]:
    with two_nodes(mldsa=True) as made:
        made.give(made.declare())
        made.witness()
        yield made


def test_key_id_and_message_are_those_of_the_published_vector() -> None:
    assert W1.verifier().key_id.hex() == "dcccf9ec"
    root = unb64("GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=")
    message = cosigned_message(
        "witness.example/w1", 1_795_330_000, "north.example/hotline/2026", 5, root
    )
    assert (
        message.hex()
        == (
            "737562747265652f76310a00"
            "12" + b"witness.example/w1".hex() + "000000006b028fd0"
            "1a" + b"north.example/hotline/2026".hex() + "0000000000000000"
            "0000000000000005"
        )
        + root.hex()
    )


def test_a_key_is_written_read_and_admitted() -> None:
    key = W1.verifier()
    assert parse_verifier_key(key.text()) == key
    admit(key)
    signature = W1.sign(b"m")
    assert signature != W1.sign(b"m")  # randomized: kept, never compared
    assert verify(key, b"m", signature)
    assert not verify(key, b"n", signature)
    assert not verify(key, b"m", signature[:-1])


def test_only_heads_that_leave_carry_the_line_and_one_head_the_same_line(nodes: TwoNodes) -> None:
    scribe, now = nodes.alpha.scribe, nodes.clock.now_us()
    head = scribe.head
    assert len(head.note.signatures) == 1
    assert scribe.head_of(head.checkpoint.size).note == head.note
    once, again = scribe.published(head, now), scribe.published(head, now + 9_000_000)
    assert once == again
    key = nodes.alpha.identity.log_mldsa
    assert key is not None
    assert cosigned_at(once.note, key.verifier()) == now // 1_000_000


def test_a_bundle_between_two_such_nodes_says_so(nodes: TwoNodes) -> None:
    report = verify_bundle(nodes.bundle(1), nodes.trust())
    assert report.outcome is Outcome.PROVEN, report.reason
    assert report.claims[-1].level is Level.POST_QUANTUM
    assert report.claims[-1].standing is Standing.HELD, report.claims[-1].text


@pytest.mark.parametrize("piece", [Piece.NOTICE_PROOF, Piece.RECEIPT_PROOF, Piece.BIND_PROOF])
def test_a_false_line_is_refused_and_a_missing_one_is_absent(nodes: TwoNodes, piece: Piece) -> None:
    files = nodes.bundle(1)
    manifest = parse_manifest(parse_note(files[MANIFEST_NAME]).text)
    whole = {Piece(name): data for name, data in files.items() if name != MANIFEST_NAME}

    def report_with(change: bytes) -> tuple[Outcome, Standing]:
        changed = resealed(
            whole | {piece: change}, manifest.id, manifest.index, nodes.alpha.identity
        )
        report = verify_bundle(changed, nodes.trust())
        return report.outcome, report.claims[-1].standing

    data = whole[piece]
    head, _, note_bytes = data.partition(b"\n\n")
    note = parse_note(note_bytes)
    false = tuple(_spoilt(line) if len(line.blob) > 2_000 else line for line in note.signatures)
    spoilt = serialise(Note(text=note.text, signatures=false))
    assert report_with(head + b"\n\n" + spoilt) == (Outcome.NOT_PROVEN, Standing.FAILED)
    without = tuple(line for line in note.signatures if len(line.blob) < 2_000)
    bare = serialise(Note(text=note.text, signatures=without))
    outcome, standing = report_with(head + b"\n\n" + bare)
    assert standing is Standing.ABSENT
    bound = piece is Piece.RECEIPT_PROOF  # the binding holds the hash of that very note
    assert outcome is (Outcome.NOT_PROVEN if bound else Outcome.PROVEN)


def _spoilt(line: Signature) -> Signature:
    blob = line.blob[:-1] + bytes((line.blob[-1] ^ 1,))
    return Signature(name=line.name, key_id=line.key_id, blob=blob)


def test_a_foreign_head_is_kept_with_both_true_lines_and_no_other(nodes: TwoNodes) -> None:
    log, mldsa = nodes.alpha.identity.log.verifier(), nodes.alpha.identity.log_mldsa
    assert mldsa is not None
    head = nodes.alpha.scribe.published(nodes.alpha.scribe.head, nodes.clock.now_us()).note
    stranger = seeded(log.name, KeyType.ML_DSA_44, "other")
    more = Note(
        text=head.text, signatures=(*head.signatures, cosign(head.text, stranger, 1_795_330_000))
    )
    assert kept_head(more, log, mldsa.verifier()) == head
    line = signature_by(head, mldsa.verifier())
    assert line is not None
    with says_no("bad_signature", Untrusted):
        kept_head(
            Note(text=head.text, signatures=(head.signatures[0], _spoilt(line))),
            log,
            mldsa.verifier(),
        )


def test_the_peer_keeps_our_line_with_our_head(nodes: TwoNodes) -> None:
    taken = nodes.alpha.store.read(lambda r: r.post.taken(1))
    assert taken is not None
    note = parse_proof(taken.receipt_proof).checkpoint
    key = nodes.beta.identity.log_mldsa
    assert key is not None
    assert cosigned_at(note, key.verifier()) is not None
    assert parse_checkpoint(note.text).origin == nodes.beta.origin

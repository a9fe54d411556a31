"""Contradictions under signatures that hold are found; everything short of that is not accused."""

import pytest

from comity.journal.manifest import Piece
from comity.journal.report import Outcome, Report
from comity.journal.verify import verify_bundle
from comity.trust.note import parse_note
from comity.wire.entry_v1 import EntryType, PeerCheckpointBody, parse_entry
from tests.journal.handmade import ALPHA, BETA, Tree, made, receipt_body, resealed, trust_of

TRUST = trust_of()
OTHER = PeerCheckpointBody(
    peer="beta.example/comity/2026", peer_size=9, peer_root=bytes(32), note_hash=bytes(32)
)


def accusations(report: Report) -> list[tuple[str, str]]:
    return [(found.code, found.by) for found in report.findings]


def forked() -> tuple[Tree, Tree]:
    """Alpha's journal and another one of the same size that begins with the same entry."""
    bundle = made()
    other = Tree(ALPHA, bundle.alpha.entries[:1])
    other.write(EntryType.PEER_CHECKPOINT, ALPHA.origin, OTHER, seq=5)
    return bundle.alpha, other


def test_two_heads_of_one_size_are_a_fork() -> None:
    bundle, (_, other) = made(), forked()
    files = bundle.sealed({Piece.NOTICE_WITNESSED: other.proof(0, 2)})
    report = verify_bundle(files, TRUST)
    assert report.outcome is Outcome.MISBEHAVIOUR
    assert accusations(report) == [("forked_journal", ALPHA.origin)]


def test_a_fork_is_found_whoever_made_the_bundle() -> None:
    bundle, (_, other) = made(), forked()
    files = {**bundle.files, Piece.NOTICE_WITNESSED: other.proof(0, 2)}
    report = verify_bundle(resealed(files, bundle.content.root, 0, BETA), TRUST)
    assert report.outcome is Outcome.MISBEHAVIOUR


def test_a_fork_is_found_though_the_receiver_is_unknown() -> None:
    bundle, (alpha, other) = made(), forked()
    stranger = Tree(ALPHA)
    stranger.write(EntryType.NOTICE, "gamma.example/comity/2026", bundle.content)
    changes = {
        Piece.NOTICE: stranger.entries[0],
        Piece.NOTICE_PROOF: alpha.proof(0, 2),
        Piece.NOTICE_WITNESSED: other.proof(0, 2),
    }
    report = verify_bundle(bundle.sealed(changes), TRUST)
    assert report.outcome is Outcome.MISBEHAVIOUR
    assert ("forked_journal", ALPHA.origin) in accusations(report)


def test_a_head_without_its_signature_accuses_nobody() -> None:
    bundle, (_, other) = made(), forked()
    false = other.proof(0, 2)
    broken = false[:-5] + (b"AAA=\n" if false[-5:] != b"AAA=\n" else b"BBB=\n")
    report = verify_bundle(bundle.sealed({Piece.NOTICE_WITNESSED: broken}), TRUST)
    assert report.findings == ()
    assert report.outcome in {Outcome.NOT_PROVEN, Outcome.BAD_INPUT}


def test_heads_of_different_sizes_accuse_nobody() -> None:
    bundle = made()
    files = bundle.sealed({Piece.NOTICE_WITNESSED: bundle.alpha.proof(0, 2)})
    assert verify_bundle(files, TRUST).outcome is Outcome.PROVEN


def test_a_receipt_that_binds_another_root_for_the_same_size() -> None:
    bundle = made(receipt=receipt_body(made().alpha, 1, root=bytes(32)))
    report = verify_bundle(bundle.sealed(), TRUST)
    assert report.outcome is Outcome.MISBEHAVIOUR
    assert accusations(report) == [("contradicted_receipt", BETA.origin)]
    assert ALPHA.origin in report.findings[0].text  # it may as well have shown two journals


def test_a_receipt_that_its_sender_did_not_sign_accuses_nobody() -> None:
    bundle, beta = made(), Tree(BETA)
    beta.write(
        EntryType.RECEIPT,
        ALPHA.origin,
        receipt_body(bundle.alpha, 1, root=bytes(32)),
        key=BETA.log,
    )
    changes = {Piece.RECEIPT: beta.entries[0], Piece.RECEIPT_PROOF: beta.proof(0, 1)}
    report = verify_bundle(bundle.sealed(changes), TRUST)
    assert (report.outcome, report.findings) == (Outcome.NOT_PROVEN, ())


def test_two_entries_at_one_place_of_a_chain() -> None:
    bundle, alpha = made(), Tree(ALPHA, made().alpha.entries[:1])
    alpha.write(EntryType.PEER_CHECKPOINT, BETA.origin, OTHER)  # to beta, number 0: as the notice
    report = verify_bundle(
        bundle.sealed({Piece.BIND: alpha.entries[1], Piece.BIND_PROOF: alpha.proof(1, 2)}), TRUST
    )
    assert report.outcome is Outcome.MISBEHAVIOUR
    assert ("reused_sequence", ALPHA.origin) in accusations(report)


def test_a_second_entry_that_its_sender_did_not_sign_accuses_nobody() -> None:
    bundle, alpha = made(), Tree(ALPHA, made().alpha.entries[:1])
    alpha.write(EntryType.PEER_CHECKPOINT, BETA.origin, OTHER, key=BETA.entry)
    changes = {Piece.BIND: alpha.entries[1], Piece.BIND_PROOF: alpha.proof(1, 2)}
    report = verify_bundle(bundle.sealed(changes), TRUST)
    assert "reused_sequence" not in dict(accusations(report))


def test_receipts_are_a_chain_of_their_own() -> None:
    bundle, alpha = made(), Tree(ALPHA, made().alpha.entries[:1])
    alpha.write(EntryType.RECEIPT, BETA.origin, receipt_body(bundle.alpha, 1))  # number 0, too
    changes = {Piece.RECEIPT: alpha.entries[1], Piece.RECEIPT_PROOF: alpha.proof(1, 2)}
    report = verify_bundle(bundle.sealed(changes), TRUST)
    assert "reused_sequence" not in dict(accusations(report))


def test_chains_to_different_audiences_have_their_own_numbers() -> None:
    report = verify_bundle(made().sealed(), TRUST)  # the notice to beta and the binding are both 0
    assert report.findings == ()


@pytest.mark.parametrize("kind", [EntryType.KEY, EntryType.SAFETY])
def test_statements_and_safety_are_chains_of_their_own(kind: EntryType) -> None:
    """Each numbers from 0 beside the others: a party that changed a key reused no number."""
    bundle, alpha = made(), Tree(ALPHA)
    alpha.write(kind, BETA.origin, bundle.content)
    alpha.write(EntryType.PEER_CHECKPOINT, BETA.origin, OTHER)
    changes = {
        Piece.NOTICE: alpha.entries[0],
        Piece.NOTICE_PROOF: alpha.proof(0, 2),
        Piece.BIND: alpha.entries[1],
        Piece.BIND_PROOF: alpha.proof(1, 2),
    }
    assert [parse_entry(parse_note(e).text).seq for e in alpha.entries] == [0, 0]
    report = verify_bundle(bundle.sealed(changes), TRUST)
    assert "reused_sequence" not in dict(accusations(report))

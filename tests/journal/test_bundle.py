"""A bundle holds what the node holds: which files, under which heads, with whose cosignatures."""

import asyncio

import pytest

from comity.exchange.send import deliver
from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.content import disclose, owned_seed
from comity.journal.manifest import MANIFEST_NAME, Piece, check_files, parse_manifest
from comity.journal.opening import parse_opening
from comity.journal.pen import Pen
from comity.journal.report import Basis, Level, Outcome, Standing
from comity.journal.tlog_proof import TlogProof, parse_proof
from comity.journal.verify import verify_bundle
from comity.model.fault import Refused, Unavailable
from comity.storage.store import Transaction
from comity.trust.note import parse_note, signed_by
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, PeerCheckpointBody, ReceiptBody, parse_entry
from comity.wire.fields import parse_fields
from tests.journal.two_nodes import TwoNodes, declaration, full_sample, two_nodes

STAMPED = {name for name in Piece if "stamped" in name or name.endswith(".tsr")}


def proof_in(files: dict[str, bytes], name: Piece) -> TlogProof:
    return parse_proof(files[name])


def head_in(files: dict[str, bytes], name: Piece) -> Checkpoint:
    return parse_checkpoint(proof_in(files, name).checkpoint.text)


def signers(files: dict[str, bytes], name: Piece) -> list[str]:
    return [line.name for line in proof_in(files, name).checkpoint.signatures]


def test_the_manifest_names_every_file_and_the_sender_signs_it() -> None:
    sample = full_sample()
    note = parse_note(sample.files[MANIFEST_NAME])
    signed_by(note, sample.alpha.entry.verifier())
    manifest = parse_manifest(note.text)
    check_files(manifest, sample.files)
    assert {line.name for line in manifest.files} == set(sample.files) - {MANIFEST_NAME}


def test_the_notice_stands_under_the_very_head_that_the_receipt_binds() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        files = nodes.bundle(index)
    receipt = parse_entry(parse_note(files[Piece.RECEIPT]).text).body
    head = head_in(files, Piece.NOTICE_PROOF)
    assert isinstance(receipt, ReceiptBody)
    assert (receipt.peer_size, receipt.peer_root) == (head.size, head.root)
    assert signers(files, Piece.NOTICE_PROOF) == [
        "alpha.example/comity/2026",
        "beta.example/comity/2026/cosigner",
    ]


def test_the_binding_names_the_note_that_stands_in_the_receipts_proof() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        files = nodes.bundle(index)
    bind = parse_entry(parse_note(files[Piece.BIND]).text).body
    note = files[Piece.RECEIPT_PROOF].partition(b"\n\n")[2]
    assert isinstance(bind, PeerCheckpointBody)
    assert bind.note_hash == sha256(note)


def test_without_witnesses_there_are_no_witnessed_proofs() -> None:
    with two_nodes(witnesses=0) as nodes:
        index = nodes.declare()
        nodes.give(index)
        files = nodes.bundle(index)
    absent = {Piece.NOTICE_WITNESSED, Piece.BIND_WITNESSED, Piece.BEACON, *STAMPED}
    assert set(files) == {MANIFEST_NAME, *(str(name) for name in Piece if name not in absent)}


def test_a_witness_of_the_very_head_needs_no_second_proof() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        size = nodes.witness()
        nodes.give(index)
        files = nodes.bundle(index)
    assert head_in(files, Piece.NOTICE_PROOF).size == size
    assert "w1.example/witness" in signers(files, Piece.NOTICE_PROOF)
    assert Piece.NOTICE_WITNESSED not in files


def test_the_first_head_that_all_witnesses_cosigned_is_taken() -> None:
    with two_nodes(witnesses=2) as nodes:
        index = nodes.declare()
        nodes.give(index)
        nodes.witness(0)
        nodes.declare(declaration("SECOND"))
        both = nodes.witness()
        nodes.declare(declaration("THIRD"))
        nodes.witness()
        files = nodes.bundle(index)
        report = verify_bundle(files, nodes.trust(), quorum=2)
    assert head_in(files, Piece.NOTICE_WITNESSED).size == both
    assert report.outcome is Outcome.PROVEN


def test_failing_that_the_first_head_with_most_witnesses() -> None:
    with two_nodes(witnesses=3) as nodes:
        index = nodes.declare()
        nodes.give(index)
        nodes.witness(0)
        nodes.declare(declaration("SECOND"))
        two = nodes.witness(0, 1)
        nodes.declare(declaration("THIRD"))
        nodes.witness(1, 2)
        files = nodes.bundle(index)
    assert head_in(files, Piece.NOTICE_WITNESSED).size == two


def test_the_beacon_is_found_among_many_cosigned_heads() -> None:
    with two_nodes() as nodes:
        for number in range(40):
            nodes.declare(declaration(f"N{number}"))
            nodes.tick()
            if number % 3 == 0:
                nodes.witness()
        newest = nodes.clock.now_us()
        index = nodes.declare(declaration("WANTED"))
        for waiting in range(1, index + 1):
            nodes.give(waiting, ack=False)
        nodes.witness()
        report = verify_bundle(nodes.bundle(index), nodes.trust())
    assert report.times is not None
    low = report.times.given.low
    assert low.basis is Basis.BEACON
    assert low.time_s == newest // 1_000_000


def test_a_beacon_is_found_behind_later_cosignatures_over_older_heads() -> None:
    with two_nodes(witnesses=2) as nodes:
        nodes.declare(declaration("FIRST"))
        nodes.witness(0)
        nodes.declare(declaration("SECOND"))
        index = nodes.declare()
        nodes.witness(1)  # a slower witness
        for waiting in range(1, index + 1):
            nodes.give(waiting)
        assert Piece.BEACON in nodes.bundle(index)


def test_an_opening_shows_what_disclose_shows_of_each_leaf() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        files = nodes.bundle(index)
        row = nodes.alpha.store.read(lambda r: r.journal.entry(index))
        assert row is not None
        kept = nodes.alpha.store.read(lambda r: r.journal.opening(row.leaf))
    assert kept is not None
    fields = parse_fields(kept.fields)
    shown = parse_opening(files[Piece.OPENING])
    seed = owned_seed(kept.seed, nodes.alpha.origin)
    assert shown == tuple(disclose(fields, seed, i) for i in range(len(fields) + 1))
    assert kept.seed not in files[Piece.OPENING]


def test_a_lost_take_leaves_the_bound_head_without_the_peers_cosignature() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.door.lose = 1
        with pytest.raises(Unavailable):
            asyncio.run(deliver(nodes.line, nodes.alpha.roster, [index]))
        nodes.declare(declaration("LATER"))
        nodes.give(index)
        report = verify_bundle(nodes.bundle(index), nodes.trust())
    standings = {claim.level: claim.standing for claim in report.claims}
    assert report.outcome is Outcome.PROVEN  # the receipt binds that head all the same
    assert standings[Level.PEER_COSIGNED] is Standing.ABSENT
    assert standings[Level.BOUND] is Standing.HELD


def refusal(nodes: TwoNodes, index: int) -> str:
    with pytest.raises(Refused) as caught:
        nodes.bundle(index)
    return caught.value.code


def test_there_is_no_bundle_of_what_was_not_delivered() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        assert refusal(nodes, index) == "not_delivered"
        assert refusal(nodes, 0) == "no_content"  # our own keys
        assert refusal(nodes, nodes.note_to_self()) == "not_delivered"
        assert refusal(nodes, 99) == "not_found"
        nodes.give(index)
        assert nodes.bundle(index)


def test_a_second_bundle_of_the_same_state_is_the_same() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        assert nodes.bundle(index) == nodes.bundle(index)


def test_a_notice_to_oneself_has_no_bundle() -> None:
    def work(_: Transaction, pen: Pen) -> int:
        content = pen.seal(parse_fields(b"\x00\x04\x04\x00\x00\x00\x02codetextN1"))
        return pen.write_content(EntryType.NOTICE, pen.origin, content).index

    with two_nodes() as nodes:
        index = nodes.alpha.scribe.submit(work, nodes.clock.now_us()).result().value
        assert refusal(nodes, index) == "not_delivered"


def test_a_bundle_of_a_purged_content_is_proven_and_shows_nothing() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        row = nodes.alpha.store.read(lambda r: r.journal.entry(index))
        assert row is not None
        nodes.alpha.scribe.submit(
            lambda tx, _: tx.journal.drop_opening(row.leaf), nodes.clock.now_us()
        ).result()
        report = verify_bundle(nodes.bundle(index), nodes.trust())
    assert report.outcome is Outcome.PROVEN
    claim = next(each for each in report.claims if each.level is Level.OPENED)
    assert (claim.standing, claim.text) == (Standing.ABSENT, "the content is not shown")

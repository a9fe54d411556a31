"""What a bundle proves and what it does not: two real nodes, then each claim alone, by hand."""

from dataclasses import replace

import pytest

from comity.exchange.given import Given
from comity.journal.manifest import MANIFEST_NAME, Piece, parse_manifest
from comity.journal.pen import Pen
from comity.journal.report import Basis, Level, Outcome, Report, Standing
from comity.journal.tlog_proof import TlogProof, parse_proof, serialise_proof
from comity.journal.verify import verify_bundle
from comity.model.fault import Refusal, Refused
from comity.storage.store import Transaction
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, Got, PeerCheckpointBody, ReceiptBody
from tests.journal.handmade import (
    ALPHA,
    BETA,
    NOON_S,
    WITNESSES,
    Made,
    Tree,
    made,
    receipt_body,
    resealed,
    trust_of,
)
from tests.journal.two_nodes import NOON_US, SECOND_US, full_sample, identity_of, two_nodes

TRUST = trust_of()


def standings(report: Report) -> dict[str, str]:
    return {claim.level: claim.standing for claim in report.claims}


def failed(report: Report) -> set[str]:
    return {claim.level for claim in report.claims if claim.standing is Standing.FAILED}


# --- two real nodes ----------------------------------------------------------------------------


def test_everything_is_proven_of_a_full_bundle() -> None:
    sample = full_sample()
    stamped = {name for name in Piece if "stamped" in name or name.endswith(".tsr")}
    assert set(sample.files) == {MANIFEST_NAME, *Piece} - stamped
    report = verify_bundle(sample.files, sample.trust, quorum=1)
    assert report.outcome is Outcome.PROVEN
    assert standings(report).pop(Level.POST_QUANTUM) is Standing.ABSENT
    assert {claim.standing for claim in report.claims[:-1]} == {Standing.HELD}
    assert [claim.level for claim in report.claims] == list(Level)
    assert report.findings == ()
    assert report.exercise is None
    assert report.receipt is not None
    assert (report.receipt.got, report.receipt.verdict) == (Got.FULL, "accepted")
    assert report.opened is not None
    assert report.opened.notice is not None
    assert report.opened.withheld == ()
    assert report.subject is not None
    manifest = parse_manifest(parse_note(sample.files[MANIFEST_NAME]).text)
    assert (report.subject.id, report.subject.index) == (manifest.id, manifest.index)


def test_times_lie_between_the_beacon_and_the_witness() -> None:
    sample = full_sample()
    times = verify_bundle(sample.files, sample.trust).times
    assert times is not None
    noon_s = NOON_US // SECOND_US
    assert (times.given.low.time_s, times.given.low.basis) == (noon_s + 1, Basis.BEACON)
    assert (times.given.high.time_s, times.given.high.basis) == (noon_s + 4, Basis.WITNESS)
    assert times.given.claimed_us == NOON_US + 2 * SECOND_US
    assert times.taken is not None
    assert times.taken.claimed_us == NOON_US + 3 * SECOND_US
    assert times.given.neutral
    assert times.given.holds_claim
    assert times.taken.holds_claim


def test_a_bundle_without_neutral_witnesses_rests_on_the_parties() -> None:
    with two_nodes(witnesses=0) as nodes:
        index = nodes.declare()
        nodes.give(index)
        files, trust = nodes.bundle(index), nodes.trust()
    report = verify_bundle(files, trust)
    assert report.outcome is Outcome.PROVEN
    assert standings(report)[Level.WITNESSED] == Standing.ABSENT
    assert report.times is not None
    assert report.times.given.low.basis is Basis.CLAIMS
    assert report.times.given.high.basis is Basis.PEER
    timed = next(claim for claim in report.claims if claim.level is Level.TIMED)
    assert (timed.standing, timed.text) == (Standing.ABSENT, "parties' claims only")
    assert verify_bundle(files, trust, quorum=1).outcome is Outcome.NOT_PROVEN


def test_without_the_ack_the_binding_is_not_cosigned() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index, ack=False)
        report = verify_bundle(nodes.bundle(index), nodes.trust())
    assert report.outcome is Outcome.PROVEN
    assert standings(report)[Level.BOUND] == Standing.ABSENT
    assert report.times is not None
    assert report.times.taken is not None
    assert report.times.taken.high.basis is Basis.CLAIMS


def test_an_exercise_bundle_carries_its_mark() -> None:
    with two_nodes(exercise="spring") as nodes:
        index = nodes.declare()
        nodes.give(index)
        report = verify_bundle(nodes.bundle(index), nodes.trust())
    assert (report.outcome, report.exercise) == (Outcome.PROVEN, "spring")


def test_a_refusal_by_the_receiver_is_proven_as_such() -> None:
    def refuse(_tx: Transaction, _pen: Pen, _given: Given) -> None:
        raise Refused(Refusal(code="no_agreement", reason="-", what_to_do="-"))

    with two_nodes(desks=dict.fromkeys(EntryType, refuse)) as nodes:
        index = nodes.declare()
        nodes.give(index)
        report = verify_bundle(nodes.bundle(index), nodes.trust())
    assert report.outcome is Outcome.PROVEN
    assert report.receipt is not None
    assert (report.receipt.got, report.receipt.verdict) == (Got.FULL, "no_agreement")


# --- made by hand: each claim alone ------------------------------------------------------------


def one_failed(report: Report, level: Level) -> bool:
    return report.outcome is Outcome.NOT_PROVEN and level in failed(report)


def test_the_handmade_bundle_is_proven() -> None:
    report = verify_bundle(made().sealed(), TRUST)
    assert report.outcome is Outcome.PROVEN
    assert failed(report) == set()


@pytest.mark.parametrize("name", [Piece.NOTICE_PROOF, Piece.RECEIPT_PROOF])
def test_a_bundle_without_a_proof_is_not_proven(name: Piece) -> None:
    report = verify_bundle(made().sealed({name: None}), TRUST)
    assert report.outcome is Outcome.NOT_PROVEN
    assert failed(report) == set()


def test_a_bundle_without_a_receipt_is_not_proven() -> None:
    changes = {Piece.RECEIPT: None, Piece.RECEIPT_PROOF: None}
    report = verify_bundle(made().sealed(changes), TRUST)
    assert report.outcome is Outcome.NOT_PROVEN
    assert standings(report)[Level.ACKNOWLEDGED] == Standing.ABSENT


@pytest.mark.parametrize(
    "names", [(Piece.BIND, Piece.BIND_PROOF), (Piece.BIND_PROOF,), (Piece.OPENING,)]
)
def test_what_is_left_out_is_absent_and_the_rest_holds(names: tuple[Piece, ...]) -> None:
    report = verify_bundle(made().sealed(dict.fromkeys(names)), TRUST)
    assert report.outcome is Outcome.PROVEN
    level = Level.OPENED if Piece.OPENING in names else Level.BOUND
    assert standings(report)[level] == Standing.ABSENT


@pytest.mark.parametrize(
    "changes",
    [
        {Piece.NOTICE: None},
        {Piece.NOTICE: None, Piece.NOTICE_PROOF: None},
        {Piece.RECEIPT: None},
        {Piece.BIND: None},
        {Piece.NOTICE: made().files[Piece.BIND]},
        {Piece.RECEIPT: made().files[Piece.BIND]},
        {Piece.BIND: made().files[Piece.NOTICE]},
        {Piece.BEACON: made().files[Piece.NOTICE]},
        {Piece.OPENING: b"comity/opening@v1\n"},
        {Piece.NOTICE_PROOF: b""},
    ],
)
def test_files_that_make_no_bundle_are_bad_input(changes: dict[Piece, bytes | None]) -> None:
    assert verify_bundle(made().sealed(changes), TRUST).outcome is Outcome.BAD_INPUT


def test_a_party_that_the_trust_file_does_not_name_proves_nothing() -> None:
    bundle, stranger = made(), Tree(identity_of("gamma.example/comity/2026"))
    stranger.write(EntryType.NOTICE, BETA.origin, bundle.content)
    report = verify_bundle(bundle.sealed({Piece.NOTICE: stranger.entries[0]}), TRUST)
    assert (report.outcome, report.claims) == (Outcome.NOT_PROVEN, ())
    assert "gamma.example" in report.reason


def test_an_entry_given_to_oneself_proves_nothing() -> None:
    bundle, alpha = made(), Tree(ALPHA)
    alpha.write(EntryType.NOTICE, ALPHA.origin, bundle.content)
    alpha.write(EntryType.RECEIPT, ALPHA.origin, receipt_body(alpha, 1))
    files = {
        Piece.NOTICE: alpha.entries[0],
        Piece.NOTICE_PROOF: alpha.proof(0, 1),
        Piece.RECEIPT: alpha.entries[1],
        Piece.RECEIPT_PROOF: alpha.proof(1, 2),
    }
    report = verify_bundle(resealed(files, bundle.content.root, 0, ALPHA), TRUST)
    assert (report.outcome, report.claims) == (Outcome.NOT_PROVEN, ())


def test_only_the_sender_can_sign_the_manifest() -> None:
    bundle = made()
    files = resealed(bundle.files, bundle.content.root, 0, BETA)
    assert one_failed(verify_bundle(files, TRUST), Level.WHOLE)


@pytest.mark.parametrize(("id_", "index"), [(bytes(32), 0), (None, 1)])
def test_a_manifest_about_another_entry_fails(id_: bytes | None, index: int) -> None:
    bundle = made()
    files = resealed(bundle.files, id_ or bundle.content.root, index, ALPHA)
    assert one_failed(verify_bundle(files, TRUST), Level.WHOLE)


def test_an_entry_that_its_sender_did_not_sign_fails() -> None:
    bundle, alpha = made(), Tree(ALPHA)
    alpha.write(EntryType.NOTICE, BETA.origin, bundle.content, key=ALPHA.log)
    report = verify_bundle(bundle.sealed({Piece.NOTICE: alpha.entries[0]}), TRUST)
    assert one_failed(report, Level.SIGNED)
    assert Level.LOGGED in failed(report)


def test_a_head_that_the_log_did_not_sign_fails() -> None:
    bundle = made()
    proof = parse_proof(bundle.files[Piece.NOTICE_PROOF])
    false = sign_note(proof.checkpoint.text, ALPHA.entry)
    changed = serialise_proof(TlogProof(index=proof.index, hashes=proof.hashes, checkpoint=false))
    report = verify_bundle(bundle.sealed({Piece.NOTICE_PROOF: changed}), TRUST)
    assert one_failed(report, Level.LOGGED)
    assert Level.ACKNOWLEDGED in failed(report)  # its root has no signature, so it binds nothing


def test_a_proof_with_extra_data_is_refused() -> None:
    bundle = made()
    proof = parse_proof(bundle.files[Piece.NOTICE_PROOF])
    extra = TlogProof(
        index=proof.index, hashes=proof.hashes, checkpoint=proof.checkpoint, extra=b"believe me"
    )
    report = verify_bundle(bundle.sealed({Piece.NOTICE_PROOF: serialise_proof(extra)}), TRUST)
    assert report.outcome is Outcome.BAD_INPUT


def received(bundle: Made, body: ReceiptBody, *, by: Tree | None = None) -> dict[str, bytes]:
    """The bundle with another receipt, logged as the only entry of beta's journal (or `by`'s)."""
    beta = by or Tree(BETA)
    beta.write(EntryType.RECEIPT, ALPHA.origin, body, refs=(bundle.alpha.leaf(0),))
    changes: dict[Piece, bytes | None] = {
        Piece.RECEIPT: beta.entries[-1],
        Piece.RECEIPT_PROOF: beta.proof(len(beta.entries) - 1, len(beta.entries)),
        Piece.BIND: None,
        Piece.BIND_PROOF: None,
    }
    return bundle.sealed(changes)


def changed_receipt(
    bundle: Made, *, leaf: bytes | None = None, index: int = 0, size: int = 1
) -> ReceiptBody:
    good = receipt_body(bundle.alpha, 1)
    return ReceiptBody(
        given_leaf=leaf or good.given_leaf,
        given_index=index,
        peer_size=size,
        peer_root=good.peer_root,
        got=good.got,
        taken_us=good.taken_us,
        verdict=good.verdict,
    )


def test_a_receipt_for_another_entry_fails() -> None:
    bundle = made()
    for body in (changed_receipt(bundle, leaf=bytes(32)), changed_receipt(bundle, index=1)):
        assert one_failed(verify_bundle(received(bundle, body), TRUST), Level.ACKNOWLEDGED)


def test_a_receipt_that_binds_another_head_fails() -> None:
    bundle = made()
    files = received(bundle, changed_receipt(bundle, size=2))
    assert one_failed(verify_bundle(files, TRUST), Level.ACKNOWLEDGED)


def test_a_receipt_of_a_third_party_fails() -> None:
    bundle = made()
    files = received(
        bundle, receipt_body(bundle.alpha, 1), by=Tree(identity_of("gamma.example/comity/2026"))
    )
    assert one_failed(verify_bundle(files, TRUST), Level.ACKNOWLEDGED)


@pytest.mark.parametrize("audience", [ALPHA.origin, "gamma.example/comity/2026"])
def test_a_receipt_under_another_key_or_to_another_party_fails(audience: str) -> None:
    bundle, beta = made(), Tree(BETA)
    key = BETA.log if audience == ALPHA.origin else BETA.entry
    beta.write(EntryType.RECEIPT, audience, receipt_body(bundle.alpha, 1), key=key)
    changes: dict[Piece, bytes | None] = {
        Piece.RECEIPT: beta.entries[0],
        Piece.RECEIPT_PROOF: beta.proof(0, 1),
    }
    assert one_failed(verify_bundle(bundle.sealed(changes), TRUST), Level.ACKNOWLEDGED)


def test_a_receipt_that_its_sender_did_not_log_fails() -> None:
    bundle, other = made(), Tree(BETA)
    other.write(EntryType.RECEIPT, ALPHA.origin, changed_receipt(bundle, index=7))
    report = verify_bundle(bundle.sealed({Piece.RECEIPT_PROOF: other.proof(0, 1)}), TRUST)
    assert one_failed(report, Level.ACKNOWLEDGED)
    assert Level.BOUND in failed(report)


def bound_to(
    bundle: Made, body: PeerCheckpointBody, refs: tuple[bytes, ...], *, at: int = 1
) -> dict[str, bytes]:
    """The bundle with another binding, as alpha's entry `at`."""
    alpha = Tree(ALPHA, list(bundle.alpha.entries[:at]))
    alpha.write(EntryType.PEER_CHECKPOINT, ALPHA.origin, body, refs=refs)
    files: dict[Piece, bytes | None] = {
        Piece.BIND: alpha.entries[at],
        Piece.BIND_PROOF: alpha.proof(at, at + 1, [(BETA.cosigner, NOON_S + 2)]),
    }
    return bundle.sealed(files)


def test_a_binding_holds_for_this_head_and_this_receipt_only() -> None:
    bundle = made()
    theirs, leaf = bundle.beta.head(1), bundle.beta.leaf(0)
    note_hash = sha256(serialise(bundle.beta.signed(1)))
    good = PeerCheckpointBody(
        peer=BETA.origin, peer_size=1, peer_root=theirs.root, note_hash=note_hash
    )
    assert verify_bundle(bound_to(bundle, good, (leaf,)), TRUST).outcome is Outcome.PROVEN
    false = (
        (
            PeerCheckpointBody(
                peer=BETA.origin, peer_size=2, peer_root=theirs.root, note_hash=note_hash
            ),
            (leaf,),
        ),
        (
            PeerCheckpointBody(
                peer=BETA.origin, peer_size=1, peer_root=bytes(32), note_hash=note_hash
            ),
            (leaf,),
        ),
        (
            PeerCheckpointBody(
                peer=BETA.origin, peer_size=1, peer_root=theirs.root, note_hash=bytes(32)
            ),
            (leaf,),
        ),
        (replace(good, peer=ALPHA.origin), (leaf,)),
        (good, ()),
    )
    for body, refs in false:
        assert one_failed(verify_bundle(bound_to(bundle, body, refs), TRUST), Level.BOUND)


def bind_of(bundle: Made) -> PeerCheckpointBody:
    return PeerCheckpointBody(
        peer=BETA.origin,
        peer_size=1,
        peer_root=bundle.beta.head(1).root,
        note_hash=sha256(serialise(bundle.beta.signed(1))),
    )


@pytest.mark.parametrize("sender", [ALPHA.origin, "gamma.example/comity/2026"])
def test_a_binding_under_another_key_or_name_fails(sender: str) -> None:
    bundle = made()
    alpha = Tree(ALPHA, list(bundle.alpha.entries[:1]))
    key = ALPHA.log if sender == ALPHA.origin else ALPHA.entry
    refs = (bundle.beta.leaf(0),)
    kind = EntryType.PEER_CHECKPOINT
    alpha.write(kind, sender, bind_of(bundle), refs=refs, key=key, sender=sender)
    changes: dict[Piece, bytes | None] = {
        Piece.BIND: alpha.entries[1],
        Piece.BIND_PROOF: alpha.proof(1, 2),
    }
    assert one_failed(verify_bundle(bundle.sealed(changes), TRUST), Level.BOUND)


def test_a_binding_that_its_sender_did_not_log_fails() -> None:
    bundle, other = made(), Tree(ALPHA, list(made().alpha.entries[:1]))
    other.write(EntryType.PEER_CHECKPOINT, ALPHA.origin, bind_of(bundle), seq=3)
    other.write(EntryType.PEER_CHECKPOINT, ALPHA.origin, bind_of(bundle), seq=4)
    changes: dict[Piece, bytes | None] = {Piece.BIND_PROOF: other.proof(1, 3)}
    assert one_failed(verify_bundle(bundle.sealed(changes), TRUST), Level.BOUND)


def test_a_cosigned_head_without_the_entry_counts_for_nothing() -> None:
    bundle, other = made(), Tree(ALPHA)
    for seq in range(3):
        other.write(EntryType.NOTICE, BETA.origin, bundle.content, seq=seq + 5)
    who = [(WITNESSES[0], NOON_S), (BETA.cosigner, NOON_S)]
    changes: dict[Piece, bytes | None] = {Piece.NOTICE_WITNESSED: other.proof(0, 3, who)}
    report = verify_bundle(bundle.sealed(changes), trust_of(WITNESSES[:1]), quorum=1)
    assert report.outcome is Outcome.NOT_PROVEN
    levels = {Level.LOGGED, Level.PEER_COSIGNED, Level.WITNESSED, Level.TIMED}
    assert levels <= failed(report)
    assert report.times is None


def test_an_entry_with_two_signatures_is_no_entry() -> None:
    bundle = made()
    note = parse_note(bundle.files[Piece.NOTICE])
    twice = (*note.signatures, *sign_note(note.text, ALPHA.log).signatures)
    data = serialise(Note(text=note.text, signatures=twice))
    report = verify_bundle(bundle.sealed({Piece.NOTICE: data}), TRUST)
    assert report.outcome is Outcome.BAD_INPUT


def test_a_binding_before_the_head_that_the_receipt_binds_fails() -> None:
    bundle = made()
    files = bound_to(bundle, bind_of(bundle), (bundle.beta.leaf(0),), at=0)
    assert Level.BOUND in failed(verify_bundle(files, TRUST))


def test_a_false_cosignature_of_the_peer_fails() -> None:
    bundle = made()
    stamped = bundle.alpha.proof(0, 1, [(BETA.cosigner, NOON_S + 1)])
    moved = bundle.alpha.proof(0, 1, [(BETA.cosigner, NOON_S + 9)])
    line = moved.splitlines()[-1][:-80]  # another time, the signature over the old one
    false = stamped.replace(stamped.splitlines()[-1], line + stamped.splitlines()[-1][-80:])
    report = verify_bundle(bundle.sealed({Piece.NOTICE_PROOF: false}), TRUST)
    assert one_failed(report, Level.PEER_COSIGNED)


# --- witnesses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cosigned", "quorum", "outcome"),
    [
        (2, 2, Outcome.PROVEN),
        (3, 2, Outcome.PROVEN),
        (1, 2, Outcome.NOT_PROVEN),
        (0, 1, Outcome.NOT_PROVEN),
    ],
)
def test_a_quorum_that_is_asked_for_must_be_met(
    cosigned: int, quorum: int, outcome: Outcome
) -> None:
    trust = trust_of(WITNESSES[:3], quorum=2)
    bundle = made(cosigners=[(key, NOON_S + 1) for key in WITNESSES[:cosigned]])
    report = verify_bundle(bundle.sealed(), trust, quorum=quorum)
    assert report.outcome is outcome
    assert report.witnessing is not None
    assert len(report.witnessing.names) == cosigned
    assert verify_bundle(bundle.sealed(), trust).outcome is Outcome.PROVEN


def test_a_quorum_of_none_still_asks_for_one() -> None:
    report = verify_bundle(made().sealed(), trust_of(WITNESSES[:1]), quorum=0)
    assert report.outcome is Outcome.NOT_PROVEN


def test_cosignatures_of_unknown_witnesses_do_not_count() -> None:
    bundle = made(cosigners=[(key, NOON_S + 1) for key in WITNESSES[2:]])
    report = verify_bundle(bundle.sealed(), trust_of(WITNESSES[:2]), quorum=1)
    assert report.outcome is Outcome.NOT_PROVEN


def test_cosignatures_on_two_heads_do_not_add_up() -> None:
    bundle = made(cosigners=[(WITNESSES[0], NOON_S + 1)])
    later = bundle.alpha.proof(0, 2, [(WITNESSES[1], NOON_S + 2)])
    files = bundle.sealed({Piece.NOTICE_WITNESSED: later})
    trust = trust_of(WITNESSES[:2], quorum=2)
    assert verify_bundle(files, trust).outcome is Outcome.PROVEN
    assert verify_bundle(files, trust, quorum=2).outcome is Outcome.NOT_PROVEN

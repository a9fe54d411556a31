"""Comity's verifier and one that shares no code with it agree on bundles, whole or edited."""

import ast
import random
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from comity.journal.manifest import MANIFEST_NAME, Piece
from comity.journal.policy import read_policy
from comity.journal.report import Outcome, Report
from comity.journal.timestamp import read_authority
from comity.journal.tlog_proof import parse_proof, serialise_proof
from comity.journal.trustfile import parse_trust, trust_text
from comity.journal.verify import verify_bundle
from comity.trust.keys import KeyType
from comity.trust.note import Note, serialise, sign_note
from tests.foreign import independent_bundle
from tests.foreign.independent_bundle import ProofError
from tests.fuzz.seeds import authorities, policies
from tests.journal.handmade import (
    ALPHA,
    BETA,
    NOON_S,
    REFEREE,
    WITNESSES,
    made,
    receipt_body,
    resealed,
    trust_file,
)
from tests.journal.two_nodes import card_of, full_sample, seeded, two_nodes

EDITS = 400


def proven_elsewhere(files: Mapping[str, bytes], trust: bytes) -> dict[str, object] | None:
    try:
        return independent_bundle.verify(dict(files), trust)
    except (ProofError, ValueError, KeyError, IndexError, struct.error):
        return None


def agree(files: Mapping[str, bytes], trust: bytes) -> Report:
    """Both say the same, and where both say yes they read the same."""
    report = verify_bundle(files, parse_trust(trust))
    found = proven_elsewhere(files, trust)
    assert (report.outcome is Outcome.PROVEN) == (found is not None)
    if found is not None:
        assert report.subject is not None
        assert found["index"] == report.subject.index
        assert report.receipt is not None
        assert found["verdict"] == report.receipt.verdict
        opened = () if report.opened is None else report.opened.fields
        fields = found["fields"]
        assert isinstance(fields, dict)
        assert {path: value for path, value in fields.items() if path} == {
            field.path: field.value for field in opened
        }
    return report


def test_the_second_verifier_shares_no_code_and_is_short() -> None:
    text = Path(independent_bundle.__file__).read_text(encoding="utf-8")
    imported = {
        name
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    outside = {name for name in imported if name.partition(".")[0] == "cryptography"}
    assert imported - outside <= {"base64", "hashlib", "re", "struct", "sys", "pathlib"}
    assert len(text.splitlines()) <= 220


def test_both_prove_a_full_bundle() -> None:
    sample = full_sample()
    assert agree(sample.files, sample.trust_file).outcome is Outcome.PROVEN
    found = proven_elsewhere(sample.files, sample.trust_file)
    assert found is not None
    times = verify_bundle(sample.files, sample.trust).times
    assert times is not None
    assert isinstance(found["times"], dict)
    assert found["times"][Piece.BEACON] == [times.given.low.time_s]
    assert found["times"][Piece.NOTICE_WITNESSED] == [times.given.high.time_s]


@pytest.mark.parametrize(("exercise", "witnesses", "ack"), [("", 0, True), ("x", 2, False)])
def test_both_prove_smaller_bundles(exercise: str, witnesses: int, *, ack: bool) -> None:
    with two_nodes(exercise=exercise, witnesses=witnesses) as nodes:
        index = nodes.declare()
        nodes.give(index, ack=ack)
        assert agree(nodes.bundle(index), nodes.trust_file()).outcome is Outcome.PROVEN


@pytest.mark.parametrize("name", sorted(full_sample().files))
def test_both_refuse_what_is_taken_away(name: str) -> None:
    sample = full_sample()
    files = {other: data for other, data in sample.files.items() if other != name}
    assert agree(files, sample.trust_file).outcome is Outcome.BAD_INPUT


def test_both_refuse_edits_under_the_old_manifest() -> None:
    sample, chance = full_sample(), random.Random(1)
    for _ in range(EDITS):
        name = chance.choice(sorted(sample.files))
        data = edit(sample.files[name], chance)
        report = agree({**sample.files, name: data}, sample.trust_file)
        assert report.outcome is not Outcome.PROVEN


def test_both_judge_edits_under_a_new_manifest_alike() -> None:
    sample, chance, proven = full_sample(), random.Random(2), 0
    pieces = {Piece(name): data for name, data in sample.files.items() if name != MANIFEST_NAME}
    for _ in range(EDITS):
        name = chance.choice(sorted(pieces))
        changed = {**pieces, name: edit(pieces[name], chance)}
        files = resealed(changed, *sample.subject, sample.alpha)
        proven += agree(files, sample.trust_file).outcome is Outcome.PROVEN
    assert 0 < proven < EDITS // 4  # a cosigner's name or key id may change: a stranger's line


def edit(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def test_both_refuse_a_receipt_that_binds_another_root() -> None:
    bundle = made(receipt=receipt_body(made().alpha, 1, root=bytes(32)))
    assert agree(bundle.sealed(), trust_file()).outcome is Outcome.MISBEHAVIOUR


def test_both_read_a_witness_s_line_of_ml_dsa() -> None:
    one = WITNESSES[0]
    other = seeded(one.name, KeyType.ML_DSA_44)
    bundle = made(cosigners=[(one, NOON_S + 3), (other, NOON_S + 4)])
    trust = trust_file((one, other))
    assert agree(bundle.sealed(), trust).outcome is Outcome.PROVEN
    found = proven_elsewhere(bundle.sealed(), trust)
    assert found is not None
    times = found["times"]
    assert isinstance(times, dict)
    assert {NOON_S + 3, NOON_S + 4} <= set(times[Piece.NOTICE_PROOF])
    false = made(cosigners=[(one, NOON_S + 3), (seeded(one.name, KeyType.ML_DSA_44, "x"), NOON_S)])
    posing = other.verifier().key_id, seeded(one.name, KeyType.ML_DSA_44, "x").verifier().key_id
    files = dict(false.files)
    proof = parse_proof(files[Piece.NOTICE_PROOF])
    lines = tuple(
        replace(line, key_id=posing[0]) if line.key_id == posing[1] else line
        for line in proof.checkpoint.signatures
    )
    head = Note(text=proof.checkpoint.text, signatures=lines)
    files[Piece.NOTICE_PROOF] = serialise_proof(replace(proof, checkpoint=head))
    changed = false.sealed({Piece.NOTICE_PROOF: files[Piece.NOTICE_PROOF]})
    assert agree(changed, trust).outcome is Outcome.NOT_PROVEN


def test_both_accept_a_trust_file_that_names_more() -> None:
    assert agree(made().sealed(), trust_file(WITNESSES, quorum=4)).outcome is Outcome.PROVEN


def test_both_read_a_trust_file_with_an_authority_and_the_second_says_what_it_leaves_out() -> None:
    cards, signer = [card_of(ALPHA), card_of(BETA)], REFEREE.verifier().text()
    named = [read_authority(authorities()[0])]
    text = trust_text(cards, [], signer=signer, authorities=named)
    assert agree(made().sealed(), serialise(sign_note(text, REFEREE))).outcome is Outcome.PROVEN
    asks = trust_text(cards, [], signer=signer, policy=read_policy(policies()[0]))
    with pytest.raises(ProofError, match="policies"):
        independent_bundle.verify(made().sealed(), serialise(sign_note(asks, REFEREE)))


def test_both_refuse_a_trust_file_that_is_not_signed() -> None:
    sample = full_sample()
    broken = sample.trust_file[:-8] + b"AAAAAA=\n"
    assert proven_elsewhere(sample.files, broken) is None


def test_it_reads_a_trust_file_of_version_2() -> None:
    with two_nodes(mldsa=True) as nodes:
        index = nodes.declare()
        nodes.give(index)
        files, second = nodes.bundle(index), nodes.trust_file()
    assert b"\nversion 2\n" in second
    assert agree(files, second).outcome is Outcome.PROVEN

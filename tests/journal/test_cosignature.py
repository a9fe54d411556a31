"""Cosignatures: time and whole text are signed, and no false or second line passes."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.cosignature import COSIGNATURE_AHEAD_S_MAX, cosign, cosigned_at
from comity.journal.merkle import EMPTY_ROOT
from comity.model.fault import Corrupt, Malformed, Untrusted
from comity.trust.keys import KeyType, SigningKey, parse_verifier_key
from comity.trust.note import Note, Signature, parse_note, sign_note, signed_by

VECTOR_PATH = Path(__file__).parents[1] / "vectors" / "c2sp_mini_checkpoint.note"
VECTOR = VECTOR_PATH.read_bytes()
MLDSA_VECTOR = VECTOR_PATH.with_name("c2sp_mldsa_checkpoint.note").read_bytes()
MLDSA_VECTOR_KEY = (
    SigningKey(name="witness.example/w1", key_type=KeyType.ML_DSA_44, seed=bytes(range(32)))
    .verifier()
    .text()
)
VECTOR_KEY = "south.example/peer+0a0944ed+BHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
TIME_S = 1_795_330_000
LOG = SigningKey(name="north.example", key_type=KeyType.ED25519, seed=bytes(32))
WITNESS = SigningKey(name="w.example", key_type=KeyType.COSIGNATURE_V1, seed=bytes([1]) * 32)
OTHER = SigningKey(name="x.example", key_type=KeyType.COSIGNATURE_V1, seed=bytes([2]) * 32)
TEXT = checkpoint_text(Checkpoint(origin=LOG.name, size=7, root=EMPTY_ROOT))


def note_with(*lines: Signature) -> Note:
    return Note(text=TEXT, signatures=(*sign_note(TEXT, LOG).signatures, *lines))


def refused(note: Note, *, now_s: int | None = None) -> str:
    with pytest.raises(Untrusted) as caught:
        cosigned_at(note, WITNESS.verifier(), now_s=now_s)
    return caught.value.code


def test_mini_vector() -> None:
    key = parse_verifier_key(VECTOR_KEY)
    assert cosigned_at(parse_note(VECTOR), key) == TIME_S
    assert cosigned_at(parse_note(VECTOR), WITNESS.verifier()) is None


def test_mldsa_vector() -> None:
    """Signed by tlog-scales 0.0.3, of which this project has no line."""
    key = parse_verifier_key(MLDSA_VECTOR_KEY)
    note = parse_note(MLDSA_VECTOR)
    assert cosigned_at(note, key) == TIME_S
    assert cosigned_at(note, parse_verifier_key(VECTOR_KEY)) == TIME_S
    line = note.signatures[2]
    assert (line.key_id.hex(), len(line.blob)) == ("dcccf9ec", 8 + 2_420)
    false = replace(line, blob=line.blob[:-1] + bytes([line.blob[-1] ^ 1]))
    with pytest.raises(Untrusted):
        cosigned_at(Note(text=note.text, signatures=(false,)), key)


def test_the_signed_message_is_two_lines_and_the_text() -> None:
    """As c2sp.org/tlog-cosignature prints it; written out here, not taken from the code."""
    blob = cosign(TEXT, WITNESS, 1_679_315_147).blob
    message = f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()
    assert blob == (1_679_315_147).to_bytes(8, "big") + WITNESS.sign(message)


@pytest.mark.parametrize("time_s", [1, TIME_S, 2**63 - 1])
def test_the_time_comes_back(time_s: int) -> None:
    note = note_with(cosign(TEXT, OTHER, 5), cosign(TEXT, WITNESS, time_s))
    assert cosigned_at(note, WITNESS.verifier()) == time_s
    assert cosigned_at(note, OTHER.verifier()) == 5
    signed_by(note, LOG.verifier())


def test_absent_is_none_and_another_s_line_is_not_ours() -> None:
    assert cosigned_at(note_with(), WITNESS.verifier()) is None
    assert cosigned_at(note_with(cosign(TEXT, OTHER, 5)), WITNESS.verifier()) is None


def test_every_bit_of_the_line_counts() -> None:
    good = cosign(TEXT, WITNESS, TIME_S)
    for bit in range(8 * len(good.blob)):
        bent = bytearray(good.blob)
        bent[bit // 8] ^= 1 << bit % 8
        assert refused(note_with(replace(good, blob=bytes(bent)))) == "bad_signature"


@pytest.mark.parametrize("length", [1, 7, 8, 64, 71, 73, 144])
def test_another_length_is_false(length: int) -> None:
    good = cosign(TEXT, WITNESS, TIME_S)
    assert refused(note_with(replace(good, blob=(good.blob * 2)[:length]))) == "bad_signature"


@pytest.mark.parametrize("time_s", [0, 2**63, 2**64 - 1])
def test_a_time_outside_the_format_is_false_even_if_signed(time_s: int) -> None:
    signature = WITNESS.sign(f"cosignature/v1\ntime {time_s}\n{TEXT}".encode())
    blob = time_s.to_bytes(8, "big") + signature
    line = replace(cosign(TEXT, WITNESS, 1), blob=blob)
    assert refused(note_with(line)) == "bad_signature"


def test_a_cosignature_holds_for_no_other_text() -> None:
    other = TEXT.replace("\n7\n", "\n8\n")
    assert other != TEXT
    note = Note(text=other, signatures=(cosign(TEXT, WITNESS, TIME_S),))
    assert refused(note) == "bad_signature"


def test_two_lines_are_refused_even_if_both_hold() -> None:
    lines = (cosign(TEXT, WITNESS, TIME_S), cosign(TEXT, WITNESS, TIME_S + 1))
    assert refused(note_with(*lines)) == "duplicate_signature"


def test_the_future_at_n_and_n_plus_1() -> None:
    note = note_with(cosign(TEXT, WITNESS, TIME_S))
    now_s = TIME_S - COSIGNATURE_AHEAD_S_MAX
    assert cosigned_at(note, WITNESS.verifier(), now_s=now_s) == TIME_S
    assert refused(note, now_s=now_s - 1) == "cosigned_ahead"
    assert cosigned_at(note, WITNESS.verifier(), now_s=TIME_S + 10**9) == TIME_S


def test_a_note_signature_is_no_cosignature_and_the_reverse() -> None:
    """One seed under both types: the messages differ, so neither passes as the other."""
    twin = SigningKey(name=WITNESS.name, key_type=KeyType.ED25519, seed=WITNESS.seed)
    plain = sign_note(TEXT, twin).signatures[0].blob
    key_id = WITNESS.verifier().key_id
    assert key_id != twin.verifier().key_id
    posing = Signature(name=WITNESS.name, key_id=key_id, blob=bytes(7) + b"\x01" + plain)
    assert refused(note_with(posing)) == "bad_signature"
    blob = cosign(TEXT, WITNESS, 1).blob[8:]
    reverse = Signature(name=twin.name, key_id=twin.verifier().key_id, blob=blob)
    with pytest.raises(Untrusted):
        signed_by(note_with(reverse), twin.verifier())


@pytest.mark.parametrize(
    "text", ["", "not a checkpoint\n", TEXT + "extension\n", TEXT.replace("7", "07")]
)
def test_only_a_checkpoint_is_cosigned(text: str) -> None:
    with pytest.raises(Malformed):
        cosign(text, WITNESS, TIME_S)


@pytest.mark.parametrize("time_s", [0, -1, 2**63])
def test_a_cosignature_needs_a_time(time_s: int) -> None:
    with pytest.raises(Corrupt):
        cosign(TEXT, WITNESS, time_s)


def test_a_note_key_cosigns_nothing() -> None:
    with pytest.raises(Corrupt):
        cosign(TEXT, LOG, TIME_S)
    with pytest.raises(Corrupt):
        cosigned_at(note_with(), LOG.verifier())

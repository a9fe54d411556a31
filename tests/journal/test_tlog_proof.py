"""Offline proofs: byte for byte, strict, and held to the checkpoint that the log signed."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.cosignature import cosign
from comity.journal.merkle import leaf_hash, tree_inclusion, tree_root
from comity.journal.tlog_proof import (
    PROOF_BYTES_MAX,
    TlogProof,
    check_proof,
    parse_proof,
    serialise_proof,
)
from comity.model.fault import Malformed, Untrusted
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, serialise, sign_note
from comity.wire.canonical import b64

LOG = SigningKey(name="north.example/2026", key_type=KeyType.ED25519, seed=bytes(32))
WITNESS = SigningKey(name="w.example", key_type=KeyType.COSIGNATURE_V1, seed=bytes([1]) * 32)
LEAVES = [leaf_hash(f"entry-{i}".encode()) for i in range(5)]
HEAD = Checkpoint(origin=LOG.name, size=5, root=tree_root(LEAVES))
SIGNED = sign_note(checkpoint_text(HEAD), LOG)
PROOF = TlogProof(index=2, hashes=tree_inclusion(LEAVES, 2), checkpoint=SIGNED, extra=b"entry-2")
BYTES = serialise_proof(PROOF)
HASH_LINES = "".join(f"{b64(value)}\n" for value in PROOF.hashes)


def refused(proof: TlogProof, leaf: bytes = LEAVES[2], key: SigningKey = LOG) -> str:
    with pytest.raises(Untrusted) as caught:
        check_proof(proof, leaf, key.verifier())
    return caught.value.code


def test_byte_for_byte() -> None:
    head = f"c2sp.org/tlog-proof@v1\nextra ZW50cnktMg==\nindex 2\n{HASH_LINES}\n"
    assert serialise_proof(PROOF) == head.encode() + serialise(SIGNED)
    assert len(PROOF.hashes) == 3
    assert parse_proof(BYTES) == PROOF
    assert check_proof(PROOF, LEAVES[2], LOG.verifier()) == HEAD


def test_without_extra_without_hashes_and_with_cosignatures() -> None:
    leaf = leaf_hash(b"alone")
    text = checkpoint_text(Checkpoint(origin=LOG.name, size=1, root=leaf))
    lines = (*sign_note(text, LOG).signatures, cosign(text, WITNESS, 1_795_330_000))
    proof = TlogProof(index=0, hashes=(), checkpoint=Note(text=text, signatures=lines))
    data = serialise_proof(proof)
    assert data.startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\nnorth.example/2026\n1\n")
    assert parse_proof(data) == proof
    assert check_proof(proof, leaf, LOG.verifier()).size == 1


@pytest.mark.parametrize("index", range(5))
def test_every_leaf_of_the_tree(index: int) -> None:
    proof = replace(PROOF, index=index, hashes=tree_inclusion(LEAVES, index))
    assert check_proof(proof, LEAVES[index], LOG.verifier()) == HEAD
    for other in range(5):
        if other != index:
            assert refused(proof, LEAVES[other]) == "proof_fails"
            assert refused(replace(proof, index=other), LEAVES[index]) == "proof_fails"


def test_every_bit_of_every_hash_counts() -> None:
    for at, value in enumerate(PROOF.hashes):
        for bit in range(256):
            bent = bytearray(value)
            bent[bit // 8] ^= 1 << bit % 8
            hashes = (*PROOF.hashes[:at], bytes(bent), *PROOF.hashes[at + 1 :])
            assert refused(replace(PROOF, hashes=hashes)) == "proof_fails"


def test_the_root_is_the_signed_one_or_none() -> None:
    """A proof against an unsigned root proves nothing: the text is what the signature covers."""
    forged = replace(HEAD, root=tree_root([*LEAVES[:4], leaf_hash(b"forged")]))
    note = replace(SIGNED, text=checkpoint_text(forged))
    assert refused(replace(PROOF, checkpoint=note)) == "bad_signature"
    other = SigningKey(name=LOG.name, key_type=KeyType.ED25519, seed=bytes([9]) * 32)
    assert refused(PROOF, key=other) == "not_signed"
    by_other = sign_note(checkpoint_text(forged), other)
    assert refused(replace(PROOF, checkpoint=by_other)) == "not_signed"


def test_the_log_s_key_signs_for_its_own_origin_only() -> None:
    text = checkpoint_text(replace(HEAD, origin="south.example/2026"))
    assert refused(replace(PROOF, checkpoint=sign_note(text, LOG))) == "wrong_origin"


def test_extra_is_authenticated_by_nothing() -> None:
    proof = replace(PROOF, extra=b"anything at all")
    assert check_proof(proof, LEAVES[2], LOG.verifier()) == HEAD


FIRST_HASH = b64(PROOF.hashes[0]).encode()
STRICT = {
    "empty": b"",
    "header only": b"c2sp.org/tlog-proof@v1\n",
    "another version": BYTES.replace(b"@v1", b"@v2"),
    "no header": BYTES.split(b"\n", 1)[1],
    "empty line first": b"\n" + BYTES,
    "space after the header": BYTES.replace(b"@v1\n", b"@v1 \n"),
    "no index": BYTES.replace(b"index 2\n", b""),
    "index before extra": BYTES.replace(
        b"extra ZW50cnktMg==\nindex 2\n", b"index 2\nextra ZW50cnktMg==\n"
    ),
    "two extras": BYTES.replace(b"index 2\n", b"extra ZW50cnktMg==\nindex 2\n"),
    "index without its word": BYTES.replace(b"index 2\n", b"2\n"),
    "two indexes": BYTES.replace(b"index 2\n", b"index 2\nindex 2\n"),
    "empty extra": BYTES.replace(b"ZW50cnktMg==", b""),
    "extra without a space": BYTES.replace(b"extra ZW50cnktMg==", b"extra"),
    "extra with spare bits": BYTES.replace(b"Mg==", b"Mh=="),
    "extra in two words": BYTES.replace(b"extra ", b"extra  "),
    "another field": BYTES.replace(b"index 2\n", b"time 5\nindex 2\n"),
    "leading zero": BYTES.replace(b"index 2", b"index 02"),
    "signed index": BYTES.replace(b"index 2", b"index +2"),
    "negative index": BYTES.replace(b"index 2", b"index -2"),
    "index with a space": BYTES.replace(b"index 2", b"index  2"),
    "index 2^63 - 1": BYTES.replace(b"index 2", b"index 9223372036854775807"),
    "Arabic index": BYTES.replace(b"index 2", "index \u0662".encode()),
    "hash of 31 bytes": BYTES.replace(FIRST_HASH, b64(bytes(31)).encode()),
    "hash with spare bits": BYTES.replace(FIRST_HASH, b64(bytes(32)).encode()[:-2] + b"B="),
    "hash in hex": BYTES.replace(FIRST_HASH, PROOF.hashes[0].hex().encode()),
    "space after a hash": BYTES.replace(FIRST_HASH, FIRST_HASH + b" "),
    "CR LF": BYTES.replace(b"\n", b"\r\n"),
    "CR LF in the head": BYTES.replace(b"@v1\n", b"@v1\r\n"),
    "no empty line": BYTES.replace(b"\n\n", b"\n", 1),
    "two empty lines": BYTES.replace(b"\n\n", b"\n\n\n", 1),
    "no checkpoint": BYTES.split(b"\n\n")[0] + b"\n\n",
    "unsigned checkpoint": BYTES.rsplit(b"\n\n", 1)[0] + b"\n\n",
    "checkpoint of four lines": BYTES[: -len(serialise(SIGNED))]
    + serialise(sign_note(checkpoint_text(HEAD) + "extension\n", LOG)),
    "checkpoint of no tree": BYTES.replace(b"2026\n5\n", b"2026\n05\n"),
    "no LF at the end": BYTES[:-1],
    "LF too many": BYTES + b"\n",
    "line separator": BYTES.replace(b"index 2\n", "index 2\u2028".encode()),
}


@pytest.mark.parametrize("data", STRICT.values(), ids=STRICT.keys())
def test_strictness(data: bytes) -> None:
    assert data != BYTES
    with pytest.raises(Malformed):
        parse_proof(data)


def test_63_hashes_and_not_64() -> None:
    most = serialise_proof(replace(PROOF, hashes=(bytes(32),) * 63))
    assert len(parse_proof(most).hashes) == 63
    line = (b64(bytes(32)) + "\n").encode()
    with pytest.raises(Malformed):
        parse_proof(most.replace(line, line * 2, 1))
    with pytest.raises(Malformed):
        replace(PROOF, hashes=(bytes(32),) * 64)


def test_size_is_capped_before_anything_is_read() -> None:
    with pytest.raises(Malformed) as caught:
        parse_proof(serialise_proof(replace(PROOF, extra=bytes(PROOF_BYTES_MAX * 3 // 4))))
    assert caught.value.code == "too_large"
    largest = replace(PROOF, extra=bytes(65_535))
    assert parse_proof(serialise_proof(largest)) == largest


@given(at=st.integers(0, len(BYTES) - 1), octet=st.integers(0, 255))
def test_one_changed_byte_is_malformed_or_round_trips(at: int, octet: int) -> None:
    bent = BYTES[:at] + bytes([octet]) + BYTES[at + 1 :]
    with suppress(Malformed):
        assert serialise_proof(parse_proof(bent)) == bent


@given(
    st.integers(0, 2**63 - 2),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(min_size=1, max_size=99),
)
def test_every_proof_round_trips(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    proof = TlogProof(index=index, hashes=tuple(hashes), checkpoint=SIGNED, extra=extra)
    assert parse_proof(serialise_proof(proof)) == proof


@pytest.mark.parametrize(
    ("index", "hashes", "extra"), [(-1, (), None), (0, (b"short",), None), (0, (), b"")]
)
def test_what_is_no_proof_cannot_be_made(
    index: int, hashes: tuple[bytes, ...], extra: bytes | None
) -> None:
    with pytest.raises(Malformed):
        TlogProof(index=index, hashes=hashes, checkpoint=SIGNED, extra=extra)

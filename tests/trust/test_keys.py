"""Keys: text form, key ids, names; weak keys are refused, and why; no signature bends."""

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings as sodium

from comity.model.fault import Malformed, Untrusted
from comity.trust import keys
from comity.trust.keys import (
    KeyType,
    SigningKey,
    VerifierKey,
    admit,
    check_name,
    parse_verifier_key,
    verify,
)
from comity.wire.canonical import b64, sha256

VECTORS = tomllib.loads(
    (Path(__file__).parents[1] / "vectors" / "c2sp_published_notes.toml").read_text("utf-8")
)
FIELD_PRIME = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
SIGN_OF_X = 1 << 255

IDENTITY = (1).to_bytes(32, "little")
# A point of order 8; its small multiples are all eight points of small order.
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


def small_order_points() -> list[bytes]:
    points = [IDENTITY]
    while len(points) < 8:
        points.append(sodium.crypto_core_ed25519_add(points[-1], ORDER_8))
    return points


def non_canonical_encodings() -> list[bytes]:
    """Every y from p to 2^255 - 1 with both signs, and y = 1 and -1 with the sign of an x of 0."""
    ys = range(FIELD_PRIME, 2**255)
    found = [(y | sign).to_bytes(32, "little") for y in ys for sign in (0, SIGN_OF_X)]
    return found + [(y | SIGN_OF_X).to_bytes(32, "little") for y in (1, FIELD_PRIME - 1)]


def signer(octet: int = 0, key_type: KeyType = KeyType.ED25519) -> SigningKey:
    return SigningKey(name="north.example/2026", key_type=key_type, seed=bytes([octet]) * 32)


def under(public: bytes) -> VerifierKey:
    return VerifierKey(name="weak.example", key_type=KeyType.ED25519, public=public)


# --- text form -----------------------------------------------------------------------------------


def test_mini_vector_keys() -> None:
    log = SigningKey(
        name="north.example/hotline/2026", key_type=KeyType.ED25519, seed=bytes(range(32))
    )
    peer = SigningKey(
        name="south.example/peer", key_type=KeyType.COSIGNATURE_V1, seed=bytes(range(1, 33))
    )
    assert log.verifier().text() == (
        "north.example/hotline/2026+20383a7e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    )
    assert peer.verifier().text() == (
        "south.example/peer+0a0944ed+BHm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
    )


@pytest.mark.parametrize("vector", VECTORS["note"], ids=lambda vector: vector["source"])
def test_published_keys_parse_and_are_admitted(vector: dict[str, str]) -> None:
    key = parse_verifier_key(vector["key"])
    assert key.text() == vector["key"]
    admit(key)


@pytest.mark.parametrize("vector", VECTORS["refused_key"], ids=lambda vector: vector["why"])
def test_published_bad_keys_are_refused(vector: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        parse_verifier_key(vector["key"])


def test_no_part_of_a_key_is_a_key_and_no_character_may_change() -> None:
    text = VECTORS["note"][1]["key"]
    cuts = [text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1)]
    others = [text[:i] + chr(ord(text[i]) + 1) + text[i + 1 :] for i in range(len(text))]
    for changed in [*cuts, *others]:
        if changed != text:
            with pytest.raises(Malformed):
                parse_verifier_key(changed)


def test_upper_case_key_id_padding_and_length_are_refused() -> None:
    key = signer().verifier()
    name, key_id, material = key.text().split("+", 2)
    for text in (
        f"{name}+{key_id.upper()}+{material}",
        f"{name}+{key_id}+{material}\n",
        f"{name}+{key_id}+{material}==",
        f"{name}+{key_id}+",
        f"{'n' * 600}+{key_id}+{material}",
    ):
        with pytest.raises(Malformed):
            parse_verifier_key(text)


@given(st.text(max_size=80))
def test_foreign_text_is_malformed_or_round_trips(text: str) -> None:
    with suppress(Malformed):
        assert parse_verifier_key(text).text() == text


def test_key_id_binds_name_type_and_key() -> None:
    ids = {
        signer(0).verifier().key_id,
        signer(1).verifier().key_id,
        signer(0, KeyType.COSIGNATURE_V1).verifier().key_id,
        SigningKey(name="other", key_type=KeyType.ED25519, seed=bytes(32)).verifier().key_id,
    }
    assert len(ids) == 4


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "north.example/hotline/2026", "é" * 127, "n" * 255])
def test_names_that_are_allowed(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "a b", "a+b", "a\n", "a\tb", "a\x00", "a\x7f", "a\x85b", "a\xa0b", "a\u2028b",
        "a\u2029b", "a\u3000b", "a\u200a", "a\x1cb", "\ud800", "n" * 256, "é" * 128,
    ],
)  # fmt: skip
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        check_name(name)
    assert caught.value.code == "bad_name"


# --- admission -----------------------------------------------------------------------------------


@pytest.mark.parametrize("public", small_order_points(), ids=lambda public: public.hex()[:12])
def test_small_order_keys_are_refused(public: bytes) -> None:
    with pytest.raises(Untrusted) as caught:
        admit(under(public))
    assert caught.value.code == "weak_key"


def test_the_list_of_small_order_points_is_complete() -> None:
    points = small_order_points()
    assert len(set(points)) == 8
    assert sodium.crypto_core_ed25519_add(points[-1], ORDER_8) == IDENTITY


@pytest.mark.parametrize("public", non_canonical_encodings(), ids=lambda public: public.hex()[:12])
def test_non_canonical_keys_are_refused(public: bytes) -> None:
    with pytest.raises(Untrusted):
        admit(under(public))


def test_mixed_order_keys_and_points_off_the_curve_are_refused() -> None:
    good = signer().verifier().public
    admit(under(good))
    for small in small_order_points()[1:]:
        with pytest.raises(Untrusted):
            admit(under(sodium.crypto_core_ed25519_add(good, small)))
    with pytest.raises(Untrusted):
        admit(under((2).to_bytes(32, "little")))  # no x fits y = 2


def test_both_halves_of_admission_hold_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a later libsodium may let through, an encoding that is not canonical stays out."""
    monkeypatch.setattr(keys, "crypto_core_ed25519_is_valid_point", lambda _: True)
    admit(under(IDENTITY))  # the negative control: now only the canonical form is asked for
    for public in (FIELD_PRIME, FIELD_PRIME + 1, 2**255 - 1):
        with pytest.raises(Untrusted):
            admit(under(public.to_bytes(32, "little")))


def test_why_one_signature_holds_for_every_message_under_the_identity() -> None:
    """The reason for `admit`: with S = 0 and R = A = identity, nothing depends on the message."""
    free = IDENTITY + bytes(32)
    library = Ed25519PublicKey.from_public_bytes(IDENTITY)
    for number in range(64):
        message = f"message {number}".encode()
        library.verify(free, message)  # raises if it does not hold
        assert verify(under(IDENTITY), message, free)
        assert not verify(signer().verifier(), message, free)


# --- signatures ----------------------------------------------------------------------------------


def test_rfc_8032_test_vector_2() -> None:
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = SigningKey(name="rfc8032", key_type=KeyType.ED25519, seed=seed)
    assert key.verifier().public.hex() == (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )
    signature = key.sign(b"\x72")
    assert signature.hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verify(key.verifier(), b"\x72", signature)


def test_every_bit_of_a_signature_counts() -> None:
    key, message = signer(), b"every bit"
    signature = key.sign(message)
    for bit in range(512):
        bent = bytearray(signature)
        bent[bit // 8] ^= 1 << bit % 8
        assert not verify(key.verifier(), message, bytes(bent))
    assert not verify(key.verifier(), message + b".", signature)
    assert not verify(signer(1).verifier(), message, signature)
    for length in (0, 63, 65):
        assert not verify(key.verifier(), message, (signature * 2)[:length])


def test_a_second_form_of_s_or_r_is_refused() -> None:
    key, message = signer(), b"malleable"
    signature = key.sign(message)
    s = int.from_bytes(signature[32:], "little")
    assert s + GROUP_ORDER < 2**256
    assert not verify(
        key.verifier(), message, signature[:32] + (s + GROUP_ORDER).to_bytes(32, "little")
    )
    # Under the identity key R = identity holds (see above); written as y = p + 1 it must not.
    other_r = (FIELD_PRIME + 1).to_bytes(32, "little")
    assert not verify(under(IDENTITY), message, other_r + bytes(32))


def test_lengths_and_forms_are_not_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a library that says yes to everything, what is not canonical is still refused."""

    class Yes:
        @staticmethod
        def from_public_bytes(_public: bytes) -> "Yes":
            return Yes()

        def verify(self, _signature: bytes, _message: bytes) -> None:
            return

    monkeypatch.setattr(keys, "Ed25519PublicKey", Yes)
    key = signer().verifier()
    greatest = (FIELD_PRIME - 1).to_bytes(32, "little") + (GROUP_ORDER - 1).to_bytes(32, "little")
    assert verify(key, b"", greatest)
    assert not verify(key, b"", greatest[:-1])
    assert not verify(key, b"", greatest + b"\x00")
    assert not verify(key, b"", FIELD_PRIME.to_bytes(32, "little") + bytes(32))
    assert not verify(key, b"", bytes(32) + GROUP_ORDER.to_bytes(32, "little"))


def test_a_signature_with_a_small_order_part_in_r_is_refused() -> None:
    """With the cofactor such a signature holds, without it does not: verifiers must agree."""
    seed, message = bytes(32), b"with or without cofactor"
    secret = bytearray(sodium.crypto_hash_sha512(seed)[:32])
    secret[0] &= 248
    secret[31] = secret[31] & 63 | 64
    scalar = sodium.crypto_core_ed25519_scalar_reduce(bytes(secret) + bytes(32))
    nonce = sha256(b"any scalar")[:31] + b"\x00"
    r_point = sodium.crypto_scalarmult_ed25519_base_noclamp(nonce)
    key = under(signer().verifier().public)

    def sign_with(r: bytes) -> bytes:
        challenge = sodium.crypto_core_ed25519_scalar_reduce(
            sodium.crypto_hash_sha512(r + key.public + message)
        )
        product = sodium.crypto_core_ed25519_scalar_mul(challenge, scalar)
        return r + sodium.crypto_core_ed25519_scalar_add(nonce, product)

    assert verify(key, message, sign_with(r_point))  # the construction itself is right
    assert not verify(key, message, sign_with(sodium.crypto_core_ed25519_add(r_point, ORDER_8)))


def test_off_curve_key_verifies_nothing() -> None:
    assert not verify(under((2).to_bytes(32, "little")), b"m", signer().sign(b"m"))


def test_the_seed_is_in_no_repr_and_no_error() -> None:
    seed = bytes(range(100, 132))
    key = SigningKey(name="n", key_type=KeyType.ED25519, seed=seed)
    for shown in (repr(key), str(key), f"{key!r}"):
        assert shown == "SigningKey(name='n', key_type=<KeyType.ED25519: 1>)"
    with pytest.raises(Malformed) as caught:
        SigningKey(name="n", key_type=KeyType.ED25519, seed=seed[:31])
    assert b64(seed)[:8] not in str(caught.value)
    assert repr(seed[:4])[2:-1] not in str(caught.value)


def test_wrong_lengths_are_malformed() -> None:
    with pytest.raises(Malformed):
        VerifierKey(name="n", key_type=KeyType.ED25519, public=bytes(31))
    with pytest.raises(Malformed):
        VerifierKey(name="a b", key_type=KeyType.ED25519, public=bytes(32))

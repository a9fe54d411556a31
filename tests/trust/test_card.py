"""Cards: no byte can be changed, no key can be weak, shared or named after another."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed, Untrusted
from comity.model.party import Card
from comity.trust.card import (
    CARD_BYTES_MAX,
    card_keys,
    card_mldsa_key,
    card_note,
    card_roots,
    fingerprint,
    open_card,
)
from comity.trust.identity import NO_ROOTS, Roots, cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.note import Note, parse_note, serialise, sign_note
from tests.model.saying_no import says_no
from tests.wire.vectors import ALPHA, BRAVO, CERTIFICATE, identity

ME, OTHER = identity(ALPHA), identity(BRAVO)
ADDRESS = "http://127.0.0.1:7101"
GOOD = card_note(ME, ADDRESS, CERTIFICATE)
CARD = open_card(GOOD)
TEXT = parse_note(GOOD).text


def signed(text: str, *keys: SigningKey) -> bytes:
    signatures = tuple(sign_note(text, key).signatures[0] for key in keys or (ME.entry, ME.log))
    return serialise(Note(text=text, signatures=signatures))


def test_a_card_says_who_where_and_which_keys() -> None:
    assert (CARD.origin, CARD.address, CARD.tls_certificate) == (ALPHA, ADDRESS, CERTIFICATE)
    assert card_keys(CARD) == (ME.entry.verifier(), ME.log.verifier(), ME.cosigner.verifier())
    assert open_card(card_note(ME, ADDRESS, b"")).tls_certificate == b""


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, flip: int) -> None:
    changed = bytearray(GOOD)
    changed[at] ^= flip
    with pytest.raises((Malformed, Untrusted)):
        open_card(bytes(changed))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_card_or_refused(data: bytes) -> None:
    for each in (data, GOOD + data[:3] if data else b"", TEXT.encode() + data):
        with suppress(Malformed, Untrusted):
            assert open_card(each) == CARD


def test_a_card_ends_at_its_limit() -> None:
    with says_no("too_large"):
        open_card(GOOD + b" " * (CARD_BYTES_MAX - len(GOOD) + 1))


@pytest.mark.parametrize(
    ("signers", "code"),
    [
        ((ME.entry,), "not_signed"),
        ((ME.log,), "not_signed"),
        ((OTHER.entry, OTHER.log), "not_signed"),
        ((ME.entry, ME.log, ME.entry), "duplicate_signature"),
    ],
)
def test_both_keys_prove_that_they_are_held(signers: tuple[SigningKey, ...], code: str) -> None:
    assert open_card(signed(TEXT, ME.log, ME.entry)) == CARD
    with says_no(code, Untrusted):
        open_card(signed(TEXT, *signers))


def line(name: str) -> str:
    return next(each for each in TEXT.split("\n") if each.startswith(f"{name} "))


def weak_key(name: str, kind: KeyType) -> str:
    """The point of order 1: under it, signatures exist that hold for every message."""
    return VerifierKey(name=name, key_type=kind, public=b"\x01" + bytes(31)).text()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (line("cosigner-key"), f"cosigner-key {OTHER.cosigner.verifier().text()}", "bad_card"),
        (line("entry-key"), f"entry-key {OTHER.entry.verifier().text()}", "bad_card"),
        (line("log-key"), line("entry-key").replace("entry-", "log-"), "bad_card"),
        (
            line("cosigner-key"),
            "cosigner-key "
            + VerifierKey(
                name=cosigner_key_name(ALPHA),
                key_type=KeyType.ED25519,
                public=ME.cosigner.verifier().public,
            ).text(),
            "bad_card",
        ),
        (
            line("cosigner-key"),
            "cosigner-key "
            + VerifierKey(
                name=cosigner_key_name(ALPHA),
                key_type=KeyType.COSIGNATURE_V1,
                public=ME.log.verifier().public,
            ).text(),
            "shared_key",
        ),
        (
            line("cosigner-key"),
            f"cosigner-key {weak_key(cosigner_key_name(ALPHA), KeyType.COSIGNATURE_V1)}",
            "weak_key",
        ),
        (
            line("entry-key"),
            f"entry-key {weak_key(entry_key_name(ALPHA), KeyType.ED25519)}",
            "weak_key",
        ),
    ],
)
def test_keys_are_named_typed_apart_and_strong(old: str, new: str, code: str) -> None:
    with says_no(code, Untrusted):
        open_card(signed(TEXT.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT.replace("card@v1", "card@v2"), "bad_card"),
        (TEXT.replace(line("address") + "\n", ""), "bad_card"),
        (TEXT + "label exercise\n", "bad_card"),
        (TEXT.replace(line("address"), f"{line('address')}\n{line('address')}"), "bad_card"),
        (TEXT.replace(ADDRESS, "gopher://127.0.0.1"), "bad_address"),
        (TEXT.replace(f"origin {ALPHA}", "origin alpha"), "bad_origin"),
        (TEXT.replace("tls-certificate MI", "tls-certificate M!"), "bad_base64"),
        (TEXT.replace(line("tls-certificate"), "tls-certificate "), "bad_card"),
        (TEXT.replace(line("tls-certificate"), "tls-certificate MAA="), "bad_card"),
        (TEXT.replace("address ", "address  "), "bad_address"),
    ],
)
def test_other_texts_are_no_cards(text: str, code: str) -> None:
    assert text != TEXT
    with says_no(code):
        open_card(signed(text))


# --- the fingerprint -----------------------------------------------------------------------------


def test_a_fingerprint_can_be_read_aloud() -> None:
    groups = fingerprint(GOOD).split("-")
    assert [len(group) for group in groups] == [4] * 13
    assert set("".join(groups)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_a_fingerprint_is_of_what_is_said_not_of_who_signed() -> None:
    assert fingerprint(signed(TEXT, ME.log, ME.entry)) == fingerprint(GOOD)
    for changed in (
        card_note(ME, "http://127.0.0.1:7102", b"\x30\x00"),
        card_note(ME, ADDRESS, b""),
        card_note(OTHER, ADDRESS, b"\x30\x00"),
    ):
        assert fingerprint(changed) != fingerprint(GOOD)


def test_keys_of_a_card_are_checked_even_if_nobody_opened_it() -> None:
    with says_no("bad_card", Untrusted):
        card_keys(replace(CARD, entry_key=CARD.log_key))
    with says_no("bad_key"):
        card_keys(replace(CARD, entry_key="x"))


def test_a_card_is_built_from_what_can_be() -> None:
    with says_no("bad_origin"):
        Card(
            origin="alpha",
            address=ADDRESS,
            entry_key="",
            log_key="",
            cosigner_key="",
            tls_certificate=b"",
        )


ROOTS = Roots(
    needed=2,
    keys=tuple(
        SigningKey(
            name=f"{ALPHA}/root-{label}", key_type=KeyType.ED25519, seed=bytes([9, n]) + bytes(30)
        ).verifier()
        for n, label in enumerate("abc")
    ),
)
SECOND = replace(
    ME,
    log_mldsa=SigningKey(name=ALPHA, key_type=KeyType.ML_DSA_44, seed=bytes(31) + b"\x77"),
    roots=ROOTS,
)


def test_a_card_of_version_2_names_the_mldsa_key_and_the_roots() -> None:
    data = card_note(SECOND, ADDRESS, CERTIFICATE)
    card = open_card(data)
    assert data.startswith(b"comity/card@v2\n")
    assert SECOND.log_mldsa is not None
    assert card_mldsa_key(card) == SECOND.log_mldsa.verifier()
    assert card_roots(card) == ROOTS
    assert len(data) < CARD_BYTES_MAX
    assert GOOD.startswith(b"comity/card@v1\n")  # and what needs no second version has none
    assert (card_mldsa_key(CARD), card_roots(CARD)) == (None, NO_ROOTS)


@pytest.mark.parametrize("gone", range(4))
def test_every_key_of_it_proves_that_it_is_held(gone: int) -> None:
    note = parse_note(card_note(SECOND, ADDRESS, b""))
    lines = [line for at, line in enumerate(note.signatures) if at != gone]
    with says_no("not_signed", Untrusted):
        open_card(serialise(Note(text=note.text, signatures=tuple(lines))))
    spoilt = replace(note.signatures[gone], blob=bytes(len(note.signatures[gone].blob)))
    with says_no("bad_signature", Untrusted):
        open_card(serialise(Note(text=note.text, signatures=(*lines, spoilt))))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("roots 2", "roots 4", "bad_roots"),
        ("roots 2", "roots 0", "bad_roots"),
        ("/root-a+", "/desk-a+", "bad_key"),
        ("log-mldsa-key ", "log-mldsa ", "bad_card"),
        ("tls-certificate -", "tls-certificate -\nroots 2", "bad_card"),
    ],
)
def test_what_cannot_be_a_card_of_version_2_is_refused(old: str, new: str, code: str) -> None:
    text = parse_note(card_note(SECOND, ADDRESS, b"")).text
    with says_no(code):
        open_card(signed(text.replace(old, new, 1)))


def test_a_certificate_of_another_version_is_refused() -> None:
    """X.509 ends at version 3; for others the library has an error of its own."""
    third, other = bytes.fromhex("a003020102"), bytes.fromhex("a003020105")
    assert third in CERTIFICATE
    with says_no("bad_card"):
        open_card(card_note(ME, ADDRESS, CERTIFICATE.replace(third, other)))

"""The trust file: one form, signed, strong keys, each for one purpose."""

import hashlib
from pathlib import Path

import pytest

from comity.journal.trustfile import Trust, TrustedParty, _text, parse_trust, trust_text
from comity.model.fault import Fault, Malformed, Untrusted
from comity.model.party import Card
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.note import Note, parse_note, serialise, sign_note
from tests.journal.handmade import ALPHA, BETA, REFEREE, WITNESSES, trust_file
from tests.journal.two_nodes import card_of, seeded

CARDS = (card_of(ALPHA), card_of(BETA))
KEYS = tuple(key.verifier().text() for key in WITNESSES[:3])
SIGNER = REFEREE.verifier().text()
TEXT = trust_text(CARDS, KEYS, signer=SIGNER)
# The point of order 1: under it one signature holds for every message.
WEAK = bytes([1]) + bytes(31)


def signed(text: str, key: SigningKey = REFEREE) -> bytes:
    return serialise(sign_note(text, key))


def code_of(data: bytes) -> str:
    with pytest.raises((Malformed, Untrusted)) as caught:
        parse_trust(data)
    return caught.value.code


def test_what_was_written_is_read() -> None:
    data = signed(TEXT)
    trust = parse_trust(data)
    assert [party.origin for party in trust.parties] == [ALPHA.origin, BETA.origin]
    assert trust.party(BETA.origin) == TrustedParty(
        origin=BETA.origin,
        entry=BETA.entry.verifier(),
        log=BETA.log.verifier(),
        cosigner=BETA.cosigner.verifier(),
    )
    assert trust.party("gamma.example/comity/2026") is None
    assert {key.text() for key in trust.witnesses} == set(KEYS)
    assert (trust.quorum, trust.signer) == (3, REFEREE.verifier())
    assert trust.sha256 == hashlib.sha256(data).digest()


def test_the_order_of_parties_and_witnesses_does_not_matter_to_the_writer() -> None:
    assert trust_text(CARDS[::-1], KEYS[::-1], signer=SIGNER) == TEXT


@pytest.mark.parametrize(("witnesses", "asked", "quorum"), [(0, None, 0), (3, None, 3), (3, 2, 2)])
def test_the_quorum_is_all_witnesses_unless_said(
    witnesses: int, asked: int | None, quorum: int
) -> None:
    text = trust_text(CARDS, KEYS[:witnesses], signer=SIGNER, quorum=asked)
    assert parse_trust(signed(text)).quorum == quorum


@pytest.mark.parametrize(("witnesses", "quorum"), [(3, 0), (3, 4), (0, 1), (3, -1)])
def test_a_quorum_lies_between_one_and_all(witnesses: int, quorum: int) -> None:
    with pytest.raises(Malformed):
        trust_text(CARDS, KEYS[:witnesses], signer=SIGNER, quorum=quorum)
    lines = trust_text(CARDS, KEYS[:witnesses], signer=SIGNER).split("\n")
    text = "\n".join([*lines[:-2], f"quorum {quorum}", ""])
    assert code_of(signed(text)) in {"bad_trust", "bad_number"}


def test_the_entry_key_of_a_party_may_sign() -> None:
    text = trust_text(CARDS, KEYS, signer=ALPHA.entry.verifier().text())
    assert parse_trust(signed(text, ALPHA.entry)).signer == ALPHA.entry.verifier()


def test_the_signature_must_be_the_signers() -> None:
    assert code_of(signed(TEXT, ALPHA.entry)) == "not_signed"
    other = sign_note(TEXT.replace("quorum 3", "quorum 2"), REFEREE)
    assert code_of(serialise(Note(text=TEXT, signatures=other.signatures))) == "bad_signature"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version 1", "version 2"),
        ("comity/trust@v1", "comity/trust@v2"),
        ("quorum 3\n", ""),
        ("quorum 3\n", "quorum 03\n"),
        ("quorum 3\n", "quorum 3\nquorum 3\n"),
        ("quorum 3\n", "quorum 3\n\n"),
        ("signer ", "signed "),
        ("entry-key ", "entry-key  "),
        (f"party {BETA.origin}", f"party {ALPHA.origin}"),
        (f"party {BETA.origin}", "party gamma.example/comity/2026"),
        (f"party {BETA.origin}", "party BETA"),
    ],
)
def test_there_is_one_form(old: str, new: str) -> None:
    assert old in TEXT
    assert code_of(signed(TEXT.replace(old, new))) in {
        *("bad_trust", "bad_number", "bad_key", "bad_name", "bad_origin")
    }


def test_lines_out_of_order_are_refused() -> None:
    lines = TEXT.splitlines(keepends=True)
    parties = [*lines[:3], *lines[7:11], *lines[3:7], *lines[11:]]
    assert code_of(signed("".join(parties))) == "bad_trust"
    witnesses = [*lines[:11], *lines[11:14][::-1], *lines[14:]]
    assert code_of(signed("".join(witnesses))) == "bad_trust"


def test_a_file_without_parties_is_refused() -> None:
    with pytest.raises(Malformed):
        trust_text([], KEYS, signer=SIGNER)


def with_keys(identity: Identity, **keys: VerifierKey) -> Card:
    chosen = {
        "entry_key": identity.entry.verifier(),
        "log_key": identity.log.verifier(),
        "cosigner_key": identity.cosigner.verifier(),
        **keys,
    }
    return Card(
        origin=identity.origin,
        address="http://127.0.0.1:1",
        tls_certificate=b"",
        entry_key=chosen["entry_key"].text(),
        log_key=chosen["log_key"].text(),
        cosigner_key=chosen["cosigner_key"].text(),
    )


def renamed(key: VerifierKey, like: VerifierKey) -> VerifierKey:
    """The same public key under another name and type."""
    return VerifierKey(name=like.name, key_type=like.key_type, public=key.public)


BETA_ENTRY, BETA_LOG, BETA_COSIGNER = (
    key.verifier() for key in (BETA.entry, BETA.log, BETA.cosigner)
)


@pytest.mark.parametrize(
    "card",
    [
        with_keys(BETA, log_key=renamed(BETA_ENTRY, BETA_LOG)),
        with_keys(BETA, cosigner_key=renamed(BETA_ENTRY, BETA_COSIGNER)),
        with_keys(BETA, entry_key=renamed(ALPHA.entry.verifier(), BETA_ENTRY)),
        with_keys(BETA, cosigner_key=renamed(WITNESSES[0].verifier(), BETA_COSIGNER)),
        with_keys(BETA, log_key=renamed(REFEREE.verifier(), BETA_LOG)),
        with_keys(BETA, entry_key=renamed(REFEREE.verifier(), BETA_ENTRY)),
    ],
)
def test_one_key_in_two_roles_is_refused(card: Card) -> None:
    with pytest.raises(Untrusted) as caught:
        trust_text([CARDS[0], card], KEYS, signer=SIGNER)
    assert caught.value.code == "shared_key"


def test_one_witness_twice_is_refused() -> None:
    other = VerifierKey(
        name="other.example/w",
        key_type=KeyType.COSIGNATURE_V1,
        public=WITNESSES[0].verifier().public,
    )
    for witness in (KEYS[0], other.text()):
        with pytest.raises(Untrusted) as caught:
            trust_text(CARDS, [*KEYS, witness], signer=SIGNER)
        assert caught.value.code == "shared_key"


@pytest.mark.parametrize(
    "card",
    [
        with_keys(BETA, entry_key=ALPHA.entry.verifier()),
        with_keys(BETA, log_key=BETA_ENTRY),
        with_keys(BETA, cosigner_key=renamed(BETA_COSIGNER, BETA_LOG)),
    ],
)
def test_keys_are_named_and_typed_after_their_role(card: Card) -> None:
    with pytest.raises(Malformed):
        trust_text([CARDS[0], card], KEYS, signer=SIGNER)


def test_witnesses_and_signers_have_their_types() -> None:
    with pytest.raises(Malformed):
        trust_text(CARDS, [seeded("w.example/w").verifier().text()], signer=SIGNER)
    with pytest.raises(Malformed):
        trust_text(CARDS, KEYS, signer=WITNESSES[4].verifier().text())


def weak(like: VerifierKey) -> VerifierKey:
    return VerifierKey(name=like.name, key_type=like.key_type, public=WEAK)


@pytest.mark.parametrize("role", ["entry_key", "log_key", "cosigner_key"])
def test_a_weak_key_is_refused_by_writer_and_reader(role: str) -> None:
    names = {"entry_key": BETA_ENTRY, "log_key": BETA_LOG, "cosigner_key": BETA_COSIGNER}
    card = with_keys(BETA, **{role: weak(names[role])})
    with pytest.raises(Untrusted) as caught:
        trust_text([CARDS[0], card], KEYS, signer=SIGNER)
    assert caught.value.code == "weak_key"
    text = TEXT.replace(names[role].text(), weak(names[role]).text())
    assert code_of(signed(text)) == "weak_key"


def test_a_weak_witness_or_signer_is_refused() -> None:
    witness = weak(WITNESSES[0].verifier())
    with pytest.raises(Untrusted):
        trust_text(CARDS, [witness.text()], signer=SIGNER)
    # Under the weak key anybody's signature can be made to hold, so the key itself must fail.
    text = TEXT.replace(SIGNER, weak(REFEREE.verifier()).text())
    assert code_of(signed(text)) == "weak_key"


def test_no_changed_byte_is_read_as_a_trust_file() -> None:
    data = trust_file(WITNESSES[:2])
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((Malformed, Untrusted)):
            parse_trust(changed)
    for cut in range(0, len(data), 7):
        with pytest.raises((Malformed, Untrusted)):
            parse_trust(data[:cut])


def test_too_many_witnesses_or_bytes_are_refused() -> None:
    many = [seeded(f"w{i}.example/w", KeyType.COSIGNATURE_V1).verifier().text() for i in range(33)]
    assert trust_text(CARDS, many[:32], signer=SIGNER)
    with pytest.raises(Malformed):
        trust_text(CARDS, many, signer=SIGNER)
    assert code_of(bytes(524_289)) == "too_large"


def test_a_trust_of_someones_making_is_checked_as_well() -> None:
    party = parse_trust(signed(TEXT)).parties[0]
    with pytest.raises(Fault):
        Trust(signer=REFEREE.verifier(), parties=(party, party), witnesses=(), quorum=0, sha256=b"")


VECTORS = Path(__file__).parents[1] / "vectors"


@pytest.mark.parametrize(
    ("version", "quorum", "windows"), [(1, 1, {None}), (2, 1, {1_790_000_000})]
)
def test_a_file_of_an_earlier_release_reads_as_it_did(
    version: int, quorum: int, windows: set[int | None]
) -> None:
    """Written by the code of commit 155acd9; a writer of today gives the same bytes."""
    data = (VECTORS / f"trust_{version}.note").read_bytes()
    trust = parse_trust(data)
    assert trust.version == version
    assert _text(trust) == parse_note(data).text
    assert [party.origin for party in trust.parties] == [ALPHA.origin, BETA.origin]
    assert [key.name for key in trust.witnesses] == ["w1.example/witness"]
    assert trust.quorum == quorum
    assert {span.start for span in trust.spans} == windows
    revoked = [life.revoked_s for life in trust.parties[0].lives]
    assert revoked == ([] if version == 1 else [1_790_000_000, *[None] * 4])

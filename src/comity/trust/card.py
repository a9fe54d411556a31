"""The card by which two parties enrol: a signed note, checked by reading a fingerprint aloud.

    comity/card@v1
    origin alpha.example/comity/2026
    address http://127.0.0.1:7101
    entry-key <vkey>            log-key <vkey>            cosigner-key <vkey>      (one line each)
    tls-certificate <base64 of DER, or ->

signed by the entry key and by the log key (proof of possession). No I/O. Called by roster and the
doors.
"""

import base64

from cryptography.x509 import load_der_x509_certificate

from comity.model.fault import Malformed, Untrusted
from comity.model.party import Card
from comity.trust.identity import Identity, cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, VerifierKey, admit, parse_verifier_key
from comity.trust.note import Note, parse_note, serialise, sign_note, signed_by
from comity.wire.canonical import b64, sha256, unb64

__all__ = ["CARD_BYTES_MAX", "card_keys", "card_note", "fingerprint", "open_card"]

CARD_BYTES_MAX = 8_192
_HEAD = "comity/card@v1"
_KEYS = ("origin", "address", "entry-key", "log-key", "cosigner-key", "tls-certificate")


def _text(card: Card) -> str:
    certificate = b64(card.tls_certificate) if card.tls_certificate else "-"
    values = (
        *(card.origin, card.address, card.entry_key, card.log_key, card.cosigner_key),
        certificate,
    )
    lines = [f"{key} {value}" for key, value in zip(_KEYS, values, strict=True)]
    return "\n".join([_HEAD, *lines]) + "\n"


def card_note(identity: Identity, address: str, tls_certificate: bytes) -> bytes:
    """Our own card, signed by both signing keys."""
    card = Card(
        origin=identity.origin,
        address=address,
        entry_key=identity.entry.verifier().text(),
        log_key=identity.log.verifier().text(),
        cosigner_key=identity.cosigner.verifier().text(),
        tls_certificate=tls_certificate,
    )
    text = _text(card)
    signatures = tuple(sign_note(text, key).signatures[0] for key in (identity.entry, identity.log))
    return serialise(Note(text=text, signatures=signatures))


def open_card(data: bytes) -> Card:
    """Read a card and hold it to the rules; Malformed or Untrusted. Whose it is, people check."""
    note = parse_note(data, size_max=CARD_BYTES_MAX)
    lines = note.text[:-1].split("\n")
    if len(lines) != len(_KEYS) + 1 or lines[0] != _HEAD:
        raise Malformed("not a card of Comity, version 1", code="bad_card")
    values: list[str] = []
    for key, line in zip(_KEYS, lines[1:], strict=True):
        found, _, value = line.partition(" ")
        if found != key:
            raise Malformed(f"a card lacks its line {key!r}", code="bad_card")
        values.append(value)
    card = Card(
        origin=values[0],
        address=values[1],
        entry_key=values[2],
        log_key=values[3],
        cosigner_key=values[4],
        tls_certificate=b"" if values[5] == "-" else unb64(values[5]),
    )
    _check_certificate(card.tls_certificate)
    if _text(card) != note.text:
        raise Malformed("a card is not in canonical form", code="bad_card")
    entry, log, cosigner = card_keys(card)
    for verifier in (entry, log, cosigner):
        admit(verifier)
    signed_by(note, entry)
    signed_by(note, log)
    return card


def _check_certificate(data: bytes) -> None:
    """A certificate that cannot be loaded would break the line on every start."""
    if not data:
        return
    try:
        load_der_x509_certificate(data)
    except ValueError as error:
        raise Malformed("the TLS certificate of a card is none", code="bad_card") from error


def card_keys(card: Card) -> tuple[VerifierKey, VerifierKey, VerifierKey]:
    """Entry, log and cosigner key of a card; Untrusted unless names, types and difference hold."""
    entry = parse_verifier_key(card.entry_key)
    log = parse_verifier_key(card.log_key)
    cosigner = parse_verifier_key(card.cosigner_key)
    names = (entry.name, log.name, cosigner.name)
    wanted = (entry_key_name(card.origin), card.origin, cosigner_key_name(card.origin))
    types = (entry.key_type, log.key_type, cosigner.key_type)
    if names != wanted or types != (KeyType.ED25519, KeyType.ED25519, KeyType.COSIGNATURE_V1):
        raise Untrusted("the keys of a card are not named after its origin", code="bad_card")
    if len({entry.public, log.public, cosigner.public}) != len(names):
        raise Untrusted("one key serves two purposes", code="shared_key")
    return entry, log, cosigner


def fingerprint(data: bytes) -> str:
    """SHA-256 of the card's text in base32: 13 groups of 4 characters, for reading aloud."""
    digest = sha256(parse_note(data, size_max=CARD_BYTES_MAX).text.encode())
    letters = base64.b32encode(digest).decode("ascii").rstrip("=")
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))

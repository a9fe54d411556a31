"""The card by which two parties enrol: a signed note, checked by reading a fingerprint aloud.

    comity/card@v2
    origin alpha.example/comity/2026
    address http://127.0.0.1:7101
    entry-key <vkey>            log-key <vkey>            cosigner-key <vkey>      (one line each)
    log-mldsa-key <vkey, or ->
    roots <how many decide>
    root-key <vkey>             (each of the root keys, sorted)
    tls-certificate <base64 of DER, or ->

signed by each key but the root keys (proof of possession). Version 1 lacks `log-mldsa-key`, `roots`
and the cosigner's signature. No I/O. Called by roster and the doors.
"""

import base64

from cryptography.x509 import InvalidVersion, load_der_x509_certificate

from comity.model.fault import Malformed, Untrusted
from comity.model.party import Card
from comity.trust.identity import ROOTS_MAX, Identity, Role, Roots, key_name, key_type
from comity.trust.keys import VerifierKey, admit, parse_verifier_key
from comity.trust.note import Note, parse_note, serialise, sign_note, signed_by
from comity.trust.possession import possessed_by, prove_possession
from comity.wire.canonical import b64, decimal, sha256, unb64

__all__ = [
    "CARD_BYTES_MAX",
    "card_keys",
    "card_mldsa_key",
    "card_note",
    "card_roots",
    "fingerprint",
    "open_card",
]

CARD_BYTES_MAX = 32_768  # sixteen root keys of long names, an ML-DSA key, its signature: 14 kB
_HEAD_V1, _HEAD_V2 = "comity/card@v1", "comity/card@v2"
_NONE = "-"


def _text(card: Card) -> str:
    certificate = b64(card.tls_certificate) if card.tls_certificate else _NONE
    more = _second(card)
    lines = [
        _HEAD_V2 if more else _HEAD_V1,
        f"origin {card.origin}",
        f"address {card.address}",
        f"entry-key {card.entry_key}",
        f"log-key {card.log_key}",
        f"cosigner-key {card.cosigner_key}",
        *more,
        f"tls-certificate {certificate}",
    ]
    return "\n".join(lines) + "\n"


def _second(card: Card) -> list[str]:
    """The lines of version 2; none for a card that says nothing there."""
    if not (card.log_mldsa_key or card.roots):
        return []
    roots = [f"root-key {text}" for text in card.roots]
    return [f"log-mldsa-key {card.log_mldsa_key or _NONE}", f"roots {card.roots_needed}", *roots]


def card_note(identity: Identity, address: str, tls_certificate: bytes) -> bytes:
    """Our own card, signed by all our keys; in version 1 if that says it all."""
    mldsa = identity.log_mldsa
    card = Card(
        origin=identity.origin,
        address=address,
        entry_key=identity.entry.verifier().text(),
        log_key=identity.log.verifier().text(),
        cosigner_key=identity.cosigner.verifier().text(),
        tls_certificate=tls_certificate,
        log_mldsa_key="" if mldsa is None else mldsa.verifier().text(),
        roots_needed=identity.roots.needed,
        roots=tuple(key.text() for key in identity.roots.keys),
    )
    text = _text(card)
    signatures = [sign_note(text, key).signatures[0] for key in (identity.entry, identity.log)]
    if _second(card):
        more = (identity.cosigner, *(() if mldsa is None else (mldsa,)))
        signatures += [prove_possession(text, key) for key in more]
    return serialise(Note(text=text, signatures=tuple(signatures)))


def open_card(data: bytes) -> Card:
    """Read a card and hold it to the rules; Malformed or Untrusted. Whose it is, people check."""
    note = parse_note(data, size_max=CARD_BYTES_MAX)
    card = _card_from(note.text)
    _check_certificate(card.tls_certificate)
    if _text(card) != note.text:
        raise Malformed("a card is not in canonical form", code="bad_card")
    entry, log, cosigner = card_keys(card)
    for verifier in (entry, log, cosigner):
        admit(verifier)
    signed_by(note, entry)
    signed_by(note, log)
    if _second(card):
        card_roots(card)
        mldsa = card_mldsa_key(card)
        for verifier in (cosigner, *(() if mldsa is None else (mldsa,))):
            possessed_by(note, verifier)
    return card


def _card_from(text: str) -> Card:
    head, *lines = text[:-1].split("\n")
    if head not in {_HEAD_V1, _HEAD_V2}:
        raise Malformed("not a card of Comity, version 1 or 2", code="bad_card")
    first = [_value(lines, word) for word in ("origin", "address")]
    keys = [_value(lines, f"{word}-key") for word in ("entry", "log", "cosigner")]
    mldsa, needed, roots = _NONE, 0, list[str]()
    if head == _HEAD_V2:
        mldsa, needed = _value(lines, "log-mldsa-key"), decimal(_value(lines, "roots"))
        while lines and lines[0].startswith("root-key ") and len(roots) < ROOTS_MAX:
            roots.append(_value(lines, "root-key"))
    certificate = _value(lines, "tls-certificate")
    if lines:
        raise Malformed("a card has a surplus line", code="bad_card")
    return Card(
        origin=first[0],
        address=first[1],
        entry_key=keys[0],
        log_key=keys[1],
        cosigner_key=keys[2],
        tls_certificate=b"" if certificate == _NONE else unb64(certificate),
        log_mldsa_key="" if mldsa == _NONE else mldsa,
        roots_needed=needed,
        roots=tuple(roots),
    )


def _value(lines: list[str], word: str) -> str:
    found, _, value = (lines.pop(0) if lines else "").partition(" ")
    if found != word:
        raise Malformed(f"a card lacks its line {word!r}", code="bad_card")
    return value


def _check_certificate(data: bytes) -> None:
    """A certificate that cannot be loaded would break the line on every start."""
    if not data:
        return
    try:
        load_der_x509_certificate(data)
    except (ValueError, InvalidVersion) as error:
        raise Malformed("the TLS certificate of a card is none", code="bad_card") from error


def card_keys(card: Card) -> tuple[VerifierKey, VerifierKey, VerifierKey]:
    """Entry, log and cosigner key of a card; Untrusted unless names, types and difference hold."""
    entry = parse_verifier_key(card.entry_key)
    log = parse_verifier_key(card.log_key)
    cosigner = parse_verifier_key(card.cosigner_key)
    found = tuple((key.name, key.key_type) for key in (entry, log, cosigner))
    roles = (Role.ENTRY, Role.LOG, Role.COSIGNER)
    if found != tuple((key_name(role, card.origin), key_type(role)) for role in roles):
        raise Untrusted("the keys of a card are not named after its origin", code="bad_card")
    publics = {entry.public, log.public, cosigner.public}
    publics |= {parse_verifier_key(text).public for text in card.roots}
    if len(publics) != len(roles) + len(card.roots):
        raise Untrusted("one key serves two purposes", code="shared_key")
    return entry, log, cosigner


def card_mldsa_key(card: Card) -> VerifierKey | None:
    """The ML-DSA log key of a card, if it names one; Untrusted unless its name and type hold."""
    if not card.log_mldsa_key:
        return None
    key = parse_verifier_key(card.log_mldsa_key)
    wanted = (key_name(Role.LOG_MLDSA, card.origin), key_type(Role.LOG_MLDSA))
    if (key.name, key.key_type) != wanted:
        raise Untrusted("the keys of a card are not named after its origin", code="bad_card")
    return key


def card_roots(card: Card) -> Roots:
    """The root keys of a card; Malformed or Untrusted if they cannot be its party's."""
    roots = Roots(
        needed=card.roots_needed, keys=tuple(parse_verifier_key(text) for text in card.roots)
    )
    roots.check(card.origin)
    return roots


def fingerprint(data: bytes) -> str:
    """SHA-256 of the card's text in base32: 13 groups of 4 characters, for reading aloud."""
    digest = sha256(parse_note(data, size_max=CARD_BYTES_MAX).text.encode())
    letters = base64.b32encode(digest).decode("ascii").rstrip("=")
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))

"""The trust file: which keys a verifier believes, a signed note that its user names (`--trust`).

    comity/trust@v1
    version 1
    signer <vkey>                       signed the note; may be the entry key of a party in it
    party <origin>                      with its three keys below; parties sorted by origin
    entry-key / log-key / cosigner-key <vkey>       (one line each)
    witness <vkey>                      neutral witnesses, type 0x04, sorted
    quorum <k>

The signature shows who made the file and that it is whole. It is believed because the user names
it, and nothing in a bundle can add to it. No I/O. Called by the verifier, exercises and doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.model.fault import Malformed, Untrusted
from comity.model.party import Card, check_origin
from comity.trust.identity import cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, VerifierKey, admit, parse_verifier_key
from comity.trust.note import NOTE_BYTES_MAX, parse_note, signed_by
from comity.wire.canonical import decimal, sha256
from comity.wire.limits import PEERS_MAX

__all__ = ["TRUST_BYTES_MAX", "Trust", "TrustedParty", "parse_trust", "trust_text"]

TRUST_BYTES_MAX = NOTE_BYTES_MAX
_WITNESSES_MAX = 32  # several times what any quorum in use asks for
_PARTIES_MAX = PEERS_MAX + 1  # a node's peers and itself
_HEAD = "comity/trust@v1\nversion 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedParty:
    """A party's origin and its three keys, named and typed as its role asks."""

    origin: str
    entry: VerifierKey
    log: VerifierKey
    cosigner: VerifierKey

    def __post_init__(self) -> None:
        """Hold names and types, so that a key cannot slip into another role."""
        check_origin(self.origin)
        found = tuple((key.name, key.key_type) for key in self.keys)
        wanted = (
            (entry_key_name(self.origin), KeyType.ED25519),
            (self.origin, KeyType.ED25519),
            (cosigner_key_name(self.origin), KeyType.COSIGNATURE_V1),
        )
        if found != wanted:
            raise Malformed(f"the keys of {self.origin} are not named after it", code="bad_trust")

    @property
    def keys(self) -> tuple[VerifierKey, VerifierKey, VerifierKey]:
        """Entry, log and cosigner key."""
        return (self.entry, self.log, self.cosigner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a verifier believes; `quorum` is how many of the witnesses must cosign."""

    signer: VerifierKey
    parties: tuple[TrustedParty, ...]
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    sha256: bytes

    def __post_init__(self) -> None:
        """Hold what concerns more than one line: counts, and that no key serves two purposes."""
        if not 1 <= len(self.parties) <= _PARTIES_MAX or len(self.witnesses) > _WITNESSES_MAX:
            limits = f"1 to {_PARTIES_MAX} parties and at most {_WITNESSES_MAX} witnesses"
            raise Malformed(f"a trust file names {limits}", code="bad_trust")
        if len({party.origin for party in self.parties}) != len(self.parties):
            raise Malformed("a trust file names a party twice", code="bad_trust")
        if any(key.key_type is not KeyType.COSIGNATURE_V1 for key in self.witnesses):
            raise Malformed("a witness's key is of type 0x04", code="bad_trust")
        if self.signer.key_type is not KeyType.ED25519:
            raise Malformed("a trust file is signed with a key of type 0x01", code="bad_trust")
        if not bool(self.witnesses) <= self.quorum <= len(self.witnesses):
            raise Malformed("a quorum is 1 to all of the witnesses, 0 of none", code="bad_trust")
        _check_apart(self)

    def party(self, origin: str) -> TrustedParty | None:
        """The party of that origin, if it is named."""
        return next((party for party in self.parties if party.origin == origin), None)


def _check_apart(trust: Trust) -> None:
    entries = {party.entry for party in trust.parties}
    signer = () if trust.signer in entries else (trust.signer,)
    keys = [*signer, *trust.witnesses, *(key for party in trust.parties for key in party.keys)]
    if len({key.public for key in keys}) != len(keys):
        raise Untrusted("one key serves two purposes", code="shared_key")


def trust_text(
    parties: Sequence[Card], witnesses: Sequence[str], *, signer: str, quorum: int | None = None
) -> str:
    """The text to be signed with the key `signer`; the default quorum is all witnesses.

    `witnesses` and `signer` are verifier keys. Malformed or Untrusted for what `parse_trust` would
    refuse, so that nobody signs a file that cannot be read.
    """
    trust = Trust(
        signer=parse_verifier_key(signer),
        parties=tuple(sorted((_party_of(card) for card in parties), key=lambda each: each.origin)),
        witnesses=tuple(parse_verifier_key(text) for text in sorted(witnesses)),
        quorum=len(witnesses) if quorum is None else quorum,
        sha256=b"",
    )
    for key in _keys(trust):
        admit(key)
    return _text(trust)


def _party_of(card: Card) -> TrustedParty:
    return TrustedParty(
        origin=card.origin,
        entry=parse_verifier_key(card.entry_key),
        log=parse_verifier_key(card.log_key),
        cosigner=parse_verifier_key(card.cosigner_key),
    )


def _keys(trust: Trust) -> tuple[VerifierKey, ...]:
    of_parties = tuple(key for party in trust.parties for key in party.keys)
    return (trust.signer, *of_parties, *trust.witnesses)


def _text(trust: Trust) -> str:
    lines = [f"signer {trust.signer.text()}"]
    for party in trust.parties:
        lines += [
            f"party {party.origin}",
            f"entry-key {party.entry.text()}",
            f"log-key {party.log.text()}",
            f"cosigner-key {party.cosigner.text()}",
        ]
    lines += [f"witness {key.text()}" for key in trust.witnesses]
    lines.append(f"quorum {trust.quorum}")
    return _HEAD + "\n".join(lines) + "\n"


def parse_trust(data: bytes) -> Trust:
    """Read a trust file.

    Raises:
        Malformed: the bytes are no trust file in canonical form, or of another version.
        Untrusted: its signature does not hold, a key is weak (`weak_key`), or one key serves two
            purposes (`shared_key`).
    """
    note = parse_note(data, size_max=TRUST_BYTES_MAX)
    if not note.text.startswith(_HEAD):
        raise Malformed("not a trust file of Comity, version 1", code="bad_trust")
    lines = note.text.removeprefix(_HEAD)[:-1].split("\n")
    signer = parse_verifier_key(_value(lines, "signer"))
    parties: list[TrustedParty] = []
    while lines and lines[0].startswith("party "):
        parties.append(_party_from(lines))
    witnesses: list[VerifierKey] = []
    while lines and lines[0].startswith("witness "):
        witnesses.append(parse_verifier_key(_value(lines, "witness")))
    trust = Trust(
        signer=signer,
        parties=tuple(parties),
        witnesses=tuple(witnesses),
        quorum=decimal(_value(lines, "quorum")),
        sha256=sha256(data),
    )
    if _text(trust) != note.text or not _is_sorted(trust):
        raise Malformed("a trust file is not in canonical form", code="bad_trust")
    for key in _keys(trust):
        admit(key)
    signed_by(note, signer)
    return trust


def _is_sorted(trust: Trust) -> bool:
    origins = [party.origin for party in trust.parties]
    witnesses = [key.text() for key in trust.witnesses]
    return origins == sorted(origins) and witnesses == sorted(witnesses)


def _party_from(lines: list[str]) -> TrustedParty:
    return TrustedParty(
        origin=_value(lines, "party"),
        entry=parse_verifier_key(_value(lines, "entry-key")),
        log=parse_verifier_key(_value(lines, "log-key")),
        cosigner=parse_verifier_key(_value(lines, "cosigner-key")),
    )


def _value(lines: list[str], word: str) -> str:
    found, _, value = (lines.pop(0) if lines else "").partition(" ")
    if found != word:
        raise Malformed(f"a trust file lacks a line {word!r}", code="bad_trust")
    return value

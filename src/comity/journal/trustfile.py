"""The trust file: which keys a verifier believes, a signed note that its user names (`--trust`).

    comity/trust@v1
    version 1
    signer <vkey>                       signed the note; may be the entry key of a party in it
    party <origin>                      with its three keys below; parties sorted by origin
    entry-key / log-key / cosigner-key <vkey>       (one line each)
    witness <vkey>                      neutral witnesses, type 0x04, sorted
    quorum <k>

Version 2 gives each key the time in which it counts: `journal.trust_v2`. Version 3 has witnesses'
keys of type 0x06 (two keys of one name are one witness's), a policy and time authorities:
`journal.trust_v3`. The signature shows who made the file and that it is whole. It is believed
because the user names it. No I/O. Called by the verifier, exercises and doors.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from comity.journal.policy import Policy
from comity.journal.timestamp import Authority
from comity.journal.trust_v2 import (
    party_from_v2,
    party_lines,
    party_of_lives,
    witness_from_v2,
    witness_line,
)
from comity.journal.trust_v3 import (
    AUTHORITIES_MAX,
    authority_from_v3,
    authority_line,
    policy_from_v3,
    policy_line,
    sorted_authorities,
)
from comity.journal.validity import TrustedParty
from comity.model.fault import Malformed, Untrusted
from comity.model.party import Card
from comity.trust.card import card_mldsa_key
from comity.trust.identity import Role
from comity.trust.keys import KeyType, VerifierKey, admit, parse_verifier_key
from comity.trust.lives import KeyLife, Span
from comity.trust.note import parse_note, signed_by
from comity.wire.canonical import decimal, sha256
from comity.wire.limits import PEERS_MAX

__all__ = ["TRUST_BYTES_MAX", "Trust", "TrustedParty", "parse_trust", "trust_text"]

TRUST_BYTES_MAX = 524_288  # 65 parties with an ML-DSA key of 1.8 kB each, and keys that went before
_SIGNATURE_ROOM = 512  # a signature line: a name of 255 bytes and 68 as base64
_WITNESSES_MAX = 32  # several times what any quorum in use asks for
_WITNESS_KEYS_MAX = 64
_PARTIES_MAX = PEERS_MAX + 1  # a node's peers and itself
_HEADS = {number: f"comity/trust@v1\nversion {number}\n" for number in (1, 2, 3)}
_COSIGNERS = frozenset({KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44})
_ALWAYS = Span()
_NO_SPANS: Mapping[str, Span] = MappingProxyType({})
_NO_LIVES: Mapping[str, tuple[KeyLife, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a verifier believes; `quorum` is how many of the witnesses must cosign.

    `spans` are the windows of the witnesses' keys, in their order; without, they always count. A
    `policy` stands in the place of witnesses and quorum; `authorities` are whose stamps count.
    """

    signer: VerifierKey
    parties: tuple[TrustedParty, ...]
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    sha256: bytes
    spans: tuple[Span, ...] = ()
    policy: Policy | None = None
    authorities: tuple[Authority, ...] = ()

    def __post_init__(self) -> None:
        """Hold what concerns more than one line: counts, and that no key serves two purposes."""
        names, keys = len(self.witness_names), len(self.witnesses)
        many = names > _WITNESSES_MAX or keys > _WITNESS_KEYS_MAX
        if not 1 <= len(self.parties) <= _PARTIES_MAX or many:
            limits = f"1 to {_PARTIES_MAX} parties and at most {_WITNESSES_MAX} witnesses"
            raise Malformed(f"a trust file names {limits}", code="bad_trust")
        if len({party.origin for party in self.parties}) != len(self.parties):
            raise Malformed("a trust file names a party twice", code="bad_trust")
        if any(key.key_type not in _COSIGNERS for key in self.witnesses):
            raise Malformed("a witness's key is of type 0x04 or 0x06", code="bad_trust")
        if self.signer.key_type is not KeyType.ED25519:
            raise Malformed("a trust file is signed with a key of type 0x01", code="bad_trust")
        if not bool(keys) <= self.quorum <= (names if self.version > 2 else keys):  # noqa: PLR2004
            raise Malformed("a quorum is 1 to all of the witnesses, 0 of none", code="bad_trust")
        _check_apart(self)

    @property
    def windows(self) -> Mapping[VerifierKey, Span]:
        """When each cosigner counts, in POSIX seconds: witnesses, and the parties' own."""
        found = dict(zip(self.witnesses, self.spans, strict=False))
        for party in self.parties:
            found |= {life.key: _when(life) for life in party.of_role(Role.COSIGNER)}
        return found

    @property
    def witness_names(self) -> frozenset[str]:
        """The witnesses: one may have several keys."""
        return frozenset(key.name for key in self.witnesses)

    @property
    def version(self) -> int:
        """The version that can say all this."""
        quantum = any(key.key_type is KeyType.ML_DSA_44 for key in self.witnesses)
        if quantum or self.policy is not None or self.authorities:
            return 3
        plain = not any(party.lives for party in self.parties)
        return 1 if plain and all(span == _ALWAYS for span in self.spans) else 2

    def party(self, origin: str) -> TrustedParty | None:
        """The party of that origin, if it is named."""
        return next((party for party in self.parties if party.origin == origin), None)


def _when(life: KeyLife) -> Span:
    """A cosigner key that was revoked counts at no time: whoever has it can date back."""
    return life.span if life.revoked_s is None else Span(start=0, end=0)


def _check_apart(trust: Trust) -> None:
    entries = {life.key for party in trust.parties for life in party.of_role(Role.ENTRY)}
    signer = () if trust.signer in entries else (trust.signer,)
    keys = [*signer, *trust.witnesses, *(key for party in trust.parties for key in party.keys)]
    if len({key.public for key in keys}) != len(keys):
        raise Untrusted("one key serves two purposes", code="shared_key")
    named = () if trust.policy is None else trust.policy.witnesses
    others = {trust.signer.public, *(key.public for party in trust.parties for key in party.keys)}
    if any(line.key.public in others for line in named):
        raise Untrusted("a witness of the policy has a party's key", code="shared_key")


def trust_text(
    parties: Sequence[Card],
    witnesses: Sequence[str],
    *,
    signer: str,
    quorum: int | None = None,
    lives: Mapping[str, tuple[KeyLife, ...]] = _NO_LIVES,
    spans: Mapping[str, Span] = _NO_SPANS,
    policy: Policy | None = None,
    authorities: Iterable[Authority] = (),
) -> str:
    """The text to be signed with the key `signer`; the default quorum is all witnesses.

    `witnesses` and `signer` are verifier keys; `lives` are all keys of a party by its origin where
    the card does not say it all, `spans` the windows of witnesses by their keys, `policy` and
    `authorities` what a verifier would otherwise have to name beside the file. Malformed or
    Untrusted for what `parse_trust` would refuse, so that nobody signs a file that cannot be read.
    """
    found = (_party_of(card, lives.get(card.origin, ())) for card in parties)
    texts = sorted(witnesses)
    keys = tuple(parse_verifier_key(text) for text in texts)
    trust = Trust(
        signer=parse_verifier_key(signer),
        parties=tuple(sorted(found, key=lambda each: each.origin)),
        witnesses=keys,
        quorum=len({key.name for key in keys}) if quorum is None else quorum,
        sha256=b"",
        spans=tuple(spans.get(text, _ALWAYS) for text in texts),
        policy=policy,
        authorities=sorted_authorities(authorities),
    )
    for key in _keys(trust):
        admit(key)
    written = _text(trust)
    if len(written.encode()) > TRUST_BYTES_MAX - _SIGNATURE_ROOM:
        raise Malformed(f"a trust file has at most {TRUST_BYTES_MAX} bytes", code="too_large")
    return written


def _party_of(card: Card, lives: tuple[KeyLife, ...]) -> TrustedParty:
    if lives:
        return party_of_lives(card.origin, lives)
    mldsa = card_mldsa_key(card)
    texts = (card.entry_key, card.log_key, card.cosigner_key)
    entry, log, cosigner = (parse_verifier_key(text) for text in texts)
    if mldsa is None:
        return TrustedParty(origin=card.origin, entry=entry, log=log, cosigner=cosigner)
    keys = {Role.ENTRY: entry, Role.LOG: log, Role.LOG_MLDSA: mldsa, Role.COSIGNER: cosigner}
    whole = tuple(KeyLife(role=role, key=key) for role, key in keys.items())
    return party_of_lives(card.origin, whole)


def _keys(trust: Trust) -> tuple[VerifierKey, ...]:
    of_parties = tuple(key for party in trust.parties for key in party.keys)
    return (trust.signer, *of_parties, *trust.witnesses)


def _text(trust: Trust) -> str:
    second = trust.version > 1
    lines = [f"signer {trust.signer.text()}"]
    for party in trust.parties:
        lines += party_lines(party) if second else _party_lines_v1(party)
    spans = trust.spans or (_ALWAYS,) * len(trust.witnesses)
    for key, span in zip(trust.witnesses, spans, strict=True):
        lines.append(witness_line(key, span) if second else f"witness {key.text()}")
    lines.append(f"quorum {trust.quorum}")
    lines += [] if trust.policy is None else [policy_line(trust.policy)]
    lines += [authority_line(each) for each in trust.authorities]
    return _HEADS[trust.version] + "\n".join(lines) + "\n"


def _party_lines_v1(party: TrustedParty) -> list[str]:
    return [
        f"party {party.origin}",
        f"entry-key {party.entry.text()}",
        f"log-key {party.log.text()}",
        f"cosigner-key {party.cosigner.text()}",
    ]


def parse_trust(data: bytes) -> Trust:
    """Read a trust file.

    Raises:
        Malformed: the bytes are no trust file in canonical form, or of another version.
        Untrusted: its signature does not hold, a key is weak (`weak_key`), or one key serves two
            purposes (`shared_key`).
    """
    note = parse_note(data, size_max=TRUST_BYTES_MAX)
    version = next((n for n, head in _HEADS.items() if note.text.startswith(head)), None)
    if version is None:
        raise Malformed("not a trust file of Comity, version 1 to 3", code="bad_trust")
    lines = note.text.removeprefix(_HEADS[version])[:-1].split("\n")
    trust = _trust_from(lines, sha256(data), second=version > 1)
    if lines or _text(trust) != note.text or not _is_sorted(trust):
        raise Malformed("a trust file is not in canonical form", code="bad_trust")
    for key in _keys(trust):
        admit(key)
    signed_by(note, trust.signer)
    return trust


def _trust_from(lines: list[str], digest: bytes, *, second: bool) -> Trust:
    signer = parse_verifier_key(_value(lines, "signer"))
    parties: list[TrustedParty] = []
    while lines and lines[0].startswith("party "):
        parties.append(
            party_from_v2(_value(lines, "party"), lines) if second else _party_from(lines)
        )
    witnesses: list[tuple[VerifierKey, Span]] = []
    while lines and lines[0].startswith("witness "):
        value = _value(lines, "witness")
        witnesses.append(witness_from_v2(value) if second else (parse_verifier_key(value), _ALWAYS))
    return Trust(
        signer=signer,
        parties=tuple(parties),
        witnesses=tuple(key for key, _ in witnesses),
        quorum=decimal(_value(lines, "quorum")),
        sha256=digest,
        spans=tuple(span for _, span in witnesses),
        policy=_policy_in(lines),
        authorities=sorted_authorities(_authorities_in(lines)),
    )


def _policy_in(lines: list[str]) -> Policy | None:
    there = bool(lines) and lines[0].startswith("policy ")
    return policy_from_v3(_value(lines, "policy")) if there else None


def _authorities_in(lines: list[str]) -> Iterator[Authority]:
    for _ in range(AUTHORITIES_MAX + 1):  # one more is refused
        if not lines or not lines[0].startswith("authority "):
            return
        yield authority_from_v3(_value(lines, "authority"))


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

"""Targets of the files and notes beside the journal: forks, parcels, policies, keys, stamps, marks.

The seeds are made here, with keys that follow from their names. That of a time stamp is put
together by hand: it is well formed and granted, and no signature in it holds, which is all that
reading asks for.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from comity.journal import checkpoint, forkfile, parcel, policy, restored, timestamp
from comity.model.fault import Corrupt, Untrusted
from comity.trust import clock_note, note, possession, statement
from comity.trust.identity import NO_ROOTS, Identity, Role
from comity.trust.keys import SigningKey
from comity.trust.lives import KeyLife
from comity.trust.roster import peer_of
from comity.wire import key_v1, unrecorded_v1
from comity.wire.entry_v1 import ContentBody
from tests.fuzz import seeds
from tests.fuzz.target import NOW_US, Target, note_text, of_text, same
from tests.journal.two_nodes import card_of, full_sample, identity_of, seeded

__all__ = ["RECORD"]

ALPHA, BETA = "alpha.example/comity/2026", "beta.example/comity/2026"
NONCE = bytes(32)


def _fork(data: bytes) -> object:
    forkfile.judge_fork(data, full_sample().trust)  # a verdict, whatever it is given
    return same(forkfile.serialise_fork(forkfile.parse_fork(data)), data)


def _forks() -> list[bytes]:
    def signed(size: int, fill: int) -> note.Note:
        found = checkpoint.Checkpoint(origin=ALPHA, size=size, root=bytes([fill]) * 32)
        return note.sign_note(checkpoint.checkpoint_text(found), identity_of(ALPHA).log)

    one_size = forkfile.fork_of(signed(5, 1), signed(5, 2), None, ())
    other = forkfile.fork_of(signed(5, 1), signed(9, 2), bytes(32), (bytes(32), bytes(32)))
    return [forkfile.serialise_fork(fork) for fork in (one_size, other)]


def _parcel(data: bytes) -> object:
    manifest, _, pieces = parcel.parse_parcel(data)
    return same(parcel.parcel_file(manifest, pieces), data)


def _manifest(*pieces: tuple[str, bytes]) -> str:
    return parcel.parcel_text(
        parcel.Parcel(
            sender=ALPHA,
            audience=BETA,
            number=1,
            made_us=NOW_US,
            receipts=0,
            knows=7,
            pieces=tuple(parcel.piece_of(kind, data) for kind, data in pieces),
        )
    )


def _parcels() -> list[bytes]:
    pieces = (("beat", b"{}"), ("give", b'{"head":"\n\n"}'))
    signed = note.sign_note(_manifest(*pieces), identity_of(ALPHA).entry)
    return [parcel.parcel_file(signed, tuple(data for _, data in pieces))]


def _policy(data: bytes) -> object:
    found = policy.read_policy(data)
    assert policy.policy_of(data, policy.lines_of(data)) == found
    return policy.unused(found)


def _mark(data: bytes) -> object:
    """Our own lock file; what is no mark is damage, and Corrupt."""
    try:
        mark = restored.mark_from(data)
    except Corrupt:
        return None
    assert restored.mark_from(mark.bytes()) == mark
    return mark


def _marks() -> list[bytes]:
    mark = restored.Mark(size=7, root="AAAA", made_us=NOW_US)
    accepted = restored.Accepted(party=BETA, by="L. Lopez", at_us=NOW_US)
    return [mark.bytes(), mark.accepting(accepted).bytes()]


def _authority(data: bytes) -> object:
    found = timestamp.read_authority(data)
    pems = [each.public_bytes(Encoding.PEM) for each in (*found.roots, *found.leaves)]
    assert timestamp.read_authority(b"".join(pems)) == found
    return found


def _stamp(data: bytes) -> object:
    """Whole, as DER has one form; then everything that checking reads of what nobody signed."""
    written = timestamp.read_stamp(data).as_bytes()
    _unchecked(data)
    return same(written, data)


def _unchecked(data: bytes) -> object:
    authority = timestamp.read_authority(seeds.authorities()[1])
    try:
        return timestamp.check_stamp(data, None, [authority])
    except Untrusted:
        return None


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    short = len(body) < 0x80
    return bytes([tag]) + (b"" if short else bytes([0x80 + len(size)])) + size + body


def _stamps() -> list[bytes]:
    """RFC 3161, 2.4.2 and RFC 5652, 5: a granted answer over SHA-256 of nothing in particular."""
    number, octets, oid, sequence, members = 0x02, 0x04, 0x06, 0x30, 0x31
    signed_data, tst_info = (
        _der(oid, bytes.fromhex(value))
        for value in ("2a864886f70d010702", "2a864886f70d0109100104")
    )
    sha256 = _der(sequence, _der(oid, bytes.fromhex("608648016503040201")))
    info = _der(
        sequence,
        *(
            _der(number, b"\1"),
            _der(oid, b"\x2a\x03\x04"),
            _der(sequence, sha256, _der(octets, NONCE)),
        ),
        *(_der(number, b"\7"), _der(0x18, b"20261122130000Z"), _der(sequence, _der(number, b"\1"))),
    )
    certificate = x509.load_pem_x509_certificate(seeds.certificate(ca=False))
    issued = _der(sequence, certificate.issuer.public_bytes(), _der(number, b"\7"))
    ed25519 = _der(sequence, _der(oid, bytes.fromhex("2b6570")))
    signer = _der(sequence, _der(number, b"\1"), issued, sha256, ed25519, _der(octets, bytes(64)))
    signed = _der(
        sequence,
        *(_der(number, b"\3"), _der(members, sha256)),
        _der(sequence, tst_info, _der(0xA0, _der(octets, info))),
        _der(0xA0, certificate.public_bytes(Encoding.DER)),
        _der(members, signer),
    )
    token = _der(sequence, signed_data, _der(0xA0, signed))
    return [_der(sequence, _der(sequence, _der(number, b"\0")), token)]


def _clock(data: bytes) -> object:
    sample = full_sample()
    peer = peer_of(card_of(sample.alpha))
    now_us = clock_note.open_clock_note(data, peer, sample.beta.origin, NONCE)
    return same(
        clock_note._text(peer.origin, sample.beta.origin, NONCE, str(now_us)), note_text(data)
    )


def _clocks() -> list[bytes]:
    sample = full_sample()
    key = sample.alpha.entry
    return [clock_note.clock_note(key, sample.alpha.origin, sample.beta.origin, NONCE, NOW_US)]


def _statements() -> list[key_v1.KeyText | key_v1.RevokeText]:
    """Alpha's new entry key, its first ML-DSA key, and a log key that went before, revoked."""
    whole = identity_of(ALPHA, mldsa=True)
    assert whole.log_mldsa is not None
    return [
        key_v1.KeyText(
            origin=ALPHA,
            role="entry",
            because="rotation",
            old=whole.entry.verifier().text(),
            new=_new_entry().verifier().text(),
            made_us=NOW_US,
        ),
        key_v1.KeyText(
            origin=ALPHA,
            role="log-mldsa",
            because="rotation",
            old=None,
            new=whole.log_mldsa.verifier().text(),
            made_us=NOW_US,
        ),
        key_v1.RevokeText(
            origin=ALPHA,
            role="log",
            key=seeded(ALPHA, salt="old").verifier().text(),
            to=7,
            since_us=NOW_US,
            made_us=NOW_US,
        ),
    ]


def _new_entry() -> SigningKey:
    return seeded(f"{ALPHA}/desk", salt="new")


def _lives(who: Identity) -> tuple[KeyLife, ...]:
    keys = {Role.ENTRY: who.entry, Role.LOG: who.log, Role.COSIGNER: who.cosigner}
    old = KeyLife(role=Role.LOG, key=seeded(ALPHA, salt="old").verifier())
    return (old, *(KeyLife(role=role, key=key.verifier()) for role, key in keys.items()))


def _statement_note(data: bytes) -> object:
    """Opened as beta does, and the keys afterwards."""
    lives = _lives(identity_of(ALPHA))
    found = statement.open_statement(data, ALPHA, lives, NO_ROOTS)
    statement.changed(lives, found, 7)
    return same(key_v1.statement_text(found), note_text(data))


def _statement_notes() -> list[bytes]:
    whole = identity_of(ALPHA, mldsa=True)
    assert whole.log_mldsa is not None
    signers = [(_new_entry(), whole.entry), (whole.log_mldsa, whole.log), (whole.log,)]
    found = []
    for said, keys in zip(_statements(), signers, strict=True):
        text = key_v1.statement_text(said)
        lines = tuple(possession.prove_possession(text, key) for key in keys)
        found.append(note.serialise(note.Note(text=text, signatures=lines)))
    return found


def _unrecorded() -> list[bytes]:
    body = ContentBody(root=bytes(32), leaves=8, seed_commit=bytes(32))
    pairs = [(ALPHA, BETA), (f"{ALPHA}/exercise/x", f"{BETA}/exercise/x")]
    said = [
        unrecorded_v1.Unrecorded(sender=one, audience=other, issued_us=NOW_US, body=body)
        for one, other in pairs
    ]
    return [unrecorded_v1.unrecorded_text(each).encode() for each in said]


def _not_recorded() -> list[bytes]:
    here = unrecorded_v1.NotRecordedHere(sender=BETA, audience=ALPHA, of=bytes(32), shown_us=NOW_US)
    return [unrecorded_v1.not_recorded_text(here).encode()]


RECORD: Mapping[str, Target] = MappingProxyType(
    {
        "fork": Target(take=_fork, seeds=_forks, functions=("journal.forkfile.parse_fork",)),
        "parcel": Target(take=_parcel, seeds=_parcels, functions=("journal.parcel.parse_parcel",)),
        "parcel-manifest": Target(
            take=of_text(parcel.parse_parcel_text, parcel.parcel_text),
            seeds=lambda: [_manifest(("beat", b"{}"), ("take", b"[]")).encode()],
            functions=("journal.parcel.parse_parcel_text",),
        ),
        "policy": Target(
            take=_policy,
            seeds=seeds.policies,
            functions=("journal.policy.read_policy",),
            untrusted=True,
        ),
        "restored-mark": Target(
            take=_mark, seeds=_marks, functions=("journal.restored.mark_from",)
        ),
        "authority": Target(
            take=_authority,
            seeds=seeds.authorities,
            functions=("journal.timestamp.read_authority",),
        ),
        "time-stamp": Target(
            take=_stamp, seeds=_stamps, functions=("journal.timestamp.read_stamp",)
        ),
        "clock-note": Target(
            take=_clock,
            seeds=_clocks,
            functions=("trust.clock_note.open_clock_note",),
            untrusted=True,
        ),
        "key-statement": Target(
            take=of_text(key_v1.parse_statement, key_v1.statement_text),
            seeds=lambda: [key_v1.statement_text(each).encode() for each in _statements()],
            functions=("wire.key_v1.parse_statement",),
        ),
        "key-statement-note": Target(
            take=_statement_note,
            seeds=_statement_notes,
            functions=("trust.statement.open_statement",),
            untrusted=True,
        ),
        "unrecorded": Target(
            take=of_text(unrecorded_v1.unrecorded_from, unrecorded_v1.unrecorded_text),
            seeds=_unrecorded,
            functions=("wire.unrecorded_v1.unrecorded_from",),
        ),
        "not-recorded": Target(
            take=of_text(unrecorded_v1.not_recorded_from, unrecorded_v1.not_recorded_text),
            seeds=_not_recorded,
            functions=("wire.unrecorded_v1.not_recorded_from",),
        ),
    }
)

"""Where fuzzing begins: the committed vectors, and a bundle with everything in it."""

import datetime as dt
import functools
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from comity.journal import tlog_proof
from comity.journal.cosignature import cosign
from comity.journal.policy import read_policy
from comity.journal.timestamp import read_authority
from comity.journal.trustfile import trust_text
from comity.trust import card, note
from comity.trust.identity import Role, Roots
from comity.trust.keys import KeyType, SigningKey
from comity.trust.lives import KeyLife, Span
from tests.journal.two_nodes import ADDRESS, card_of, full_sample, identity_of, seeded

__all__ = [
    "REQUESTS",
    "agreement_contents",
    "agreements",
    "authorities",
    "bundles",
    "cards",
    "certificate",
    "checkpoints",
    "contents",
    "entry_texts",
    "file",
    "notes",
    "policies",
    "proof_notes",
    "proofs",
    "trust_files",
    "vectors",
    "vkeys",
    "witness_keys",
    "witness_note",
]

VECTORS = Path(__file__).parent.parent / "vectors"
REQUESTS = (
    (
        b'{"kind":"operation","volumes":[{"footprint":{"centre":[35.5,35.7],"radius_m":12000},'
        b'"lower_m":0,"upper_m":3000,"start":"2026-11-22T13:00:00Z","end":"2026-11-22T14:00:00Z"}],'
        b'"purpose":"training","craft":"uav","to":["alpha"]}'
    ),
    b'{"move":"start","at":"2026-11-22T13:00:00Z"}',
    b'{"step":"seen","role":"duty officer"}',
    b'{"units":[{"unit":"BATTERY 4","state":"told","at":"2026-11-22T13:00:00Z"}]}',
    b'{"other":"bravo","account_of":"caller","words":"said"}',
    b'{"card":"x","fingerprint":"y"}',
    b'{"name":"x","scopes":["read"]}',
    b'{"statement":"comity/key@v1"}',
    b'{"before":"2026-11-22T13:00:00Z","notice":null}',
    b"{}",
    b"{}",
    b'{"party":"bravo.example/comity/2026","by":"L. Lopez"}',
    b'{"to":"bravo"}',
    b'{"manifest":"comity/parcel@v1","position":0,"piece":"AAAA"}',
    b'{"of":"' + b"00" * 32 + b'","to":"bravo","wanted":"close","by":"2026-11-22T13:00:00Z"}',
    b'{"decision":"standby","role":"supervisor","standby_minutes":10}',
    (
        b'{"to":["alpha"],"volumes":[{"footprint":{"centre":[35.5,35.7],"radius_m":2000},'
        b'"lower_m":0,"upper_m":100,"start":"2026-11-22T13:00:00Z","end":"2026-12-01T13:00:00Z"}],'
        b'"purpose":"medical","snap":true}'
    ),
    b'{"until":"2026-12-06T13:00:00Z"}',
    b"{}",
    b'{"role":"duty officer","reason":"route of convoy 7"}',
    b'{"text":"comity/agreement@v1"}',
    b'{"change":"suspend","reason":"why"}',
    b'{"stance":"contradicts","source":"own post","confidence":"probable","to":["bravo"]}',
    (
        b'{"code":"KC","to":"bravo","role":"duty officer","values":{"where":[35.5,35.9],'
        b'"radius":5000,"until":"2026-11-22T13:00:00Z"},"language":"ru","words":"now"}'
    ),
    b'{"code":"S","role":"duty officer","values":{"minutes":10},"read_back":{"radius":5000}}',
    b'{"name":"Battery 2","kind":"air-defence","means":"telephone","channel":"4","within_s":90}',
    b'{"name":"Battery 2"}',
    b'{"unit":"Battery 2","state":"told","role":"x","at":"2026-11-22T13:00:00Z","means":"radio"}',
    b'{"units":["Battery 2"],"role":"duty officer"}',
    b'{"unit":"Battery 2","valid_for_s":600,"form":"txt"}',
    b'{"unit":"Battery 2","code":"ABCDY EFGHS","role":"duty officer"}',
    b'{"giver":"A. Ivri","taker":"B. Sade","note":"slow"}',
    b'{"by":"B. Sade","list_hash":"' + b"00" * 32 + b'"}',
    b'{"by":"A. Ivri","message":{"code":"L1","to":"bravo","role":"duty officer"}}',
    b'{"by":"B. Sade"}',
    b'{"roles":["duty officer","alternate","chief"]}',
    b'{"role":"chief","person":"C. Katz","start":"2026-11-22T13:00:00Z"}',
    b'{"role":"chief","person":"C. Katz"}',
    b'{"person":"C. Katz","present":true}',
)


@functools.cache
def vectors(name: str) -> Any:
    return tomllib.loads((VECTORS / f"{name}.toml").read_text("utf-8"))


def agreements() -> list[bytes]:
    return [item["text"].encode() for item in vectors("agreement_v1")["agreement"]]


def agreement_contents(which: str) -> list[bytes]:
    found = vectors("agreement_v1")["content"]
    return [bytes.fromhex(item["bytes"]) for item in found if item["name"] == which]


def contents(which: tuple[str, ...] = ()) -> list[bytes]:
    found = [*vectors("notice_v1")["notice"], *vectors("content_v1")["content"]]
    return [bytes.fromhex(item["bytes"]) for item in found if not which or item["name"] in which]


def notes() -> list[bytes]:
    return [
        *(item["note"].encode() for item in vectors("entry_v1")["entry"]),
        *(item["data"].encode() for item in vectors("c2sp_published_notes")["note"]),
        *(data for name, data in full_sample().files.items() if name.endswith(".note")),
    ]


def entry_texts() -> list[bytes]:
    return [note.parse_note(data).text.encode() for data in notes() if data.startswith(b"comity/")]


def checkpoints() -> list[bytes]:
    found = [(VECTORS / f"c2sp_{name}_checkpoint.note").read_bytes() for name in ("mini", "mldsa")]
    return [*found, *proof_notes()]


@functools.cache
def witness_keys() -> tuple[SigningKey, ...]:
    """One witness, of both types."""
    types = (KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44)
    return tuple(seeded("witness.example/w1", each) for each in types)


@functools.cache
def witness_note() -> bytes:
    """A head that it cosigned with both keys."""
    head = note.parse_note((VECTORS / "c2sp_mini_checkpoint.note").read_bytes())
    lines = tuple(cosign(head.text, key, 1_795_330_000) for key in witness_keys())
    return note.serialise(note.Note(text=head.text, signatures=lines))


def proofs() -> list[bytes]:
    return [
        data for data in full_sample().files.values() if data.startswith(b"c2sp.org/tlog-proof")
    ]


def proof_notes() -> list[bytes]:
    return [note.serialise(tlog_proof.parse_proof(data).checkpoint) for data in proofs()]


def file(start: bytes) -> list[bytes]:
    return [data for data in full_sample().files.values() if data.startswith(start)]


def cards() -> list[bytes]:
    """Of both versions; the vectors have one with a certificate."""
    alpha = identity_of("alpha.example/comity/2026", mldsa=True)
    roots = tuple(seeded(f"{alpha.origin}/root-{name}").verifier() for name in "ab")
    rooted = replace(alpha, roots=Roots(needed=2, keys=roots))
    second = [card.card_note(who, ADDRESS, b"") for who in (alpha, rooted)]
    return [*(item["note"].encode() for item in vectors("card_v1")["card"]), *second]


def trust_files() -> list[bytes]:
    """Version 1; 2 with windows, a revoked key, one of type 0x06; 3 with what it alone can say."""
    sample, referee = full_sample(), seeded("referee.example/trust")
    old = seeded(f"{sample.alpha.origin}/desk", salt="old").verifier()
    whole = identity_of(sample.alpha.origin, mldsa=True)
    assert whole.log_mldsa is not None
    lives = (
        KeyLife(role=Role.ENTRY, key=old, span=Span(start=0, end=7), revoked_s=1_790_000_000),
        KeyLife(role=Role.ENTRY, key=whole.entry.verifier(), span=Span(start=7)),
        KeyLife(role=Role.LOG, key=whole.log.verifier()),
        KeyLife(role=Role.LOG_MLDSA, key=whole.log_mldsa.verifier()),
        KeyLife(role=Role.COSIGNER, key=whole.cosigner.verifier()),
    )
    witness = sample.witness.verifier().text()
    text = trust_text(
        [card_of(sample.alpha), card_of(sample.beta)],
        [witness],
        signer=referee.verifier().text(),
        lives={sample.alpha.origin: lives},
        spans={witness: Span(start=1_790_000_000)},
    )
    third = trust_text(
        [card_of(sample.alpha)],
        [key.verifier().text() for key in witness_keys()],
        signer=referee.verifier().text(),
        policy=read_policy(policies()[0]),
        authorities=[read_authority(pem) for pem in authorities()],
    )
    signed = [note.serialise(note.sign_note(each, referee)) for each in (text, third)]
    return [sample.trust_file, *signed]


def policies() -> list[bytes]:
    keys = [seeded(f"w{n}.example/w", KeyType.COSIGNATURE_V1).verifier().text() for n in range(3)]
    lines = [
        f"log {identity_of('alpha.example/comity/2026').log.verifier().text()}",
        *(f"witness w{n} {key} https://w{n}.example/" for n, key in enumerate(keys)),
        "# two of these, or the other",
        "group some 1 w0\tw1",
        "group both all some w2",
        "quorum both",
    ]
    both = [f"witness {key.key_type} {key.verifier().text()}" for key in witness_keys()]
    one = [*both, "group one all 4 6", "quorum one"]
    return [
        *("".join(f"{line}\n" for line in each).encode() for each in (lines, one)),
        b"quorum none\n",
    ]


def authorities() -> list[bytes]:
    """A root alone, and a leaf before it."""
    root, leaf = certificate(ca=True), certificate(ca=False)
    return [root, leaf + root]


def certificate(*, ca: bool) -> bytes:
    """The same bytes every time: the key, the number and the times are given."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([ca]) * 32)
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        for name in ("root" if ca else "leaf", "root")
    )
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    builder = builder.not_valid_after(dt.datetime(2036, 1, 1, tzinfo=dt.UTC))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return builder.sign(key, None).public_bytes(Encoding.PEM)


def vkeys() -> list[bytes]:
    return [card.open_card(data).log_key.encode() for data in cards()]


def bundles() -> list[bytes]:
    files = full_sample().files
    return [bytes([place]) + files[name] for place, name in enumerate(sorted(files))]

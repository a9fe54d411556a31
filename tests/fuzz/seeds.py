"""Where fuzzing begins: the committed vectors, and a bundle with everything in it."""

import functools
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity.journal import tlog_proof
from comity.journal.trustfile import trust_text
from comity.trust import card, note
from comity.trust.identity import Role, Roots
from comity.trust.lives import KeyLife, Span
from tests.journal.two_nodes import ADDRESS, card_of, full_sample, identity_of, seeded

__all__ = [
    "REQUESTS",
    "bundles",
    "cards",
    "checkpoints",
    "contents",
    "entry_texts",
    "file",
    "notes",
    "proof_notes",
    "proofs",
    "trust_files",
    "vectors",
    "vkeys",
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
    b'{"stance":"contradicts","source":"own post","confidence":"probable","to":["bravo"]}',
)


@functools.cache
def vectors(name: str) -> Any:
    return tomllib.loads((VECTORS / f"{name}.toml").read_text("utf-8"))


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
    return [(VECTORS / "c2sp_mini_checkpoint.note").read_bytes(), *proof_notes()]


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
    """Version 1, and version 2 with windows, a key that was revoked and one of type 0x06."""
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
    return [sample.trust_file, note.serialise(note.sign_note(text, referee))]


def vkeys() -> list[bytes]:
    return [card.open_card(data).log_key.encode() for data in cards()]


def bundles() -> list[bytes]:
    files = full_sample().files
    return [bytes([place]) + files[name] for place, name in enumerate(sorted(files))]

"""Where fuzzing begins: the committed vectors, and a bundle with everything in it."""

import functools
import tomllib
from pathlib import Path
from typing import Any

from comity.journal import tlog_proof
from comity.trust import card, note
from tests.journal.two_nodes import full_sample

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
    "vectors",
    "vkeys",
]

VECTORS = Path(__file__).parent.parent / "vectors"
REQUESTS = (
    (
        b'{"volumes":[{"footprint":{"centre":[35.5,35.7],"radius_m":12000},"lower_m":0,'
        b'"upper_m":3000,"start":"2026-11-22T13:00:00Z","end":"2026-11-22T14:00:00Z"}],'
        b'"purpose":"training","craft":"uav","to":["alpha"]}'
    ),
    b'{"move":"start","at":"2026-11-22T13:00:00Z"}',
    b'{"step":"seen","role":"duty officer"}',
    b'{"units":[{"unit":"BATTERY 4","state":"told","at":"2026-11-22T13:00:00Z"}]}',
    b'{"other":"bravo","account_of":"caller","words":"said"}',
    b'{"card":"x","fingerprint":"y"}',
    b'{"name":"x","scopes":["read"]}',
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
    return [item["note"].encode() for item in vectors("card_v1")["card"]]


def vkeys() -> list[bytes]:
    return [card.open_card(data).log_key.encode() for data in cards()]


def bundles() -> list[bytes]:
    files = full_sample().files
    return [bytes([place]) + files[name] for place, name in enumerate(sorted(files))]

"""Checkpoint texts: three lines in their one form; the mini vector byte for byte."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.checkpoint import Checkpoint, checkpoint_text, parse_checkpoint
from comity.journal.cosignature import cosign
from comity.journal.merkle import EMPTY_ROOT, leaf_hash, tree_root
from comity.model.fault import Malformed
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.wire.canonical import b64

VECTOR = (Path(__file__).parents[1] / "vectors" / "c2sp_mini_checkpoint.note").read_bytes()
ORIGIN = "north.example/hotline/2026"
ROOT = b64(EMPTY_ROOT)
GOOD = f"{ORIGIN}\n20852163\n{ROOT}\n"


def test_mini_vector_from_seeds_and_entries_to_every_byte() -> None:
    log = SigningKey(name=ORIGIN, key_type=KeyType.ED25519, seed=bytes(range(32)))
    peer = SigningKey(
        name="south.example/peer", key_type=KeyType.COSIGNATURE_V1, seed=bytes(range(1, 33))
    )
    leaves = [leaf_hash(f"entry-{i}".encode()) for i in range(5)]
    text = checkpoint_text(Checkpoint(origin=ORIGIN, size=5, root=tree_root(leaves)))
    signed = sign_note(text, log)
    cosigned = Note(text=text, signatures=(*signed.signatures, cosign(text, peer, 1_795_330_000)))
    assert serialise(cosigned) == VECTOR


def test_mini_vector_parses() -> None:
    checkpoint = parse_checkpoint(parse_note(VECTOR).text)
    assert (checkpoint.origin, checkpoint.size) == (ORIGIN, 5)
    assert checkpoint.root.hex().startswith("1aa68d30")


@pytest.mark.parametrize("size", [0, 1, 9, 10, 20_852_163, 2**63 - 1])
def test_texts_round_trip(size: int) -> None:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=EMPTY_ROOT)
    assert parse_checkpoint(checkpoint_text(checkpoint)) == checkpoint
    assert checkpoint_text(checkpoint) == f"{ORIGIN}\n{size}\n{ROOT}\n"


STRICT = {
    "empty": "",
    "two lines": f"{ORIGIN}\n5\n",
    "no LF at the end": GOOD[:-1],
    "extension line": GOOD + "extension\n",
    "extension line without LF": GOOD + "extension",
    "empty extension line": GOOD + "\n",
    "empty first line": "\n" + GOOD,
    "CR LF": GOOD.replace("\n", "\r\n"),
    "line separator": GOOD.replace("\n", "\u2028"),
    "VT for LF": GOOD.replace("\n", "\x0b"),
    "no origin": GOOD.replace(ORIGIN, ""),
    "space in the origin": GOOD.replace(ORIGIN, "north example"),
    "plus in the origin": GOOD.replace(ORIGIN, "north+example"),
    "origin of 256 bytes": GOOD.replace(ORIGIN, "n" * 256),
    "size empty": GOOD.replace("20852163", ""),
    "size +5": GOOD.replace("20852163", "+5"),
    "size -5": GOOD.replace("20852163", "-5"),
    "size -0": GOOD.replace("20852163", "-0"),
    "leading zero": GOOD.replace("20852163", "05"),
    "two zeros": GOOD.replace("20852163", "00"),
    "underscore": GOOD.replace("20852163", "1_000"),
    "space before the size": GOOD.replace("20852163", " 5"),
    "space after the size": GOOD.replace("20852163", "5 "),
    "hexadecimal": GOOD.replace("20852163", "0x5"),
    "fraction": GOOD.replace("20852163", "5.0"),
    "exponent": GOOD.replace("20852163", "5e3"),
    "Arabic digits": GOOD.replace("20852163", "\u0665"),
    "superscript": GOOD.replace("20852163", "\u00b2"),
    "2^63": GOOD.replace("20852163", str(2**63)),
    "a size of 400 digits": GOOD.replace("20852163", "9" * 400),
    "no root": GOOD.replace(ROOT, ""),
    "root of 31 bytes": GOOD.replace(ROOT, b64(EMPTY_ROOT[:31])),
    "root of 33 bytes": GOOD.replace(ROOT, b64(EMPTY_ROOT + b"\x00")),
    "root in hex": GOOD.replace(ROOT, EMPTY_ROOT.hex()),
    "root without padding": GOOD.replace(ROOT, ROOT[:-1]),
    "root with spare bits": GOOD.replace(ROOT, ROOT[:-2] + chr(ord(ROOT[-2]) + 1) + "="),
    "space after the root": GOOD.replace(ROOT, ROOT + " "),
}


@pytest.mark.parametrize("text", STRICT.values(), ids=STRICT.keys())
def test_strictness(text: str) -> None:
    assert text != GOOD
    with pytest.raises(Malformed):
        parse_checkpoint(text)


def test_the_good_text_of_the_table_is_good() -> None:
    assert parse_checkpoint(GOOD).size == 20_852_163
    assert parse_checkpoint(GOOD.replace(ORIGIN, "n" * 255)).origin == "n" * 255


@given(at=st.integers(0, len(GOOD) - 1), character=st.characters())
def test_one_changed_character_is_malformed_or_round_trips(at: int, character: str) -> None:
    text = GOOD[:at] + character + GOOD[at + 1 :]
    with suppress(Malformed):
        assert checkpoint_text(parse_checkpoint(text)) == text


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 0, EMPTY_ROOT), ("o", -1, EMPTY_ROOT), ("o", 2**63, EMPTY_ROOT), ("o", 0, b"short")],
)
def test_what_is_no_checkpoint_cannot_be_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(Malformed):
        Checkpoint(origin=origin, size=size, root=root)

"""Notes: the same bytes back, nothing lenient, and no false line from a known key."""

import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Corrupt, Malformed, Untrusted
from comity.trust.keys import KeyType, SigningKey, parse_verifier_key
from comity.trust.note import (
    NOTE_BYTES_MAX,
    Note,
    Signature,
    parse_note,
    serialise,
    sign_note,
    signature_by,
    signed_by,
    verify_note,
)
from comity.wire.canonical import b64

VECTORS = tomllib.loads(
    (Path(__file__).parents[1] / "vectors" / "c2sp_published_notes.toml").read_text("utf-8")
)
NORTH = SigningKey(name="north.example", key_type=KeyType.ED25519, seed=bytes(32))
SOUTH = SigningKey(name="south.example", key_type=KeyType.ED25519, seed=bytes([1]) * 32)
TEXT = "one line\nanother\n"
LINE = sign_note(TEXT, NORTH).signatures[0].line()
GOOD = f"{TEXT}\n{LINE}".encode()
ONES = b"\xff" * 69


def line(name: str, blob: bytes) -> str:
    return f"\u2014 {name} {b64(blob)}\n"


def both() -> Note:
    ours, theirs = sign_note(TEXT, NORTH), sign_note(TEXT, SOUTH)
    return Note(text=TEXT, signatures=ours.signatures + theirs.signatures)


# --- bytes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["note"], ids=lambda vector: vector["source"])
def test_published_notes(vector: dict[str, str]) -> None:
    data = vector["data"].encode()
    note = parse_note(data)
    assert serialise(note) == data
    signed_by(note, parse_verifier_key(vector["key"]))
    bent = replace(note, text=note.text.replace("m", "n", 1))
    with pytest.raises(Untrusted):
        signed_by(bent, parse_verifier_key(vector["key"]))


def test_the_good_note_of_the_tables_below_is_good() -> None:
    note = parse_note(GOOD)
    assert (note.text, serialise(note)) == (TEXT, GOOD)
    signed_by(note, NORTH.verifier())


@pytest.mark.parametrize(
    "text",
    ["\n", "\n\n", "a\n\n\n", "\u2014 a line that looks signed\n", " spaces around  \n",
     "é, 漢字, \u200f\n", "\u2014 x eHh4eHg=\n"],
)  # fmt: skip
def test_the_last_empty_line_is_the_border(text: str) -> None:
    data = f"{text}\n{LINE}".encode()
    note = parse_note(data)
    assert (note.text, len(note.signatures)) == (text, 1)
    assert serialise(note) == data


STRICT = {
    "empty": b"",
    "text only": TEXT.encode(),
    "no signature": TEXT.encode() + b"\n",
    "no text": LINE.encode(),
    "no text, border only": b"\n" + LINE.encode(),
    "no border": (TEXT + LINE).encode(),
    "no LF at the end": GOOD[:-1],
    "LF too many": GOOD + b"\n",
    "line after the signatures": GOOD + b"more\n",
    "empty line between signatures": GOOD + b"\n" + b"more\n",
    "CR LF": GOOD.replace(b"\n", b"\r\n"),
    "CR in the text": GOOD.replace(b"one", b"o\re"),
    "CR before the border": GOOD.replace(b"another\n", b"another\r\n"),
    "CR after a signature": GOOD[:-1] + b"\r\n",
    "NUL": GOOD.replace(b"one", b"o\x00e"),
    "TAB": GOOD.replace(b"one", b"o\te"),
    "VT": GOOD.replace(b"one", b"o\x0be"),
    "FF": GOOD.replace(b"one", b"o\x0ce"),
    "FS": GOOD.replace(b"one", b"o\x1ce"),
    "DEL": GOOD.replace(b"one", b"o\x7fe"),
    "NEL": GOOD.replace(b"one", "o\x85e".encode()),
    "line separator": GOOD.replace(b"one", "o\u2028e".encode()),
    "paragraph separator": GOOD.replace(b"one", "o\u2029e".encode()),
    "line separator for LF": GOOD.replace(b"\n", "\u2028".encode()),
    "NEL for LF": GOOD.replace(b"\n", "\x85".encode()),
    "not UTF-8": GOOD.replace(b"one", b"o\xffe"),
    "overlong UTF-8": GOOD.replace(b"one", b"o\xc0\x8ae"),
    "UTF-8 surrogate": GOOD.replace(b"one", b"o\xed\xa0\x80e"),
    "UTF-16": GOOD.decode().encode("utf-16-le"),
    "hyphen for the dash": GOOD.replace("\u2014".encode(), b"-"),
    "en dash": GOOD.replace("\u2014".encode(), "\u2013".encode()),
    "no dash": GOOD.replace("\u2014 ".encode(), b""),
    "dash twice": GOOD.replace("\u2014 ".encode(), "\u2014 \u2014 ".encode()),
    "no space after the dash": GOOD.replace("\u2014 ".encode(), "\u2014".encode()),
    "two spaces after the dash": GOOD.replace("\u2014 ".encode(), "\u2014  ".encode()),
    "no-break space after the dash": GOOD.replace("\u2014 ".encode(), "\u2014\xa0".encode()),
    "two spaces before the base64": GOOD.replace(b"north.example ", b"north.example  "),
    "tab before the base64": GOOD.replace(b"north.example ", b"north.example\t"),
    "space before a line": GOOD.replace("\u2014".encode(), " \u2014".encode()),
    "trailing space": GOOD[:-1] + b" \n",
    "third field": GOOD[:-1] + b" x\n",
    "no name": GOOD.replace(b"north.example ", b" "),
    "plus in a name": GOOD.replace(b"north.example ", b"north+example "),
    "no-break space in a name": GOOD.replace(b"north.example ", "north\xa0example ".encode()),
    "line separator in a name": GOOD.replace(b"north.example ", "north\u2028example ".encode()),
    "name of 256 bytes": f"{TEXT}\n{line('n' * 255, bytes(68))}".replace("nn", "nnn", 1).encode(),
    "no base64": f"{TEXT}\n\u2014 n \n".encode(),
    "key id only": f"{TEXT}\n{line('n', bytes(4))}".encode(),
    "three bytes": f"{TEXT}\n{line('n', bytes(3))}".encode(),
    "base64 without padding": GOOD.replace(b"=\n", b"\n"),
    "padding too many": GOOD.replace(b"=\n", b"==\n"),
    "spare base64 bits": f"{TEXT}\n{line('n', bytes(68))}".replace("AA=\n", "AB=\n").encode(),
    "URL-safe base64": f"{TEXT}\n{line('n', ONES)}".replace("/", "_").encode(),
    "space in the base64": GOOD[:-8] + b" " + GOOD[-8:],
    "non-ASCII base64": GOOD[:-8] + "\uff21".encode() + GOOD[-8:],
    "65 signatures": (TEXT + "\n" + LINE * 65).encode(),
}


@pytest.mark.parametrize("data", STRICT.values(), ids=STRICT.keys())
def test_strictness(data: bytes) -> None:
    assert data != GOOD
    with pytest.raises(Malformed):
        parse_note(data)


def test_spare_bits_vector_is_really_about_the_bits() -> None:
    data = STRICT["spare base64 bits"].replace(b"AB=\n", b"AA=\n")
    assert serialise(parse_note(data)) == data


def test_limits_at_n_and_n_plus_1() -> None:
    longest = GOOD.replace(b"one", b"o" * (NOTE_BYTES_MAX - len(GOOD) + 3))
    assert len(longest) == NOTE_BYTES_MAX
    assert serialise(parse_note(longest)) == longest
    with pytest.raises(Malformed) as caught:
        parse_note(longest.replace(b"oo", b"ooo", 1))
    assert caught.value.code == "too_large"
    parse_note(longest.replace(b"oo", b"ooo", 1), size_max=NOTE_BYTES_MAX + 1)
    many = (TEXT + "\n" + LINE * 64).encode()
    assert len(parse_note(many).signatures) == 64


@given(st.binary(max_size=200))
def test_foreign_bytes_are_malformed_or_round_trip(data: bytes) -> None:
    with suppress(Malformed):
        assert serialise(parse_note(data)) == data


@given(at=st.integers(0, len(GOOD) - 1), octet=st.integers(0, 255))
def test_one_changed_byte_is_malformed_or_round_trips_but_never_verifies(
    at: int, octet: int
) -> None:
    bent = GOOD[:at] + bytes([octet]) + GOOD[at + 1 :]
    try:
        note = parse_note(bent)
    except Malformed:
        return
    assert serialise(note) == bent
    if bent != GOOD:
        with pytest.raises(Untrusted):
            signed_by(note, NORTH.verifier())


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=20
)
SIGNATURES = st.builds(
    Signature,
    name=NAMES.filter(lambda name: "+" not in name),
    key_id=st.binary(min_size=4, max_size=4),
    blob=st.binary(min_size=1, max_size=90),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")) | st.just("\n"))


@given(TEXTS, st.lists(SIGNATURES, min_size=1, max_size=64))
def test_every_note_round_trips(text: str, signatures: list[Signature]) -> None:
    note = Note(text=text + "\n", signatures=tuple(signatures))
    assert parse_note(serialise(note), size_max=1_000_000) == note


@pytest.mark.parametrize("text", ["", "no LF", "tab\t\n", "\ud800\n", "\u2028\n"])
def test_a_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, NORTH)


def test_a_note_has_a_signature() -> None:
    with pytest.raises(Malformed):
        Note(text=TEXT, signatures=())


# --- signatures ----------------------------------------------------------------------------------


def test_known_keys_are_returned_in_line_order_and_unknown_ones_ignored() -> None:
    north, south = NORTH.verifier(), SOUTH.verifier()
    assert verify_note(both(), (south, north)) == (north, south)
    assert verify_note(both(), (south,)) == (south,)
    assert verify_note(both(), (north, north)) == (north,)
    assert verify_note(both(), ()) == ()
    with pytest.raises(Untrusted) as caught:
        signed_by(sign_note(TEXT, NORTH), south)
    assert caught.value.code == "not_signed"


def test_a_false_line_of_a_known_key_condemns_the_note() -> None:
    good, other = both(), sign_note("another text\n", SOUTH).signatures[0]
    bent = replace(good, signatures=(good.signatures[0], other))
    assert verify_note(bent, (NORTH.verifier(),)) == (NORTH.verifier(),)
    with pytest.raises(Untrusted) as caught:
        verify_note(bent, (NORTH.verifier(), SOUTH.verifier()))
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize("length", [1, 63, 65, 72])
def test_a_signature_of_another_length_is_false(length: int) -> None:
    blob = (both().signatures[0].blob * 2)[:length]
    bent = replace(both(), signatures=(replace(both().signatures[0], blob=blob),))
    with pytest.raises(Untrusted):
        signed_by(bent, NORTH.verifier())


def test_a_known_key_that_signs_twice_condemns_the_note() -> None:
    first, second = both().signatures
    twice = replace(both(), signatures=(first, second, first))
    for refused in (
        lambda: verify_note(twice, (NORTH.verifier(),)),
        lambda: signed_by(twice, NORTH.verifier()),
        lambda: signature_by(twice, NORTH.verifier()),
    ):
        with pytest.raises(Untrusted) as caught:
            refused()
        assert caught.value.code == "duplicate_signature"
    assert verify_note(twice, (SOUTH.verifier(),)) == (SOUTH.verifier(),)


def test_name_and_id_must_both_match() -> None:
    mine = both().signatures[0]
    renamed = replace(both(), signatures=(replace(mine, name="n"),))
    reissued = replace(both(), signatures=(replace(mine, key_id=bytes(4)),))
    for note in (renamed, reissued):
        assert verify_note(note, (NORTH.verifier(),)) == ()


def test_a_cosigner_key_is_not_a_note_key() -> None:
    cosigner = SigningKey(name="w", key_type=KeyType.COSIGNATURE_V1, seed=bytes(32))
    with pytest.raises(Corrupt):
        sign_note(TEXT, cosigner)
    key = cosigner.verifier()
    forged = Signature(name="w", key_id=key.key_id, blob=cosigner.sign(TEXT.encode()))
    assert verify_note(Note(text=TEXT, signatures=(forged,)), (key,)) == ()


def test_two_known_keys_with_one_name_and_id_are_ambiguous() -> None:
    """Four bytes of id can be made to collide on purpose; here by decree."""
    pair = [replace(NORTH.verifier(), public=key.verifier().public) for key in (NORTH, SOUTH)]
    for key in pair:
        object.__setattr__(key, "key_id", b"same")
    with pytest.raises(Untrusted) as caught:
        verify_note(both(), pair)
    assert caught.value.code == "ambiguous_key"


def test_signature_by_finds_the_line_whatever_its_place() -> None:
    assert signature_by(both(), SOUTH.verifier()) == both().signatures[1]
    assert signature_by(sign_note(TEXT, NORTH), SOUTH.verifier()) is None

"""One byte form for each value: what is written is read, and nothing else is."""

import base64
import json
import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.wire.canonical import Json, b64, decimal, dumps, hash32, hex32, loads, sha256, unb64
from comity.wire.limits import JSON_DEPTH_MAX, JSON_INT_DIGITS_MAX
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

SIZE = 65_536
texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def read(data: bytes) -> Json:
    return loads(data, bytes_max=SIZE)


# --- base64 --------------------------------------------------------------------------------------


@given(st.binary(max_size=99))
def test_base64_round_trips(data: bytes) -> None:
    assert unb64(b64(data)) == data
    assert b64(data) == base64.b64encode(data).decode()


@given(st.text(st.sampled_from("ABab01+/=-_ \n"), max_size=12) | st.text(max_size=12))
def test_base64_has_one_form(text: str) -> None:
    with suppress(Malformed):
        assert b64(unb64(text)) == text


def test_base64_with_spare_bits_is_another_text() -> None:
    assert base64.b64decode("Kjh=") == base64.b64decode("Kjg=")  # what lenient decoders make of it
    assert unb64("Kjg=") == b"*8"
    with says_no("bad_base64"):
        unb64("Kjh=")


@pytest.mark.parametrize("text", ["Kjg", "Kjg==", "Kj g=", "Kjg=\n", "Kj-_", "\u041ajg=", "\ud800"])
def test_no_other_alphabet_or_padding(text: str) -> None:
    with says_no("bad_base64"):
        unb64(text)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_hash_has_32_bytes(size: int) -> None:
    assert hash32(b64(bytes(32))) == bytes(32)
    with says_no("bad_hash"):
        hash32(b64(bytes(size)))


@given(st.binary(min_size=32, max_size=32))
def test_ids_are_lower_case_hex(data: bytes) -> None:
    assert hex32(data.hex()) == data
    for text in (data.hex()[:-1], data.hex() + "0", " " + data.hex()[1:], data.hex() + "\n"):
        with says_no("bad_id"):
            hex32(text)
    if data.hex() != data.hex().upper():
        with says_no("bad_id"):
            hex32(data.hex().upper())


# --- decimals ------------------------------------------------------------------------------------


@given(st.integers(0, 2**63 - 1))
@example(2**63 - 1)
def test_decimals_round_trip(value: int) -> None:
    assert decimal(str(value)) == value


@given(st.text(st.sampled_from("0123456789-+_. \u0661"), max_size=20))
@example("9223372036854775808")
@example("01")
def test_a_decimal_has_one_form(text: str) -> None:
    with suppress(Malformed):
        assert str(decimal(text)) == text
        assert decimal(text) < 2**63


@pytest.mark.parametrize("text", ["", "-1", "+1", "00", "1_0", "1.0", "1\n", "\u0661", str(2**63)])
def test_other_numbers_are_refused(text: str) -> None:
    with says_no("bad_number"):
        decimal(text)


# --- JSON ----------------------------------------------------------------------------------------


@given(values)
def test_json_round_trips_in_one_form(value: Json) -> None:
    data = dumps(value)
    assert read(data) == value
    assert dumps(read(data)) == data
    assert json.loads(data) == value


@given(st.binary(max_size=64) | texts.map(str.encode))
def test_any_bytes_are_json_or_malformed(data: bytes) -> None:
    with suppress(Malformed):
        assert read(dumps(read(data))) == read(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"a":{"b":1,"b":2}}', "duplicate_key"),
        (b'{"a":1,"\\u0061":2}', "duplicate_key"),
        (b"NaN", "bad_number"),
        (b"-Infinity", "bad_number"),
        (b"1e999", "bad_number"),
        (b'"\\ud800"', "bad_json"),
        (b'{"\\uDFFF":1}', "bad_json"),
        (b"\xff", "bad_json"),
        (b"\xef\xbb\xbf1", "bad_json"),
        (b"{'a':1}", "bad_json"),
        (b"[1,]", "bad_json"),
        (b"", "bad_json"),
        (b"1 2", "bad_json"),
    ],
)
def test_lenient_json_is_refused(data: bytes, code: str) -> None:
    with says_no(code):
        read(data)


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert read(b'"\\ud83d\\ude80"') == "\U0001f680"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_ends_at_its_limit(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    for depth in (JSON_DEPTH_MAX, JSON_DEPTH_MAX + 1):
        data = (opening * depth + "1" + closing * depth).encode()
        if depth == JSON_DEPTH_MAX:
            assert read(data) is not None
        else:
            with says_no("too_deep"):
                read(data)


def test_brackets_in_strings_are_no_depth() -> None:
    for text in ("[" * 99, '\\"' + "[" * 99, "]" * 99 + "{" * 99):
        assert read(json.dumps([text]).encode()) == [text]


def test_size_and_digits_end_at_their_limits() -> None:
    assert loads(b"[1]", bytes_max=3) == [1]
    with says_no("too_large"):
        loads(b"[1]", bytes_max=2)
    digits = "9" * JSON_INT_DIGITS_MAX
    assert read(f"-{digits}".encode()) == -int(digits)
    with says_no("bad_number"):
        read(f"{digits}0".encode())


@pytest.mark.parametrize(
    "data",
    [
        b'"' + b'\\"' * 500_000,
        b'"' + b'\\"' * 500_000 + b"\\",
        b'"' * 1_000_001,
        b"[" * 1_000_000,
        b'{"":' * 250_000,
    ],
)
def test_hostile_json_costs_linear_time(data: bytes) -> None:
    start = time.monotonic()
    with pytest.raises(Malformed):
        loads(data, bytes_max=len(data))
    assert time.monotonic() - start < 5  # a quadratic scan of these takes an hour


def test_hashes_are_sha256() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256(b"").hex() == empty  # FIPS 180-4

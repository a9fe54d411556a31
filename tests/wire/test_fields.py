"""Contents as lists of fields: bytes there and back, lengths that cannot lie, and the reader."""

from contextlib import suppress
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.wire.fields import (
    Field,
    FieldType,
    Reader,
    field_bytes,
    field_salt,
    id_field,
    int_field,
    leaves_for,
    manifest,
    padding_bytes,
    parse_fields,
    points_field,
    serialise_fields,
    text_field,
)
from comity.wire.limits import (
    CONTENT_BYTES_MAX,
    CONTENT_FIELDS_MAX,
    CONTENT_LEAVES,
    PATH_BYTES_MAX,
)
from tests.model.samples import positions
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

paths = st.lists(st.sampled_from(("a", "b-c", "0", "12", "x-")), min_size=1, max_size=4).map(
    "/".join
)


@st.composite
def field(draw: st.DrawFn) -> Field:
    path = draw(paths)
    return draw(
        st.one_of(
            st.integers(-(2**63), 2**63 - 1).map(lambda value: int_field(path, value)),
            st.text(st.characters(codec="utf-8"), max_size=20).map(
                lambda value: text_field(path, value)
            ),
            st.binary(min_size=32, max_size=32).map(lambda value: id_field(path, value)),
            st.lists(positions, min_size=1, max_size=4).map(
                lambda points: points_field(path, points)
            ),
        )
    )


contents = st.lists(field(), min_size=1, max_size=5, unique_by=lambda f: f.path).map(tuple)


@given(contents)
def test_contents_round_trip(fields: tuple[Field, ...]) -> None:
    data = serialise_fields(fields)
    assert parse_fields(data) == fields
    assert serialise_fields(parse_fields(data)) == data


@given(contents, st.data())
def test_a_changed_byte_is_another_content_or_none(
    fields: tuple[Field, ...], data: st.DataObject
) -> None:
    good = serialise_fields(fields)
    at = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[at] ^= data.draw(st.integers(1, 255))
    with suppress(Malformed):
        found = parse_fields(bytes(changed))
        assert found != fields
        assert serialise_fields(found) == changed


@given(st.binary(max_size=64))
def test_any_bytes_are_a_content_or_malformed(data: bytes) -> None:
    with suppress(Malformed):
        assert serialise_fields(parse_fields(data)) == data


@given(contents, st.data())
def test_a_content_cut_short_is_refused(fields: tuple[Field, ...], data: st.DataObject) -> None:
    good = serialise_fields(fields)
    borders = {len(serialise_fields(fields[:count])) for count in range(len(fields) + 1)}
    at = data.draw(st.integers(1, len(good) - 1).filter(lambda cut: cut not in borders))
    with pytest.raises(Malformed):
        parse_fields(good[:at])


def test_the_bytes_of_a_field() -> None:
    data = serialise_fields((text_field("code", "A1"), int_field("at", -2)))
    assert data.hex(" ") == (
        "00 04 04 00 00 00 02 63 6f 64 65 74 65 78 74 41 31 "
        "00 02 03 00 00 00 08 61 74 69 36 34 ff ff ff ff ff ff ff fe"
    )


@pytest.mark.parametrize(
    "path", ["", "/", "a/", "/a", "a//b", "A", "a b", "a_b", "\u0430", "a\n", "a" * 129, ".."]
)
def test_other_paths_are_refused(path: str) -> None:
    assert len(text_field("a" * PATH_BYTES_MAX, "").path) == PATH_BYTES_MAX
    with says_no("bad_field"):
        text_field(path, "")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldType.INT, bytes(8), (b"", bytes(7), bytes(9))),
        (FieldType.ID, bytes(32), (b"", bytes(31), bytes(33))),
        (FieldType.POINTS, bytes(16), (b"", bytes(4), bytes(15))),
    ],
)
def test_values_have_the_length_of_their_type(
    kind: FieldType, good: bytes, bad: tuple[bytes, ...]
) -> None:
    assert Field(path="a", type=kind, value=good).value == good
    for value in bad:
        with says_no("bad_field"):
            Field(path="a", type=kind, value=value)


def test_a_path_occurs_once() -> None:
    twice = (text_field("a", "1"), text_field("a", "1"))
    with says_no("duplicate_field"):
        parse_fields(serialise_fields(twice))


def test_counts_and_sizes_end_at_their_limits() -> None:
    most = tuple(text_field(str(number), "") for number in range(CONTENT_FIELDS_MAX))
    assert len(parse_fields(serialise_fields(most))) == CONTENT_FIELDS_MAX
    for fields in ((), (*most, text_field("more", ""))):
        with says_no("too_many_fields"):
            parse_fields(serialise_fields(fields))
    room = CONTENT_BYTES_MAX - len(serialise_fields((text_field("a", ""),)))
    assert parse_fields(serialise_fields((text_field("a", "x" * room),)))
    with says_no("too_large"):
        parse_fields(serialise_fields((text_field("a", "x" * (room + 1)),)))


def test_padding_leaves_room_for_the_manifest() -> None:
    fields = [text_field(str(number), "") for number in range(CONTENT_FIELDS_MAX + 1)]
    found = {count: leaves_for(tuple(fields[:count])) for count in range(1, CONTENT_FIELDS_MAX + 1)}
    assert sorted(set(found.values())) == list(CONTENT_LEAVES)
    assert all(count < leaves for count, leaves in found.items())
    assert [found[size - 1] for size in CONTENT_LEAVES] == list(CONTENT_LEAVES)
    with says_no("too_many_fields"):
        leaves_for(tuple(fields))


def test_the_manifest_names_paths_and_types() -> None:
    fields = (text_field("code", "A1"), id_field("of", bytes(32)), int_field("at", 0))
    assert manifest(fields) == b"code text\nof id\nat i64\n"


def test_no_field_has_the_bytes_of_a_padding_leaf() -> None:
    salt = field_salt(bytes(32), 7)
    assert padding_bytes(salt) == b"comity/field/v1\0" + salt + b"\x00\x01\xff\x00\x00\x00\x00"
    assert field_bytes(salt, "a", b"xy") == (
        b"comity/field/v1\0" + salt + b"\x00\x01a\x00\x00\x00\x02xy"
    )


@given(st.binary(min_size=32, max_size=32), st.integers(0, 511), st.integers(0, 511))
def test_each_leaf_has_a_salt_of_its_own(seed: bytes, one: int, other: int) -> None:
    assert (field_salt(seed, one) == field_salt(seed, other)) is (one == other)


# --- the reader ----------------------------------------------------------------------------------


class Colour(StrEnum):
    RED = "red"


FORBIDDEN = frozenset({"target_position"})


def reader(*fields: Field) -> Reader:
    return Reader(fields, FORBIDDEN)


def test_the_reader_takes_each_field_once_and_leaves_nothing() -> None:
    found = reader(text_field("colour", "red"), int_field("count", -1), id_field("of", bytes(32)))
    assert found.has("count")
    assert (found.choice("colour", Colour), found.integer("count")) == (Colour.RED, -1)
    assert not found.has("count")
    with says_no("missing_field"):
        found.integer("count")
    with says_no("unknown_field"):
        found.finish()
    assert found.identity("of") == bytes(32)
    found.finish()


def test_the_reader_wants_the_right_type() -> None:
    with says_no("missing_field"):
        reader(text_field("count", "1")).integer("count")
    with says_no("missing_field"):
        reader(int_field("of", 1)).identity("of")
    with says_no("bad_choice"):
        reader(text_field("colour", "Red")).choice("colour", Colour)
    with says_no("bad_field"):
        reader(Field(path="a", type=FieldType.TEXT, value=b"\xff")).text("a")
    with says_no("off_the_globe"):
        reader(Field(path="a", type=FieldType.POINTS, value=b"\x7f" * 8)).points("a")
    with pytest.raises(Malformed, match="a: vertex 1: lat"):
        reader(Field(path="a", type=FieldType.POINTS, value=bytes(8) + b"\x7f" * 8)).points("a")


@pytest.mark.parametrize("path", ["target-position", "unit/0/target-position", "target-position/a"])
def test_a_forbidden_word_is_refused_by_name(path: str) -> None:
    with says_no("forbidden_field"):
        reader(text_field(path, ""))
    reader(text_field("target-positions", ""))  # only the words on the list, whole


@pytest.mark.parametrize(
    "groups", [("1",), ("0", "2"), ("00",), ("0", "01"), ("a",), ("-1",), ("0", "1", "3")]
)
def test_groups_are_numbered_from_0(groups: tuple[str, ...]) -> None:
    assert reader(*(int_field(f"unit/{i}/at", 0) for i in range(12))).count("unit") == 12
    assert reader(int_field("units/0/at", 0)).count("unit") == 0
    with says_no("bad_field"):
        reader(*(int_field(f"unit/{group}/at", 0) for group in groups)).count("unit")

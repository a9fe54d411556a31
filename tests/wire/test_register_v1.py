"""Schema v1 of the register: one form for each text, sizes that tell little, nothing surplus."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import SealedBox
from nacl.signing import SigningKey

from comity.model.fault import Malformed
from comity.model.notice import Code, Onward
from comity.model.protected import EntryRead, Protected, Sealed
from comity.wire.fields import id_field, parse_fields, serialise_fields, text_field
from comity.wire.register_v1 import (
    CLEAR_BYTES,
    clear_from,
    clear_text,
    commitment_of,
    fields_of_read,
    fields_of_sealed,
    read_from,
    sealed_from,
)
from tests.model.samples import declarations, ids, instants, words
from tests.wire.register_vectors import ENTRY, READ, sealed_vector

VECTOR = tomllib.loads(
    (Path(__file__).parents[1] / "vectors" / "register_v1.toml").read_text("utf-8")
)
presences = declarations().filter(lambda d: d.code is Code.PROTECT)
protected = st.builds(
    Protected,
    owner=st.just("alpha.example/comity/2026"),
    to=st.just("bravo.example/comity/2026"),
    salt=ids,
    of=st.none() | ids,
    declaration=presences.map(lambda d: replace(d, onward=Onward.NONE)),
)
sealed = st.builds(Sealed, key=ids, commitment=ids, data=st.binary(max_size=300))
reads = st.builds(EntryRead, of=ids, role=words(40, 1), reason=words(280, 1), at_us=instants)


@given(protected)
def test_a_clear_text_is_read_back_and_has_one_of_four_sizes(entry: Protected) -> None:
    data = clear_text(entry)
    assert clear_from(data) == entry
    assert len(data) in CLEAR_BYTES


@given(protected, st.integers(0, 2**20), st.integers(1, 255))
def test_a_changed_clear_text_is_another_or_none(entry: Protected, at: int, bit: int) -> None:
    data = bytearray(clear_text(entry))
    data[at % len(data)] ^= bit
    try:
        found = clear_from(bytes(data))
    except Malformed:
        return
    assert found != entry
    assert clear_text(found) == bytes(data)


@pytest.mark.parametrize("size", [0, 1, 1_023, 1_025, 70_000])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(Malformed):
        clear_from(bytes(size))


def test_a_text_in_a_larger_size_than_it_needs_is_refused() -> None:
    """Else the owner could mark its texts by their size."""
    data = clear_text(ENTRY)
    with pytest.raises(Malformed):
        clear_from(data.ljust(CLEAR_BYTES[1], b"\0"))


@given(sealed)
def test_a_sealed_entry_is_read_back(entry: Sealed) -> None:
    assert sealed_from(fields_of_sealed(entry)) == entry


@given(reads)
def test_a_read_is_read_back(read: EntryRead) -> None:
    assert read_from(fields_of_read(read)) == read


def test_a_content_has_three_fields_whatever_is_protected() -> None:
    fields = fields_of_sealed(sealed_vector().sealed)
    assert [(field.path, field.type.value) for field in fields] == [
        ("sealed", "text"),
        ("key", "id"),
        ("commitment", "id"),
    ]
    with pytest.raises(Malformed):
        sealed_from((*fields, text_field("name", "clinic")))
    with pytest.raises(Malformed):
        sealed_from((fields[1], fields[0], fields[2]))
    with pytest.raises(Malformed):
        sealed_from((text_field("sealed", "AAA"), *fields[1:]))
    with pytest.raises(Malformed):
        read_from((*fields_of_read(READ), id_field("caller", bytes(32))))


def test_ids_have_32_bytes() -> None:
    for short in ({"of": bytes(31)}, {"salt": bytes(31)}):
        with pytest.raises(Malformed):
            replace(ENTRY, **short)  # type: ignore[arg-type]


def test_the_vector_is_what_another_libsodium_makes_of_it() -> None:
    """From the page alone: the key converted, the box opened, the commitment made anew."""
    key = SigningKey(bytes.fromhex(VECTOR["recipient_seed"])).to_curve25519_private_key()
    clear = SealedBox(key).decrypt(bytes.fromhex(VECTOR["sealed"]))
    assert clear.rstrip(b"\0").hex() == VECTOR["clear"]
    assert clear_from(clear) == ENTRY
    assert commitment_of(clear).hex() == VECTOR["commitment"]
    content = sealed_from(parse_fields(bytes.fromhex(VECTOR["content"])))
    assert content == sealed_vector().sealed
    assert serialise_fields(fields_of_read(READ)).hex() == VECTOR["read"]

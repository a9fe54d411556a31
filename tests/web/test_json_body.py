import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.web.api.shapes import CallRequest, NoticeRequest, PartyRequest, TransitionRequest
from comity.web.json_body import shaped
from comity.web.problem import BadField
from comity.wire.canonical import Json
from tests.web.support import notice, volume

SHAPES = (NoticeRequest, TransitionRequest, CallRequest, PartyRequest)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def fault(body: bytes, shape: type[msgspec.Struct] = NoticeRequest) -> Malformed:
    with pytest.raises(Malformed) as caught:
        shaped(body, shape)
    return caught.value


def at(body: Json) -> tuple[str, str]:
    found = fault(json.dumps(body).encode())
    assert isinstance(found, BadField)
    return found.code, found.field


def test_a_valid_body_is_read() -> None:
    found = shaped(json.dumps(notice()).encode(), NoticeRequest)
    assert found.volumes[0].footprint.centre == (35.0, 35.5)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b'{"kind":"operation"} x', "bad_json"),
        (b'{"kind":"operation","kind":"hazard"}', "duplicate_key"),
        (b'{"volumes":[{"lower_m":NaN}]}', "bad_number"),
        (b'{"volumes":[{"lower_m":Infinity}]}', "bad_number"),
        (b'{"volumes":[{"lower_m":1e999}]}', "bad_number"),
        (b'{"volumes":[{"lower_m":' + b"9" * 100_000 + b"}]}", "bad_number"),
        (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
        (b'{"name":"\\ud800"}', "bad_json"),
        (b'{"name":"\xff"}', "bad_json"),
        (b'{"name":"\xed\xa0\x80"}', "bad_json"),
        (b'{"name":"' + b"x" * 1_048_576 + b'"}', "too_large"),
        (b"null", "wrong_type"),
        (b"[]", "wrong_type"),
        (b'"operation"', "wrong_type"),
        (b"{}", "missing_field"),
    ],
)
def test_what_is_no_request_is_named(body: bytes, code: str) -> None:
    assert fault(body).code == code


def test_the_field_is_named() -> None:
    assert at({}) == ("missing_field", "kind")
    assert at({"kind": "war"}) == ("not_in_list", "kind")
    assert at({"kind": 1}) == ("wrong_type", "kind")
    assert at(notice(surplus=1)) == ("unknown_field", "surplus")
    assert at(notice(volumes=[volume(), volume(height=3)])) == (
        "unknown_field",
        "volumes[1].height",
    )
    assert at(notice(volumes=[volume(lower_m="3")])) == ("wrong_type", "volumes[0].lower_m")
    assert at(notice(volumes=[volume(footprint={"polygon": [[1, 2, 3]]})])) == (
        "wrong_type",
        "volumes[0].footprint.polygon[0]",
    )


def test_long_foreign_words_are_cut() -> None:
    found = fault(json.dumps(notice(**{"x" * 5_000: 1})).encode())
    assert len(found.reason) < 300


@pytest.mark.parametrize("word", sorted(FORBIDDEN_FIELDS))
def test_forbidden_words_are_refused_by_name(word: str) -> None:
    camel = "".join(part.capitalize() for part in word.split("_"))
    for name in (word, word.upper(), word.replace("_", "-"), camel, camel[0].lower() + camel[1:]):
        deep = notice(volumes=[volume(footprint={"centre": {name: 1}})])
        for body, field in (
            (notice(**{name: 1}), name),
            (deep, f"volumes[0].footprint.centre.{name}"),
        ):
            found = fault(json.dumps(body).encode())
            assert isinstance(found, BadField)
            assert (found.code, found.field) == ("forbidden_field", field)
            assert name in found.reason


def test_a_forbidden_word_as_a_value_is_only_text() -> None:
    found = shaped(json.dumps(notice(name="target practice")).encode(), NoticeRequest)
    assert found.name == "target practice"


@given(DOCUMENTS, st.sampled_from(SHAPES))
def test_only_malformed_escapes(document: Json, shape: type[msgspec.Struct]) -> None:
    for body in (json.dumps(document).encode(), repr(document).encode("utf-8", "replace")):
        with suppress(Malformed):
            shaped(body, shape)


@given(st.binary(max_size=200))
def test_only_malformed_escapes_from_noise(body: bytes) -> None:
    with pytest.raises(Malformed):
        shaped(body, NoticeRequest)

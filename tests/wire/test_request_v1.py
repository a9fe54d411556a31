"""Schema v1 of requests and replies: round trips, one form only, refusals by code."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.model.request import Decision, DeclineReason, Reply, Request, Wanted
from comity.wire.fields import Field, parse_fields, serialise_fields, text_field
from comity.wire.request_v1 import (
    fields_of_reply,
    fields_of_request,
    reply_from,
    request_from,
)
from tests.model.samples import ID, MINUTE_US, NOON_US, replies, requests
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

Read = Callable[[tuple[Field, ...]], object]
REQUEST = Request(of=ID, wanted=Wanted.CLOSE, by_us=NOON_US)


@given(requests)
def test_requests_round_trip(request: Request) -> None:
    assert request_from(parse_fields(serialise_fields(fields_of_request(request)))) == request


@given(replies())
def test_replies_round_trip(reply: Reply) -> None:
    assert reply_from(parse_fields(serialise_fields(fields_of_reply(reply)))) == reply


said = st.one_of(
    requests.map(lambda each: (fields_of_request(each), request_from)),
    replies().map(lambda each: (fields_of_reply(each), reply_from)),
)


@given(said, st.data())
def test_only_the_canonical_order_is_read(
    pair: tuple[tuple[Field, ...], Read], data: st.DataObject
) -> None:
    fields, read = pair
    shuffled = tuple(data.draw(st.permutations(fields)))
    if shuffled != fields:
        with says_no("bad_field"):
            read(shuffled)


@given(said, st.data())
def test_a_changed_byte_is_another_word_or_none(
    pair: tuple[tuple[Field, ...], Read], data: st.DataObject
) -> None:
    fields, read = pair
    good = serialise_fields(fields)
    changed = bytearray(good)
    changed[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(Malformed):
        assert read(parse_fields(bytes(changed))) != read(fields)


@given(said, st.data())
def test_no_field_can_be_left_out(
    pair: tuple[tuple[Field, ...], Read], data: st.DataObject
) -> None:
    fields, read = pair
    gone = data.draw(st.integers(0, len(fields) - 1))
    with pytest.raises(Malformed):
        read(fields[:gone] + fields[gone + 1 :])


@pytest.mark.parametrize("word", sorted(FORBIDDEN_FIELDS))
def test_what_comity_has_no_field_for_is_refused_by_name(word: str) -> None:
    with says_no("forbidden_field"):
        request_from((*fields_of_request(REQUEST), text_field(word.replace("_", "-"), "x")))


def test_a_request_has_the_phrasebooks_code() -> None:
    with says_no("bad_code"):
        request_from((text_field("code", "N1"), *fields_of_request(REQUEST)[1:]))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no_role", {"role": ""}),
        ("no_reason", {"decision": Decision.DECLINED}),
        ("no_reason", {"reason": DeclineReason.TRAFFIC}),
        ("bad_standby", {"decision": Decision.STANDBY}),
        ("bad_standby", {"standby_us": MINUTE_US}),
        ("bad_standby", {"decision": Decision.STANDBY, "standby_us": MINUTE_US + 1}),
        ("bad_standby", {"decision": Decision.STANDBY, "standby_us": 0}),
        ("bad_standby", {"decision": Decision.STANDBY, "standby_us": 121 * MINUTE_US}),
        ("text_too_long", {"words": "x" * 41}),
        ("bad_id", {"of": b"short"}),
    ],
)
def test_what_no_reply_can_say(code: str, changes: dict[str, object]) -> None:
    whole: dict[str, object] = {"of": ID, "decision": Decision.GRANTED, "role": "supervisor"}
    with says_no(code):
        Reply(**(whole | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("text_too_long", {"words": "x" * 41}),
        ("bad_text", {"words": "two\nlines"}),
        ("bad_id", {"of": b""}),
        ("bad_time", {"by_us": 0}),
    ],
)
def test_what_no_request_can_say(code: str, changes: dict[str, object]) -> None:
    whole: dict[str, object] = {"of": ID, "wanted": Wanted.CLOSE, "by_us": NOON_US}
    with says_no(code):
        Request(**(whole | changes))  # type: ignore[arg-type]

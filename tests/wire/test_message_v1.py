"""Schema v1 of messages and answers: round trips, one form only, refusals by code."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.message import Message, MessageAnswer, ReadBack
from comity.model.notice import FORBIDDEN_FIELDS
from comity.model.quantity import Position
from comity.wire.fields import (
    Field,
    id_field,
    int_field,
    parse_fields,
    points_field,
    serialise_fields,
    text_field,
)
from comity.wire.message_v1 import (
    fields_of_message,
    fields_of_message_answer,
    message_answer_from,
    message_from,
)
from tests.model.samples import ID, message_answers, messages
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

Read = Callable[[tuple[Field, ...]], object]
MESSAGE = Message(code="X", role="duty officer")
ANSWER = MessageAnswer(code="W", of=ID, role="duty officer")
PLACE = Position(lat_e7=1, lon_e7=2)


@given(messages)
def test_messages_round_trip(message: Message) -> None:
    assert message_from(parse_fields(serialise_fields(fields_of_message(message)))) == message


@given(message_answers())
def test_answers_round_trip(answer: MessageAnswer) -> None:
    data = serialise_fields(fields_of_message_answer(answer))
    assert message_answer_from(parse_fields(data)) == answer


said = st.one_of(
    messages.map(lambda each: (fields_of_message(each), message_from)),
    message_answers().map(lambda each: (fields_of_message_answer(each), message_answer_from)),
)


@given(said, st.data())
def test_only_the_canonical_order_is_read(
    pair: tuple[tuple[Field, ...], Read], data: st.DataObject
) -> None:
    fields, read = pair
    shuffled = tuple(data.draw(st.permutations(fields)))
    if shuffled != fields:
        with pytest.raises(Malformed) as caught:
            read(shuffled)
        assert caught.value.code in {"bad_field", "bad_value"}


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


@pytest.mark.parametrize("word", sorted(FORBIDDEN_FIELDS))
def test_what_comity_has_no_field_for_is_refused_by_name(word: str) -> None:
    fields = fields_of_message(MESSAGE)
    with says_no("forbidden_field"):
        message_from((*fields[:-1], text_field(f"value/{word.replace('_', '-')}", "x"), fields[-1]))


@pytest.mark.parametrize(
    ("field", "code"),
    [
        (id_field("value/where", ID), "bad_field"),
        (points_field("value/where", (PLACE, PLACE)), "bad_field"),
        (int_field("value/a1", 1), "unknown_value"),
        (int_field("value/a/b", 1), "unknown_value"),
        (int_field("other", 1), "unknown_field"),
        (id_field("read-back/of", ID), "unknown_field"),
    ],
)
def test_what_no_value_can_be(field: Field, code: str) -> None:
    fields = fields_of_message(MESSAGE)
    with says_no(code):
        message_from((*fields[:-1], field, fields[-1]))


def test_a_read_back_is_of_the_message_that_is_answered() -> None:
    whole = fields_of_message_answer(
        MessageAnswer(code="W", of=ID, role="x", read_back=ReadBack(id=ID, values=()))
    )
    (at,) = (index for index, field in enumerate(whole) if field.path == "read-back/of")
    with says_no("other_message"):
        message_answer_from((*whole[:at], id_field("read-back/of", bytes(32)), *whole[at + 1 :]))
    with says_no("unknown_field"):  # fields are read back with the id or not at all
        message_answer_from(
            (
                *fields_of_message_answer(ANSWER)[:-1],
                int_field("read-back/value/radius", 1),
                text_field("words", ""),
            )
        )


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unknown_code", {"code": "x"}),
        ("unknown_code", {"code": "RB-ok"}),
        ("no_role", {"role": ""}),
        ("text_too_long", {"role": "x" * 41}),
        ("text_too_long", {"words": "x" * 141}),
        ("bad_text", {"words": "two\nlines"}),
        ("unknown_language", {"language": "english"}),
        ("bad_value", {"values": (("b", 1), ("a", 1))}),
        ("bad_value", {"values": (("a", 1), ("a", 1))}),
        ("bad_value", {"values": tuple((chr(97 + n), n) for n in range(17))}),
        ("bad_id", {"of": b"short"}),
    ],
)
def test_what_nobody_can_say(code: str, changes: dict[str, object]) -> None:
    whole: dict[str, object] = {"code": "W", "of": ID, "role": "duty officer"}
    with says_no(code):
        MessageAnswer(**(whole | changes))  # type: ignore[arg-type]
    if "of" not in changes:
        del whole["of"]
        with says_no(code):
            Message(**(whole | changes))  # type: ignore[arg-type]

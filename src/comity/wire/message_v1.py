"""Schema v1 of messages and of answers to them: paths, types, order.

The first path tells them apart: `message` or `message-answer`. Fields of a phrase stand under
`value/`, by name; a text is a choice, an i64 a number, points are one place. Which of them a code
has is the phrasebook's to say, so that a new phrase is no new schema. Never edited after release.
Reference: docs/reference/notice-v1.md. Called by hotline and the doors.
"""

from comity.model.fault import Malformed
from comity.model.message import Message, MessageAnswer, ReadBack
from comity.model.notice import FORBIDDEN_FIELDS
from comity.model.phrasebook import Value, Values
from comity.model.quantity import Position
from comity.wire.fields import (
    Field,
    FieldType,
    Reader,
    id_field,
    int_field,
    points_field,
    text_field,
)

__all__ = [
    "ANSWER_PATH",
    "MESSAGE_PATH",
    "fields_of_message",
    "fields_of_message_answer",
    "message_answer_from",
    "message_from",
]

MESSAGE_PATH, ANSWER_PATH = "message", "message-answer"
_VALUE, _READ_BACK = "value/", "read-back/"
_READ_BACK_OF = "read-back/of"


def fields_of_message(message: Message) -> tuple[Field, ...]:
    """The content of a message, in canonical order."""
    about = () if message.about is None else (id_field("about", message.about),)
    return (
        text_field(MESSAGE_PATH, message.code),
        *about,
        text_field("role", message.role),
        text_field("language", message.language),
        *_value_fields(_VALUE, message.values),
        text_field("words", message.words),
    )


def message_from(fields: tuple[Field, ...]) -> Message:
    """Read a message; Malformed for anything that `fields_of_message` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    message = Message(
        code=reader.text(MESSAGE_PATH),
        about=reader.identity("about") if reader.has("about") else None,
        role=reader.text("role"),
        language=reader.text("language"),
        values=_values_from(reader, fields, _VALUE),
        words=reader.text("words"),
    )
    reader.finish()
    _check_order(fields_of_message(message), fields)
    return message


def fields_of_message_answer(answer: MessageAnswer) -> tuple[Field, ...]:
    """The content of an answer, in canonical order."""
    read_back: tuple[Field, ...] = ()
    if answer.read_back is not None:
        read_back = (
            id_field(_READ_BACK_OF, answer.read_back.id),
            *_value_fields(f"{_READ_BACK}{_VALUE}", answer.read_back.values),
        )
    return (
        text_field(ANSWER_PATH, answer.code),
        id_field("of", answer.of),
        text_field("role", answer.role),
        text_field("language", answer.language),
        *_value_fields(_VALUE, answer.values),
        *read_back,
        text_field("words", answer.words),
    )


def message_answer_from(fields: tuple[Field, ...]) -> MessageAnswer:
    """Read an answer; Malformed for anything that `fields_of_message_answer` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    answer = MessageAnswer(
        code=reader.text(ANSWER_PATH),
        of=reader.identity("of"),
        role=reader.text("role"),
        language=reader.text("language"),
        values=_values_from(reader, fields, _VALUE),
        read_back=_read_back_from(reader, fields) if reader.has(_READ_BACK_OF) else None,
        words=reader.text("words"),
    )
    reader.finish()
    _check_order(fields_of_message_answer(answer), fields)
    return answer


def _read_back_from(reader: Reader, fields: tuple[Field, ...]) -> ReadBack:
    return ReadBack(
        id=reader.identity(_READ_BACK_OF),
        values=_values_from(reader, fields, f"{_READ_BACK}{_VALUE}"),
    )


def _value_fields(prefix: str, values: Values) -> tuple[Field, ...]:
    return tuple(_value_field(f"{prefix}{name}", value) for name, value in values)


def _value_field(path: str, value: Value) -> Field:
    if isinstance(value, Position):
        return points_field(path, (value,))
    return int_field(path, value) if isinstance(value, int) else text_field(path, value)


def _values_from(reader: Reader, fields: tuple[Field, ...], prefix: str) -> Values:
    return tuple(
        (field.path.removeprefix(prefix), _value(reader, field))
        for field in fields
        if field.path.startswith(prefix)
    )


def _value(reader: Reader, field: Field) -> Value:
    if field.type is FieldType.INT:
        return reader.integer(field.path)
    if field.type is FieldType.TEXT:
        return reader.text(field.path)
    if field.type is FieldType.ID:
        raise Malformed(f"{field.path} is a number, a text or a place", code="bad_field")
    points = reader.points(field.path)
    if len(points) != 1:
        raise Malformed(f"{field.path} is one place", code="bad_field")
    return points[0]


def _check_order(written: tuple[Field, ...], given: tuple[Field, ...]) -> None:
    if written != given:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")

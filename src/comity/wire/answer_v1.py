"""Schema v1 of the contents that answer a notice, and of the account of a voice call.

Same rules as `notice_v1`: closed lists of paths, canonical order, never edited after release.
"""

from typing import TypeVar

from comity.model.answer import (
    Answer,
    Attestation,
    KeyFields,
    Reason,
    Step,
    UnitReport,
    UnitState,
    VoiceCall,
)
from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.wire.fields import Field, Reader, id_field, int_field, points_field, text_field
from comity.wire.limits import UNITS_MAX

T = TypeVar("T")

__all__ = [
    "STEP_PATH",
    "answer_from",
    "attestation_from",
    "fields_of_answer",
    "fields_of_attestation",
    "fields_of_call",
]


STEP_PATH = "step"  # the first field of every answer to a notice


def fields_of_answer(answer: Answer) -> tuple[Field, ...]:
    """The content of an answer, in canonical order."""
    found = [
        text_field(STEP_PATH, answer.step),
        id_field("of", answer.of),
        text_field("role", answer.role),
    ]
    if answer.reason is not None:
        found.append(text_field("reason", answer.reason))
    if answer.read_back is not None:
        key = answer.read_back
        found += [
            int_field("read-back/start", key.start_us),
            int_field("read-back/end", key.end_us),
            points_field("read-back/points", key.points),
            int_field("read-back/lower", key.lower_mm),
            int_field("read-back/upper", key.upper_mm),
        ]
    return tuple(found)


def answer_from(fields: tuple[Field, ...]) -> Answer:
    """Read an answer; Malformed for anything that `fields_of_answer` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    answer = Answer(
        step=reader.choice(STEP_PATH, Step),
        of=reader.identity("of"),
        role=reader.text("role"),
        reason=reader.choice("reason", Reason) if reader.has("reason") else None,
        read_back=_key_fields_from(reader) if reader.has("read-back/start") else None,
    )
    reader.finish()
    return _canonical(answer, fields_of_answer(answer), fields)


def _key_fields_from(reader: Reader) -> KeyFields:
    return KeyFields(
        start_us=reader.integer("read-back/start"),
        end_us=reader.integer("read-back/end"),
        points=reader.points("read-back/points"),
        lower_mm=reader.integer("read-back/lower"),
        upper_mm=reader.integer("read-back/upper"),
    )


def fields_of_attestation(attestation: Attestation) -> tuple[Field, ...]:
    """The content of an attestation: handles and states, no names."""
    found = [id_field("of", attestation.of)]
    for index, unit in enumerate(attestation.units):
        found += [
            id_field(f"unit/{index}/handle", unit.handle),
            text_field(f"unit/{index}/state", unit.state),
            int_field(f"unit/{index}/at", unit.at_us),
        ]
    return tuple(found)


def attestation_from(fields: tuple[Field, ...]) -> Attestation:
    """Read an attestation; Malformed for anything that `fields_of_attestation` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    of = reader.identity("of")
    count = reader.count("unit")
    if not 1 <= count <= UNITS_MAX:
        raise Malformed(f"an attestation names 1 to {UNITS_MAX} units", code="bad_units")
    units = tuple(
        UnitReport(
            handle=reader.identity(f"unit/{index}/handle"),
            state=reader.choice(f"unit/{index}/state", UnitState),
            at_us=reader.integer(f"unit/{index}/at"),
        )
        for index in range(count)
    )
    reader.finish()
    attestation = Attestation(of=of, units=units)
    return _canonical(attestation, fields_of_attestation(attestation), fields)


def fields_of_call(call: VoiceCall) -> tuple[Field, ...]:
    """The content of an account of a voice call. It is kept at home, so nothing reads it back."""
    found = [text_field("other", call.other), text_field("account-of", call.account_of)]
    if call.received_us is not None:
        found.append(int_field("received", call.received_us))
    if call.start_us is not None:
        found.append(int_field("start", call.start_us))
    if call.area_stated is not None:
        found.append(text_field("area-stated", "yes" if call.area_stated else "no"))
    found.append(text_field("words", call.words))
    return tuple(found)


def _canonical(value: T, written: tuple[Field, ...], given: tuple[Field, ...]) -> T:
    if written != given:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return value

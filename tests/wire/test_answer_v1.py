"""Schema v1 of answers and attestations: round trips, one form only, refusals by code."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.answer import Answer, Attestation, Reason, Step, VoiceCall
from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.wire.answer_v1 import (
    answer_from,
    attestation_from,
    fields_of_answer,
    fields_of_attestation,
    fields_of_call,
)
from comity.wire.fields import (
    Field,
    id_field,
    int_field,
    parse_fields,
    serialise_fields,
    text_field,
)
from tests.model.samples import ID, NOON_US, answers, attestations, calls
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

Read = Callable[[tuple[Field, ...]], object]


@given(answers())
def test_answers_round_trip(answer: Answer) -> None:
    assert answer_from(parse_fields(serialise_fields(fields_of_answer(answer)))) == answer


@given(attestations)
def test_attestations_round_trip(attestation: Attestation) -> None:
    fields = fields_of_attestation(attestation)
    assert attestation_from(parse_fields(serialise_fields(fields))) == attestation


said = st.one_of(
    answers().map(lambda answer: (fields_of_answer(answer), answer_from)),
    attestations.map(lambda each: (fields_of_attestation(each), attestation_from)),
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
def test_a_changed_byte_is_another_answer_or_none(
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
    at = data.draw(st.integers(0, len(fields) - 1))
    with pytest.raises(Malformed):
        read((*fields[:at], *fields[at + 1 :]))


@given(said, st.sampled_from(sorted(FORBIDDEN_FIELDS)))
def test_nothing_can_be_added(pair: tuple[tuple[Field, ...], Read], word: str) -> None:
    fields, read = pair
    with says_no("unknown_field"):
        read((*fields, text_field("remark", "")))
    with says_no("forbidden_field"):
        read((*fields, text_field(word.replace("_", "-"), "")))


SEEN = fields_of_answer(Answer(of=ID, step=Step.SEEN, role="duty officer"))
UNABLE = fields_of_answer(Answer(of=ID, step=Step.UNABLE, role="crew", reason=Reason.LOW_FUEL))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((text_field("step", "approved"), *SEEN[1:]), "bad_choice"),  # never a word of Comity
        ((text_field("step", "unable"), *SEEN[1:]), "no_reason"),
        ((text_field("step", "read-back"), *SEEN[1:]), "no_key_fields"),
        ((*SEEN, text_field("reason", "low-fuel")), "no_reason"),
        ((*UNABLE[:-1], text_field("reason", "no fuel")), "bad_choice"),
        ((*SEEN[:2], text_field("role", "")), "no_role"),
        ((*SEEN, int_field("read-back/start", NOON_US)), "missing_field"),
    ],
)
def test_spoilt_answers_are_refused_by_code(fields: tuple[Field, ...], code: str) -> None:
    with says_no(code):
        answer_from(fields)


def unit(number: int) -> tuple[Field, ...]:
    at = f"unit/{number}"
    return (
        id_field(f"{at}/handle", number.to_bytes(32, "big")),
        text_field(f"{at}/state", "told"),
        int_field(f"{at}/at", NOON_US),
    )


def test_units_are_1_to_64() -> None:
    units = tuple(field for number in range(64) for field in unit(number))
    assert len(attestation_from((id_field("of", ID), *units)).units) == 64
    for others in ((), (*units, *unit(64))):
        with says_no("bad_units"):
            attestation_from((id_field("of", ID), *others))
    with says_no("bad_field"):
        attestation_from((id_field("of", ID), *unit(1)))


@given(calls)
def test_an_account_of_a_call_says_only_what_it_says(call: VoiceCall) -> None:
    paths = [field.path for field in fields_of_call(call)]
    assert ("received" in paths) is (call.received_us is not None)
    assert ("start" in paths) is (call.start_us is not None)
    assert ("area-stated" in paths) is (call.area_stated is not None)
    assert paths[:2] == ["other", "account-of"]
    assert paths[-1] == "words"

"""Every code by voice and back: what was said is named, compared, and a difference is named too."""

import pytest

from comity.hotline.voice_message import (
    coded_answer_said,
    coded_differences,
    coded_facts,
    coded_said,
    coded_unsaid,
)
from comity.model.message import Message, MessageAnswer, ReadBack, ordered
from comity.model.phrasebook import Carrier, Value, ValueKind
from comity.model.quantity import Position
from comity.model.voice import Spoken, VoiceCode, VoiceCoded, VoiceValue
from comity.model.wording import value_text
from comity.wire.voice_v1 import read_voice, voice_groups
from tests.hotline.talking import BOOK, ROLE, SHORTEST
from tests.model.samples import ID, NOON_US
from tests.model.saying_no import says_no

# One value of each kind, and another one.
PAIRS: dict[ValueKind, tuple[Value, Value]] = {
    ValueKind.PLACE: (
        Position(lat_e7=353_000_000, lon_e7=401_400_000),
        Position(lat_e7=353_800_000, lon_e7=401_400_000),
    ),
    ValueKind.TIME: (NOON_US, NOON_US + 1),
    ValueKind.RADIUS: (5_000_000, 5_000_001),
    ValueKind.HEIGHT: (-50_000, 3_000_000),
    ValueKind.MINUTES: (5, 6),
    ValueKind.PERSONS: (15, 16),
    ValueKind.FREQUENCY: (121_500_000, 243_000_000),
}
CODES = sorted(code for code, phrase in BOOK.phrases.items() if Carrier.MESSAGE in phrase.carriers)


def filled(code: str, which: int = 0) -> dict[str, Value]:
    """Every field of a code."""
    return {
        field.name: field.choices[which] if field.choices else PAIRS[field.kind][which]
        for field in BOOK.phrase(code).fields
    }


def heard(message: VoiceCode) -> VoiceCode:
    """After it was said and taken down."""
    read = read_voice(voice_groups(Spoken(message=message))).message
    assert read is not None
    return read  # type: ignore[return-value]


def message(code: str, values: dict[str, Value], **more: object) -> Message:
    return Message(code=code, role=ROLE, values=ordered(values), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", CODES)
def test_every_field_of_every_code_is_said_and_named(code: str) -> None:
    values = filled(code)
    said = coded_said(ID, message(code, values, about=ID), NOON_US + 1)
    assert heard(said) == said
    facts = dict(coded_facts(heard(said)))
    fields = {field.name: field for field in BOOK.phrase(code).fields}
    assert facts == {"role": ROLE} | {
        name: value_text(fields[name], value) for name, value in values.items()
    }
    assert coded_differences(heard(said), said, code) == ()


@pytest.mark.parametrize("code", sorted(SHORTEST))
def test_the_shortest_of_every_code_is_said_in_few_groups(code: str) -> None:
    said = coded_said(ID, message(code, SHORTEST[code]), NOON_US)
    assert len(voice_groups(Spoken(message=said))) <= 20
    assert heard(said) == said


@pytest.mark.parametrize("code", CODES)
def test_each_field_that_differs_is_named(code: str) -> None:
    values = filled(code)
    held = coded_said(ID, message(code, values), None)
    for name, other in filled(code, 1).items():
        said = coded_said(ID, message(code, values | {name: other}), None)
        (found,) = coded_differences(heard(said), held, code)
        assert found.startswith(name)
        less = {each: value for each, value in values.items() if each != name}
        (found,) = coded_differences(coded_said(ID, message(code, less), None), held, code)
        assert "nothing was said" in found


def test_a_moved_place_is_told_in_metres() -> None:
    one, other = (message("X", {"where": each}) for each in PAIRS[ValueKind.PLACE])
    (found,) = coded_differences(coded_said(ID, one, None), coded_said(ID, other, None), "X")
    assert found == "where is 8,875.7 m from the one held here"


def test_a_read_back_is_compared_with_what_is_held() -> None:
    values = filled("X")

    def answered(back: dict[str, Value] | None) -> VoiceCode:
        read_back = None if back is None else ReadBack(id=ID, values=ordered(back))
        answer = MessageAnswer(code="W", of=ID, role=ROLE, read_back=read_back)
        return coded_answer_said("X", answer)

    held = answered(values)
    assert coded_differences(heard(held), held, "X") == ()
    facts = dict(coded_facts(held, "X"))
    assert facts["read back: radius"] == "5000 m"
    assert dict(coded_facts(held))["read back: field 3"] == "5000 m"
    moved = answered(values | {"where": PAIRS[ValueKind.PLACE][1]})
    assert "read back: where is 8,875.7 m" in coded_differences(moved, held, "X")[0]
    assert "reads nothing back" in coded_differences(answered(None), held, "X")[0]
    other = coded_said(ID, message("X", values), None)
    assert coded_differences(other, held, "X") == ("it is a message of another kind",)
    unable = MessageAnswer(code="U", of=ID, role="admiral", values=(("reason", "low-fuel"),))
    found = coded_differences(coded_answer_said("X", unable), held, "X")
    assert [each.partition(":")[0] for each in found][:2] == ["code", "role"]


def test_what_an_older_phrasebook_does_not_know_is_said_by_number() -> None:
    values = (
        VoiceValue(field=0, kind=ValueKind.CHOICE, value=60),
        VoiceValue(field=9, kind=ValueKind.MINUTES, value=7),
    )
    newer = VoiceCoded(id=ID[:5], code="X", role=None, values=values)
    assert coded_facts(newer) == [
        ("role", "NOT SAID"),
        ("danger-to", "choice 61, not known here"),
        ("field 10", "7 min"),
    ]
    unknown = VoiceCoded(id=ID[:5], code="ZZ9", role=None, values=values)
    assert coded_facts(unknown)[1] == ("field 1", "choice 61, not known here")


def test_what_no_group_carries_is_named() -> None:
    assert coded_unsaid(ROLE, "") == ()
    assert coded_unsaid("admiral", "now") == (
        "the role admiral: it is none that has a number",
        "free text",
    )


@pytest.mark.parametrize("values", [{"nowhere": 1}, {"where": 5}, {"radius": "wide"}])
def test_a_read_back_that_no_field_can_hold_is_not_said(values: dict[str, Value]) -> None:
    read_back = ReadBack(id=ID, values=ordered(values))
    answer = MessageAnswer(code="W", of=ID, role=ROLE, read_back=read_back)
    with says_no("voice_form"):
        coded_answer_said("X", answer)


# As they are said: by number. A phrasebook adds at the end, or what is said means another.
NUMBERED = {
    "U": "reason",
    "S": "minutes",
    "Q": "asks",
    "I": "fact at",
    "D": "reason",
    "KC": "until where radius lower upper",
    "X": "danger-to where radius",
    "C": "what at where radius",
    "E1": "phase at where radius persons",
    "E2": "asks at where radius frequency",
    "E3": "offers at where",
    "L2": "what until",
}

CHOICES = {
    "U.reason": "final-approach low-fuel emergency not-reached not-ours too-late other",
    "Q.asks": "area heights times status end reachable meaning",
    "I.fact": (
        "as-notified not-begun active ended delayed amendment-follows reached "
        "not-reached by-voice no-information"
    ),
    "D.reason": "not-ours too-late traffic less-safe already-so not-shared other",
    "X.danger-to": "our-people civilians civil-aircraft aid-workers rescuers not-known",
    "C.what": "diverts in-the-area airspace-closes emergency-landing lost-contact",
    "E1.phase": "uncertainty alert distress",
    "E2.asks": "cease-activity keep-clear aircraft ships positions nothing",
    "E3.offers": "aircraft ships medical positions landing relay",
    "L2.what": "node network clock disk voice staff well-again",
}


@pytest.mark.parametrize("code", NUMBERED)
def test_fields_keep_their_numbers(code: str) -> None:
    names = NUMBERED[code].split()
    assert [field.name for field in BOOK.phrase(code).fields][: len(names)] == names


def test_choices_keep_their_numbers() -> None:
    found = {
        f"{phrase.code}.{field.name}": field.choices
        for phrase in BOOK.phrases.values()
        for field in phrase.fields
        if field.choices
    }
    for name, known in CHOICES.items():
        assert found[name][: len(known.split())] == tuple(known.split())

"""The voice form: round trips, one form only, the second reader's agreement, lengths, refusals."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.answer import Reason, Step
from comity.model.fault import Malformed
from comity.model.notice import Code
from comity.model.quantity import Position
from comity.model.request import Decision, DeclineReason, Wanted
from comity.model.voice import (
    AreaKind,
    Spoken,
    VoiceAnswer,
    VoiceArea,
    VoiceFields,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.wire import voice_v1
from comity.wire.voice_code import BASE, LETTERS, checked_symbols, groups_of
from comity.wire.voice_text import groups_in
from comity.wire.voice_v1 import read_voice, voice_groups
from tests.model.voice_samples import circle_notice, longest, notices, spoken, spoken_facts
from tests.tidy.tree import ROOT
from tests.wire import second_voice
from tests.wire.coded_lengths import CODED_LENGTHS

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples
PAGE = (ROOT / "docs/reference/voice.md").read_text(encoding="utf-8")
ID = bytes.fromhex("4f1d2c7a90")
NOON_US = 1_790_078_400_000_000


@given(spoken)
def test_messages_round_trip(each: Spoken) -> None:
    assert read_voice(voice_groups(each)) == each


@given(notices, st.integers(0, 59), st.sampled_from(LETTERS))
def test_a_slip_never_becomes_another_notice(notice: VoiceNotice, at: int, wrong: str) -> None:
    letters = list("".join(voice_groups(Spoken(message=notice))))
    right, letters[at] = letters[at], wrong
    groups = ["".join(letters[k : k + 5]) for k in range(0, len(letters), 5)]
    if wrong == right:
        assert read_voice(groups).message == notice
        return
    with pytest.raises(Malformed, match=f"group {at // 5 + 1} does not check"):
        read_voice(groups)


def said(each: Spoken) -> dict[str, Any]:
    """What the second reader should find, from the noun alone."""
    match each.message:
        case VoiceNotice(code=code, fields=fields):
            return {"kind": "N", "code of N": code, **_fields(fields)}
        case VoiceReadBack(fields=fields):
            return {"kind": "B", **_fields(fields)}
        case VoiceMove(code=code, of=of, at_us=at_us):
            return {"kind": "M", "code of M": code, "id": of.hex(), "time": at_us, "shape": 0}
        case VoiceAnswer(step=step, of=of, reason=why):
            return {"kind": "A", "step": step, "id": of.hex(), "reason of A": why, "shape": 0}
        case VoiceRequest(id=id_, of=of, wanted=wanted, by_us=by_us):
            ids = {"request": id_.hex(), "id": of.hex()}
            return {"kind": "R", "asked for": wanted, **ids, "by": by_us, "shape": 0}
        case VoiceReply(of=of, decision=decision, reason=no, standby_minutes=minutes):
            more = {"reason of D": no, "standby": minutes or 0, "id": of.hex(), "shape": 0}
            return {"kind": "D", "decision": decision, **more}
    raise AssertionError


def _fields(fields: VoiceFields) -> dict[str, Any]:
    area = fields.area
    some = area.of > len(area.points)
    shapes = {AreaKind.CIRCLE: (0, 0), AreaKind.CORNERS: (1, 3), AreaKind.POINTS: (2, 4)}
    found = {
        "shape": shapes[area.kind][some],
        "id": fields.of.hex(),
        "start": fields.start_us,
        "end": fields.end_us,
        "lower": fields.lower_mm,
        "upper": fields.upper_mm,
    }
    for k, point in enumerate(area.points):
        found |= {f"lat {k}": point.lat_e7, f"lon {k}": point.lon_e7}
    found |= {"all": area.of} if some else {}
    return found | ({} if area.radius_mm is None else {"radius": area.radius_mm})


@given(spoken_facts)
def test_the_second_reader_finds_the_same(each: Spoken) -> None:
    found = second_voice.read(list(voice_groups(each)))
    assert found == {**said(each), "exercise": each.exercise}


def point(count: int) -> tuple[Position, ...]:
    return count * (Position(lat_e7=355_000_000, lon_e7=357_000_000),)


def with_area(area: VoiceArea) -> VoiceFields:
    message = circle_notice().message
    assert isinstance(message, VoiceNotice)
    fields = message.fields
    return VoiceFields(
        of=fields.of,
        start_us=fields.start_us,
        end_us=fields.end_us,
        lower_mm=fields.lower_mm,
        upper_mm=fields.upper_mm,
        area=area,
    )


CORNERS = VoiceArea(kind=AreaKind.CORNERS, points=point(4), of=4)
POINT = VoiceArea(kind=AreaKind.POINTS, points=point(1), of=1)
LENGTHS = {
    "notice of one circle, whole seconds and metres": circle_notice(),
    "notice of one circle, microseconds and millimetres": circle_notice(fine=1),
    "notice of four corners, whole seconds and metres": Spoken(
        message=VoiceNotice(code=Code.NOTIFY, fields=with_area(CORNERS))
    ),
    "read-back of one point, whole seconds and metres": Spoken(
        message=VoiceReadBack(fields=with_area(POINT))
    ),
    "the longest: 8 points of more, microseconds and millimetres": longest(),
    "answer": Spoken(message=VoiceAnswer(step=Step.SEEN, of=ID)),
    "move, whole seconds": Spoken(message=VoiceMove(code=Code.END, of=ID, at_us=NOON_US)),
    "request, whole seconds": Spoken(
        message=VoiceRequest(id=ID, of=ID, wanted=Wanted.CLOSE, by_us=NOON_US)
    ),
    "reply": Spoken(message=VoiceReply(of=ID, decision=Decision.GRANTED)),
    **CODED_LENGTHS,
}


def test_messages_are_as_long_as_the_page_says() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|$", PAGE, re.MULTILINE))
    assert {name: str(len(voice_groups(each))) for name, each in LENGTHS.items()} == rows
    assert int(rows["notice of one circle, microseconds and millimetres"]) <= 20


def test_the_pages_example_is_what_is_said() -> None:
    _, _, after = PAGE.partition("## An example")
    example = after.split("```")[1].removeprefix("text")
    assert groups_in(example) == voice_groups(circle_notice())


def test_the_page_names_every_choice_in_its_order() -> None:
    rows = dict(
        re.findall(
            r"^\| (code of N|code of M|step|reason of A|asked for|decision|"
            r"reason of D) \| (.*) \|$",
            PAGE,
            re.MULTILINE,
        )
    )
    tables = {
        "code of N": voice_v1._OPENING,
        "code of M": voice_v1._MOVES,
        "step": voice_v1._STEPS,
        "reason of A": ("none", *voice_v1._REASONS),
        "asked for": voice_v1._WANTED,
        "decision": voice_v1._DECISIONS,
        "reason of D": ("none", *voice_v1._DECLINES),
    }
    assert {name: ", ".join(found) for name, found in tables.items()} == rows


def test_whatever_can_be_answered_can_be_said() -> None:
    assert {*voice_v1._STEPS, Step.READ_BACK} == set(Step)
    assert set(voice_v1._REASONS) == set(Reason)
    assert set(voice_v1._WANTED) == set(Wanted)
    assert set(voice_v1._DECISIONS) == set(Decision)
    assert set(voice_v1._DECLINES) == set(DeclineReason)
    assert {*voice_v1._OPENING, *voice_v1._MOVES, Code.AMEND} == set(Code)


@given(st.sampled_from([*LENGTHS.values()]), st.data())
def test_groups_that_check_say_one_thing_in_one_form(each: Spoken, data: st.DataObject) -> None:
    """Whoever changes a number and makes the checks anew is refused, or says another message."""
    symbols = list(checked_symbols(voice_groups(each)))
    for _ in range(data.draw(st.integers(1, 3))):
        symbols[data.draw(st.integers(0, len(symbols) - 1))] = data.draw(st.integers(0, BASE - 1))
    groups = groups_of(symbols)
    try:
        read = read_voice(groups)
    except Malformed:
        return
    assert voice_groups(read) == groups
    assert (read == each) == (groups == voice_groups(each))


def bent(each: Spoken, changes: dict[int, int]) -> tuple[str, ...]:
    symbols = list(checked_symbols(voice_groups(each)))
    for at, symbol in changes.items():
        symbols[at] = symbol
    return groups_of(symbols)


ANSWER = LENGTHS["answer"]
MOVE = LENGTHS["move, whole seconds"]
BENT = [
    (bent(ANSWER, {0: LETTERS.index("Z")}), "of no kind"),
    (bent(ANSWER, {2: 20}), "of no kind"),
    (bent(ANSWER, {3: 18}), "of no kind"),
    (bent(ANSWER, {3: 1}), "not in the one form"),
    (bent(ANSWER, {2: 1}), "not in the one form"),
    (bent(ANSWER, {-1: 1}), "not in the one form"),
    (bent(ANSWER, {0: LETTERS.index("N")}), "shorter than"),
    (bent(ANSWER, dict.fromkeys(range(4, 15), 22)), "a number in it is too large"),
    (bent(MOVE, {4: 10}), "does not know"),
    (groups_of(checked_symbols(voice_groups(ANSWER)) + (0,) * 4), "not in the one form"),
]


@pytest.mark.parametrize(("groups", "why"), BENT)
def test_what_checks_and_says_nothing_is_refused(groups: tuple[str, ...], why: str) -> None:
    with pytest.raises(Malformed, match=why) as error:
        read_voice(groups)
    assert error.value.code == "voice_form"


BAD: list[tuple[type, dict[str, Any], str]] = [
    (VoiceArea, {"kind": AreaKind.CIRCLE, "points": point(1), "of": 1}, "a circle has a radius"),
    (VoiceArea, {"kind": AreaKind.POINTS, "points": point(1), "of": 1, "radius_mm": 1}, "radius"),
    (VoiceArea, {"kind": AreaKind.CIRCLE, "points": point(1), "of": 1, "radius_mm": 0}, "radius"),
    (VoiceArea, {"kind": AreaKind.CIRCLE, "points": point(2), "of": 2, "radius_mm": 1}, "one"),
    (VoiceArea, {"kind": AreaKind.CORNERS, "points": point(7), "of": 9}, "first 8"),
    (VoiceArea, {"kind": AreaKind.CORNERS, "points": (), "of": 0}, "first 8"),
    (VoiceNotice, {"code": Code.AMEND, "fields": with_area(POINT)}, "does not declare"),
    (VoiceReadBack, {"fields": with_area(CORNERS)}, "first point of each"),
    (VoiceMove, {"code": Code.NOTIFY, "of": ID, "at_us": NOON_US}, "moves nothing"),
    (VoiceMove, {"code": Code.END, "of": ID[:4], "at_us": NOON_US}, "first 5 bytes"),
    (VoiceAnswer, {"step": Step.READ_BACK, "of": ID}, "says the key fields"),
    (VoiceAnswer, {"step": Step.UNABLE, "of": ID}, "has a reason"),
    (VoiceAnswer, {"step": Step.SEEN, "of": ID, "reason": Reason.OTHER}, "has a reason"),
    (VoiceReply, {"of": ID, "decision": Decision.DECLINED}, "says why"),
    (VoiceReply, {"of": ID, "decision": Decision.STANDBY}, "how long"),
    (VoiceReply, {"of": ID, "decision": Decision.STANDBY, "standby_minutes": 121}, "120 minutes"),
]


@pytest.mark.parametrize(("noun", "parts", "why"), BAD)
def test_what_cannot_be_is_refused(noun: type, parts: dict[str, Any], why: str) -> None:
    with pytest.raises(Malformed, match=why) as error:
        noun(**parts)
    assert error.value.code == "voice_form"

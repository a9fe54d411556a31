"""Strategies for every message of the voice form, and one plain notice."""

from typing import Any

from hypothesis import strategies as st

from comity.model.answer import Reason, Step
from comity.model.notice import Code
from comity.model.phrasebook import ValueKind
from comity.model.quantity import Position, instant_us
from comity.model.request import STANDBY_MINUTES_MAX, Decision, DeclineReason, Wanted
from comity.model.voice import (
    FIELDS_MAX,
    POINTS_MAX,
    ROLES,
    AreaKind,
    Spoken,
    VoiceAnswer,
    VoiceArea,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceFields,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
    VoiceValue,
    VoiceValues,
)
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, RADIUS_MM_MAX, VERTICES_MAX
from tests.model.samples import INSTANT_US_MAX, INSTANT_US_MIN, instants, positions

ids = st.binary(min_size=5, max_size=5)
moments = instants | instants.map(lambda each: each - each % 1_000_000)
_HEIGHTS_M = st.integers(HEIGHT_MM_MIN // 1_000, HEIGHT_MM_MAX // 1_000).map(lambda m: m * 1_000)
_HEIGHTS = st.integers(HEIGHT_MM_MIN, HEIGHT_MM_MAX) | _HEIGHTS_M
_RADII = st.integers(1, RADIUS_MM_MAX) | st.integers(1, RADIUS_MM_MAX // 1_000).map(
    lambda m: m * 1_000
)
circles = st.builds(
    VoiceArea,
    kind=st.just(AreaKind.CIRCLE),
    points=st.tuples(positions),
    of=st.just(1),
    radius_mm=_RADII,
)


@st.composite
def points(draw: st.DrawFn, kinds: st.SearchStrategy[AreaKind]) -> VoiceArea:
    """All points, or the first of many."""
    of = draw(st.integers(1, POINTS_MAX) | st.integers(1, VERTICES_MAX))
    count = min(of, POINTS_MAX)
    said = draw(st.lists(positions, min_size=count, max_size=count).map(tuple))
    return VoiceArea(kind=draw(kinds), points=said, of=of)


@st.composite
def fields(draw: st.DrawFn, areas: st.SearchStrategy[VoiceArea]) -> VoiceFields:
    """Key fields of an area."""
    start_us, end_us = sorted((draw(moments), draw(moments)))
    lower_mm, upper_mm = sorted((draw(_HEIGHTS), draw(_HEIGHTS)))
    return VoiceFields(
        of=draw(ids),
        start_us=start_us,
        end_us=end_us,
        lower_mm=lower_mm,
        upper_mm=upper_mm,
        area=draw(areas),
    )


_ANY_AREA = circles | points(st.sampled_from((AreaKind.CORNERS, AreaKind.POINTS)))
_CODES = st.sampled_from((Code.NOTIFY, Code.PROTECT, Code.HAZARD))
notices = st.builds(VoiceNotice, code=_CODES, fields=fields(_ANY_AREA))
read_backs = st.builds(VoiceReadBack, fields=fields(points(st.just(AreaKind.POINTS))))
moves = st.builds(
    VoiceMove,
    code=st.sampled_from((Code.START, Code.END, Code.RELEASE, Code.CANCEL)),
    of=ids,
    at_us=moments,
)
_STEPS = st.sampled_from((Step.SEEN, Step.WILCO, Step.NOT_UNDERSTOOD))
answers = st.builds(VoiceAnswer, step=_STEPS, of=ids) | st.builds(
    VoiceAnswer, step=st.just(Step.UNABLE), of=ids, reason=st.sampled_from(Reason)
)
requests = st.builds(VoiceRequest, id=ids, of=ids, wanted=st.sampled_from(Wanted), by_us=moments)
replies = st.one_of(
    st.builds(VoiceReply, of=ids, decision=st.sampled_from((Decision.GRANTED, Decision.PARTLY))),
    st.builds(
        VoiceReply,
        of=ids,
        decision=st.just(Decision.DECLINED),
        reason=st.sampled_from(DeclineReason),
    ),
    st.builds(
        VoiceReply,
        of=ids,
        decision=st.just(Decision.STANDBY),
        standby_minutes=st.integers(1, STANDBY_MINUTES_MAX),
    ),
)
_NUMBERS: dict[ValueKind, st.SearchStrategy[int | Position]] = {
    ValueKind.CHOICE: st.integers(0, 63),
    ValueKind.PLACE: positions,
    ValueKind.TIME: moments,
    ValueKind.RADIUS: _RADII,
    ValueKind.HEIGHT: _HEIGHTS,
    ValueKind.MINUTES: st.integers(0, 1_440),
    ValueKind.PERSONS: st.integers(0, 1_000_000),
    ValueKind.FREQUENCY: st.integers(0, 300_000_000_000),
}


@st.composite
def values(draw: st.DrawFn) -> VoiceValues:
    """Fields of a phrase that need not be in the phrasebook."""
    numbers = sorted(draw(st.sets(st.integers(0, FIELDS_MAX - 1), max_size=5)))
    kinds = [draw(st.sampled_from(ValueKind)) for _ in numbers]
    return tuple(
        VoiceValue(field=number, kind=kind, value=draw(_NUMBERS[kind]))
        for number, kind in zip(numbers, kinds, strict=True)
    )


_CODED: dict[str, st.SearchStrategy[Any]] = {
    "code": st.from_regex(r"[A-Z]{1,2}[0-9]?", fullmatch=True),
    "role": st.none() | st.sampled_from(ROLES),
    "values": values(),
}
coded = st.builds(
    VoiceCoded,
    id=ids,
    about=st.none() | ids,
    due_us=st.none() | instants.map(lambda each: each - each % 1_000_000),
    **_CODED,
)
coded_answers = st.builds(VoiceCodedAnswer, of=ids, read_back=st.none() | values(), **_CODED)
facts = st.one_of(notices, read_backs, moves, answers, requests, replies)
spoken_codes = st.builds(Spoken, message=st.one_of(coded, coded_answers), exercise=st.booleans())
messages = st.one_of(facts, coded, coded_answers)
spoken_facts = st.builds(Spoken, message=facts, exercise=st.booleans())
spoken = st.builds(Spoken, message=messages, exercise=st.booleans())


def circle_notice(*, fine: int = 0) -> Spoken:
    """The page's own example; `fine` microseconds and millimetres make it longer."""
    start_us = instant_us("2030-01-01T10:00:00Z")
    area = VoiceArea(
        kind=AreaKind.CIRCLE,
        points=(Position(lat_e7=355_000_000, lon_e7=357_000_000),),
        of=1,
        radius_mm=10_000_000,
    )
    said = VoiceFields(
        of=bytes.fromhex("4f1d2c7a90"),
        start_us=start_us + fine,
        end_us=start_us + 1_800_000_000,
        lower_mm=fine,
        upper_mm=6_096_000,
        area=area,
    )
    return Spoken(message=VoiceNotice(code=Code.NOTIFY, fields=said))


def longest() -> Spoken:
    """The longest message there is: every value as high as it can be."""
    area = VoiceArea(
        kind=AreaKind.CORNERS,
        points=POINTS_MAX * (Position(lat_e7=900_000_000, lon_e7=1_800_000_000),),
        of=VERTICES_MAX,
    )
    said = VoiceFields(
        of=b"\xff" * 5,
        start_us=INSTANT_US_MIN,
        end_us=INSTANT_US_MAX,
        lower_mm=HEIGHT_MM_MIN + 1,
        upper_mm=HEIGHT_MM_MAX,
        area=area,
    )
    return Spoken(message=VoiceNotice(code=Code.HAZARD, fields=said), exercise=True)

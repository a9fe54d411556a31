"""What of a notice is said by voice, and where what was said differs from what is held here.

Pure. A match is no proof and a difference no fault of either side: what was heard is an account of
a call until the signed entry comes. Messages are `voice_message`'s. Called by the command
line; letters are `wire.voice_v1`'s.
"""

from collections.abc import Iterator

from comity.airspace.geodesic import distance_m
from comity.hotline.answer import key_fields
from comity.model.notice import Code
from comity.model.quantity import SECOND_US, Position, degrees, instant_text
from comity.model.voice import (
    ID_BYTES,
    POINTS_MAX,
    AreaKind,
    VoiceAnswer,
    VoiceArea,
    VoiceFact,
    VoiceFields,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.model.volume import Circle, Corridor, Volume4D

__all__ = ["differences", "moment_text", "notice_said", "read_back_said", "short_id"]


def moment_text(instant_us: int) -> str:
    """An instant to the microsecond, the fraction apart: lists elsewhere show whole seconds."""
    rest_us = instant_us % SECOND_US
    return instant_text(instant_us - rest_us) + (f" + {rest_us} us" if rest_us else "")


def short_id(whole: str) -> bytes:
    """The bytes by which an id of 64 hex digits is said."""
    return bytes.fromhex(whole)[:ID_BYTES]


def notice_said(code: Code, of: bytes, volumes: tuple[Volume4D, ...]) -> VoiceNotice:
    """A notice's key fields with its area: whole if it is one circle, or a polygon of 8 corners."""
    return VoiceNotice(code=code, fields=_fields(of, volumes, _area(volumes)))


def read_back_said(of: bytes, volumes: tuple[Volume4D, ...]) -> VoiceReadBack:
    """A notice's key fields as a read-back repeats them."""
    return VoiceReadBack(fields=_fields(of, volumes, _first_points(volumes)))


def differences(said: VoiceFact, held: VoiceFact) -> tuple[str, ...]:
    """Where what was said differs from what is held, a sentence each; empty if it agrees."""
    if type(said) is not type(held):
        return ("it is a message of another kind",)
    if isinstance(said, VoiceNotice) and isinstance(held, VoiceNotice):
        return (*_unlike("code", said.code, held.code), *_apart(said.fields, held.fields))
    if isinstance(said, VoiceReadBack) and isinstance(held, VoiceReadBack):
        return tuple(_apart(said.fields, held.fields))
    pairs = zip(_facts(said), _facts(held), strict=True)
    return tuple(
        sentence for (name, one), (_, other) in pairs for sentence in _unlike(name, one, other)
    )


def _fields(of: bytes, volumes: tuple[Volume4D, ...], area: VoiceArea) -> VoiceFields:
    key = key_fields(volumes)
    return VoiceFields(
        of=of,
        start_us=key.start_us,
        end_us=key.end_us,
        lower_mm=key.lower_mm,
        upper_mm=key.upper_mm,
        area=area,
    )


def _area(volumes: tuple[Volume4D, ...]) -> VoiceArea:
    if len(volumes) > 1:
        return _first_points(volumes)
    footprint = volumes[0].footprint
    if isinstance(footprint, Circle):
        return VoiceArea(
            kind=AreaKind.CIRCLE, points=(footprint.centre,), of=1, radius_mm=footprint.radius_mm
        )
    if isinstance(footprint, Corridor):
        return _first_points(volumes)
    corners = footprint.vertices
    return VoiceArea(kind=AreaKind.CORNERS, points=corners[:POINTS_MAX], of=len(corners))


def _first_points(volumes: tuple[Volume4D, ...]) -> VoiceArea:
    points = key_fields(volumes).points
    return VoiceArea(kind=AreaKind.POINTS, points=points[:POINTS_MAX], of=len(points))


def _apart(said: VoiceFields, held: VoiceFields) -> Iterator[str]:
    yield from _unlike("id", said.of.hex(), held.of.hex())
    yield from _unlike("start", moment_text(said.start_us), moment_text(held.start_us))
    yield from _unlike("end", moment_text(said.end_us), moment_text(held.end_us))
    yield from _unlike("lower height", _metres(said.lower_mm), _metres(held.lower_mm))
    yield from _unlike("upper height", _metres(said.upper_mm), _metres(held.upper_mm))
    one, other = said.area, held.area
    yield from _unlike("area", _shape(one), _shape(other))
    if (one.kind, one.of) != (other.kind, other.of):
        return
    for number, (here, there) in enumerate(zip(one.points, other.points, strict=True), start=1):
        if here != there:
            yield f"point {number} is {_between_m(here, there):,.1f} m from the one held here"


def _unlike(name: str, said: object, held: object) -> Iterator[str]:
    if said != held:
        yield f"{name}: {said} was said, {held} is held here"


def _shape(area: VoiceArea) -> str:
    if area.radius_mm is not None:
        return f"a circle of {_metres(area.radius_mm)}"
    return f"{area.of} {area.kind}"


def _facts(message: VoiceFact) -> list[tuple[str, object]]:
    """The facts of a message without an area, as words."""
    match message:
        case VoiceMove(code=code, of=of, at_us=at_us):
            return [("code", code), ("id", of.hex()), ("time", moment_text(at_us))]
        case VoiceAnswer(step=step, of=of, reason=reason):
            return [("step", step), ("id", of.hex()), ("reason", reason)]
        case VoiceRequest(of=of, wanted=wanted, by_us=by_us):
            return [("notice", of.hex()), ("asked for", wanted), ("by", moment_text(by_us))]
        case VoiceReply(decision=decision, reason=no, standby_minutes=minutes):
            return [("decision", decision), ("reason", no), ("standby minutes", minutes)]
        case VoiceNotice() | VoiceReadBack():
            return []


def _between_m(one: Position, other: Position) -> float:
    start = (degrees(one.lat_e7), degrees(one.lon_e7))
    return distance_m(start, (degrees(other.lat_e7), degrees(other.lon_e7)))


def _metres(value_mm: int) -> str:
    return f"{value_mm / 1_000:.3f}".rstrip("0").rstrip(".") + " m"

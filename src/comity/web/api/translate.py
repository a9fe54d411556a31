"""From what a caller sent to the nouns: degrees and metres to integers, texts to instants and ids.

Rounding never makes a volume smaller: lower heights go down, upper heights, radii and uncertainties
up; angles go to the nearest 1e-7 degree. Every fault names the field. Pure but for the roster that
is passed in. Called by the endpoints; the way back is `web.api.views`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from comity.airspace.footprint import check
from comity.airspace.heights import with_heights
from comity.hotline.attest import NamedUnit
from comity.intake.order import DeclareOrder, MoveOrder, ProtectOrder
from comity.model.answer import Answer, KeyFields, VoiceCall
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.given import GivenHeights as Heights
from comity.model.given import HeightDatum, HeightLimit, Qnh, Terrain
from comity.model.notice import Code, Declaration, HazardBasis, SubjectKind, checked_text
from comity.model.party import ORIGIN_BYTES_MAX, party_name
from comity.model.quantity import SECOND_US, Position, e7_from_degrees, instant_us
from comity.model.report import HazardReport
from comity.model.request import Reply, Request
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
)
from comity.trust.roster import Roster
from comity.web.api import shapes, shapes_reports, shapes_requests
from comity.web.api.shapes_heights import GivenHeights, HeightReference
from comity.web.api.shapes_register import ProtectRequest
from comity.web.problem import BadField
from comity.wire.canonical import hex32
from comity.wire.limits import PEERS_MAX

__all__ = [
    "answer_from",
    "call_from",
    "declaration_from",
    "identity_from",
    "instant_from",
    "move_from",
    "parties_from",
    "protection_from",
    "reply_from",
    "report_from",
    "request_from",
    "units_from",
]

_OPENING = {
    SubjectKind.OPERATION: Code.NOTIFY,
    SubjectKind.HAZARD: Code.HAZARD,
    SubjectKind.PRESENCE: Code.PROTECT,
}
_MOVES: dict[shapes.Move, Code] = {
    "amend": Code.AMEND,
    "start": Code.START,
    "end": Code.END,
    "cancel": Code.CANCEL,
}
_HECTO, _MILLI, _MICRO = 2, 3, 6
_TURN_DEG = 360.0
_MINUTE_US = 60 * SECOND_US


def identity_from(text: str, field: str) -> bytes:
    """An id of 64 hex digits, as 32 bytes."""
    with _at(field):
        return hex32(text)


def declaration_from(request: shapes.NoticeRequest, roster: Roster) -> DeclareOrder:
    """A declaration; Malformed or Refused, by field, for whatever is wrong with it."""
    if not request.volumes:
        reason = "a notice without an area, heights and times is not a notice"
        raise BadField(reason, code="no_area", field="volumes")
    if request.area_in_words is not None:
        reason = "an area in words would be read differently by two people"
        raise BadField(reason, code="area_in_words", field="area_in_words")
    needs = request.clear_needs_s
    return DeclareOrder(
        notice=Declaration(
            code=_OPENING[request.kind],
            purpose=request.purpose,
            domain=request.domain,
            craft=request.craft,
            onward=request.onward,
            name=request.name,
            volumes=_volumes(request.volumes),
            needs_us=None if needs is None else _scaled(needs, _MICRO, "up", "clear_needs_s"),
            basis=None if request.basis is None else _basis(request.basis),
        ),
        to=parties_from(request.to, roster),
        prompted_by=_optional_id(request.prompted_by, "prompted_by"),
    )


def protection_from(request: ProtectRequest, roster: Roster) -> ProtectOrder:
    """A presence for the register; it is given to somebody."""
    if not request.to:
        raise BadField("say to whom", code="missing_field", field="to")
    said = shapes.NoticeRequest(
        kind=SubjectKind.PRESENCE,
        to=request.to,
        volumes=request.volumes,
        purpose=request.purpose,
        domain=request.domain,
        craft=request.craft,
        name=request.name,
        clear_needs_s=request.clear_needs_s,
    )
    order = declaration_from(said, roster)
    return ProtectOrder(notice=order.notice, to=order.to, snap=request.snap)


def parties_from(names: Sequence[str], roster: Roster) -> tuple[str, ...]:
    """Origins from origins or short names of enrolled parties, each once."""
    if len(names) > PEERS_MAX:
        raise BadField(f"at most {PEERS_MAX} parties", code="too_many_parties", field="to")
    found = tuple(_party(name, roster, f"to[{index}]") for index, name in enumerate(names))
    if len(set(found)) != len(found):
        raise BadField("a party is named twice", code="duplicate_party", field="to")
    return found


def move_from(request: shapes.TransitionRequest, subject: bytes, now_us: int) -> MoveOrder:
    """An amendment with its volumes, or a transition with its time."""
    code = _MOVES[request.move]
    if code is Code.AMEND and not request.volumes:
        raise BadField("an amendment gives all volumes anew", code="no_area", field="volumes")
    if code is not Code.AMEND and request.volumes:
        reason = f"`{request.move}` changes no volume; amend first"
        raise BadField(reason, code="unexpected_field", field="volumes")
    if code is Code.AMEND and request.at is not None:
        raise BadField("an amendment counts from now", code="unexpected_field", field="at")
    return MoveOrder(
        subject=subject,
        code=code,
        at_us=_instant_or(request.at, now_us, "at"),
        volumes=_volumes(request.volumes),
    )


def answer_from(request: shapes.AnswerRequest, of: bytes) -> Answer:
    """One step of a person about the notice `of`."""
    heard = request.read_back
    return Answer(
        of=of,
        step=request.step,
        role=request.role,
        reason=request.reason,
        read_back=None if heard is None else _key_fields(heard),
    )


def units_from(request: shapes.AttestationRequest, now_us: int) -> tuple[NamedUnit, ...]:
    """Our units, by their names at home."""
    found: list[NamedUnit] = []
    for index, unit in enumerate(request.units):
        with _at(f"units[{index}]"):
            at_us = _instant_or(unit.at, now_us, "at")
            found.append(NamedUnit(name=unit.unit, state=unit.state, at_us=at_us))
    return tuple(found)


def call_from(request: shapes.CallRequest) -> VoiceCall:
    """An account of a voice call; `other` stays as the account calls it."""
    if not checked_text(request.other, ORIGIN_BYTES_MAX, "other"):
        raise BadField("a call has another side", code="bad_text", field="other")
    return VoiceCall(
        other=request.other,
        received_us=None
        if request.received is None
        else instant_from(request.received, "received"),
        start_us=None if request.start is None else instant_from(request.start, "start"),
        area_stated=request.area_stated,
        words=request.words,
        account_of=request.account_of,
    )


def request_from(request: shapes_requests.AskRequest) -> Request:
    """What is asked, about any id of a subject."""
    return Request(
        of=identity_from(request.of, "of"),
        wanted=request.wanted,
        by_us=instant_from(request.by, "by"),
        words=request.words,
    )


def reply_from(request: shapes_requests.ReplyRequest, of: bytes) -> Reply:
    """Our word on the request `of`."""
    minutes = request.standby_minutes
    return Reply(
        of=of,
        decision=request.decision,
        role=request.role,
        reason=request.reason,
        standby_us=None if minutes is None else minutes * _MINUTE_US,
        words=request.words,
    )


def report_from(request: shapes_reports.ReportRequest, of: bytes) -> HazardReport:
    """What is reported on the hazard `of`."""
    return HazardReport(
        of=of,
        stance=request.stance,
        source=request.source,
        confidence=request.confidence,
        volumes=_volumes(request.volumes),
    )


def _party(name: str, roster: Roster, field: str) -> str:
    matches = [origin for origin in roster.peers if name in (origin, party_name(origin))]
    if len(matches) == 1:
        return matches[0]
    shown = repr(name[:60])
    if matches:
        reason, what_to_do = f"{shown} may be {len(matches)} parties", "use the whole origin"
        code = "ambiguous_party"
    else:
        reason, what_to_do = f"{shown} is not enrolled", "enrol it first"
        code = "unknown_party"
    raise Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field=field))


def _volumes(given: Sequence[shapes.Volume]) -> tuple[Volume4D, ...]:
    found: list[Volume4D] = []
    for index, volume in enumerate(given):
        with _at(f"volumes[{index}]"):
            found.append(_volume(volume))
    return tuple(found)


def _volume(given: shapes.Volume) -> Volume4D:
    footprint = _footprint(given.footprint)
    window = Window(
        start_us=instant_from(given.start, "start"), end_us=instant_from(given.end, "end")
    )
    stated = Uncertainty(
        lateral_mm=_scaled(given.uncertainty_lateral_m, _MILLI, "up", "uncertainty_lateral_m"),
        vertical_mm=_scaled(given.uncertainty_vertical_m, _MILLI, "up", "uncertainty_vertical_m"),
        time_us=_scaled(given.uncertainty_time_s, _MICRO, "up", "uncertainty_time_s"),
    )
    over = given.datum if given.upper_datum is None else given.upper_datum
    lower, upper = _limits((given.lower_m, given.datum), (given.upper_m, over), "datum")
    if lower.datum is upper.datum is HeightDatum.WGS84:
        if given.reference is not None:
            reason = "heights above the ellipsoid need no reference"
            raise BadField(reason, code="unexpected_field", field="reference")
        return Volume4D(
            footprint=footprint,
            heights=HeightBand(lower_mm=lower.height_mm, upper_mm=upper.height_mm),
            window=window,
            uncertainty=stated,
            given=None if given.given is None else _given(given.given),
        )
    if given.given is not None:
        reason = "`given` belongs to heights that are above wgs84 already"
        raise BadField(reason, code="unexpected_field", field="given")
    with _at("footprint"):
        check(footprint)
    with _at("reference"):
        needed = _heights(lower, upper, given.reference or HeightReference())
    with _at("datum"):
        return with_heights(footprint, needed, window, stated)


def _given(said: GivenHeights) -> Heights:
    """What a view said that was given, read back."""
    with _at("given"):
        ends = ((said.lower_m, said.lower_datum), (said.upper_m, said.upper_datum))
        return _heights(*_limits(*ends, "lower_datum"), said.reference)


def _limits(
    lower: tuple[float, str], upper: tuple[float, str], lower_datum: str
) -> tuple[HeightLimit, HeightLimit]:
    """Both ends, each above its datum, rounded outward; `lower_datum` names the lower one's."""
    return (
        _limit(lower[0], "down", "lower_m", lower[1], lower_datum),
        _limit(upper[0], "up", "upper_m", upper[1], "upper_datum"),
    )


def _limit(height_m: float, rounding: str, field: str, word: str, at: str) -> HeightLimit:
    datum = _datum(word, at)
    height_mm = _scaled(height_m, _MILLI, rounding, field)
    with _at(field):
        return HeightLimit(datum=datum, height_mm=height_mm)


def _datum(word: str, field: str) -> HeightDatum:
    try:
        return HeightDatum(word)
    except ValueError as error:
        reason = f"heights above {word[:40]!r} cannot be converted"
        raise BadField(reason, code="datum_not_convertible", field=field) from error


def _heights(lower: HeightLimit, upper: HeightLimit, reference: HeightReference) -> Heights:
    return Heights(
        lower=lower,
        upper=upper,
        qnh=_qnh(reference),
        isa_deviation_c=reference.isa_deviation_c,
        terrain=_terrain(reference),
    )


def _qnh(reference: HeightReference) -> Qnh | None:
    hpa, at = reference.qnh_hpa, reference.qnh_at
    if hpa is None and at is None:
        return None
    if hpa is None or at is None:
        reason = "a QNH is a pressure and the time of it"
        raise BadField(reason, code="missing_field", field="qnh_at" if at is None else "qnh_hpa")
    pascal = _scaled(hpa, _HECTO, "nearest", "qnh_hpa")
    return Qnh(pressure_pa=pascal, at_us=instant_from(at, "qnh_at"))


def _terrain(reference: HeightReference) -> Terrain | None:
    low_m, high_m = reference.terrain_lower_m, reference.terrain_upper_m
    if low_m is None and high_m is None:
        return None
    if low_m is None or high_m is None:
        reason = "terrain is the lowest and the highest ground of the area"
        missing = "terrain_lower_m" if low_m is None else "terrain_upper_m"
        raise BadField(reason, code="missing_field", field=missing)
    return Terrain(
        datum=_datum(reference.terrain_datum, "terrain_datum"),
        lower_mm=_scaled(low_m, _MILLI, "down", "terrain_lower_m"),
        upper_mm=_scaled(high_m, _MILLI, "up", "terrain_upper_m"),
    )


def _footprint(given: shapes.Footprint) -> Footprint:
    at = "footprint"
    found: Footprint
    match given:
        case shapes.Footprint(
            polygon=list() as ring, centre=None, radius_m=None, line=None, half_width_m=None
        ):
            inner = enumerate(given.holes or ())
            found = Polygon(
                vertices=_positions(ring, f"{at}.polygon"),
                holes=tuple(_positions(hole, f"{at}.holes[{j}]") for j, hole in inner),
            )
        case shapes.Footprint(
            polygon=None,
            centre=tuple() as centre,
            radius_m=float() | int() as radius_m,
            line=None,
            half_width_m=None,
            holes=None,
        ):
            radius_mm = _scaled(radius_m, _MILLI, "up", f"{at}.radius_m")
            found = Circle(centre=_position(centre, f"{at}.centre"), radius_mm=radius_mm)
        case shapes.Footprint(
            polygon=None,
            centre=None,
            radius_m=None,
            line=list() as line,
            half_width_m=float() | int() as half_m,
            holes=None,
        ):
            half_mm = _scaled(half_m, _MILLI, "up", f"{at}.half_width_m")
            found = Corridor(vertices=_positions(line, f"{at}.line"), half_width_mm=half_mm)
        case _:
            reason = (
                "a footprint is a polygon, a centre with a radius_m, or a line with a half_width_m"
            )
            raise BadField(reason, code="bad_footprint", field=at)
    return found


def _positions(points: list[tuple[float, float]], field: str) -> tuple[Position, ...]:
    return tuple(_position(point, f"{field}[{index}]") for index, point in enumerate(points))


def _position(point: tuple[float, float], field: str) -> Position:
    if not all(-_TURN_DEG <= angle <= _TURN_DEG for angle in point):  # false for NaN too
        raise BadField("an angle is -360 to 360 degrees", code="bad_angle", field=field)
    with _at(field):
        return Position(lat_e7=e7_from_degrees(point[0]), lon_e7=e7_from_degrees(point[1]))


def _key_fields(given: shapes.KeyFields) -> KeyFields:
    """What a person repeated, to the nearest: it is compared, not flown."""
    with _at("read_back"):
        points = enumerate(given.points)
        return KeyFields(
            start_us=instant_from(given.start, "start"),
            end_us=instant_from(given.end, "end"),
            points=tuple(_position(point, f"points[{index}]") for index, point in points),
            lower_mm=_scaled(given.lower_m, _MILLI, "nearest", "lower_m"),
            upper_mm=_scaled(given.upper_m, _MILLI, "nearest", "upper_m"),
        )


def _basis(given: shapes.HazardBasis) -> HazardBasis:
    with _at("basis"):
        return HazardBasis(
            source=given.source,
            confidence=given.confidence,
            expires_us=instant_from(given.expires, "expires"),
        )


def _optional_id(text: str | None, field: str) -> bytes | None:
    return None if text is None else identity_from(text, field)


def instant_from(text: str, field: str) -> int:
    """An instant of a field, in microseconds of UTC."""
    with _at(field):
        return instant_us(text)


def _instant_or(text: str | None, default_us: int, field: str) -> int:
    return default_us if text is None else instant_from(text, field)


_ROUNDINGS = {"down": ROUND_FLOOR, "up": ROUND_CEILING, "nearest": ROUND_HALF_EVEN}
_INTEGER_MAX = 2**53  # beyond it a float no longer tells neighbours apart


def _scaled(value: float, decimals: int, rounding: str, field: str) -> int:
    """A float as an integer of `decimals` more digits, by the decimal that a person wrote."""
    if not -_INTEGER_MAX < value < _INTEGER_MAX:  # false for NaN too
        raise BadField("a number this large is a unit error", code="bad_number", field=field)
    exact = Decimal(repr(value)).scaleb(decimals)
    return int(exact.to_integral_value(rounding=_ROUNDINGS[rounding]))


@contextmanager
def _at(field: str) -> Iterator[None]:
    """Name the field in whatever is wrong inside."""
    try:
        yield
    except BadField as fault:
        place = f"{field}.{fault.field}"
        raise BadField(fault.reason, code=fault.code, field=place) from fault
    except Malformed as fault:
        raise BadField(fault.reason, code=fault.code, field=field) from fault

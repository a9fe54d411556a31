"""What this node holds that can be said by voice: notices as each side knows them, what was asked.

A notice of ours is said as each recipient was told it, never finer. Called by `hotline voice` and
`hotline card`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.cli.node import Node, shaped
from comity.hotline.phrases import phrasebook
from comity.hotline.voice import notice_said, read_back_said, short_id
from comity.hotline.voice_message import coded_answer_said, coded_said
from comity.model.fault import Malformed
from comity.model.message import Message, MessageAnswer, ReadBack
from comity.model.quantity import SECOND_US, Position, e7_from_degrees, instant_us, seconds
from comity.model.voice import (
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
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
from comity.web.api import shapes
from comity.web.api.message_values import values_from
from comity.web.api.shapes_agreements import ToldView
from comity.web.api.shapes_messages import MessageAnswerView, MessageView
from comity.web.api.shapes_requests import RequestView

__all__ = [
    "HeldNotice",
    "Holdings",
    "holdings",
    "message_answer_said",
    "message_said",
    "reply_said",
    "request_said",
    "versions",
]

_MM = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldNotice:
    """One form of a notice, as `parties` (origins) know it.

    It is named by its declaration, which both sides hold when one has not heard what came after.
    """

    view: shapes.NoticeView
    declared_as: str
    parties: tuple[str, ...]
    volumes: tuple[Volume4D, ...]

    @property
    def said(self) -> VoiceNotice:
        """As it is said."""
        return notice_said(self.view.code, short_id(self.declared_as), self.volumes)

    @property
    def unsaid(self) -> tuple[str, ...]:
        """What of the volumes the groups do not carry, in words."""
        found = []
        if len(self.volumes) > 1:
            found.append(f"each of the {len(self.volumes)} volumes' own area, heights and times")
        for at, volume in enumerate(self.volumes, start=1):
            found += _beyond(at, volume.footprint)
            may = volume.uncertainty
            if may != Uncertainty():
                found.append(
                    f"volume {at} may be off by {may.lateral_mm / _MM:g} m, in height by "
                    f"{may.vertical_mm / _MM:g} m, in time by {seconds(may.time_us):g} s"
                )
        return tuple(found)

    @property
    def read_back(self) -> VoiceReadBack:
        """As it is read back."""
        return read_back_said(short_id(self.declared_as), self.volumes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All notices, requests and messages of a node, and its own origin."""

    own: str
    notices: tuple[shapes.NoticeView, ...]
    requests: tuple[RequestView, ...]
    messages: tuple[MessageView, ...]


def holdings(node: Node, own: str) -> Holdings:
    """Ask the node for all of them."""
    return Holdings(
        own=own,
        notices=tuple(shaped(node.items("notices"), list[shapes.NoticeView])),
        requests=tuple(shaped(node.items("requests"), list[RequestView])),
        messages=tuple(shaped(node.items("messages"), list[MessageView])),
    )


def versions(node: Node, view: shapes.NoticeView, own: str) -> list[HeldNotice]:
    """The forms of a notice: one of another's, and of ours one for each thing that was told."""
    if view.owner != own:
        return [
            HeldNotice(
                view=view,
                declared_as=view.id,
                parties=(view.owner,),
                volumes=_volumes(view.volumes),
            )
        ]
    found: dict[tuple[str, tuple[Volume4D, ...]], HeldNotice] = {}
    for told in shaped(node.items(f"notices/{view.id}/told"), list[ToldView]):
        key = (told.id or view.id, _volumes(told.volumes))
        others = found[key].parties if key in found else ()
        found[key] = HeldNotice(
            view=view, declared_as=key[0], parties=(*others, told.to), volumes=key[1]
        )
    return list(found.values())


def request_said(view: RequestView) -> VoiceRequest:
    """A request as it is said."""
    return VoiceRequest(
        id=short_id(view.id), of=short_id(view.of), wanted=view.wanted, by_us=instant_us(view.by)
    )


def reply_said(view: RequestView) -> VoiceReply | None:
    """The newest reply to a request, as it is said; None while there is none."""
    if not view.replies:
        return None
    newest = view.replies[-1]
    return VoiceReply(
        of=short_id(view.id),
        decision=newest.decision,
        reason=newest.reason,
        standby_minutes=newest.standby_minutes,
    )


def message_said(view: MessageView) -> VoiceCoded:
    """A message as it is said."""
    due_us = None if view.due is None else instant_us(view.due)
    message = Message(
        code=view.code,
        role=view.role,
        values=values_from(phrasebook().phrase(view.code), view.values),
        about=None if view.about is None else bytes.fromhex(view.about),
    )
    return coded_said(bytes.fromhex(view.id), message, due_us)


def message_answer_said(view: MessageView, newest: MessageAnswerView) -> VoiceCodedAnswer:
    """An answer to a message, as it is said."""
    book, of = phrasebook(), bytes.fromhex(view.id)
    heard = None
    if newest.read_back is not None:
        heard = ReadBack(id=of, values=values_from(book.phrase(view.code), newest.read_back))
    answer = MessageAnswer(
        code=newest.code,
        of=of,
        role=newest.role,
        values=values_from(book.phrase(newest.code), newest.values),
        read_back=heard,
    )
    return coded_answer_said(view.code, answer)


def _volumes(views: Sequence[shapes.Volume]) -> tuple[Volume4D, ...]:
    """Volumes as the integers that the node made degrees and metres of."""
    return tuple(
        Volume4D(
            footprint=_footprint(view.footprint),
            heights=HeightBand(
                lower_mm=round(view.lower_m * _MM), upper_mm=round(view.upper_m * _MM)
            ),
            window=Window(start_us=instant_us(view.start), end_us=instant_us(view.end)),
            uncertainty=Uncertainty(
                lateral_mm=round(view.uncertainty_lateral_m * _MM),
                vertical_mm=round(view.uncertainty_vertical_m * _MM),
                time_us=round(view.uncertainty_time_s * SECOND_US),
            ),
        )
        for view in views
    )


def _beyond(at: int, place: Footprint) -> list[str]:
    """What of an area has no groups, in words."""
    if isinstance(place, Corridor):
        width = f"half-width {place.half_width_mm / _MM:g} m"
        return [f"volume {at} is a corridor along {len(place.vertices)} points, {width}"]
    holes = len(place.holes) if isinstance(place, Polygon) else 0
    return [f"volume {at} is without {holes} holes in it"] if holes else []


def _footprint(view: shapes.Footprint) -> Footprint:
    if view.polygon is not None:
        return Polygon(
            vertices=_positions(view.polygon), holes=tuple(map(_positions, view.holes or ()))
        )
    if view.line is not None and view.half_width_m is not None:
        width_mm = round(view.half_width_m * _MM)
        return Corridor(vertices=_positions(view.line), half_width_mm=width_mm)
    if view.centre is None or view.radius_m is None:
        raise Malformed("the node answers with an area that is none", code="bad_answer")
    return Circle(centre=_position(view.centre), radius_mm=round(view.radius_m * _MM))


def _positions(points: Sequence[tuple[float, float]]) -> tuple[Position, ...]:
    return tuple(_position(point) for point in points)


def _position(point: tuple[float, float]) -> Position:
    return Position(lat_e7=e7_from_degrees(point[0]), lon_e7=e7_from_degrees(point[1]))

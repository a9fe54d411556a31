"""From a step's `with` to the JSON body that a node takes: times worked out, places looked up.

Pure. What is not said is left out, so that a node's own defaults and refusals apply. Local keys
(`id`, `of`, `prompted_by`, `claims`) never leave here but as the ids that `perform` puts in.
Called by perform.
"""

from collections.abc import Mapping
from math import cos, radians

from comity.exercise.answers import KeyFields
from comity.exercise.moment import Moments
from comity.exercise.scenario import Place
from comity.exercise.verbs import (
    ANSWERS,
    MOVES,
    Answer,
    Area,
    Ask,
    Attest,
    Call,
    Declare,
    Heard,
    Move,
    Reply,
    Report,
    Say,
    Value,
    Volume,
)
from comity.model.quantity import SECOND_US, instant_text, instant_us
from comity.wire.canonical import Json

__all__ = ["Bodies", "key_fields_body"]

_PLACE = "where"  # what every code of the phrasebook calls its place

_NEAR_POLE = 0.01
_METRES_PER_DEGREE = 111_320.0  # of latitude; good enough for a mistake made on purpose


class Bodies:
    """Makes the bodies of one variant, whose names of times and places it knows."""

    def __init__(self, moments: Moments, places: Mapping[str, Place]) -> None:
        """Take what the texts in `with` lean on."""
        self._moments = moments
        self._places = places

    def declaration(self, details: Declare, prompted_by: str | None) -> dict[str, Json]:
        """NoticeRequest."""
        body: dict[str, Json] = {
            "kind": details.kind,
            "to": list(details.to),
            "volumes": [
                self._volume(volume, without_offset=details.without_offset)
                for volume in details.volumes
            ],
            "purpose": details.purpose,
            "domain": details.domain,
            "craft": details.craft,
            "onward": details.onward,
            "name": details.name,
            "clear_needs_s": details.clear_needs_s,
            "prompted_by": prompted_by,
            "area_in_words": details.area_in_words,
        }
        if details.basis:
            body["basis"] = {
                "source": details.basis.source,
                "confidence": details.basis.confidence,
                "expires": self._time(details.basis.expires),
            }
        return _said(body)

    def move(self, verb: str, details: Move) -> dict[str, Json]:
        """TransitionRequest."""
        body: dict[str, Json] = {
            "move": MOVES[verb],
            "at": self._time(details.at) if details.at is not None else None,
            "volumes": [self._volume(volume) for volume in details.volumes] or None,
        }
        return _said(body)

    def answer(self, verb: str, details: Answer, to_repeat: KeyFields | None) -> dict[str, Json]:
        """AnswerRequest; `to_repeat` is what the receiver's node says should be read back."""
        body: dict[str, Json] = {
            "step": ANSWERS[verb],
            "role": details.role,
            "reason": details.reason,
        }
        if to_repeat is not None:
            body["read_back"] = key_fields_body(to_repeat, details.mistake_m, details.mistake_s)
        return _said(body)

    def attestation(self, details: Attest) -> dict[str, Json]:
        """AttestationRequest."""
        return {"units": [{"unit": unit.unit, "state": unit.state} for unit in details.units]}

    def request(self, details: Ask, of: str) -> dict[str, Json]:
        """AskRequest; `of` is the id that the node knows."""
        return {
            "of": of,
            "to": details.to,
            "wanted": details.wanted,
            "by": self._time(details.by),
            "words": details.words,
        }

    def reply(self, details: Reply) -> dict[str, Json]:
        """ReplyRequest."""
        body: dict[str, Json] = {
            "decision": details.decision,
            "role": details.role,
            "reason": details.reason,
            "standby_minutes": details.standby_minutes,
            "words": details.words,
        }
        return _said(body)

    def report(self, details: Report) -> dict[str, Json]:
        """ReportRequest."""
        return {
            "stance": details.stance,
            "source": details.source,
            "confidence": details.confidence,
            "to": list(details.to),
            "volumes": [self._volume(volume) for volume in details.volumes],
        }

    def call(self, details: Call) -> dict[str, Json]:
        """CallRequest; `other` is the party's name."""
        body: dict[str, Json] = {
            "other": details.other,
            "account_of": details.account_of,
            "words": details.words,
            "received": self._time(details.received) if details.received is not None else None,
            "start": self._time(details.start) if details.start is not None else None,
            "area_stated": details.area_stated,
        }
        return _said(body)

    def message(self, details: Say, about: str | None) -> dict[str, Json]:
        """MessageRequest."""
        times = {name: self._time(text) for name, text in details.times.items()}
        body: dict[str, Json] = {
            "code": details.code,
            "to": details.to,
            "role": details.role,
            "values": {**_values(details.values), **times},
            "about": about,
            "language": details.language,
            "words": details.words,
        }
        return _said(body)

    def message_answer(
        self, details: Heard, to_repeat: Mapping[str, Value] | None
    ) -> dict[str, Json]:
        """MessageAnswerRequest; `to_repeat` is what the message says, if it is read back."""
        body: dict[str, Json] = {
            "code": details.code,
            "role": details.role,
            "values": _values(details.values),
            "language": details.language,
            "words": details.words,
        }
        if to_repeat is not None:
            repeated = _values(to_repeat)
            where = to_repeat.get(_PLACE)
            if details.mistake_m is not None and isinstance(where, tuple):
                repeated[_PLACE] = list(_moved(where, details.mistake_m))
            body["read_back"] = repeated
        return body

    def _volume(self, volume: Volume, *, without_offset: bool = False) -> Json:
        start, end = self._time(volume.start), self._time(volume.end)
        return {
            "footprint": self._footprint(volume.footprint),
            "lower_m": volume.lower_m,
            "upper_m": volume.upper_m,
            "start": start.removesuffix("Z") if without_offset else start,
            "end": end.removesuffix("Z") if without_offset else end,
            "uncertainty_lateral_m": volume.uncertainty_lateral_m,
            "uncertainty_vertical_m": volume.uncertainty_vertical_m,
            "uncertainty_time_s": volume.uncertainty_time_s,
        }

    def _footprint(self, area: Area) -> Json:
        if area.polygon is not None:
            return {"polygon": [list(point) for point in area.polygon]}
        centre = self._places[area.place].at if area.place is not None else area.centre
        return {"centre": list(centre or ()), "radius_m": area.radius_m}

    def _time(self, text: str) -> str:
        return instant_text(self._moments.instant_us(text))


def key_fields_body(
    fields: KeyFields, mistake_m: tuple[float, float] | None, mistake_s: float = 0.0
) -> Json:
    """What a person repeats; with a mistake, the first point lies [north, east] metres off.

    With `mistake_s` the times are as many seconds off.
    """
    points: list[Json] = [list(point) for point in fields.points]
    if mistake_m is not None and points:
        points[0] = list(_moved(fields.points[0], mistake_m))
    return {
        "start": _later(fields.start, mistake_s),
        "end": _later(fields.end, mistake_s),
        "points": points,
        "lower_m": fields.lower_m,
        "upper_m": fields.upper_m,
    }


def _moved(point: tuple[float, float], by_m: tuple[float, float]) -> tuple[float, float]:
    """A point [north, east] metres off; degrees of longitude shrink towards the poles."""
    (lat, lon), (north, east) = point, by_m
    per_degree = _METRES_PER_DEGREE * max(cos(radians(lat)), _NEAR_POLE)
    return lat + north / _METRES_PER_DEGREE, lon + east / per_degree


def _later(text: str, by_s: float) -> str:
    return instant_text(instant_us(text) + round(by_s * SECOND_US)) if by_s else text


def _values(values: Mapping[str, Value]) -> dict[str, Json]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _said(body: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in body.items() if value is not None}

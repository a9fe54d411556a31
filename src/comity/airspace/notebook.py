"""Volumes from GeoJSON or shapely, conflicts as something to look at: for notebooks and scripts.

`volume` makes a `Volume4D` of degrees, metres and datetimes and refuses bad geometry by name;
`conflicts` finds all that a candidate meets; each `Conflict` says its numbers in a sentence, gives
GeoJSON, and draws itself where HTML is shown. No node, no file, no clock. Called by users; no desk
needs it.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import ceil, cos, floor, isfinite, radians
from typing import Final, Generic, Protocol, TypeAlias, TypeVar, cast

from comity.airspace.clearance import NO_CLEARANCE, Approach, Clearance
from comity.airspace.explain import Encounter, sentence
from comity.airspace.find import find
from comity.airspace.footprint import check
from comity.airspace.given import instant_of
from comity.airspace.heights import with_heights
from comity.airspace.lonlat import Json
from comity.airspace.overlap import footprint_geometry, overlap_feature
from comity.airspace.rim import rims_of
from comity.airspace.shared import heights_between, window_between
from comity.model.fault import Malformed
from comity.model.given import GivenHeights
from comity.model.quantity import Position, degrees, e7_from_degrees
from comity.model.units import Units, units_from
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

__all__ = ["Area", "Conflict", "HasGeometry", "conflicts", "volume"]

Key = TypeVar("Key", bound=Hashable)

_MM: Final = 1_000
_CORNERS_MIN: Final = 3
_PLACES: Final = 2  # longitude, latitude; a height after them is not a footprint's
_WIDTH, _HEIGHT, _EDGE = 360, 240, 12


class HasGeometry(Protocol):
    """A shapely geometry, or anything else with this interface."""

    @property
    def __geo_interface__(self) -> Mapping[str, object]:
        """GeoJSON as a mapping."""
        ...


Area: TypeAlias = Footprint | HasGeometry | Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(Generic[Key]):
    """Two volumes that meet or come too close; `key` is the other one's."""

    key: Key
    candidate: Volume4D
    other: Volume4D
    clearance: Clearance
    approach: Approach

    def sentence(self, *, units: str = Units.METRIC) -> str:
        """What, where, how close and when, in `metric` or `aeronautical` units; see `explain`.

        Raises:
            Malformed: `unknown_units` for any other word.
        """
        met = Encounter(
            one="the candidate",
            other=str(self.key),
            approach=self.approach,
            asked=self.clearance,
            heights=heights_between(self.candidate, self.other),
            window=window_between(self.candidate, self.other),
        )
        return sentence(met, units_from(units))

    def geojson(self) -> dict[str, Json]:
        """A FeatureCollection (RFC 7946): both footprints, the closest point, and the overlap.

        The overlap, or the line between the two, comes last: see `overlap.overlap_feature`.
        """
        point = self.approach.point
        place: list[Json] = [degrees(point.lon_e7), degrees(point.lat_e7)]
        shapes: list[tuple[str, dict[str, Json]]] = [
            ("candidate", footprint_geometry(self.candidate.footprint)),
            ("other", footprint_geometry(self.other.footprint)),
            ("closest", {"type": "Point", "coordinates": place}),
        ]
        features: list[Json] = [
            {"type": "Feature", "properties": {"role": role}, "geometry": shape}
            for role, shape in shapes
        ]
        features.append(overlap_feature(self.candidate, self.other, self.approach))
        return {"type": "FeatureCollection", "features": features}

    def _repr_html_(self) -> str:
        """Picture and sentence, for notebooks."""
        return f"<figure>{self.svg()}<figcaption>{escape(self.sentence())}</figcaption></figure>"

    def svg(self) -> str:
        """Both footprints from above, north up, and the point of closest approach."""
        areas = [rims_of(each.footprint) for each in (self.candidate, self.other)]
        place = self.approach.point
        middle = (degrees(place.lat_e7), degrees(place.lon_e7))
        flat = cos(radians(middle[0]))
        drawn = [
            [[(_east(lon, middle[1]) * flat, middle[0] - lat) for lat, lon in rim] for rim in rims]
            for rims in areas
        ]
        spots = [spot for rims in drawn for rim in rims for spot in rim]
        reach = max(max(abs(x) / _WIDTH, abs(y) / _HEIGHT) for x, y in spots)
        scale = (0.5 - _EDGE / _HEIGHT) / reach  # above 0: a footprint is more than a point
        shapes = [
            f'<path d="{" ".join(_points(rim, scale) for rim in rims)}" fill="{colour}" '
            f'fill-rule="evenodd" fill-opacity="0.35" stroke="{colour}"/>'
            for rims, colour in zip(drawn, ("#0b5394", "#b45f06"), strict=True)
        ]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}">'
            f"<title>{escape(self.sentence())}</title>{''.join(shapes)}"
            f'<circle cx="{_WIDTH / 2}" cy="{_HEIGHT / 2}" r="3" fill="black"/></svg>'
        )


def volume(
    area: Area,
    *,
    heights_m: tuple[float, float] | None = None,
    heights: GivenHeights | None = None,
    window: tuple[datetime | str, datetime | str],
    radius_m: float | None = None,
    uncertainty: Uncertainty | None = None,
) -> Volume4D:
    """A checked volume. Positions round to 1e-7 degree; heights, radius and times outward.

    Args:
        area: a polygon, or a point or line with `radius_m`: a `Footprint`, a shapely geometry or
            GeoJSON, in degrees of WGS84, longitude first. Edges are great circles.
        heights_m: lower and upper, metres above the WGS84 ellipsoid.
        heights: in their place, what `given_heights` makes: above sea level, above ground or by
            pressure. They are converted, and the uncertainty that this adds is added.
        window: first and last instant, datetimes with a zone or RFC 3339 texts.
        radius_m: of a point's circle, or half the width of a line's corridor, along geodesics.
        uncertainty: how far the stated volume may be from the true one.

    Raises:
        Malformed: by name, as `footprint.check` and the nouns of `model.volume`; `bad_footprint`
            for what is no polygon, point or line, `bad_time` for a datetime without a zone,
            `bad_height` for heights given in both ways or in none; as `heights.converted`.
    """
    footprint = area if isinstance(area, Footprint) else _footprint(area, radius_m)
    check(footprint)
    span = Window(start_us=instant_of(window[0]), end_us=instant_of(window[1]))
    spread = uncertainty or Uncertainty()
    if heights is not None and heights_m is None:
        return with_heights(footprint, heights, span, spread)
    if heights_m is None or heights is not None:
        raise Malformed("give heights_m or heights, one of them", code="bad_height")
    band = HeightBand(
        lower_mm=floor(_finite(heights_m[0]) * _MM), upper_mm=ceil(_finite(heights_m[1]) * _MM)
    )
    return Volume4D(footprint=footprint, heights=band, window=span, uncertainty=spread)


def conflicts(
    candidate: Volume4D,
    others: Mapping[Key, Volume4D],
    clearance: Clearance = NO_CLEARANCE,
) -> tuple[Conflict[Key], ...]:
    """All of the others that meet the candidate or come within the clearance; see `find.find`."""
    return tuple(
        Conflict(
            key=found.key,
            candidate=candidate,
            other=others[found.key],
            clearance=clearance,
            approach=found.approach,
        )
        for found in find(candidate, others.items(), lambda _: clearance)
    )


def _footprint(area: HasGeometry | Mapping[str, object], radius_m: float | None) -> Footprint:
    given = area if isinstance(area, Mapping) else area.__geo_interface__
    if given.get("type") == "Feature" and isinstance(given.get("geometry"), Mapping):
        given = cast("Mapping[str, object]", given["geometry"])
    kind, coordinates = given.get("type"), given.get("coordinates")
    if kind in {"Point", "LineString"} and radius_m is not None:
        radius_mm = ceil(_finite(radius_m) * _MM)
        if kind == "Point":
            return Circle(centre=_position(coordinates), radius_mm=radius_mm)
        line = tuple(_position(place) for place in _sequence(coordinates))
        return Corridor(vertices=line, half_width_mm=radius_mm)
    if kind != "Polygon" or radius_m is not None:
        text = "an area is a polygon, or a point or line with a radius"
        raise Malformed(text, code="bad_footprint")
    rings = [_ring(ring) for ring in _sequence(coordinates)]
    if not rings:
        raise Malformed("a polygon has a ring", code="bad_footprint")
    return Polygon(vertices=rings[0], holes=tuple(rings[1:]))


def _ring(given: object) -> tuple[Position, ...]:
    places = tuple(_vertex(number, place) for number, place in enumerate(_sequence(given)))
    closed = len(places) > _CORNERS_MIN and places[0] == places[-1]  # as GeoJSON demands
    return places[:-1] if closed else places


def _sequence(given: object) -> Sequence[object]:
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise Malformed("coordinates are lists of numbers", code="bad_footprint")
    return given


def _vertex(number: int, given: object) -> Position:
    """A place of a ring, blamed by its number, counted from 0."""
    try:
        return _position(given)
    except Malformed as error:
        raise Malformed(f"vertex {number}: {error.reason}", code=error.code) from error


def _position(given: object) -> Position:
    """Longitude first, as in GeoJSON."""
    place = _sequence(given)
    if len(place) != _PLACES:
        raise Malformed("a place is longitude and latitude", code="bad_footprint")
    lon, lat = (_finite(each) for each in place)
    return Position(lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees(lon))


def _finite(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
        raise Malformed("a number is wanted, and a finite one", code="bad_footprint")
    return float(given)


def _east(lon: float, middle: float) -> float:
    """Degrees east of the middle, the shorter way."""
    return (lon - middle + 180.0) % 360.0 - 180.0


def _points(rim: Sequence[tuple[float, float]], scale: float) -> str:
    spots = (f"{_WIDTH / 2 + x * scale:.1f},{_HEIGHT / 2 + y * scale:.1f}" for x, y in rim)
    return f"M{' '.join(spots)}Z"

"""An area that a person keeps in a file: GeoJSON (RFC 7946) as the footprint of a request.

Only what has one meaning here is taken: one Polygon, with or without holes, or one LineString, in
degrees of WGS84, longitude first. The node checks the geometry. Called by `area`.
"""

from pathlib import Path
from typing import Final

from comity.cli.files import read_file
from comity.model.fault import Malformed
from comity.web.api.shapes import Footprint
from comity.wire.canonical import Json, loads
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["area_from"]

Places = list[tuple[float, float]]

_CORNERS_MIN: Final = 3
_AXES: Final = 2


def area_from(path: Path) -> Footprint:
    """The footprint, a line's without its half-width; Malformed for anything else than one area."""
    given = loads(read_file(path, size_max=BODY_BYTES_MAX), bytes_max=BODY_BYTES_MAX)
    geometry = _geometry(given)
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "LineString":
        return Footprint(line=_places(coordinates))
    if kind != "Polygon":
        raise Malformed(f"{str(kind)[:40]} is no Polygon and no LineString", code="bad_footprint")
    rings = [_opened(_places(ring)) for ring in _list(coordinates)]
    if not rings:
        raise Malformed("a Polygon has a ring", code="bad_footprint")
    return Footprint(polygon=rings[0], holes=rings[1:] or None)


def _geometry(given: Json) -> dict[str, Json]:
    """The one geometry of a Feature or of a collection of one, or what is given."""
    if not isinstance(given, dict):
        raise Malformed("GeoJSON is an object with a type", code="bad_footprint")
    if "crs" in given:
        text = "it names a reference system; GeoJSON is in WGS84 (RFC 7946)"
        raise Malformed(text, code="bad_footprint")
    if given.get("type") == "FeatureCollection":
        features = _list(given.get("features"))
        if len(features) != 1:
            text = f"it has {len(features)} features; give one area"
            raise Malformed(text, code="bad_footprint")
        return _geometry(features[0])
    if given.get("type") == "Feature":
        return _geometry(given.get("geometry"))
    return given


def _places(given: Json) -> Places:
    return [_place(each) for each in _list(given)]


def _place(given: Json) -> tuple[float, float]:
    """Latitude and longitude of a GeoJSON position, which has longitude first."""
    numbers = [each for each in _list(given) if isinstance(each, int | float)]
    if len(numbers) != _AXES or any(isinstance(each, bool) for each in numbers):
        text = "a place is longitude and latitude; heights go into --heights"
        raise Malformed(text, code="bad_footprint")
    return float(numbers[1]), float(numbers[0])


def _opened(ring: Places) -> Places:
    """Without the last place where it is the first one again, as GeoJSON demands."""
    return ring[:-1] if len(ring) > _CORNERS_MIN and ring[0] == ring[-1] else ring


def _list(given: Json) -> list[Json]:
    if not isinstance(given, list):
        raise Malformed("coordinates are lists of numbers", code="bad_footprint")
    return given

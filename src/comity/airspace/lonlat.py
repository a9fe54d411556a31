"""Areas and lines as GeoJSON geometries (RFC 7946): longitude first, straight on the map.

A reader joins positions by straight lines in longitude and latitude. So great circles get further
vertices until such a line is within 0.25 m of them; what goes over the antimeridian is cut there
(section 3.1.9); what holds a pole runs along the map's upper or lower rim; outer rings go
counterclockwise, holes clockwise (3.1.6). Positions are rounded to 1e-8 degree. Called by
`overlap`.
"""

from collections.abc import Callable
from math import ceil, floor, pi, radians
from typing import Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from comity.airspace.earth import RADIUS_MAX_M, Floats
from comity.airspace.gnomonic import Gnomonic
from comity.model.fault import Malformed

__all__ = ["Json", "geometry_of_area", "geometry_of_line"]

Json: TypeAlias = "str | float | int | bool | list[Json] | dict[str, Json] | None"
Spot: TypeAlias = tuple[float, float]

_STRAIGHT_M: Final = 0.25  # of a map's line from the great circle
_STEP_RAD: Final = radians(0.5)  # no piece is longer: then its middle is where it is worst
_AT_POLE_M: Final = 0.25  # so near to a pole a vertex is the pole
_ROUNDS_MAX: Final = 48  # a half turn halved so often is a thousandth of a millimetre
_GRID_DEG: Final = 1e-8  # 1.1 mm: snapping moves a vertex by up to two steps
_PLACES: Final = 8
_VERTICES_MAX: Final = 200_000  # of one ring: some 5 MB of text
_TURN, _HALF, _POLE = 360.0, 180.0, 90.0
_SLIVER: Final = 1e-13  # square degrees: a square of 3 cm


def geometry_of_area(area: BaseGeometry, plane: Gnomonic) -> dict[str, Json] | None:
    """The polygons of a shape on a plane as a Polygon or MultiPolygon; None if there are none.

    Raises:
        Malformed: `too_intricate`, for a ring that would get more than 200,000 vertices.
    """
    shapes = [each for each in _parts(area) if isinstance(each, shapely.Polygon)]
    found: list[BaseGeometry] = []
    for shape in shapes:
        drawn = _on_map(shape.exterior, plane)
        for hole in shape.interiors:
            drawn = drawn.difference(_on_map(hole, plane))
        found.append(drawn)
    snapped = shapely.set_precision(shapely.union_all(found), _GRID_DEG)  # still valid after it
    pieces = [each for each in _parts(snapped) if _is_area(each)]
    rings = [[_rounded(ring) for ring in _right_handed(each)] for each in pieces]
    if not rings:
        return None
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": list(rings[0])}
    return {"type": "MultiPolygon", "coordinates": [list(each) for each in rings]}


def geometry_of_line(normals: Floats) -> dict[str, Json]:
    """Great circles through unit normals (n, 3) as a LineString or MultiLineString."""
    path = _path(*_degrees(_fine(normals)), lambda step, _: _shorter(step))
    lines = [
        piece
        for piece in _parts(_cut(shapely.LineString(path)))
        if isinstance(piece, shapely.LineString)
    ]
    rounded = [_rounded(shapely.get_coordinates(line)) for line in lines]
    drawn: list[Json] = [line for line in rounded if len(line) > 1]  # none that ends at the cut
    if len(drawn) == 1:
        return {"type": "LineString", "coordinates": drawn[0]}
    return {"type": "MultiLineString", "coordinates": drawn}


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_parts(shape).tolist())


def _is_area(shape: BaseGeometry) -> bool:
    return isinstance(shape, shapely.Polygon) and shape.area > _SLIVER


def _right_handed(polygon: BaseGeometry) -> list[Floats]:
    """The outer ring counterclockwise, then the holes clockwise."""
    if not isinstance(polygon, shapely.Polygon):
        return []
    turned = shapely.geometry.polygon.orient(polygon)
    return [shapely.get_coordinates(ring) for ring in (turned.exterior, *turned.interiors)]


def _rounded(places: Floats) -> list[Json]:
    """Positions to the grid, none twice in a row."""
    found: list[Json] = []
    for lon, lat in np.round(places, _PLACES).tolist():
        if not found or found[-1] != [lon, lat]:
            found.append([lon, lat])
    return found


def _on_map(ring: shapely.LinearRing, plane: Gnomonic) -> BaseGeometry:
    """The inside of a ring of a plane, between -180 and 180 degrees."""
    corners = shapely.get_coordinates(ring)
    if not shapely.is_ccw(ring):
        corners = corners[::-1]
    path = _ring_path(*_degrees(_fine(plane.lift_all(corners))))
    if len(path) < 3:  # noqa: PLR2004 - nothing but a pole
        return shapely.Polygon()
    return _cut(shapely.make_valid(shapely.Polygon(path)))


def _cut(shape: BaseGeometry) -> BaseGeometry:
    """A shape of any longitudes, cut at the antimeridian and brought back into the map."""
    west, _, east, _ = shape.bounds
    first, last = floor((west + _HALF) / _TURN), ceil((east - _HALF) / _TURN)
    pieces = []
    for turn in range(first, max(first, last) + 1):
        shift = turn * _TURN
        frame = shapely.box(shift - _HALF, -_POLE, shift + _HALF, _POLE)
        pieces.append(shapely.transform(shape.intersection(frame), _shifted(shift)))
    return shapely.union_all(pieces)


def _shifted(shift: float) -> Callable[[Floats], Floats]:
    return lambda places: places - np.array((shift, 0.0))


def _fine(normals: Floats) -> Floats:
    """More vertices on great circles, until straight lines of the map will do."""
    line = _crossed(normals)
    for _ in range(_ROUNDS_MAX):
        start, end = line[:-1], line[1:]
        middle = start + end
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        apart = np.linalg.norm(end - start, axis=1)
        off_m = np.linalg.norm(middle - _map_middle(start, end), axis=1) * RADIUS_MAX_M
        at_pole = _is_pole(start) & _is_pole(end)
        where = np.flatnonzero(((apart > _STEP_RAD) | (off_m > _STRAIGHT_M)) & ~at_pole)
        if len(where) == 0:
            break
        line = np.insert(line, where + 1, middle[where], axis=0)
        if len(line) > _VERTICES_MAX:
            raise Malformed("so long a rim is not drawn", code="too_intricate")
    return line


def _crossed(normals: Floats) -> Floats:
    """A vertex wherever an edge crosses the antimeridian."""
    start, end = normals[:-1], normals[1:]
    weight = np.abs(start[:, 1:2]), np.abs(end[:, 1:2])
    at = start * weight[1] + end * weight[0]
    at[:, 1] = 0.0
    length = np.linalg.norm(at, axis=1)
    across = (start[:, 1] * end[:, 1] < 0) & (at[:, 0] < 0) & (length > 0)
    where = np.flatnonzero(across)
    return np.insert(normals, where + 1, at[where] / length[where, None], axis=0)


def _map_middle(start: Floats, end: Floats) -> Floats:
    """The normals half-way on the map's straight lines."""
    (lat, lon), (lat_end, lon_end) = _angles(start), _angles(end)
    lon = np.where(_is_pole(start), lon_end, lon)
    lon_end = np.where(_is_pole(end), lon, lon_end)
    step = (lon_end - lon + pi) % (2 * pi) - pi
    lat, lon = (lat + lat_end) / 2, lon + step / 2
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def _angles(normals: Floats) -> tuple[Floats, Floats]:
    flat = np.hypot(normals[:, 0], normals[:, 1])
    return np.arctan2(normals[:, 2], flat), np.arctan2(normals[:, 1], normals[:, 0])


def _is_pole(normals: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.hypot(normals[:, 0], normals[:, 1]) * RADIUS_MAX_M < _AT_POLE_M)


def _degrees(normals: Floats) -> tuple[list[float], list[float], list[bool]]:
    """Latitudes, longitudes, and which of them are poles, where a longitude means nothing."""
    lats, lons = (np.degrees(each).tolist() for each in _angles(normals))
    return lats, lons, _is_pole(normals).tolist()


def _ring_path(lats: list[float], lons: list[float], poles: list[bool]) -> list[Spot]:
    """A closed ring that runs counterclockwise, as `_path`; one that goes around a pole holds it.

    So along the upper rim of the map it goes west, along the lower one east.
    """
    lats, lons, poles = lats[:-1], lons[:-1], poles[:-1]
    first = _first(lons, poles)
    lats, lons = (each[first:] + each[: first + 1] for each in (lats, lons))
    path = _path(lats, lons, poles[first:] + poles[: first + 1], _along_rim)
    if path and abs(path[-1][0] - path[0][0]) > _HALF:
        rim = _POLE if path[-1][0] > path[0][0] else -_POLE
        path += [(path[-1][0], rim), (path[0][0], rim)]
    return path


def _path(
    lats: list[float], lons: list[float], poles: list[bool], turn: Callable[[float, float], float]
) -> list[Spot]:
    """Longitude and latitude in degrees, longitudes running on past 180; `turn` at a pole."""
    path: list[Spot] = []
    east, pole = 0.0, 0.0
    for lat, lon, at_pole in zip(lats, lons, poles, strict=True):
        if at_pole:
            pole = _POLE if lat > 0 else -_POLE
            continue
        if not path:
            east = lon
        elif not pole:
            east = _same(lon, east + _shorter(lon - east))
        else:
            path.append((east, pole))
            east = _same(lon, east + turn(lon - east, pole))
        path += [(east, pole), (east, lat)] if pole else [(east, lat)]
        pole = 0.0
    return [*path, (east, pole)] if pole else path


def _first(lons: list[float], poles: list[bool]) -> int:
    """Where to begin: on the antimeridian, where a seam does no harm; never at a pole."""
    on_seam = (at for at, lon in enumerate(lons) if abs(lon) == _HALF and not poles[at])
    elsewhere = (at for at, pole in enumerate(poles) if not pole)
    return next(on_seam, next(elsewhere, 0))


def _same(lon: float, east: float) -> float:
    """The longitude itself, so many turns on, without the rounding of all the steps before."""
    return lon + _TURN * round((east - lon) / _TURN)


def _shorter(step: float) -> float:
    return (step + _HALF) % _TURN - _HALF


def _along_rim(step: float, pole: float) -> float:
    return -((-step) % _TURN) if pole > 0 else step % _TURN

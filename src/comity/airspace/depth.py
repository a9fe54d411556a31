"""How deep does a presence reach into a hazard and its buffer? Branch and bound.

Works on the azimuthal equidistant plane about the presence. There every way is drawn at least as
long as it is (the earth is convex), and at most `_stretch` times as long. So with the buffer drawn
`_stretch` times too wide, the depth in the plane is never below the true one. Called by `reach`
only; round hazards need none of this. A corridor is its line with a buffer as wide as its
half-width.
"""

from math import cos, pi, sin
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from comity.airspace.azimuthal import dense, flat
from comity.airspace.earth import SEMI_MINOR_M, Floats, latlon, normals_of
from comity.airspace.geodesic import LatLon
from comity.airspace.outline import outline_of
from comity.airspace.tangle import edges_of, is_tangled
from comity.model.fault import Malformed
from comity.model.volume import Circle, Corridor, Footprint, Polygon, margin_mm_of

__all__ = ["deepest_m"]

# Segments of a drawn quarter circle, drawn outside the true one: 8e-5 and 1.2e-3 too large.
_DISC_SEGMENTS, _BUFFER_SEGMENTS = 64, 16
_DRAWN_M: Final = 2.0  # above the bend of `dense`'s steps of 10 km, 1 m at 5,000 km off
_COARSE_M, _COARSE_SHARE = 40.0, 0.004  # when the search stops: whichever is larger
_QUARTERS: Final[Floats] = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]) / 2
_CELLS_MAX: Final = 50_000  # a search that needs more is refused, not cut off


def deepest_m(presence: Footprint, hazard: Polygon | Corridor, buffer_m: float) -> float:
    """The largest depth of a point of the presence inside the widened hazard, in metres, outward.

    Raises:
        Malformed: `too_wide`, when the two span too much of the globe to be drawn; `too_intricate`,
            for what would take seconds: an area of very many spikes, a corridor that is a scribble.
    """
    centre = latlon(outline_of(presence).cap.centre)
    craft = _craft(presence, centre)
    danger = _core(hazard, centre)
    buffer_m += margin_mm_of(hazard) / 1_000
    everything_m = float(np.hypot(*shapely.get_coordinates(danger).T).max()) + buffer_m
    depth_m = _deepest_at(craft, danger, buffer_m, _stretch(everything_m))
    # What lies beyond the presence's rim, the depth and the buffer cannot matter: look again.
    rim_m = float(np.hypot(*shapely.get_coordinates(craft).T).max())
    needed_m = rim_m + depth_m + buffer_m
    if needed_m >= everything_m:
        return depth_m
    near = danger.intersection(_disc(needed_m))
    return min(depth_m, _deepest_at(craft, near, buffer_m, _stretch(needed_m)))


def _stretch(reach_m: float) -> float:
    """How much too long the plane draws a way within `reach_m` of its centre, at most.

    Rauch's comparison with the sphere of the ellipsoid's largest curvature, 1/b^2 (on the equator).
    """
    angle = reach_m / SEMI_MINOR_M
    if angle >= pi / 2:
        raise Malformed("a presence and a hazard span half the globe", code="too_wide")
    return angle / sin(angle) if angle > 0 else 1.0


def _craft(presence: Footprint, centre: LatLon) -> BaseGeometry:
    """The presence in the plane about its centre, a little too large: metres east and north."""
    if isinstance(presence, Circle):
        return _disc(presence.radius_mm / 1_000)
    core = _core(presence, centre)
    wide_m = margin_mm_of(presence) / 1_000
    reach_m = float(np.hypot(*shapely.get_coordinates(core).T).max()) + wide_m
    return core if wide_m == 0 else _widened(core, wide_m * _stretch(reach_m))


def _core(footprint: Polygon | Corridor, centre: LatLon) -> BaseGeometry:
    """A line, or a ring less its holes, in the plane about the centre, a little too large."""
    if isinstance(footprint, Corridor):
        outline = outline_of(footprint)
        if is_tangled(outline):
            text = "a corridor crosses itself too often to measure depth"
            raise Malformed(text, code="too_intricate")
        lines = [flat(dense(edge, is_open=True), centre) for edge in edges_of(outline)]
        return _widened(shapely.MultiLineString(lines), _DRAWN_M)
    outer, *inner = (
        flat(dense(normals_of(ring), is_open=False), centre)
        for ring in (footprint.vertices, *footprint.holes)
    )
    return _widened(shapely.Polygon(outer, inner), _DRAWN_M)


def _widened(shape: BaseGeometry, by_m: float) -> BaseGeometry:
    """All of the plane within a distance of a shape, and a little more."""
    return shape.buffer(by_m * _outside(_BUFFER_SEGMENTS), quad_segs=_BUFFER_SEGMENTS)


def _disc(radius_m: float) -> BaseGeometry:
    """A disc about the centre, a little too large."""
    drawn_m = radius_m * _outside(_DISC_SEGMENTS)
    return shapely.Point(0.0, 0.0).buffer(drawn_m, quad_segs=_DISC_SEGMENTS)


def _outside(segments: int) -> float:
    """By how much GEOS's circles must grow to hold the true one."""
    return 1 / cos(pi / (4 * segments))


def _deepest_at(
    craft: BaseGeometry, danger: BaseGeometry, buffer_m: float, stretch: float
) -> float:
    """The depth in the plane, the buffer drawn `stretch` times too wide."""
    wide = _widened(danger, buffer_m * stretch)
    inside = craft.intersection(wide)
    return _search(_Area(inside), _Area(wide)) if inside.area > 0 else 0.0


class _Area:
    """An area of the plane with its rim indexed, for distances to many points at once."""

    def __init__(self, geometry: BaseGeometry) -> None:
        """Index the rim; what has no area (a touch at a point) is left out."""
        polygons = [part for part in shapely.get_parts(geometry) if part.area > 0]
        self.whole = shapely.MultiPolygon(polygons)
        shapely.prepare(self.whole)
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(polygons)]
        sides = np.concatenate([np.stack((ring[:-1], ring[1:]), axis=1) for ring in rings])
        self.rim = np.asarray(shapely.linestrings(sides))
        self.index = shapely.STRtree(self.rim)

    def depths_m(self, points: Floats) -> Floats:
        """Distance to the rim of each point (n, 2): positive inside, negative outside."""
        spots = shapely.points(points)
        _, away = self.index.query_nearest(spots, return_distance=True, all_matches=False)
        return np.asarray(np.where(shapely.intersects(self.whole, spots), away, -away))

    def nearest(self, points: Floats) -> Floats:
        """For each point (n, 2) the nearest one of the area: itself when inside."""
        spots = shapely.points(points)
        (_, which), _ = self.index.query_nearest(spots, return_distance=True, all_matches=False)
        feet = shapely.get_coordinates(shapely.shortest_line(self.rim[which], spots))[::2]
        held = np.asarray(shapely.intersects(self.whole, spots))[:, None]
        return np.asarray(np.where(held, points, feet))


def _search(inside: _Area, wide: _Area) -> float:
    """An upper bound of the distance to the rim of `wide`, over all points of `inside`.

    Squares are split until none can hold a point deeper than the best one found, up to the
    coarseness. A square is dropped as well once it lies outside `inside`.
    """
    west, south, east, north = inside.whole.bounds
    reach_m = max(east - west, north - south) / 2**0.5  # from a square's centre to its corners
    centres = np.array([[(west + east) / 2, (south + north) / 2]])
    best, enough, seen = 0.0, 0.0, 0
    while len(centres):
        seen += len(centres)
        if seen > _CELLS_MAX:
            raise Malformed("a hazard is too intricate to measure its depth", code="too_intricate")
        held = inside.nearest(centres)
        best = max(best, float(wide.depths_m(held).max()))
        enough = best + max(_COARSE_M, _COARSE_SHARE * best)
        near = np.linalg.norm(held - centres, axis=1) <= reach_m
        open_ = near & (wide.depths_m(centres) + reach_m > enough)
        centres = (centres[open_][:, None, :] + reach_m / 2**0.5 * _QUARTERS).reshape(-1, 2)
        reach_m /= 2
    return enough

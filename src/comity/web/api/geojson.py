"""Volumes as GeoJSON (RFC 7946) for a map: longitude first, circles as 64 points on their rim.

A picture for eyes, not for tests of what meets: edges are drawn straight by whoever draws them.
Called by the previews.
"""

from collections.abc import Iterable

from comity.airspace.geodesic import around
from comity.model.quantity import degrees, instant_text
from comity.model.volume import Circle, Footprint, Volume4D
from comity.wire.canonical import Json, dumps

__all__ = ["picture_of"]

_RIM_POINTS = 64
_MM_PER_M = 1_000


def picture_of(volumes: Iterable[Volume4D]) -> str:
    """A FeatureCollection, one polygon for each volume."""
    features: list[Json] = [_feature(volume) for volume in volumes]
    return dumps({"type": "FeatureCollection", "features": features}).decode()


def _feature(volume: Volume4D) -> Json:
    ring = _ring(volume.footprint)
    points: list[Json] = [[lon, lat] for lat, lon in (*ring, ring[0])]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [points]},
        "properties": {
            "lower_m": volume.heights.lower_mm / _MM_PER_M,
            "upper_m": volume.heights.upper_mm / _MM_PER_M,
            "start": instant_text(volume.window.start_us),
            "end": instant_text(volume.window.end_us),
        },
    }


def _ring(footprint: Footprint) -> list[tuple[float, float]]:
    if isinstance(footprint, Circle):
        centre = (degrees(footprint.centre.lat_e7), degrees(footprint.centre.lon_e7))
        return around(centre, footprint.radius_mm / _MM_PER_M, _RIM_POINTS)
    return [(degrees(p.lat_e7), degrees(p.lon_e7)) for p in footprint.vertices]

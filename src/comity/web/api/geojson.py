"""Volumes as GeoJSON (RFC 7946) for a map: longitude first, circles and corridors by their rims.

A picture for eyes, not for tests of what meets: edges are drawn straight by whoever draws them.
Called by the previews.
"""

from collections.abc import Iterable

from comity.airspace.rim import rims_of
from comity.model.quantity import instant_text
from comity.model.volume import Volume4D
from comity.wire.canonical import Json, dumps

__all__ = ["picture_of"]

_MM_PER_M = 1_000


def picture_of(volumes: Iterable[Volume4D]) -> str:
    """A FeatureCollection, one polygon for each volume."""
    features: list[Json] = [_feature(volume) for volume in volumes]
    return dumps({"type": "FeatureCollection", "features": features}).decode()


def _feature(volume: Volume4D) -> Json:
    rims: list[Json] = [
        [[lon, lat] for lat, lon in (*rim, rim[0])] for rim in rims_of(volume.footprint)
    ]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": rims},
        "properties": {
            "lower_m": volume.heights.lower_mm / _MM_PER_M,
            "upper_m": volume.heights.upper_mm / _MM_PER_M,
            "start": instant_text(volume.window.start_us),
            "end": instant_text(volume.window.end_us),
        },
    }

"""Heights as given, back in metres and hectopascal, with what their conversion added.

The way there is `web.api.translate`. Called by `web.api.views`.
"""

from comity.airspace.heights import converted
from comity.model.fault import Malformed
from comity.model.given import GivenHeights
from comity.model.quantity import instant_text
from comity.model.volume import Volume4D
from comity.web.api import shapes_heights

__all__ = ["given_view"]

_MM = 1_000
_HPA_PA = 100


def given_view(volume: Volume4D, given: GivenHeights) -> shapes_heights.GivenHeights:
    """What the heights of a volume were converted from."""
    return shapes_heights.GivenHeights(
        lower_datum=given.lower.datum,
        lower_m=given.lower.height_mm / _MM,
        upper_datum=given.upper.datum,
        upper_m=given.upper.height_mm / _MM,
        reference=_reference(given),
        added=_added(volume, given),
    )


def _reference(given: GivenHeights) -> shapes_heights.HeightReference:
    qnh, terrain = given.qnh, given.terrain
    plain = shapes_heights.HeightReference()
    return shapes_heights.HeightReference(
        qnh_hpa=None if qnh is None else qnh.pressure_pa / _HPA_PA,
        qnh_at=None if qnh is None else instant_text(qnh.at_us),
        isa_deviation_c=given.isa_deviation_c,
        terrain_lower_m=None if terrain is None else terrain.lower_mm / _MM,
        terrain_upper_m=None if terrain is None else terrain.upper_mm / _MM,
        terrain_datum=plain.terrain_datum if terrain is None else terrain.datum,
    )


def _added(volume: Volume4D, given: GivenHeights) -> list[shapes_heights.AddedTerm]:
    """Term by term; nothing of what a report of a peer says and cannot be converted."""
    try:
        found = converted(given, volume.footprint, volume.window, volume.uncertainty)
    except Malformed:
        return []
    return [shapes_heights.AddedTerm(term=term.name, metres=term.mm / _MM) for term in found.terms]

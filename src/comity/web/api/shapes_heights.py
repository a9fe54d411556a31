"""The JSON shapes of heights that are not above the ellipsoid: what they need, and what was given.

Types only, as `web.api.shapes`, whose `Volume` holds them.
"""

import msgspec

from comity.model.given import HeightTerm

__all__ = ["AddedTerm", "GivenHeights", "HeightReference"]


class HeightReference(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What heights by pressure or above ground need.

    `qnh_hpa` with the instant `qnh_at`: for `pressure`, and better for `flight-level`.
    `isa_deviation_c`: by how many degrees the air below is off the standard atmosphere, if known.
    `terrain_lower_m`, `terrain_upper_m`: the lowest and highest ground of the area, above
    `terrain_datum` (`msl` or `wgs84`), for `agl`.
    """

    qnh_hpa: float | None = None
    qnh_at: str | None = None
    isa_deviation_c: int | None = None
    terrain_lower_m: float | None = None
    terrain_upper_m: float | None = None
    terrain_datum: str = "msl"


class AddedTerm(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One part of what a conversion added."""

    term: HeightTerm
    metres: float


class GivenHeights(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a band above the ellipsoid was converted from, limit by limit.

    `added` tells, term by term, what the conversion added to the vertical uncertainty; it is worked
    out for each answer, and not looked at in a request.
    """

    lower_datum: str
    lower_m: float
    upper_datum: str
    upper_m: float
    reference: HeightReference = HeightReference()
    added: list[AddedTerm] = []

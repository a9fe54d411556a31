"""Do two volumes meet? Pure geometry: no files, no clock, no chance.

`find` is the one entry for desks; `Index` answers the same among a million volumes in memory;
`footprint.check` guards intake; `reach` says whether a notice came early enough. `brute` is a slow
second opinion that shares no code with the others. What is exported here works without a node.
Definitions, error budget and what is rounded outward: `docs/explanation/geometry.md`.
"""

from comity.airspace.clearance import NO_CLEARANCE, Approach, Clearance, assess
from comity.airspace.ellipse import ellipse
from comity.airspace.find import Found, find
from comity.airspace.footprint import check
from comity.airspace.given import given_heights
from comity.airspace.index import Index
from comity.airspace.notebook import Conflict, conflicts, volume
from comity.airspace.places import Place, nearest_place
from comity.model.quantity import Position
from comity.model.units import Units
from comity.model.volume import Circle, Corridor, HeightBand, Polygon, Uncertainty, Volume4D, Window

__all__ = [
    "NO_CLEARANCE",
    "Approach",
    "Circle",
    "Clearance",
    "Conflict",
    "Corridor",
    "Found",
    "HeightBand",
    "Index",
    "Place",
    "Polygon",
    "Position",
    "Uncertainty",
    "Units",
    "Volume4D",
    "Window",
    "assess",
    "check",
    "conflicts",
    "ellipse",
    "find",
    "given_heights",
    "nearest_place",
    "volume",
]

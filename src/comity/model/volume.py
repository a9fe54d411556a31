"""A volume in four dimensions: footprint x height band x time window, with stated uncertainty.

Nouns only; whether two volumes meet is `airspace`'s question. Heights are millimetres above the
WGS84 ellipsoid; windows are closed intervals of UTC microseconds. Called by every room above.
"""

from dataclasses import dataclass
from itertools import chain

from comity.model.fault import Malformed
from comity.model.given import HEIGHT_MM_MAX, HEIGHT_MM_MIN, GivenHeights
from comity.model.quantity import Position, checked_instant_us

__all__ = [
    "HEIGHT_MM_MAX",
    "HEIGHT_MM_MIN",
    "RADIUS_MM_MAX",
    "VERTICES_MAX",
    "WINDOW_US_MAX",
    "Circle",
    "Corridor",
    "Footprint",
    "HeightBand",
    "Polygon",
    "Uncertainty",
    "Volume4D",
    "Window",
    "corners_of",
    "holes_of",
    "margin_mm_of",
    "places_of",
    "rings_of",
]

VERTICES_MAX = 10_000  # F3548-21's own limit for one volume
RADIUS_MM_MAX = 2_500_000_000  # 2,500 km: wider volumes are refused (5,000 km across)
WINDOW_US_MAX = 400 * 86_400 * 1_000_000  # 400 days: longer is a standing area, to be renewed
UNCERTAINTY_MM_MAX = 100_000_000  # 100 km
UNCERTAINTY_US_MAX = 86_400 * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """A ring of 3 to 10,000 vertices, the first not repeated; edges are great circles, either turn.

    The inside is the smaller side, less the open inside of each hole, a ring like the outer one:
    the rim of a hole belongs to the polygon. Vertices are counted in all. Self-crossing and
    zero-area rings, and holes that are not inside, are refused by `airspace.footprint.check`, which
    knows geometry; this class only counts.
    """

    vertices: tuple[Position, ...]
    holes: tuple[tuple[Position, ...], ...] = ()

    def __post_init__(self) -> None:
        """Count the vertices."""
        if len(self.vertices) < 3:  # noqa: PLR2004
            raise Malformed("a polygon needs at least 3 vertices", code="bad_polygon")
        for number, hole in enumerate(self.holes):
            if len(hole) < 3:  # noqa: PLR2004
                raise Malformed(f"hole {number} needs at least 3 vertices", code="bad_polygon")
        if len(self.vertices) + sum(map(len, self.holes)) > VERTICES_MAX:
            raise Malformed(
                f"a polygon has at most {VERTICES_MAX} vertices: vertex {VERTICES_MAX} is too many",
                code="too_many_vertices",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """All points within `radius_mm` of the centre, along WGS84 geodesics."""

    centre: Position
    radius_mm: int

    def __post_init__(self) -> None:
        """Refuse a radius that is no radius."""
        if type(self.radius_mm) is not int or not 0 < self.radius_mm <= RADIUS_MM_MAX:
            raise Malformed("a radius must be above 0 and at most 2,500 km", code="bad_radius")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """All points within `half_width_mm` of a line of 2 to 10,000 vertices, along WGS84 geodesics.

    Edges are great circles; ends and turns are round. The line may cross or retrace itself; what
    else makes it no line is `airspace.footprint.check`'s to refuse.
    """

    vertices: tuple[Position, ...]
    half_width_mm: int

    def __post_init__(self) -> None:
        """Count the vertices, and refuse a half-width that is none."""
        if len(self.vertices) < 2:  # noqa: PLR2004
            raise Malformed("a corridor's line needs at least 2 vertices", code="bad_line")
        if len(self.vertices) > VERTICES_MAX:
            text = f"a corridor's line has at most {VERTICES_MAX} vertices"
            raise Malformed(text, code="too_many_vertices")
        if type(self.half_width_mm) is not int or not 0 < self.half_width_mm <= RADIUS_MM_MAX:
            text = "a half-width must be above 0 and at most 2,500 km"
            raise Malformed(text, code="bad_radius")


Footprint = Polygon | Circle | Corridor


def places_of(footprint: Footprint) -> tuple[Position, ...]:
    """Every position that a footprint states: a centre, or the vertices, those of holes last."""
    if isinstance(footprint, Circle):
        return (footprint.centre,)
    if isinstance(footprint, Polygon) and footprint.holes:
        return tuple(chain(footprint.vertices, *footprint.holes))
    return footprint.vertices


def rings_of(footprint: Footprint) -> tuple[int, ...]:
    """How many of its places each ring has, the outer one first; a line or a centre is one."""
    if isinstance(footprint, Circle):
        return (1,)
    holes = footprint.holes if isinstance(footprint, Polygon) else ()
    return (len(footprint.vertices), *map(len, holes))


def corners_of(footprint: Footprint) -> int:
    """How many vertices count against a limit; a circle has none."""
    return 0 if isinstance(footprint, Circle) else sum(rings_of(footprint))


def holes_of(footprint: Footprint) -> int:
    """How many holes it has."""
    return len(footprint.holes) if isinstance(footprint, Polygon) else 0


def margin_mm_of(footprint: Footprint) -> int:
    """How far a footprint reaches from its places, in millimetres: a radius, a half-width, or 0."""
    if isinstance(footprint, Polygon):
        return 0
    return footprint.radius_mm if isinstance(footprint, Circle) else footprint.half_width_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightBand:
    """Closed band of heights, millimetres above the WGS84 ellipsoid; lower may equal upper."""

    lower_mm: int
    upper_mm: int

    def __post_init__(self) -> None:
        """Refuse an inverted band."""
        if type(self.lower_mm) is not int or type(self.upper_mm) is not int:
            raise Malformed("heights are integers of millimetres", code="bad_height")
        if not HEIGHT_MM_MIN <= self.lower_mm <= HEIGHT_MM_MAX >= self.upper_mm:
            raise Malformed("heights lie between -12 km and 100 km", code="bad_height")
        if self.lower_mm > self.upper_mm:
            raise Malformed("the lower height is above the upper one", code="inverted_band")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Closed interval of UTC microseconds; start may equal end."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        """Refuse an inverted or endless window."""
        checked_instant_us(self.start_us)
        checked_instant_us(self.end_us)
        if self.start_us > self.end_us:
            raise Malformed("the window ends before it starts", code="inverted_window")
        if self.end_us - self.start_us > WINDOW_US_MAX:
            raise Malformed("a window lasts at most 400 days", code="window_too_long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """How far the stated volume may be from the true one; added outward by every test."""

    lateral_mm: int = 0
    vertical_mm: int = 0
    time_us: int = 0

    def __post_init__(self) -> None:
        """Refuse negative or absurd values."""
        limits = (UNCERTAINTY_MM_MAX, UNCERTAINTY_MM_MAX, UNCERTAINTY_US_MAX)
        values = (self.lateral_mm, self.vertical_mm, self.time_us)
        if any(
            type(v) is not int or not 0 <= v <= top for v, top in zip(values, limits, strict=True)
        ):
            raise Malformed("an uncertainty is 0 to 100 km, or 0 to 24 h", code="bad_uncertainty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume4D:
    """Footprint x height band x window; datum WGS84 throughout.

    `given` is what the heights were converted from, if they were; it changes no test.
    """

    footprint: Footprint
    heights: HeightBand
    window: Window
    uncertainty: Uncertainty = Uncertainty()
    given: GivenHeights | None = None

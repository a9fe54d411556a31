"""Areas as a picture: an SVG with one panel for each recipient, what it is told over the true area.

For eyes, on one scale for all panels: latitude and longitude drawn square at the middle latitude,
edges as straight lines. Nothing is computed from it. Pure. Called by `notice preview`.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from comity.airspace.geodesic import around
from comity.model.quantity import Position, e7_from_degrees
from comity.model.volume import Corridor
from comity.web.api.shapes import Volume

__all__ = ["Panel", "picture"]

_SIDE = 320.0  # of a panel's map, in pixels
_EDGE = 44.0  # left of it and above it, for words
_FOOT = 56.0
_ABREAST = 3
_RIM_POINTS = 72
_MARGIN = 0.08  # of what is drawn, left free around it
_STEPS_DEG = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_LINES_MAX = 6
_KM_PER_DEG = 111.2
_HALF_TURN, _TURN = 180.0, 360.0
_SMALLEST_DEG = 0.002
_MM_PER_M = 1_000
_STYLE = (
    "text{font:11px sans-serif;fill:#222}.name{font-weight:bold}.grid{stroke:#ddd}"
    ".frame{fill:none;stroke:#999}.told{fill:#e8a33d;fill-opacity:.35;stroke:#b36b00}"
    ".true{fill:none;stroke:#14477a;stroke-width:2;stroke-dasharray:5 3}"
)

Ring = list[tuple[float, float]]
Area = list[Ring]  # its outer rim, then those of its holes


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What one recipient is told, under a title."""

    title: str
    told: Sequence[Volume]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What the map shows, in degrees; a degree of longitude is `squeeze` of one of latitude."""

    south: float
    west: float
    size: float
    squeeze: float

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """Pixels from the upper left corner of the map."""
        scale = _SIDE / self.size
        return (lon - self.west) * self.squeeze * scale, _SIDE - (lat - self.south) * scale


def picture(true: Sequence[Volume], panels: Sequence[Panel]) -> str:
    """The SVG text; `true` is drawn dashed in every panel."""
    own = [_rims(volume) for volume in true]
    origin = own[0][0][0][1] if own else 0.0
    told = [[_near(_rims(volume), origin) for volume in panel.told] for panel in panels]
    own = [_near(area, origin) for area in own]
    frame = _frame([*own, *(area for areas in told for area in areas)])
    width, height = _SIDE + 2 * _EDGE, _SIDE + _EDGE + _FOOT
    columns, rows = min(_ABREAST, len(panels)), math.ceil(len(panels) / _ABREAST)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg"',
        f' width="{columns * width:.0f}" height="{rows * height:.0f}">',
        f"<style>{_STYLE}</style>",
    ]
    for place, (panel, areas) in enumerate(zip(panels, told, strict=True)):
        row, column = divmod(place, _ABREAST)
        left, top = column * width + _EDGE, row * height + _EDGE
        parts.append(f'<g transform="translate({left:.0f},{top:.0f})">')
        parts += _panel(frame, panel, areas, own)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(frame: _Frame, panel: Panel, told: list[Area], own: list[Area]) -> Iterator[str]:
    yield f'<text class="name" x="0" y="-24">{html.escape(panel.title)}</text>'
    yield from _grid(frame)
    yield from (_shape("told", frame, area) for area in told)
    yield from (_shape("true", frame, area) for area in own)
    yield f'<rect class="frame" width="{_SIDE:.0f}" height="{_SIDE:.0f}"/>'
    yield from _scale(frame)
    for place, words in enumerate(_words(panel.told)):
        yield f'<text x="0" y="{_SIDE + 34 + 14 * place:.0f}">{html.escape(words)}</text>'


def _words(told: Sequence[Volume]) -> Iterator[str]:
    """Heights and times of the first volume, and how many more there are."""
    if told:
        first = told[0]
        more = f", and {len(told) - 1} more" if len(told) > 1 else ""
        yield f"{first.lower_m:g} m to {first.upper_m:g} m, {first.start} to {first.end}{more}"


def _grid(frame: _Frame) -> Iterator[str]:
    step = next((s for s in _STEPS_DEG if frame.size / frame.squeeze <= s * _LINES_MAX), _TURN)
    for lat in _steps(frame.south, frame.south + frame.size, step):
        _, y = frame.at(lat, frame.west)
        yield f'<path class="grid" d="M0 {y:.1f}H{_SIDE:.0f}"/>'
        yield f'<text x="-4" y="{y + 4:.1f}" text-anchor="end">{lat:g}</text>'
    for lon in _steps(frame.west, frame.west + frame.size / frame.squeeze, step):
        x, _ = frame.at(frame.south, lon)
        yield f'<path class="grid" d="M{x:.1f} 0V{_SIDE:.0f}"/>'
        shown = (lon + _HALF_TURN) % _TURN - _HALF_TURN
        yield f'<text x="{x:.1f}" y="-6" text-anchor="middle">{shown:g}</text>'


def _steps(low: float, high: float, step: float) -> Iterator[float]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return (round(place * step, 6) for place in range(first, last + 1))


def _scale(frame: _Frame) -> Iterator[str]:
    """A bar of a round length, a third of the map at most."""
    most_km = frame.size * _KM_PER_DEG / 3
    power = 10.0 ** math.floor(math.log10(most_km))
    km = next(power * each for each in (5, 2, 1) if power * each <= most_km)
    x = km / _KM_PER_DEG * _SIDE / frame.size
    yield f'<path class="true" style="stroke-dasharray:none" d="M0 {_SIDE + 12:.0f}h{x:.1f}"/>'
    yield f'<text x="{x + 6:.1f}" y="{_SIDE + 16:.0f}">{km:g} km; dashed: the true area</text>'


def _shape(kind: str, frame: _Frame, area: Area) -> str:
    rims = [
        " ".join("{:.1f},{:.1f}".format(*frame.at(lat, lon)) for lat, lon in rim) for rim in area
    ]
    if len(rims) == 1:
        return f'<polygon class="{kind}" points="{rims[0]}"/>'
    path = " ".join(f"M{rim}Z" for rim in rims)
    return f'<path class="{kind}" fill-rule="evenodd" d="{path}"/>'


def _rims(volume: Volume) -> Area:
    footprint = volume.footprint
    if footprint.polygon is not None:
        return [list(ring) for ring in (footprint.polygon, *(footprint.holes or ()))]
    if footprint.line is not None:
        return _corridor(footprint.line, footprint.half_width_m or 0.0)
    centre, radius_m = footprint.centre or (0.0, 0.0), footprint.radius_m or 0.0
    return [around(centre, radius_m, _RIM_POINTS)]


def _corridor(line: Ring, half_width_m: float) -> Area:
    # What a polygon has no use for takes 100 ms to import.
    from comity.airspace.rim import rims_of  # noqa: PLC0415

    vertices = (
        Position(lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees(lon)) for lat, lon in line
    )
    half_width_mm = math.ceil(half_width_m * _MM_PER_M)
    return rims_of(Corridor(vertices=tuple(vertices), half_width_mm=half_width_mm))


def _near(area: Area, origin: float) -> Area:
    """The area with each longitude within half a turn of the one before it."""
    found: Area = []
    for rim in area:
        found.append([])
        for lat, lon in rim:
            origin += (lon - origin + _HALF_TURN) % _TURN - _HALF_TURN
            found[-1].append((lat, origin))
    return found


def _frame(areas: Iterable[Area]) -> _Frame:
    points = [point for area in areas for rim in area for point in rim] or [(0.0, 0.0)]
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    squeeze = max(0.05, math.cos(math.radians((min(lats) + max(lats)) / 2)))
    tall, wide = max(lats) - min(lats), (max(lons) - min(lons)) * squeeze
    size = max(tall, wide, _SMALLEST_DEG) * (1 + 2 * _MARGIN)
    return _Frame(
        south=(min(lats) + max(lats) - size) / 2,
        west=(min(lons) + max(lons) - size / squeeze) / 2,
        size=size,
        squeeze=squeeze,
    )

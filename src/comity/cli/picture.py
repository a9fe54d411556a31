"""Areas as a picture: an SVG with one panel for each recipient, what it is told over the true area.

For eyes, on one scale for all panels: latitude and longitude drawn square at the middle latitude,
edges as straight lines. Nothing is computed from it. Pure. Called by `notice preview`.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from comity.airspace.geodesic import around
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
_STYLE = (
    "text{font:11px sans-serif;fill:#222}.name{font-weight:bold}.grid{stroke:#ddd}"
    ".frame{fill:none;stroke:#999}.told{fill:#e8a33d;fill-opacity:.35;stroke:#b36b00}"
    ".true{fill:none;stroke:#14477a;stroke-width:2;stroke-dasharray:5 3}"
)

Ring = list[tuple[float, float]]


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
    own = [_ring(volume) for volume in true]
    origin = own[0][0][1] if own else 0.0
    told = [[_near(_ring(volume), origin) for volume in panel.told] for panel in panels]
    own = [_near(ring, origin) for ring in own]
    frame = _frame([*own, *(ring for rings in told for ring in rings)])
    width, height = _SIDE + 2 * _EDGE, _SIDE + _EDGE + _FOOT
    columns, rows = min(_ABREAST, len(panels)), math.ceil(len(panels) / _ABREAST)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg"',
        f' width="{columns * width:.0f}" height="{rows * height:.0f}">',
        f"<style>{_STYLE}</style>",
    ]
    for place, (panel, rings) in enumerate(zip(panels, told, strict=True)):
        row, column = divmod(place, _ABREAST)
        left, top = column * width + _EDGE, row * height + _EDGE
        parts.append(f'<g transform="translate({left:.0f},{top:.0f})">')
        parts += _panel(frame, panel, rings, own)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(frame: _Frame, panel: Panel, told: list[Ring], own: list[Ring]) -> Iterator[str]:
    yield f'<text class="name" x="0" y="-24">{html.escape(panel.title)}</text>'
    yield from _grid(frame)
    yield from (_polygon("told", frame, ring) for ring in told)
    yield from (_polygon("true", frame, ring) for ring in own)
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


def _polygon(kind: str, frame: _Frame, ring: Ring) -> str:
    points = " ".join("{:.1f},{:.1f}".format(*frame.at(lat, lon)) for lat, lon in ring)
    return f'<polygon class="{kind}" points="{points}"/>'


def _ring(volume: Volume) -> Ring:
    footprint = volume.footprint
    if footprint.polygon is not None:
        return [(lat, lon) for lat, lon in footprint.polygon]
    centre, radius_m = footprint.centre or (0.0, 0.0), footprint.radius_m or 0.0
    return around(centre, radius_m, _RIM_POINTS)


def _near(ring: Ring, origin: float) -> Ring:
    """The ring with each longitude within half a turn of the one before it."""
    found: Ring = []
    for lat, lon in ring:
        origin += (lon - origin + _HALF_TURN) % _TURN - _HALF_TURN
        found.append((lat, origin))
    return found


def _frame(rings: Iterable[Ring]) -> _Frame:
    points = [point for ring in rings for point in ring] or [(0.0, 0.0)]
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

#!/usr/bin/env python3
"""Writes docs/pictures/airspace.svg from the JSON of `comity bench airspace --size N --json FILE`.

`.venv/bin/python tools/airspace_figure.py 10k.json 30k.json ...`: the p50 of one search against the
number of volumes, on log axes, ours and the peers'. Nothing is measured here.
"""

import json
import sys
from math import log10
from pathlib import Path

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "airspace.svg"
NAMES = {
    "index": ("Comity's index", "#0b5394"),
    "strtree": ("shapely STRtree, then time and height", "#38761d"),
    "sqlite_rtree": ("SQLite R*-tree, scaled axes", "#b45f06"),
    "every_box": ("numpy, every box", "#990000"),
}
LEFT, RIGHT, TOP, BOTTOM = 80, 560, 40, 340
SIZES = (10_000, 1_000_000)
TIMES_US = (1, 100_000)


def points(files: list[Path]) -> dict[str, list[tuple[float, float]]]:
    """For each way its (size, microseconds), by size."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
    for file in files:
        report = json.loads(file.read_text("utf-8"))  # noqa: TID251 - our own file, not a peer's
        size = report["figures"]["size"]["median"]
        found["index"].append((size, report["figures"]["search_p50_us"]["median"]))
        for name in found.keys() & report["peers"].keys():
            figures = report["peers"][name]
            found[name].append((size, figures["search_p50_us"]["median"]))
    return {name: sorted(spots) for name, spots in found.items()}


def across(size: float) -> float:
    """The place of a size, in pixels from the left."""
    low, high = map(log10, SIZES)
    return LEFT + (RIGHT - LEFT) * (log10(size) - low) / (high - low)


def down(time_us: float) -> float:
    """The place of a time, in pixels from the top."""
    low, high = map(log10, TIMES_US)
    return BOTTOM - (BOTTOM - TOP) * (log10(time_us) - low) / (high - low)


def picture(found: dict[str, list[tuple[float, float]]]) -> str:
    """The figure as SVG."""
    lines = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 390" '
            'font-family="sans-serif" font-size="13">'
        ),
        '<rect width="880" height="390" fill="white"/>',
        (
            f'<text x="{LEFT}" y="22" font-size="15">One search, exact test included: '
            "median processor time against the number of volumes</text>"
        ),
    ]
    for size in (10_000, 30_000, 100_000, 300_000, 1_000_000):
        x = across(size)
        lines.append(f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="#ddd"/>')
        lines.append(f'<text x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{size:,}</text>')
    for power in range(6):
        y = down(10**power)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#ddd"/>')
        label = f"{10**power:,} µs" if power < 3 else f"{10 ** (power - 3):,} ms"  # noqa: PLR2004
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for name, (title, colour) in NAMES.items():
        spots = [(across(size), down(time_us)) for size, time_us in found[name]]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        x, y = spots[-1]
        lines.append(f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="{colour}">{title}</text>')
    lines.append(f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 38}" text-anchor="middle">')
    lines += ["volumes</text>", "</svg>", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PICTURE.write_text(picture(points([Path(name) for name in sys.argv[1:]])), encoding="utf-8")

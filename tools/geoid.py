#!/usr/bin/env python3
"""Writes the geoid grid that ships with `comity.airspace` from PROJ's `egm96_15.gtx`.

`.venv/bin/python tools/geoid.py egm96_15.gtx`. The source is the EGM96 geoid on a grid of 15', made
by C. Karney's GeographicLib from the coefficients that NGA and NASA published (public domain); it
is part of PROJ's data package. Nothing is downloaded here; the sum of the file is checked.

The result (layout: `src/comity/airspace/geoid.py`) holds whole centimetres, so that up to 5 mm are
lost. The second difference along each row, then the first between rows, leaves small numbers; their
low bytes and their high bytes are kept apart and deflated. Other orders of difference come out
larger, lzma 7 % smaller and slower to read, whole millimetres two thirds larger.
"""

import hashlib
import struct
import sys
import zlib
from pathlib import Path

import numpy as np

GRID = Path(__file__).resolve().parents[1] / "src" / "comity" / "airspace" / "egm96_15.zlib"
SOURCE_SHA256 = "c02a6eb70a7a78efebe5adf3ade626eb75390e170bb8b3f36136a2c28f5326a0"
HEADER = struct.Struct(">ddddii")  # south, west, two steps (degrees), rows, columns
SHAPE = (-90.0, -180.0, 0.25, 0.25, 721, 1440)


def centimetres(source: bytes) -> np.ndarray:
    """The grid of a GTX file in whole centimetres, rows from south to north."""
    if hashlib.sha256(source).hexdigest() != SOURCE_SHA256:
        raise SystemExit("not the egm96_15.gtx that is expected: its SHA-256 differs")
    if HEADER.unpack_from(source) != SHAPE:
        raise SystemExit("not a grid of 15' over the globe")
    metres = np.frombuffer(source, ">f4", offset=HEADER.size).reshape(SHAPE[4:])
    return np.rint(metres.astype(np.float64) * 100).astype(np.int64)


def packed(grid_cm: np.ndarray) -> bytes:
    """The differences, signs folded into the lowest bit, low bytes before high bytes, deflated."""
    step = grid_cm
    for axis in (1, 1, 0):
        step = np.diff(step, axis=axis, prepend=0)
    folded = ((step << 1) ^ (step >> 63)).astype(np.uint16)
    low, high = (folded & 255).astype(np.uint8), (folded >> 8).astype(np.uint8)
    return zlib.compress(low.tobytes() + high.tobytes(), 9)


def main() -> None:
    """Write the file and say what it holds."""
    grid_cm = centimetres(Path(sys.argv[1]).read_bytes())
    data = packed(grid_cm)
    GRID.write_bytes(data)
    held = hashlib.sha256(grid_cm.astype(">i2").tobytes()).hexdigest()
    sys.stdout.write(f"{GRID.name}: {len(data)} bytes; as big-endian int16, SHA-256 {held}\n")


if __name__ == "__main__":
    main()

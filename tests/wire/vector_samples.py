"""What the vectors are made of, in every file of them."""

from comity.model.quantity import Position, instant_us
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.wire.canonical import sha256

__all__ = ["ALPHA", "BRAVO", "CIRCLE", "ORIGINS", "at", "seed"]

ORIGINS = ALPHA, BRAVO = "alpha.example/comity/2026", "bravo.example/comity/2026"


def seed(name: str) -> bytes:
    return sha256(f"comity test seed: {name}".encode())


def at(lat_e7: int, lon_e7: int) -> Position:
    return Position(lat_e7=lat_e7, lon_e7=lon_e7)


CIRCLE = Volume4D(
    footprint=Circle(centre=at(355_166_667, 357_833_333), radius_mm=40_000_000),
    heights=HeightBand(lower_mm=0, upper_mm=10_000_000),
    window=Window(
        start_us=instant_us("2026-09-22T18:40:00Z"), end_us=instant_us("2026-09-22T19:10:00Z")
    ),
)

"""The voice form's numbers: values with their ranges as one number of mixed radix, in letters.

Letter by letter: docs/reference/voice.md. Called by `voice_v1` and `voice_coded`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US
from comity.model.voice import ID_BYTES
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, RADIUS_MM_MAX
from comity.wire.voice_code import BASE

__all__ = [
    "CHOICE",
    "ID",
    "Form",
    "Range",
    "id_of",
    "letters_for",
    "no_form",
    "number_of",
    "packed",
    "unpacked",
]

Range = tuple[int, int]  # the lowest and the highest value
ID: Range = (0, 256**ID_BYTES - 1)
CHOICE: Range = (0, BASE - 1)  # room for what may come
_MM = 1_000
_START_US, _END_US = 946_684_800 * SECOND_US, 4_102_444_800 * SECOND_US  # the years 2000 to 2099


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the first group says of the numbers that follow: the area's shape, and how fine."""

    shape: int = 0
    fine_time: bool = False
    fine_length: bool = False
    points: int = 0

    @property
    def number(self) -> int:
        """As one letter."""
        return self.shape * 4 + self.fine_time * 2 + self.fine_length

    @property
    def unit_us(self) -> int:
        """The unit of times."""
        return 1 if self.fine_time else SECOND_US

    @property
    def unit_mm(self) -> int:
        """The unit of heights and radii."""
        return 1 if self.fine_length else _MM

    @property
    def instants(self) -> Range:
        """Which times there are, in units."""
        return _START_US // self.unit_us, (_END_US - 1) // self.unit_us

    @property
    def heights(self) -> Range:
        """Which heights there are, in units."""
        return HEIGHT_MM_MIN // self.unit_mm, HEIGHT_MM_MAX // self.unit_mm

    @property
    def radii(self) -> Range:
        """Which radii there are, in units."""
        return 1, RADIUS_MM_MAX // self.unit_mm


def packed(values: Sequence[int], ranges: Sequence[Range]) -> list[int]:
    """One number of mixed radix, in base 23, the highest digit first; Malformed out of range."""
    number = 0
    for value, (low, high) in zip(values, ranges, strict=True):
        if not low <= value <= high:
            raise no_form("a value is beyond what can be said")
        number = number * (high - low + 1) + value - low
    found = []
    for _ in range(letters_for(ranges)):
        number, digit = divmod(number, BASE)
        found.append(digit)
    return found[::-1]


def unpacked(symbols: Sequence[int], ranges: Sequence[Range]) -> list[int]:
    """The values of the number at the beginning of these letters."""
    count, number = letters_for(ranges), 0
    if len(symbols) < count:
        raise no_form("it is shorter than what it says that it holds")
    for symbol in symbols[:count]:
        number = number * BASE + symbol
    found = []
    for low, high in reversed(ranges):
        number, rest = divmod(number, high - low + 1)
        found.append(rest + low)
    if number:
        raise no_form("a number in it is too large")
    return found[::-1]


def letters_for(ranges: Sequence[Range]) -> int:
    """As many letters as the largest number needs."""
    largest = prod(high - low + 1 for low, high in ranges) - 1
    count = 0
    while largest:  # bounded by the ranges
        largest //= BASE
        count += 1
    return count


def number_of(id_: bytes) -> int:
    """An id as a number."""
    return int.from_bytes(id_, "big")


def id_of(number: int) -> bytes:
    """A number as an id."""
    return number.to_bytes(ID_BYTES, "big")


def no_form(reason: str) -> Malformed:
    """What checks and says nothing, or cannot be said."""
    return Malformed(f"the groups check, but {reason}", code="voice_form")

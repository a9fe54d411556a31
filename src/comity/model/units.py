"""In which units does a reader think? How they are said is `airspace.figures`'s."""

from enum import StrEnum

from comity.model.fault import Malformed

__all__ = ["Units", "units_from"]


class Units(StrEnum):
    """In which units a reader thinks: kilometres and metres, or nautical miles and feet."""

    METRIC = "metric"
    AERONAUTICAL = "aeronautical"


def units_from(word: str) -> Units:
    """By name; Malformed (`unknown_units`) for any other."""
    try:
        return Units(word)
    except ValueError:
        text = f"units are metric or aeronautical, not {word[:40]!r}"
        raise Malformed(text, code="unknown_units") from None

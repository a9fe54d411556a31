"""What heights and times do two volumes share, or what lies between them? Uncertainties outward.

The height and time of an overlap, where `narrow` has its place. Called by `explain`, `overlap` and
the notebook.
"""

from comity.model.volume import (
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    WINDOW_US_MAX,
    HeightBand,
    Volume4D,
    Window,
)

__all__ = ["heights_between", "window_between"]


def heights_between(a: Volume4D, b: Volume4D) -> HeightBand:
    """The heights in both widened bands; if there are none, those from one up to the other."""
    lowest = max(each.heights.lower_mm - each.uncertainty.vertical_mm for each in (a, b))
    highest = min(each.heights.upper_mm + each.uncertainty.vertical_mm for each in (a, b))
    return HeightBand(
        lower_mm=max(HEIGHT_MM_MIN, min(lowest, highest)),
        upper_mm=min(HEIGHT_MM_MAX, max(lowest, highest)),
    )


def window_between(a: Volume4D, b: Volume4D) -> Window:
    """The instants in both widened windows; if there are none, those from one's end to the other.

    None outside the stated windows, and at most 400 days of them.
    """
    starts = [each.window.start_us - each.uncertainty.time_us for each in (a, b)]
    ends = [each.window.end_us + each.uncertainty.time_us for each in (a, b)]
    first, last = sorted((max(starts), min(ends)))
    start_us = max(first, min(each.window.start_us for each in (a, b)))
    end_us = min(last, max(each.window.end_us for each in (a, b)))
    return Window(start_us=start_us, end_us=min(end_us, start_us + WINDOW_US_MAX))

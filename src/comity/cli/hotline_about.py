"""What a message is about, in a line: which notice of whose, where and when; or which message.

Asks the node. Called by `hotline`, `hotline_line`, `hotline_release` and `status`.
"""

from collections.abc import Iterable

from comity.cli.failure import Failed
from comity.cli.node import Node, shaped
from comity.cli.show import short
from comity.hotline.phrases import phrasebook
from comity.model.party import party_name
from comity.web.api.shapes import Footprint, NoticeView
from comity.web.api.shapes_messages import MessageView

__all__ = ["abouts_at", "abouts_of", "place_text", "times_text"]

_KM_M = 1_000
_DATE, _MINUTE, _SECOND = slice(0, 10), slice(11, 16), slice(16, 19)


def abouts_of(node: Node, views: Iterable[MessageView]) -> dict[str, str]:
    """For each id that these messages are about, what it is: a sentence without its verb."""
    return abouts_at(node, ((view.about, view.at) for view in views))


def abouts_at(node: Node, named: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    """The same of ids, each with the time as of which its own are said short."""
    ids = {id_: at for id_, at in named if id_ is not None}
    return {id_: _about(node, id_, at) for id_, at in ids.items()}


def _about(node: Node, id_: str, at: str) -> str:
    """In words; what cannot be looked up is named by its id, since the message matters more."""
    try:
        return _notice(shaped(node.get(f"notices/{id_}"), NoticeView), at)
    except Failed:
        pass
    try:
        return _message(shaped(node.get(f"messages/{id_}"), MessageView))
    except Failed as failed:
        return f"{short(id_)}: {failed.failure.why}"


def _notice(view: NoticeView, at: str) -> str:
    more = len(view.volumes) - 1
    others = f", and {more} more {'areas' if more > 1 else 'area'}" if more else ""
    start = min(volume.start for volume in view.volumes)
    end = max(volume.end for volume in view.volumes)
    place = place_text(view.volumes[0].footprint)
    word = f"{view.code} {short(view.id)} of {party_name(view.owner)}"
    return f"{word}: {place}{others}, {times_text(start, end, at)}, {view.state}"


def _message(view: MessageView) -> str:
    phrase = phrasebook().phrases.get(view.code)
    name = "" if phrase is None else f" {phrase.name}"
    return f"{view.code}{name} {short(view.id)} of {party_name(view.sender)}"


def place_text(footprint: Footprint) -> str:
    """An area as short as it can be said: `circle 30 km about 35.55,35.75`."""
    if footprint.line is not None:
        ends = f"{_point(footprint.line[0])} to {_point(footprint.line[-1])}"
        return f"corridor {_length(footprint.half_width_m or 0)} either side of {ends}"
    if footprint.centre is not None:
        return f"circle {_length(footprint.radius_m or 0)} about {_point(footprint.centre)}"
    ring = footprint.polygon or []
    return f"polygon of {len(ring)} corners at {_point(ring[0]) if ring else 'no place'}"


def times_text(start: str, end: str, near: str) -> str:
    """A window, with its dates unless both are the day of `near`."""
    day = near[_DATE]
    if start[_DATE] == end[_DATE] == day:
        return f"{_clock(start)} to {_clock(end)}"
    last = _clock(end) if end[_DATE] == start[_DATE] else f"{end[_DATE]} {_clock(end)}"
    return f"{start[_DATE]} {_clock(start)} to {last}"


def _clock(moment: str) -> str:
    seconds = moment[_SECOND]
    return f"{moment[_MINUTE]}{'' if seconds == ':00' else seconds}Z"


def _length(length_m: float) -> str:
    return f"{length_m / _KM_M:g} km" if length_m >= _KM_M else f"{length_m:g} m"


def _point(spot: tuple[float, float]) -> str:
    return ",".join(f"{value:.7f}".rstrip("0").rstrip(".") for value in spot)

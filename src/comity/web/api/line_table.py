"""The routes about lines and about what happens here. Part of `web.api.table`."""

from comity.web.api import events, lines, shapes, shapes_lines
from comity.web.event_stream import MEDIA_TYPE
from comity.web.route import Query, Route, reading
from comity.web.scope import Scope
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["LINE_TABLE"]

_API = "/api/v1"

LINE_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/lines",
        Scope.READ,
        shapes.Page[shapes_lines.LineView],
        lines.listed,
        summary="How each line stands, since when and why, and when people check it",
    ),
    reading(
        f"{_API}/gaps",
        Scope.READ,
        shapes.Page[shapes_lines.GapView],
        lines.gaps_listed,
        summary="Times without proven contact, newest first",
        query=(
            Query(name="party", about="only of this line: name or origin"),
            Query(name="after", about="the `next` of the page before"),
            Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),
        ),
    ),
    Route(
        method="GET",
        path=f"{_API}/events",
        scope=Scope.READ,
        summary="Everything that happens, as it happens: server-sent events",
        run=events.followed,
        query=(
            Query(name="after", about="the id of an event: from there on; the header counts first"),
        ),
        media_type=MEDIA_TYPE,
    ),
)

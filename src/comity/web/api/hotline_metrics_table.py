"""The route of the figures of our lines. Part of `web.api.table`."""

from comity.web.api import hotline_metrics, shapes, shapes_hotline_metrics
from comity.web.route import Query, Route
from comity.web.scope import Scope

__all__ = ["HOTLINE_METRICS_TABLE"]

HOTLINE_METRICS_TABLE: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/v1/hotline-metrics",
        scope=Scope.READ,
        summary="Lead times, answers, overdue ends by line and direction, equal at both its ends",
        run=hotline_metrics.listed,
        answer=shapes.Page[shapes_hotline_metrics.HotlineMetricsView],
        query=(
            Query(name="party", about="only the line to this party"),
            Query(name="since", about="only what was taken from this time on"),
            Query(name="until", about="only what was taken before this time, which has passed"),
            Query(name="given", about="only so many receipts of the party for what we gave"),
            Query(name="taken", about="only so many receipts of ours for what it gave"),
        ),
    ),
)

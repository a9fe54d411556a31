"""The routes of conflicts, and of the overlaps of a plan. Called by the table."""

from comity.web.api import conflicts, shapes
from comity.web.route import Query, Route, reading
from comity.web.scope import Scope

__all__ = ["CONFLICT_TABLE"]

_API = "/api/v1"

CONFLICT_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/conflicts",
        Scope.READ,
        shapes.Page[shapes.ConflictView],
        conflicts.listed,
        summary="All conflicts, those that are over too; each in one plain sentence",
        query=(
            Query(name="subject", about="the id of a declaration: only its, and only what holds"),
        ),
    ),
    reading(
        f"{_API}/conflicts/{{id}}",
        Scope.READ,
        shapes.ConflictView,
        conflicts.shown,
        summary="One conflict",
    ),
    Route(
        method="GET",
        path=f"{_API}/conflicts/{{id}}/overlap",
        scope=Scope.READ,
        summary="The overlap of a conflict as GeoJSON, or the line between the two",
        run=conflicts.overlap,
        media_type=conflicts.MEDIA_TYPE,
    ),
    Route(
        method="POST",
        path=f"{_API}/checks/overlaps",
        scope=Scope.DECLARE,
        summary="What a plan would overlap, as GeoJSON; register entries are not drawn",
        run=conflicts.checked_overlaps,
        body=shapes.NoticeRequest,
        media_type=conflicts.MEDIA_TYPE,
    ),
)

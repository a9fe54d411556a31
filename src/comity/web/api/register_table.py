"""The routes of the protected register, and of the question what a plan would meet.

Part of `web.api.table`. No route gives the volumes of more than one entry.
"""

from comity.web.api import register, register_watch, shapes, shapes_register
from comity.web.route import Query, Route, asking, reading, writing
from comity.web.scope import Scope
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["REGISTER_TABLE"]

_API = "/api/v1"
_ENTRY = f"{_API}/register/{{id}}"
_PAGING = (
    Query(name="after", about="the `next` of the page before"),
    Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),
)

REGISTER_TABLE: tuple[Route, ...] = (
    register_watch.watched(
        reading(
            f"{_API}/register",
            Scope.READ,
            shapes.Page[shapes_register.ProtectedView],
            register.listed,
            summary="The protected register: owner, a coarse cell, expiry and handle",
            query=_PAGING,
        )
    ),
    writing(
        f"{_API}/register",
        Scope.DECLARE,
        shapes_register.ProtectRequest,
        shapes.NoticeReceipt,
        register.protected,
        summary="Put a protected presence of ours into the register, for chosen parties alone",
    ),
    writing(
        f"{_ENTRY}/renewals",
        Scope.DECLARE,
        shapes_register.RenewalRequest,
        shapes.NoticeReceipt,
        register.renewed,
        summary="Let an entry of ours stand until another moment",
    ),
    writing(
        f"{_ENTRY}/release",
        Scope.DECLARE,
        shapes_register.ReleaseRequest,
        shapes.NoticeReceipt,
        register.released,
        summary="Withdraw an entry of ours",
    ),
    register_watch.watched(
        writing(
            f"{_ENTRY}/openings",
            Scope.REGISTER,
            shapes_register.OpeningRequest,
            shapes_register.PresenceView,
            register.opened,
            summary="Open one entry; its owner is told who (party and role), when and why",
        )
    ),
    register_watch.watched(
        reading(
            f"{_API}/register/reads",
            Scope.REGISTER,
            shapes.Page[shapes_register.EntryReadView],
            register.read,
            summary="Who opened entries of ours, page by page",
            query=_PAGING,
        )
    ),
    register_watch.watched(
        reading(
            f"{_API}/register/test",
            Scope.REGISTER,
            shapes.Page[shapes_register.EntryTestView],
            register.selftested,
            summary="How near declared operations came to the entries of ours that stand",
        )
    ),
    register_watch.watched(
        asking(
            f"{_API}/checks",
            Scope.DECLARE,
            shapes.NoticeRequest,
            shapes.Page[shapes_register.FindingView],
            register.checked,
            summary="What a plan would meet, register included; nothing is declared or written",
        )
    ),
)

"""The protected register over HTTP: give, renew, withdraw; list, open one entry; reads and tests.

One answer holds volumes: that of one entry, opened by a named caller. It is not kept for a repeated
request, and so no file holds it. Called by way of the table of the register.
"""

from comity.airspace.clearance import Approach
from comity.intake.foresee import Foreseen, foreseen
from comity.intake.guard import open_entry
from comity.intake.near_miss import Miss, Tested, tested
from comity.intake.protect import extend, protect, release
from comity.intake.receive import check_areas
from comity.intake.sealed import Presence, cell_of, presence_of
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.quantity import degrees, instant_text, instant_us, seconds
from comity.storage.register import ProtectedRow, ReadRow
from comity.storage.store import Reading, Transaction
from comity.web.api.notices import after_in, limit_in
from comity.web.api.shapes import Delivery, NoticeReceipt, NoticeRequest, Page
from comity.web.api.shapes_register import (
    CellView,
    EntryReadView,
    EntryTestView,
    FindingView,
    MissView,
    OpeningRequest,
    PresenceView,
    ProtectedView,
    ProtectRequest,
    ReleaseRequest,
    RenewalRequest,
)
from comity.web.api.translate import declaration_from, identity_from, protection_from
from comity.web.api.views import (
    receipt_view,
    said,
    terms_s,
    total_s,
    unable,
    volume_view,
    when,
)
from comity.web.gate import Admitted
from comity.web.once import commit, once
from comity.web.refusals import CHECKS_AN_HOUR_MAX

__all__ = ["checked", "listed", "opened", "protected", "read", "released", "renewed", "selftested"]

_MM_PER_M = 1_000


async def protected(call: Admitted, request: ProtectRequest) -> bytes:
    """Put a presence into the register."""
    order = protection_from(request, call.node.roster.now)

    def change(tx: Transaction, pen: Pen) -> NoticeReceipt:
        return receipt_view(protect(tx, pen, order))

    return await commit(call, change)


async def renewed(call: Admitted, request: RenewalRequest) -> bytes:
    """Let an entry of ours stand longer, or not so long."""
    id_, until_us = identity_from(call.path["id"], "id"), instant_us(request.until)

    def change(tx: Transaction, pen: Pen) -> NoticeReceipt:
        return receipt_view(extend(tx, pen, id_, until_us))

    return await commit(call, change)


async def released(call: Admitted, _: ReleaseRequest) -> bytes:
    """Withdraw an entry of ours."""
    id_ = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> NoticeReceipt:
        return receipt_view(release(tx, pen, id_))

    return await commit(call, change)


async def opened(call: Admitted, request: OpeningRequest) -> bytes:
    """One entry, whole; of another party's the owner is told of it first."""
    id_ = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> PresenceView:
        return _presence_view(open_entry(tx, pen, id_, request.role, request.reason))

    work = once(call, change, keep_answer=False)
    return (await call.node.commit(work, call.now_us)).value


def listed(call: Admitted) -> Page[ProtectedView]:
    """A page of what stands: owner, a coarse cell, expiry and handle."""
    after, limit = after_in(call), limit_in(call)
    keys, own, now_us = call.node.identity.entry_keys, call.node.origin, call.now_us

    def query(reading: Reading) -> Page[ProtectedView]:
        found = agreed(reading, own, now_us)
        rows = reading.register.page_of_protected(now_us, after, limit + 1)
        shown = rows[:limit]
        items = [_view(reading, found, row, presence_of(row, keys)) for row in shown]
        return Page(items=items, next=shown[-1].id.hex() if len(rows) > limit else None)

    return call.read(query)


def read(call: Admitted) -> Page[EntryReadView]:
    """A page of who opened entries of ours, oldest first."""
    after, limit = after_in(call), limit_in(call)

    def query(reading: Reading) -> Page[EntryReadView]:
        rows = reading.register.reads(after, limit + 1)
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(
            items=[_read_view(row) for row in shown], next=shown[-1].leaf.hex() if more else None
        )

    return call.read(query)


def selftested(call: Admitted) -> Page[EntryTestView]:
    """How near declared operations came to the entries of ours that stand."""
    keys, own, now_us = call.node.identity.entry_keys, call.node.origin, call.now_us
    found = call.read(lambda r: tested(r, keys, own, now_us))
    return Page(items=[_test_view(each) for each in found])


def checked(call: Admitted, request: NoticeRequest) -> Page[FindingView]:
    """What a plan would meet, of everything known here; nothing is declared, given or written."""
    plan = declaration_from(request, call.node.roster.now).notice
    check_areas(
        plan.volumes, call.now_us
    )  # before anything is read: a bad area is the caller's fault
    keys, own, now_us = call.node.identity.entry_keys, call.node.origin, call.now_us
    found = call.read(lambda r: foreseen(r, keys, own, now_us, plan))
    if any(each.sealed and each.owner != own for each in found):
        _count(call)
    return Page(items=[_finding_view(each) for each in found])


def _count(call: Admitted) -> None:
    """An answer about others' sealed entries is one of so many an hour."""
    if call.caller is None or call.node.checks.admit(call.caller.key_hash, call.now_us):
        return
    raise Refused(
        Refusal(
            code="too_many_checks",
            reason=f"{CHECKS_AN_HOUR_MAX} checks an hour may speak of entries of the register",
            what_to_do="wait, or declare the plan: that is not numbered, and it is recorded",
        )
    )


def _view(
    reading: Reading, found: Agreed, row: ProtectedRow, presence: Presence | None
) -> ProtectedView:
    return ProtectedView(
        handle=row.id.hex(),
        owner=row.owner,
        cell=None if presence is None else _cell_view(found, presence),
        expires=instant_text(row.expires_us),
        deliveries=_deliveries(reading, row),
    )


def _cell_view(found: Agreed, presence: Presence) -> CellView:
    cell = cell_of(found, presence)
    return CellView(
        south=degrees(cell.south_e7), west=degrees(cell.west_e7), size=degrees(cell.size_e7)
    )


def _deliveries(reading: Reading, row: ProtectedRow) -> list[Delivery]:
    found: list[Delivery] = []
    for given in reading.register.given(row.id):
        index = reading.journal.index_of_content(given.notice, given.audience)
        entry = None if index is None else reading.journal.entry(index)
        taken = None if index is None else reading.post.taken(index)
        if entry is not None:
            found.append(
                Delivery(
                    to=given.audience,
                    step=None,
                    known_as=given.declared.hex(),
                    index=entry.index,
                    leaf=entry.leaf.hex(),
                    delivered=when(None if taken is None else taken.taken_us),
                    verdict=None if taken is None else taken.verdict,
                    seen=None,
                    read_back=None,
                )
            )
    return found


def _presence_view(presence: Presence) -> PresenceView:
    declared, row = presence.declaration, presence.row
    return PresenceView(
        handle=row.id.hex(),
        owner=row.owner,
        name=declared.name,
        purpose=declared.purpose,
        domain=declared.domain,
        craft=declared.craft,
        clear_needs_s=None if declared.needs_us is None else seconds(declared.needs_us),
        expires=instant_text(row.expires_us),
        volumes=[volume_view(volume) for volume in declared.volumes],
    )


def _read_view(row: ReadRow) -> EntryReadView:
    return EntryReadView(
        id=row.leaf.hex(),
        handle=row.of.hex(),
        party=row.party,
        role=row.role,
        reason=row.reason,
        at=instant_text(row.at_us),
        known=instant_text(row.known_us),
    )


def _test_view(found: Tested) -> EntryTestView:
    once_, twice, five_times = found.counts
    return EntryTestView(
        handle=found.row.id.hex(),
        expires=instant_text(found.row.expires_us),
        within=once_,
        within_twice=twice,
        within_five_times=five_times,
        misses=[_miss_view(each) for each in found.misses],
    )


def _miss_view(miss: Miss) -> MissView:
    lateral_m, vertical_m, time_s = _gaps(miss.approach)
    return MissView(
        operation=miss.operation.hex(),
        owner=miss.owner,
        meets=miss.approach.meets,
        closest_m=lateral_m,
        vertical_gap_m=vertical_m,
        time_gap_s=time_s,
    )


def _finding_view(found: Foreseen) -> FindingView:
    lateral_m, vertical_m, time_s = _gaps(found.approach)
    return FindingView(
        id=found.id.hex(),
        owner=found.owner,
        kind=found.kind,
        sealed=found.sealed,
        meets=found.approach.meets,
        closest_m=lateral_m,
        vertical_gap_m=vertical_m,
        time_gap_s=time_s,
        clause=found.clause,
        sentence=said(found.met),
        time_to_clear_s=total_s(found.needed),
        terms_s=terms_s(found.needed),
        unable=unable(found.needed),
        clear_needs_s=None if found.published_us is None else seconds(found.published_us),
        verdict=None if found.verdict is None else found.verdict.word,
        reason=None if found.verdict is None else found.verdict.reason,
    )


def _gaps(approach: Approach) -> tuple[float, float, float]:
    return (
        approach.closest_mm / _MM_PER_M,
        approach.vertical_gap_mm / _MM_PER_M,
        seconds(approach.time_gap_us),
    )

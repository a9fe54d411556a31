"""The duty roster, whom to alert now, and receipt chains. A refused answer is recorded here too.

Called by way of the table.
"""

import logging
from dataclasses import replace

from starlette.requests import Request

from comity.hotline.chain import Chain, Link, chains_of
from comity.hotline.duty import NOT_ON_DUTY, has_begun, holders, note_refused_answer
from comity.hotline.roster import change_roster
from comity.hotline.standing import SUPERSEDED
from comity.hotline.watch import alerts
from comity.hotline.watch_open import anybody_present, watch_open
from comity.intake.terms import agreed, agreed_with
from comity.journal.pen import Pen
from comity.model.duty import ChainStep, RosterAct, RosterChange, WatchKind, same_name
from comity.model.fault import Corrupt, Fault, Refused
from comity.model.quantity import instant_text
from comity.storage.duty import EscalationRow, ShiftRow
from comity.storage.store import Reading, Transaction
from comity.web.api.shapes import Page
from comity.web.api.shapes_duty import (
    AlertView,
    ChainView,
    EchelonView,
    LinkView,
    PresenceRequest,
    RoleRequest,
    RosterChainRequest,
    RosterView,
    ShiftRequest,
    ShiftView,
)
from comity.web.api.translate import identity_from, instant_from
from comity.web.api.views import when
from comity.web.gate import Admitted, caller_of
from comity.web.node import Node
from comity.web.once import commit
from comity.web.route import Route
from comity.wire.canonical import hex32

__all__ = [
    "alerted",
    "chained",
    "change_of",
    "left",
    "present",
    "recorded",
    "set_chain",
    "shown",
    "taken",
]

_LOG = logging.getLogger("comity.web")
RosterRequest = RosterChainRequest | ShiftRequest | RoleRequest | PresenceRequest


def shown(call: Admitted) -> RosterView:
    """The roster as it stands."""
    return call.read(lambda reading: _roster(reading, call.now_us))


async def set_chain(call: Admitted, request: RosterChainRequest) -> bytes:
    """Say who is alerted, in which order; no role takes the roster away."""
    return await _changed(call, request)


async def taken(call: Admitted, request: ShiftRequest) -> bytes:
    """A person takes a role."""
    return await _changed(call, request)


async def left(call: Admitted, request: RoleRequest) -> bytes:
    """A person leaves a role."""
    return await _changed(call, request)


async def present(call: Admitted, request: PresenceRequest) -> bytes:
    """A person is there, or away."""
    return await _changed(call, request)


def change_of(request: RosterRequest, by: str) -> RosterChange:
    """What a request changes, as the key `by` asks for it."""
    match request:
        case RosterChainRequest(roles=roles):
            act = RosterAct.CHAIN if roles else RosterAct.CLEAR
            return RosterChange(act=act, by=by, roles=tuple(roles))
        case ShiftRequest(role=role, person=person, start=start, until=until):
            return RosterChange(
                act=RosterAct.TAKE,
                by=by,
                roles=(role,),
                person=person,
                from_us=None if start is None else instant_from(start, "start"),
                until_us=None if until is None else instant_from(until, "until"),
            )
        case RoleRequest(role=role, person=person):
            return RosterChange(act=RosterAct.LEAVE, by=by, roles=(role,), person=person)
        case PresenceRequest(person=person, present=there):
            act = RosterAct.BACK if there else RosterAct.AWAY
            return RosterChange(act=act, by=by, person=person)


def alerted(call: Admitted) -> Page[AlertView]:
    """Whom to alert now, most urgent first."""
    return call.read(lambda reading: Page(items=[*map(_alert, alerts(reading))]))


def chained(call: Admitted) -> Page[ChainView]:
    """The receipt chains of a notice, message or request, one for each party."""
    id_ = identity_from(call.path["id"], "id")

    def query(reading: Reading) -> Page[ChainView]:
        own = call.node.origin
        found = agreed(reading, own, call.now_us)
        chains = chains_of(reading, id_, own, found.with_party)
        return Page(items=[_chain(reading, chain, own, call.now_us) for chain in chains])

    return call.read(query)


_RECORDED = frozenset({NOT_ON_DUTY, SUPERSEDED})


def recorded(route: Route) -> Route:
    """The route, whose refusals are recorded for want of a role, or of a notice that stands."""
    return replace(route, on_refusal=_record)


async def _record(node: Node, request: Request, fault: Fault) -> None:
    if not isinstance(fault, Refused) or fault.code not in _RECORDED:
        return
    caller = caller_of(node, request)
    by = "" if caller is None else caller.name
    id_ = hex32(str(request.path_params["id"]))

    def work(tx: Transaction, pen: Pen) -> None:
        subject = tx.sky.subject_of_notice(id_)
        about = id_ if subject is None else subject.id
        note_refused_answer(tx, pen, about, refusal=fault.refusal, by=by)

    try:
        await node.commit(work, node.clock.now_us())
    except Corrupt:
        raise
    except Fault:
        _LOG.warning("a refused answer could not be recorded")


async def _changed(call: Admitted, request: RosterRequest) -> bytes:
    change = change_of(request, "" if call.caller is None else call.caller.name)

    def work(tx: Transaction, pen: Pen) -> RosterView:
        alone = not anybody_present(tx, pen.now_us)
        change_roster(tx, pen, change)
        if alone and anybody_present(tx, pen.now_us):
            watch_open(tx, pen, agreed_with(tx, pen))
        return _roster(tx, pen.now_us)

    return await commit(call, work)


def _roster(reading: Reading, now_us: int) -> RosterView:
    away = set(reading.duty.away())
    shifts = reading.duty.shifts(now_us)
    return RosterView(
        chain=[
            EchelonView(role=role, present=[*holders(reading, role, now_us)])
            for role in reading.duty.chain()
        ],
        shifts=[_shift(each, away, now_us) for each in shifts],
        away=sorted({s.person for s in shifts if same_name(s.person) in away}),
    )


def _shift(row: ShiftRow, away: set[str], now_us: int) -> ShiftView:
    return ShiftView(
        role=row.role,
        person=row.person,
        start=instant_text(row.from_us),
        until=when(row.until_us),
        now=has_begun(row, now_us) and same_name(row.person) not in away,
    )


def _alert(row: EscalationRow) -> AlertView:
    return AlertView(
        id=row.id.hex(),
        about=row.about.hex(),
        party=row.party,
        kind=WatchKind(row.kind),
        step=ChainStep(row.step),
        level=row.level,
        role=row.role,
        persons=row.persons.split("\n") if row.persons else [],
        reason=row.reason,
        ground=row.ground,
        floor=row.floor,
        due=instant_text(row.due_us),
        at=instant_text(row.at_us),
        leaf=None if row.leaf is None else row.leaf.hex(),
        cleared=when(row.cleared_us),
    )


def _chain(reading: Reading, chain: Chain, own: str, now_us: int) -> ChainView:
    rows = reading.duty.escalations(chain.about)
    return ChainView(
        about=chain.about.hex(),
        party=chain.party,
        kind=chain.kind,
        watched=chain.watched,
        steps=[_link(link, own, now_us) for link in chain.links],
        alerts=[_alert(row) for row in rows if row.party == chain.party],
    )


def _link(link: Link, own: str, now_us: int) -> LinkView:
    """A deadline is counted by our own clock, and so is what is late."""
    done_us = link.at_us if link.by == own else link.other_us
    late = link.due_us is not None and link.due_us < (now_us if done_us is None else done_us)
    return LinkView(
        step=link.step,
        by=link.by,
        done=link.done,
        late=late,
        at=when(link.at_us),
        other=when(link.other_us),
        due=when(link.due_us),
        ground=link.ground,
        leaf=None if link.leaf is None else link.leaf.hex(),
    )

"""Whom we can reach, who was told, pages for units without a node, and the codes they read back.

Called by way of the table.
"""

import msgspec

from comity.hotline.relay import Picked, Word, pick, relayed_subject, say
from comity.hotline.relay_link import Heard, PageOrder, Showable, hear, make_page, wrong_code
from comity.hotline.relay_list import RelayTerms, list_unit, remove_unit
from comity.hotline.relay_page import drawn
from comity.intake.pass_on import may_pass_on, passing
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.quantity import SECOND_US, instant_text, instant_us, seconds
from comity.model.relay import Means, ReachableUnit, RelayState, UnitKind
from comity.storage.relay import RelayTaskRow, RelayUnitRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.web.api.shapes import Page
from comity.web.api.shapes_relay import (
    OpenRelayView,
    RelayCodeRequest,
    RelayCodeView,
    RelayPageRequest,
    RelayPageView,
    RelayPickRequest,
    RelayTaskView,
    RelayUnitRemoval,
    RelayUnitRequest,
    RelayUnitView,
    RelayView,
    RelayWordRequest,
)
from comity.web.api.translate import identity_from
from comity.web.api.views import risk_view, when
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.wire.voice_text import groups_in

__all__ = [
    "heard",
    "heard_from",
    "listed",
    "opened",
    "paged",
    "picked",
    "put",
    "removed",
    "said",
    "shown",
    "unit_from",
    "word_from",
]


def listed(call: Admitted) -> Page[RelayUnitView]:
    """The whole list."""
    return call.read(_list)


async def put(call: Admitted, request: RelayUnitRequest) -> bytes:
    """Put a unit onto the list, or change it there."""
    unit = unit_from(request)

    def change(tx: Transaction, pen: Pen) -> RelayUnitView:
        return _unit_view(list_unit(tx, pen, _terms(call, tx, pen), unit))

    return await commit(call, change)


async def removed(call: Admitted, request: RelayUnitRemoval) -> bytes:
    """Take a unit off the list."""

    def change(tx: Transaction, pen: Pen) -> Page[RelayUnitView]:
        remove_unit(tx, pen, request.name)
        return _list(tx)

    return await commit(call, change)


def opened(call: Admitted) -> OpenRelayView:
    """What is open, whole: nothing that was missed is left out."""

    def query(reading: Reading) -> OpenRelayView:
        return OpenRelayView(
            risks=[risk_view(row) for row in reading.people.open_risks()],
            to_tell=[_task_view(row) for row in reading.relay.tasks_to_tell()],
        )

    return call.read(query)


def shown(call: Admitted) -> RelayView:
    """Who is to be told of one notice, and what became of each."""
    of = identity_from(call.path["id"], "id")
    return call.read(lambda r: _view(r, relayed_subject(r, of)))


async def said(call: Admitted, request: RelayWordRequest) -> bytes:
    """Record what became of one unit."""
    of = identity_from(call.path["id"], "id")
    word = word_from(request, call.now_us)

    def change(tx: Transaction, pen: Pen) -> RelayView:
        say(tx, pen, _terms(call, tx, pen), relayed_subject(tx, of), word)
        return _view(tx, relayed_subject(tx, of))

    return await commit(call, change)


async def picked(call: Admitted, request: RelayPickRequest) -> bytes:
    """Say which units a notice concerns."""
    of = identity_from(call.path["id"], "id")
    found = Picked(units=frozenset(request.units), role=request.role)

    def change(tx: Transaction, pen: Pen) -> RelayView:
        pick(tx, pen, _terms(call, tx, pen), relayed_subject(tx, of), found)
        return _view(tx, relayed_subject(tx, of))

    return await commit(call, change)


async def paged(call: Admitted, request: RelayPageRequest) -> bytes:
    """Make a page for one unit of what may be passed on, and nothing else."""
    of = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> RelayPageView:
        passed = may_pass_on(tx, agreed(tx, pen.origin, pen.now_us), of)
        valid_us = request.valid_for_s * SECOND_US
        order = PageOrder(of=of, unit=request.unit, passed=passed, valid_us=valid_us)
        made = make_page(tx, pen, _terms(call, tx, pen), order)
        return RelayPageView(
            unit=request.unit,
            shows=made.page.passed.notice.hex(),
            code=list(made.page.code),
            until=instant_text(made.page.until_us),
            form=request.form,
            page=drawn(made.note, request.form).decode("utf-8"),
            note=made.note.decode("utf-8"),
        )

    return await commit(call, change)


async def heard(call: Admitted, request: RelayCodeRequest) -> bytes:
    """Take a code that was read back; a wrong one is recorded before it is refused."""
    of = identity_from(call.path["id"], "id")
    found = heard_from(request)

    def change(tx: Transaction, pen: Pen) -> RelayCodeView:
        subject = relayed_subject(tx, of)
        passed = passing(tx, agreed(tx, pen.origin, pen.now_us), subject)
        now = Showable(subject=subject, passed=passed)
        right = hear(tx, pen, _terms(call, tx, pen), now, found)
        return RelayCodeView(right=right, relay=_view(tx, relayed_subject(tx, of)))

    answer = await commit(call, change)
    if not msgspec.json.decode(answer, type=RelayCodeView).right:
        raise wrong_code()
    return answer


def unit_from(request: RelayUnitRequest) -> ReachableUnit:
    """A unit for the list."""
    return ReachableUnit(
        name=request.name,
        kind=request.kind,
        means=request.means,
        channel=request.channel,
        expected_us=request.within_s * SECOND_US,
    )


def word_from(request: RelayWordRequest, now_us: int) -> Word:
    """What somebody says of one unit."""
    return Word(
        unit=request.unit,
        state=request.state,
        at_us=now_us if request.at is None else instant_us(request.at),
        role=request.role,
        means=request.means,
        channel=request.channel,
    )


def heard_from(request: RelayCodeRequest) -> Heard:
    """The groups that a unit read back."""
    return Heard(unit=request.unit, groups=groups_in(request.code), role=request.role)


def _terms(call: Admitted, tx: Transaction, pen: Pen) -> RelayTerms:
    found = agreed(tx, pen.origin, pen.now_us)
    return RelayTerms(secret=call.node.handle_secret, toward=found.toward)


def _list(reading: Reading) -> Page[RelayUnitView]:
    return Page(items=[_unit_view(row) for row in reading.relay.units()])


def _unit_view(row: RelayUnitRow) -> RelayUnitView:
    return RelayUnitView(
        name=row.name,
        kind=UnitKind(row.kind),
        means=Means(row.means),
        channel=row.channel,
        within_s=seconds(row.expected_us),
        added=instant_text(row.added_us),
    )


def _view(reading: Reading, subject: SubjectRow) -> RelayView:
    others = [
        row
        for notice in reading.sky.notices_of(subject.id)
        for row in reading.people.units_of(notice)
        if row.name is None
    ]
    return RelayView(
        id=subject.id.hex(),
        owner=subject.owner,
        state=subject.state,
        units=[_task_view(row) for row in reading.relay.tasks_of(subject.id)],
        others=[risk_view(row) for row in others],
    )


def _task_view(row: RelayTaskRow) -> RelayTaskView:
    return RelayTaskView(
        notice=row.of.hex(),
        unit=row.unit,
        handle=row.handle.hex(),
        state=RelayState(row.state),
        means=Means(row.means),
        channel=row.channel,
        since=instant_text(row.since_us),
        at=instant_text(row.at_us),
        due=when(row.due_us),
        ground=row.ground,
        page_until=when(row.until_us),
    )

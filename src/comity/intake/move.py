"""Amend, start, end, release, cancel: the same trip as a declaration, along the lifecycle's table.

A move goes to everyone who got the declaration, as far as `tell_moves` says. Called by the doors
through assembly.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest

from comity.agreement.resolve import case_of
from comity.intake.assess import judge
from comity.intake.border import BORDER_FLAG, border_flags
from comity.intake.decide import Flag
from comity.intake.guard import take_release
from comity.intake.near import settle_conflicts
from comity.intake.order import MoveOrder, Outcome
from comity.intake.permit import ENDS, in_agreement, may_amend, may_move, of_the_floor
from comity.intake.receive import check_areas, prompt_of, refuse, take_declaration, warn_of
from comity.intake.subject import around, declaration_of
from comity.intake.tell_moves import MoveTelling, told_of
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState, is_live, moved
from comity.model.notice import (
    Amendment,
    Code,
    Declaration,
    Notice,
    SubjectKind,
    Transition,
)
from comity.storage.rows import SubjectRow
from comity.storage.store import Transaction
from comity.trust.envelope import Verified
from comity.wire.entry_v1 import Entry, EntryType
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of

__all__ = ["move", "take_notice"]

# What was said of an area that is another now.
_AMENDED = ("unable", "read_back_differs")
# Warnings about a subject, and about each notice of it, that its end makes an end of.
_OVER = (
    *("short_notice", "insufficient_notice", BORDER_FLAG),
    *("hazard_contradicted", "hazard_lapsed", "overdue_end", "not_closed", "nobody_answers"),
    *_AMENDED,
)
_NOTICE_OVER = ("refused_by_peer", "unbound_at_peer", "not_recorded_by_peer")


def move(tx: Transaction, pen: Pen, order: MoveOrder) -> Outcome:
    """Move a subject of our own and tell those who know it, each as far as its step goes."""
    row = tx.sky.subject(order.subject)
    if row is None or not row.ours:
        raise _unknown("list your own notices")
    notice = _notice(order, SubjectKind(row.kind), pen.now_us)
    if notice.code in ENDS:
        pen.claim_floor()
    whole = pen.seal(fields_of(notice))
    found = agreed(tx, pen.origin, pen.now_us)
    after, conflicts = _applied(tx, pen, row, notice, whole.id, found=found)
    return Outcome(
        notice=whole.id,
        subject=row.id,
        state=LifeState(after.state),
        written=MoveTelling(tx, pen, row, notice, whole, found=found).write(),
        conflicts=conflicts,
        flags=tuple(after.flags.split()),
    )


def _notice(order: MoveOrder, kind: SubjectKind, now_us: int) -> Amendment | Transition:
    if order.code is Code.AMEND:
        check_areas(order.volumes, now_us)
        return Amendment(of=order.subject, volumes=order.volumes)
    code = order.code
    if code is Code.END and kind is SubjectKind.PRESENCE:
        code = Code.RELEASE  # the phrasebook's word for the end of a protected presence
    return Transition(of=order.subject, code=code, at_us=order.at_us)


def take_notice(
    tx: Transaction, pen: Pen, given: Verified[Notice], id_: bytes, entry: Entry
) -> None:
    """Whatever a peer gave us about what it does: the desk's one door for notices."""
    notice = given.value
    if entry.type is EntryType.SAFETY:
        refuse(of_the_floor(notice.code, _kind(tx, notice)))
    if isinstance(notice, Declaration):
        take_declaration(tx, pen, given.derive(notice), id_, entry.issued_us)
    else:
        _take_move(tx, pen, given.by, notice, id_)


def _kind(tx: Transaction, notice: Notice) -> SubjectKind | None:
    if isinstance(notice, Declaration):
        return notice.kind
    row = tx.sky.subject(notice.of)
    return None if row is None else SubjectKind(row.kind)


def _take_move(
    tx: Transaction, pen: Pen, by: str, notice: Amendment | Transition, id_: bytes
) -> None:
    """Apply a peer's move to a subject of its own; of its register the end alone comes this way."""
    entry = tx.register.protected(notice.of)
    if entry is not None and entry.owner == by and isinstance(notice, Transition):
        take_release(tx, pen, entry, notice, id_)
        return
    row = tx.sky.subject(notice.of)
    if row is None or row.owner != by:  # another party's subject is not theirs to move
        raise _unknown("declare it first")
    if isinstance(notice, Amendment):
        check_areas(notice.volumes, pen.now_us)
    found = agreed(tx, pen.origin, pen.now_us)
    after, _ = _applied(tx, pen, row, notice, id_, found=found)
    if isinstance(notice, Amendment):
        judge(tx, pen, after, found)


def _applied(
    tx: Transaction,
    pen: Pen,
    row: SubjectRow,
    notice: Amendment | Transition,
    id_: bytes,
    *,
    found: Agreed,
) -> tuple[SubjectRow, tuple[bytes, ...]]:
    state = LifeState(row.state)
    refuse(may_move(state, notice.code, SubjectKind(row.kind)))
    after = replace(row, state=moved(state, notice.code) or state, notice=id_)
    if isinstance(notice, Amendment):
        said = replace(declaration_of(row), volumes=notice.volumes)
        refuse(may_amend(said, row.recipients.split(), prompt_of(tx, found, row.prompted_by)))
        concerned = row.recipients.split() if row.ours else [row.owner]
        refuse(in_agreement(SubjectKind(row.kind), concerned, found.consents()))
        volumes = serialise_fields(fields_of(notice))
        after = replace(after, volumes=volumes, box=around(notice.volumes))
        after = _border_again(tx, pen, found, after, said)
    if not row.ours:
        told_of(tx, row.id, id_, notice, pen.now_us)
    tx.sky.save_subject(after)
    tx.sky.link_notice(id_, row.id)
    conflicts = settle_conflicts(tx, pen, after, found)
    if not is_live(LifeState(after.state)):
        _clear(tx, pen, _OVER, row.id)
        for about in tx.sky.notices_of(row.id):
            _clear(tx, pen, _NOTICE_OVER, about)
    elif after.box.end_us >= pen.now_us:
        _clear(tx, pen, ("overdue_end", "not_closed"), row.id)
    if isinstance(notice, Amendment):
        _clear(tx, pen, _AMENDED, row.id)
    return after, conflicts


def _clear(tx: Transaction, pen: Pen, kinds: Iterable[str], about: bytes) -> None:
    for kind in kinds:
        clear_warnings(tx, pen, kind, about)


def _border_again(
    tx: Transaction, pen: Pen, found: Agreed, row: SubjectRow, said: Declaration
) -> SubjectRow:
    """What moves is measured from the borders again; its other flags are those of its delivery."""
    names, grounds = row.flags.split(), row.grounds.split("\n")
    flags = [
        Flag(name=name, ground=ground)
        for name, ground in zip_longest(names, grounds[: len(names)], fillvalue="")
        if name != BORDER_FLAG
    ]
    clear_warnings(tx, pen, BORDER_FLAG, row.id)
    for other in row.recipients.split() if row.ours else (row.owner,):
        case = case_of(said, row.owner, other if row.ours else pen.origin)
        near = border_flags(said, found.with_party(other), case)
        if near:
            flags.append(near[-1])
            break
    if not row.ours:
        warn_of(tx, pen, row, (flag for flag in flags if flag.name == BORDER_FLAG))
    return replace(
        row,
        flags=" ".join(flag.name for flag in flags),
        grounds="\n".join(flag.ground for flag in flags),
    )


def _unknown(what_to_do: str) -> Refused:
    return Refused(
        Refusal(
            code="not_found",
            reason="no subject of that owner has this id",
            what_to_do=what_to_do,
            field="id",
        )
    )

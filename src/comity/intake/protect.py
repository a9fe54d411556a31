"""Our side of the protected register: give a presence to chosen recipients, renew it, withdraw it.

    permit -> floor of the agreement (or snap) -> seal to each recipient, and to ourselves -> save
    -> conflicts

What was given in finer than the floor is stored nowhere. Each recipient gets its own sealed text
under its own id; our own copy is sealed to our own entry key. Raises Refused, and then nothing
happened. Called by the doors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from comity.agreement.resolve import Rules, Ruling, case_of
from comity.airspace.heights import in_window
from comity.airspace.snap import is_on_grid, snapped
from comity.intake.near import settle_conflicts
from comity.intake.order import Outcome, ProtectOrder
from comity.intake.permit import in_agreement, may_have_more, too_small
from comity.intake.receive import check_areas, refuse
from comity.intake.renew import present_entry_key
from comity.intake.sealed import Presence, forget_opened, over_subject, presence_of
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Content, Pen, Written
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.lifecycle import LifeState
from comity.model.notice import Code, Declaration, SubjectKind, Transition
from comity.model.parameter import parameter
from comity.model.party import party_name
from comity.model.protected import Protected, Sealed
from comity.model.quantity import instant_text
from comity.model.volume import Volume4D
from comity.storage.register import LIVE, WITHDRAWN, GivenRow, ProtectedRow
from comity.storage.store import Reading, Transaction
from comity.trust.keys import VerifierKey, parse_verifier_key
from comity.trust.sealed_box import box_name, seal_to
from comity.trust.statement import Statement
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import serialise_fields
from comity.wire.key_v1 import KeyText
from comity.wire.notice_v1 import fields_of
from comity.wire.register_v1 import clear_text, commitment_of, fields_of_sealed

__all__ = ["extend", "own_live", "protect", "release", "too_long", "warn_exposed"]

_EXPOSED = "register_exposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Floor:
    """What the agreements with all recipients together ask of an entry."""

    radius: Ruling
    grid: Ruling
    expiry: Ruling


def protect(tx: Transaction, pen: Pen, order: ProtectOrder) -> Outcome:
    """Put a presence into the register and give it to the recipients."""
    check_areas(order.notice.volumes, pen.now_us)
    found = agreed(tx, pen.origin, pen.now_us)
    refuse(in_agreement(SubjectKind.PRESENCE, order.to, found.consents()))
    floor = _floor(found, order.notice, order.to)
    notice = _as_coarse(order, floor)
    expires_us = _expires_us(notice.volumes)
    refuse(_over(expires_us, pen.now_us) or too_long(floor.expiry, expires_us, pen.now_us))
    refuse(may_have_more(tx.register.live_protected_of(pen.origin)))
    own = _sealed(pen, notice, pen.origin, pen.entry_key, None)
    written = pen.write_content(EntryType.REGISTER, pen.origin, own)
    row = ProtectedRow(
        id=own.id,
        owner=pen.origin,
        ours=True,
        state=LIVE,
        sealed=serialise_fields(own.fields),
        leaf=written.leaf,
        notice=own.id,
        issued_us=pen.now_us,
        delivered_us=None,
        expires_us=expires_us,
        recipients=" ".join(order.to),
    )
    tx.register.save_protected(row)
    tx.sky.link_notice(row.id, row.id)
    given = [_give(tx, pen, row, notice, origin, None) for origin in order.to]
    return _outcome(tx, pen, row, own.id, (*given, written))


def extend(tx: Transaction, pen: Pen, id_: bytes, until_us: int) -> Outcome:
    """Renew an entry: the volumes that lasted to its expiry last until another moment."""
    row, presence = own_live(tx, pen, id_)
    refuse(_over(until_us, pen.now_us))
    to = tuple(row.recipients.split())
    found = agreed(tx, pen.origin, pen.now_us)
    refuse(in_agreement(SubjectKind.PRESENCE, to, found.consents()))
    notice = replace(
        presence.declaration,
        volumes=tuple(
            _until(volume, row.expires_us, until_us) for volume in presence.declaration.volumes
        ),
    )
    floor = _floor(found, notice, to)
    expires_us = _expires_us(notice.volumes)
    refuse(_over(expires_us, pen.now_us) or too_long(floor.expiry, expires_us, pen.now_us))
    own = _sealed(pen, notice, pen.origin, pen.entry_key, row.id)
    written = pen.write_content(EntryType.REGISTER, pen.origin, own)
    after = replace(
        row,
        sealed=serialise_fields(own.fields),
        leaf=written.leaf,
        notice=own.id,
        expires_us=expires_us,
    )
    tx.register.save_protected(after)
    tx.sky.link_notice(own.id, row.id)
    clear_warnings(tx, pen, _EXPOSED, row.id)
    known = {each.audience: each for each in tx.register.given(row.id)}
    given = [_give(tx, pen, after, notice, origin, known[origin]) for origin in to]
    return _outcome(tx, pen, after, own.id, (*given, written))


def release(tx: Transaction, pen: Pen, id_: bytes) -> Outcome:
    """Withdraw an entry (V2): it is of the safety floor, and counts here at once."""
    row = _own(tx, id_)
    if row.state == WITHDRAWN:
        raise _refused("no_such_move", "it is withdrawn already", "nothing: it is over")
    pen.claim_floor()
    own = pen.seal(fields_of(Transition(of=row.id, code=Code.RELEASE, at_us=pen.now_us)))
    written = [_release_to(tx, pen, row, each) for each in tx.register.given(row.id)]
    written.append(pen.write_content(EntryType.NOTICE, pen.origin, own, floor=True))
    after = replace(row, state=WITHDRAWN, sealed=b"", notice=own.id)
    tx.register.save_protected(after)
    tx.sky.link_notice(own.id, row.id)
    settle_conflicts(tx, pen, over_subject(after), agreed(tx, pen.origin, pen.now_us))
    forget_opened()
    clear_warnings(tx, pen, _EXPOSED, row.id)
    return Outcome(
        notice=own.id,
        subject=row.id,
        state=LifeState.ENDED,
        written=tuple(written),
        conflicts=(),
        flags=(),
    )


def own_live(reading: Reading, pen: Pen, id_: bytes) -> tuple[ProtectedRow, Presence]:
    """An entry of ours that stands, opened.

    Raises:
        Refused: `not_found`; `no_such_move`, it is withdrawn; `expired`.
        Corrupt: it is sealed to a key of ours that is gone.
    """
    row = _own(reading, id_)
    if row.state == WITHDRAWN:
        raise _refused("no_such_move", "it is withdrawn", "give it anew")
    if row.state != LIVE or row.expires_us <= pen.now_us:
        raise _refused("expired", "it is over, and its clear text is gone", "give it anew")
    presence = presence_of(row, pen.entry_keys)
    if presence is None:
        raise Corrupt("an entry of our own register does not open", code="bad_row")
    return row, presence


def too_long(ruling: Ruling, expires_us: int, now_us: int) -> Refusal | None:
    """Whether an entry would stand longer than agreed without being renewed."""
    if expires_us - now_us <= ruling.value:
        return None
    return Refusal(
        code="expiry_too_long",
        reason=f"an entry until {instant_text(expires_us)} stands too long: {ruling.sentence}",
        what_to_do="let it expire sooner, and renew it while it is needed",
        field="until",
        basis=ruling.basis,
    )


def warn_exposed(tx: Transaction, pen: Pen, origin: str, statement: Statement) -> None:
    """A recipient lost a key, or revoked it: a person decides about what was sealed to it."""
    if isinstance(statement, KeyText):
        gone = statement.old if statement.because == "loss" else None
    else:
        gone = statement.key
    if gone is None:
        return
    name = box_name(parse_verifier_key(gone))
    for id_ in tx.register.sealed_to(origin, name):
        text = f"{party_name(origin)} may have lost the key to it: withdraw it, or renew it"
        raise_warning(tx, pen, _EXPOSED, id_, text=text, party=origin)


def _floor(found: Agreed, notice: Declaration, to: Sequence[str]) -> _Floor:
    def strictest(name: str) -> Ruling:
        known = parameter(name)
        rulings = [_ruling(found.with_party(each), name, notice, found.own, each) for each in to]
        best = rulings[0]
        for ruling in rulings[1:]:
            if known.strictest(best.value, ruling.value) != best.value:
                best = ruling
        return best

    return _Floor(
        radius=strictest("register_radius_min_mm"),
        grid=strictest("register_grid_e7"),
        expiry=strictest("register_expiry_max_us"),
    )


def _ruling(rules: Rules, name: str, notice: Declaration, by: str, to: str) -> Ruling:
    return rules.ruling(name, case_of(notice, by, to))


def _as_coarse(order: ProtectOrder, floor: _Floor) -> Declaration:
    """The declaration as it may be given: no finer than the floor, no smaller."""
    notice, grid = order.notice, floor.grid
    if order.snap:
        notice = replace(notice, volumes=tuple(snapped(v, grid.value) for v in notice.volumes))
    elif not all(is_on_grid(volume, grid.value) for volume in notice.volumes):
        raise Refused(
            Refusal(
                code="precision_below_floor",
                reason=f"a coordinate is finer than agreed: {grid.sentence} (1e-7 degree)",
                what_to_do="round it yourself, or ask for --snap: it is made coarser, outward",
                field="volumes",
                basis=grid.basis,
            )
        )
    if any(too_small(volume.footprint, floor.radius.value) for volume in notice.volumes):
        raise Refused(
            Refusal(
                code="area_too_small",
                reason=f"it is smaller than agreed: {floor.radius.sentence}",
                what_to_do="draw it wider: less would be a position",
                field="volumes",
                basis=floor.radius.basis,
            )
        )
    return notice


def _expires_us(volumes: Iterable[Volume4D]) -> int:
    return max(volume.window.end_us + volume.uncertainty.time_us for volume in volumes)


def _over(expires_us: int, now_us: int) -> Refusal | None:
    if expires_us > now_us:
        return None
    return Refusal(
        code="expired",
        reason="all of it is over already",
        what_to_do="choose a moment that is still to come",
        field="until",
    )


def _until(volume: Volume4D, before_us: int, until_us: int) -> Volume4D:
    if volume.window.end_us + volume.uncertainty.time_us != before_us:
        return volume
    window = replace(volume.window, end_us=until_us - volume.uncertainty.time_us)
    return in_window(volume, window)


def _sealed(pen: Pen, notice: Declaration, to: str, key: VerifierKey, of: bytes | None) -> Content:
    """A content that `to` alone can open."""
    entry = Protected(owner=pen.origin, to=to, of=of, salt=pen.chance(), declaration=notice)
    clear = clear_text(entry)
    sealed = Sealed(
        key=box_name(key),
        commitment=commitment_of(clear),
        data=seal_to(key, clear, pen.chance()),
    )
    return pen.seal(fields_of_sealed(sealed))


def _give(  # noqa: PLR0917 - who gets what, of which entry
    tx: Transaction,
    pen: Pen,
    row: ProtectedRow,
    notice: Declaration,
    to: str,
    before: GivenRow | None,
) -> Written:
    """One recipient's content; `before` is what it has of the entry, None if nothing."""
    key = present_entry_key(tx, to)
    if key is None:
        raise _refused("unknown_party", f"{to} is not enrolled", "enrol it first")
    declared = None if before is None else before.declared
    content = _sealed(pen, notice, to, key, declared)
    tx.sky.link_notice(content.id, row.id)
    tx.register.save_given(
        GivenRow(
            id=row.id,
            audience=to,
            declared=content.id if declared is None else declared,
            notice=content.id,
            key=box_name(key),
        )
    )
    return pen.write_content(EntryType.REGISTER, to, content)


def _release_to(tx: Transaction, pen: Pen, row: ProtectedRow, given: GivenRow) -> Written:
    """The end of an entry at one recipient; what still waits in the outbox is ended behind it."""
    end = Transition(of=given.declared, code=Code.RELEASE, at_us=pen.now_us)
    content = pen.seal(fields_of(end))
    index = tx.journal.index_of_content(given.notice, given.audience)
    taken = index is not None and tx.post.taken(index) is not None
    tx.sky.link_notice(content.id, row.id)
    tx.register.save_given(replace(given, notice=content.id))
    kind = EntryType.SAFETY if taken else EntryType.NOTICE
    return pen.write_content(kind, given.audience, content, floor=True)


def _outcome(
    tx: Transaction, pen: Pen, row: ProtectedRow, notice: bytes, written: tuple[Written, ...]
) -> Outcome:
    presence = presence_of(row, pen.entry_keys)
    if presence is None:
        raise Corrupt("what was sealed just now does not open", code="invariant_broken")
    return Outcome(
        notice=notice,
        subject=row.id,
        state=LifeState.DECLARED,
        written=written,
        conflicts=settle_conflicts(
            tx, pen, presence.subject(), agreed(tx, pen.origin, pen.now_us), presence
        ),
        flags=(),
    )


def _own(reading: Reading, id_: bytes) -> ProtectedRow:
    row = reading.register.protected_of(id_)
    if row is None or not row.ours:
        raise _refused("not_found", "no entry of ours has that id", "list our entries")
    return row


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field="id"))

"""Which units were told of a notice, and which were not reached: the last mile, made visible.

At home a unit has a name. The notice's owner gets a handle: HMAC of name, notice and recipient
under a secret that stays here, so that handles of two notices or two recipients do not match. Where
our own notice was prompted by a third party's, that party learns the same states under handles made
anew. Called by the doors through assembly, and by `relay`.
"""

import hmac
from dataclasses import dataclass, replace

from comity.hotline.floor import claim_floor_for
from comity.hotline.owner_sees import Lot, reports_of
from comity.hotline.watch import heard_from, settle
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.answer import Attestation, UnitState
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.notice import checked_text
from comity.model.party import party_name
from comity.model.quantity import checked_instant_us
from comity.storage.rows import SubjectRow, UnitRow
from comity.storage.store import Transaction
from comity.wire.answer_v1 import attestation_from, fields_of_attestation
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field
from comity.wire.limits import HANDLES_MAX, NAME_CHARS_MAX, UNITS_MAX

__all__ = [
    "NamedUnit",
    "attest",
    "handle_of",
    "keep_state",
    "settle_over",
    "take_attestation",
    "tell_states",
]

_DOMAIN = b"comity/unit-handle/v1\0"
_WARNING = "unit_not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedUnit:
    """One of our own units, as people here call it."""

    name: str
    state: UnitState
    at_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        checked_instant_us(self.at_us)
        if not checked_text(self.name, NAME_CHARS_MAX, "unit"):
            raise Malformed("a unit has a name at home", code="bad_units")


def attest(
    tx: Transaction, pen: Pen, secret: bytes, of: bytes, units: tuple[NamedUnit, ...]
) -> tuple[UnitRow, ...]:
    """Record what our units know of a peer's notice, and tell its owner by handles."""
    subject = tx.sky.subject_of_notice(of)
    if subject is None or subject.ours:
        raise _not_found()
    if not 1 <= len(units) <= UNITS_MAX or len({unit.name for unit in units}) != len(units):
        raise Malformed(f"1 to {UNITS_MAX} units, each once", code="bad_units")
    claim_floor_for(pen, subject)
    rows = tuple(
        UnitRow(
            of=of,
            party=pen.origin,
            handle=handle_of(secret, of, subject.owner, unit.name.encode()),
            name=unit.name,
            state=unit.state,
            at_us=unit.at_us,
            known_us=pen.now_us,
        )
        for unit in units
    )
    tell_states(tx, pen, subject.owner, of, rows)
    for row in rows:
        keep_state(tx, pen, row)
    settle(tx, pen, subject.id)
    return rows


def take_attestation(
    tx: Transaction, pen: Pen, secret: bytes, by: str, fields: tuple[Field, ...]
) -> None:
    """Keep a peer's word on its units about a notice of ours; pass states on where they matter."""
    attestation = attestation_from(fields)
    subject = tx.sky.subject_of_notice(attestation.of)
    if subject is None or not subject.ours or by not in subject.recipients.split():
        raise _not_found()
    rows = tuple(
        UnitRow(
            of=attestation.of,
            party=by,
            handle=unit.handle,
            name=None,
            state=unit.state,
            at_us=unit.at_us,
            known_us=pen.now_us,
        )
        for unit in attestation.units
    )
    _check_count(tx, attestation.of, by, rows)
    claim_floor_for(pen, subject)
    for row in rows:
        keep_state(tx, pen, row)
    heard_from(tx, pen, subject.id, by)
    _pass_on(tx, pen, secret, subject, rows)


def _check_count(tx: Transaction, of: bytes, by: str, rows: tuple[UnitRow, ...]) -> None:
    """A party has so many handles and no more: its word on them is kept, and passed on, by us."""
    known = {row.handle for row in tx.people.units_of(of) if row.party == by}
    if len(known | {row.handle for row in rows}) > HANDLES_MAX:
        raise Refused(
            Refusal(
                code="too_many_units",
                reason=f"a party attests under at most {HANDLES_MAX} handles for one notice",
                what_to_do="attest again under the handles used before",
            )
        )


def _pass_on(
    tx: Transaction, pen: Pen, secret: bytes, subject: SubjectRow, rows: tuple[UnitRow, ...]
) -> None:
    """Tell the party whose notice prompted ours: the same states, other handles, no name."""
    if subject.prompted_by is None:
        return
    cause = tx.sky.subject_of_notice(subject.prompted_by)
    if cause is None or cause.ours:
        return
    anew = tuple(
        UnitRow(
            of=subject.prompted_by,
            party=row.party,
            handle=handle_of(secret, subject.prompted_by, cause.owner, row.handle),
            name=None,
            state=row.state,
            at_us=row.at_us,
            known_us=pen.now_us,
        )
        for row in rows
    )
    tell_states(tx, pen, cause.owner, subject.prompted_by, anew, lot=Lot.PASSED_ON)


def tell_states(
    tx: Transaction,
    pen: Pen,
    owner: str,
    of: bytes,
    rows: tuple[UnitRow, ...],
    *,
    lot: Lot = Lot.OWN,
) -> None:
    """Tell a notice's owner of states, by handles."""
    reports = reports_of(tx, pen, of, lot, rows)
    for first in range(0, len(reports), UNITS_MAX):
        units = reports[first : first + UNITS_MAX]
        content = pen.seal(fields_of_attestation(Attestation(of=of, units=units)))
        pen.write_content(EntryType.ATTESTATION, owner, content)


def keep_state(tx: Transaction, pen: Pen, row: UnitRow, *, ground: str = "") -> None:
    """Keep the newest word on a unit: an open risk while it was not reached, `ground` says why."""
    tx.people.save_unit(row)
    about = _risk(row)
    if row.state == UnitState.NOT_REACHED:
        who = row.name or f"unit {row.handle.hex()[:8]}"
        text = f"{who} of {party_name(row.party)} was not reached{ground}"
        raise_warning(tx, pen, _WARNING, about, text=text, party=row.party)
    else:
        clear_warnings(tx, pen, _WARNING, about)
    task = None if row.name is None else tx.relay.task(row.of, row.name)
    if task is not None:
        tx.relay.save_task(replace(task, state=row.state, at_us=row.at_us, due_us=None))


def settle_over(tx: Transaction, pen: Pen) -> None:
    """Close, here, each open risk whose notice is over: there is nothing left to be told."""
    for row in tx.people.risks_over(pen.now_us):
        tx.people.save_unit(replace(row, over_us=pen.now_us))
        clear_warnings(tx, pen, _WARNING, _risk(row))


def _risk(row: UnitRow) -> bytes:
    """What a warning about a unit and a notice is about."""
    return hmac.digest(row.handle, row.of, "sha256")


def handle_of(secret: bytes, of: bytes, recipient: str, name: bytes) -> bytes:
    """The handle of a unit toward a recipient, for one notice."""
    return hmac.digest(secret, _DOMAIN + of + recipient.encode() + b"\0" + name, "sha256")


def _not_found() -> Refused:
    return Refused(
        Refusal(
            code="not_found",
            reason="no notice with that id is there to be attested",
            what_to_do="list the notices that the other party gave",
            field="id",
        )
    )

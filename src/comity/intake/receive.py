"""The desk's front: a declaration of our own, or one that a peer gave us. Reads top to bottom.

    permit (agreement) -> decide (flags) -> tell (each at its step) -> save -> conflicts -> write

all inside the caller's one transaction; what is given to others waits in the outbox until the
commit. Raises Refused, and then nothing happened. Called by the doors through assembly.
"""

from collections.abc import Iterable

from comity.agreement.resolve import case_of
from comity.airspace.footprint import check
from comity.intake.assess import judge
from comity.intake.border import border_flags
from comity.intake.decide import Flag, flags_of
from comity.intake.heights import check_heights
from comity.intake.lapse import keep_lapse
from comity.intake.near import settle_conflicts
from comity.intake.order import DeclareOrder, Outcome
from comity.intake.permit import Prompt, may_declare, may_have_more
from comity.intake.subject import around, declaration_of, volumes_of
from comity.intake.take_report import warn_contradicted
from comity.intake.tell import Sealer, Telling, keep_told, tellings
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Pen, Written
from comity.journal.warn import raise_warning
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState
from comity.model.notice import Declaration, Onward, SubjectKind
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.trust.envelope import Verified
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of

__all__ = [
    "check_areas",
    "declare",
    "own_flags",
    "prompt_of",
    "refuse",
    "take_declaration",
    "warn_of",
]

_WARNED = {  # flags of a peer's notice that a person here must see
    "short_notice": "the notice is shorter than agreed",
    "inside_border_buffer": "it is nearer to the border than agreed",
}


def refuse(refusal: Refusal | None) -> None:
    """Raise a refusal if there is one."""
    if refusal is not None:
        raise Refused(refusal)


def check_areas(volumes: tuple[Volume4D, ...], now_us: int) -> None:
    """Malformed for a footprint that is no area, or heights that are not those that were given."""
    for volume in volumes:
        check(volume.footprint)
        check_heights(volume, now_us)


def declare(tx: Transaction, pen: Pen, order: DeclareOrder) -> Outcome:
    """Declare something of our own and give it to the recipients, each at its step."""
    check_areas(order.notice.volumes, pen.now_us)
    found = agreed(tx, pen.origin, pen.now_us)
    prompt = prompt_of(tx, found, order.prompted_by)
    refuse(may_declare(order.notice, order.to, found.consents(), prompt, pen.now_us))
    flags = own_flags(found, order.notice, order.to, pen.now_us)
    told, sealer = tellings(found, order.notice, order.to), Sealer(pen, order.notice)
    row = _row(
        id_=sealer.whole.id,
        owner=pen.origin,
        ours=True,
        notice=order.notice,
        issued_us=pen.now_us,
        delivered_us=None,
        flags=flags,
        recipients=order.to,
        prompted_by=order.prompted_by,
    )
    tx.sky.save_subject(row)
    tx.sky.link_notice(row.id, row.id)
    keep_lapse(tx, row.id, order.notice)
    conflicts = settle_conflicts(tx, pen, row, found)
    return Outcome(
        notice=row.id,
        subject=row.id,
        state=LifeState.DECLARED,
        written=_written(tx, pen, order.notice, told, sealer),
        conflicts=conflicts,
        flags=tuple(flag.name for flag in flags),
    )


def _written(
    tx: Transaction, pen: Pen, notice: Declaration, told: tuple[Telling, ...], sealer: Sealer
) -> tuple[Written, ...]:
    """An entry for each recipient, and one for ourselves where nobody gets the whole."""
    kind = EntryType.SAFETY if notice.kind is SubjectKind.HAZARD else EntryType.NOTICE
    subject, written = sealer.whole.id, []
    linked = {subject}
    for each in told:
        content = sealer.content(each)
        if content.id not in linked:
            linked.add(content.id)
            tx.sky.link_notice(content.id, subject)
        keep_told(tx, subject, each, content)
        written.append(pen.write_content(kind, each.audience, content))
    if all(sealer.content(each).id != subject for each in told):
        written.append(pen.write_content(kind, pen.origin, sealer.whole))
    return tuple(written)


def prompt_of(reading: Reading, found: Agreed, notice: bytes | None) -> Prompt | None:
    """The peer's notice that a declaration of ours answers; Refused (`not_found`) for another."""
    if notice is None:
        return None
    row = reading.sky.subject_of_notice(notice)
    if row is None or row.ours:
        raise Refused(
            Refusal(
                code="not_found",
                reason="no notice of another party has that id",
                what_to_do="list the notices of others",
                field="prompted_by",
            )
        )
    said = declaration_of(row)
    volumes = (*said.volumes, *volumes_of(row))  # amended or not, all of it was said
    ruling = found.with_party(row.owner).ruling("onward_max", case_of(said, row.owner, found.own))
    agreed_onward = tuple(Onward)[ruling.value]
    narrower = tuple(Onward).index(said.onward) > ruling.value
    return Prompt(
        owner=row.owner,
        onward=agreed_onward if narrower else said.onward,
        ruling=ruling if narrower else None,
        name=said.name,
        volumes=volumes,
    )


def own_flags(
    found: Agreed, notice: Declaration, recipients: Iterable[str], now_us: int
) -> tuple[Flag, ...]:
    """What is odd about a notice of ours toward any recipient; of one name the first."""
    flags: dict[str, Flag] = {}
    for origin in recipients:
        for flag in _flags(found, notice, found.own, origin, now_us):
            flags.setdefault(flag.name, flag)
    return tuple(flags[name] for name in sorted(flags))


def _flags(found: Agreed, notice: Declaration, by: str, to: str, now_us: int) -> tuple[Flag, ...]:
    peer = to if by == found.own else by
    rules, case = found.with_party(peer), case_of(notice, by, to)
    flags = {flag.name: flag for flag in border_flags(notice, rules, case)}
    return (*flags_of(notice, rules, case, now_us), *flags.values())


def take_declaration(
    tx: Transaction, pen: Pen, given: Verified[Declaration], id_: bytes, issued_us: int
) -> None:
    """Accept a peer's declaration; flags and conflicts are ours to see, the peer is not told."""
    notice, owner = given.value, given.by
    check_areas(notice.volumes, pen.now_us)
    if tx.sky.subject(id_) is not None:
        raise _again()
    found = agreed(tx, pen.origin, pen.now_us)
    refuse(may_declare(notice, (owner,), found.consents(), None, pen.now_us))
    refuse(may_have_more(tx.sky.live_of(owner, notice.kind)))
    flags = _flags(found, notice, owner, pen.origin, pen.now_us)
    row = _row(
        id_=id_,
        owner=owner,
        ours=False,
        notice=notice,
        issued_us=issued_us,
        delivered_us=pen.now_us,
        flags=flags,
        recipients=(),
        prompted_by=None,
    )
    tx.sky.save_subject(row)
    tx.sky.link_notice(id_, id_)
    keep_lapse(tx, id_, notice)
    warn_contradicted(tx, pen, row)
    settle_conflicts(tx, pen, row, found)
    judge(tx, pen, row, found)
    warn_of(tx, pen, row, flags)


def warn_of(tx: Transaction, pen: Pen, row: SubjectRow, flags: Iterable[Flag]) -> None:
    """Show a person the flags of a peer's notice that must be seen."""
    for flag in flags:
        if flag.name in _WARNED:
            text = f"{_WARNED[flag.name]}: {flag.ground}"
            raise_warning(tx, pen, flag.name, row.id, text=text, party=row.owner)


def _again() -> Refused:
    return Refused(
        Refusal(
            code="already_declared",
            reason="a subject with that content is known",
            what_to_do="nothing: it was received before",
        )
    )


def _row(
    *,
    id_: bytes,
    owner: str,
    ours: bool,
    notice: Declaration,
    issued_us: int,
    delivered_us: int | None,
    flags: tuple[Flag, ...],
    recipients: tuple[str, ...],
    prompted_by: bytes | None,
) -> SubjectRow:
    content = serialise_fields(fields_of(notice))
    return SubjectRow(
        id=id_,
        kind=notice.kind,
        owner=owner,
        ours=ours,
        state=LifeState.DECLARED,
        content=content,
        volumes=content,
        notice=id_,
        issued_us=issued_us,
        delivered_us=delivered_us,
        flags=" ".join(flag.name for flag in flags),
        grounds="\n".join(flag.ground for flag in flags),
        recipients=" ".join(recipients),
        prompted_by=prompted_by,
        box=around(notice.volumes),
    )

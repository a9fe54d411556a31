"""The desk's front: a declaration of our own, or one that a peer gave us. Reads top to bottom.

    permit (agreement) -> decide (flags) -> save the subject -> settle conflicts -> write

all inside the caller's one transaction; what is given to others waits in the outbox until the
commit. Raises Refused, and then nothing happened. Called by the doors through assembly.
"""

from comity.airspace.footprint import check
from comity.intake.assess import judge
from comity.intake.decide import flags_of
from comity.intake.near import around, settle_conflicts
from comity.intake.order import DeclareOrder, Outcome
from comity.intake.permit import Prompt, may_declare, may_have_more
from comity.intake.subject import declaration_of, volumes_of
from comity.intake.terms import in_force, parameters_with
from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState
from comity.model.notice import Declaration, SubjectKind
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.storage.store import Transaction
from comity.trust.envelope import Verified
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of

__all__ = ["check_areas", "declare", "prompt_of", "refuse", "take_declaration"]


def refuse(refusal: Refusal | None) -> None:
    """Raise a refusal if there is one."""
    if refusal is not None:
        raise Refused(refusal)


def check_areas(volumes: tuple[Volume4D, ...]) -> None:
    """Malformed for a footprint that is no area: self-crossing, collapsed, too wide."""
    for volume in volumes:
        check(volume.footprint)


def declare(tx: Transaction, pen: Pen, order: DeclareOrder) -> Outcome:
    """Declare something of our own and give it to the recipients."""
    check_areas(order.notice.volumes)
    prompt = prompt_of(tx, order.prompted_by)
    refuse(may_declare(order.notice, order.to, in_force(tx), prompt, pen.now_us))
    flags = _own_flags(tx, order, pen.now_us)
    content = pen.seal(fields_of(order.notice))
    row = _row(
        id_=content.id,
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
    tx.sky.link_notice(content.id, content.id)
    conflicts = settle_conflicts(tx, pen, row)
    kind = EntryType.SAFETY if order.notice.kind is SubjectKind.HAZARD else EntryType.NOTICE
    written = tuple(
        pen.write_content(kind, audience, content) for audience in (order.to or (pen.origin,))
    )
    return Outcome(
        notice=content.id,
        subject=content.id,
        state=LifeState.DECLARED,
        written=written,
        conflicts=conflicts,
        flags=flags,
    )


def prompt_of(tx: Transaction, notice: bytes | None) -> Prompt | None:
    """The peer's notice that a declaration of ours answers; Refused (`not_found`) for another."""
    if notice is None:
        return None
    row = tx.sky.subject_of_notice(notice)
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
    return Prompt(owner=row.owner, onward=said.onward, name=said.name, volumes=volumes)


def _own_flags(tx: Transaction, order: DeclareOrder, now_us: int) -> tuple[str, ...]:
    found: set[str] = set()
    for origin in order.to:
        found |= set(flags_of(order.notice, parameters_with(tx, origin), now_us))
    return tuple(sorted(found))


def take_declaration(
    tx: Transaction, pen: Pen, given: Verified[Declaration], id_: bytes, issued_us: int
) -> None:
    """Accept a peer's declaration; flags and conflicts are ours to see, the peer is not told."""
    notice, owner = given.value, given.by
    check_areas(notice.volumes)
    if tx.sky.subject(id_) is not None:
        raise _again()
    refuse(may_declare(notice, (owner,), in_force(tx), None, pen.now_us))
    refuse(may_have_more(tx.sky.live_of(owner, notice.kind)))
    flags = flags_of(notice, parameters_with(tx, owner), pen.now_us)
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
    settle_conflicts(tx, pen, row)
    judge(tx, pen, row)
    if "short_notice" in flags:
        text = "the notice is shorter than agreed"
        raise_warning(tx, pen, "short_notice", id_, text=text, party=owner)


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
    flags: tuple[str, ...],
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
        flags=" ".join(flags),
        recipients=" ".join(recipients),
        prompted_by=prompted_by,
        box=around(notice.volumes),
    )

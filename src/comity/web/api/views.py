"""From rows to what a caller gets: integers to degrees, metres and RFC 3339, hashes to hex.

Reads one committed state, or a transaction in the making, and changes nothing; `now_us` and the
roster are passed in. The way in is `web.api.translate`. Called by the endpoints.
"""

from collections.abc import Iterable

from comity.airspace.explain import Encounter, sentence
from comity.airspace.reach import TimeToClear, Unable, Verdict
from comity.hotline.answer import compared, key_fields
from comity.hotline.call import assess_call, call_lead_us
from comity.hotline.standing import stands
from comity.intake.assess import assessment_of
from comity.intake.order import Outcome
from comity.intake.recount import recounted
from comity.intake.subject import declaration_of, volumes_of
from comity.intake.tell import told_to
from comity.intake.terms import Agreed
from comity.journal.pen import Written
from comity.model.answer import Step, UnitState
from comity.model.fault import Corrupt
from comity.model.lifecycle import LifeState
from comity.model.notice import HazardBasis, SubjectKind
from comity.model.parameter import STEP_NAMES
from comity.model.quantity import Position, degrees, instant_text, seconds
from comity.model.units import Units
from comity.model.volume import Circle, Corridor, Volume4D
from comity.storage.reports import ReportRow
from comity.storage.rows import (
    AnswerRow,
    CallRow,
    ConflictRow,
    SubjectRow,
    UnitRow,
    WarningRow,
)
from comity.storage.store import Reading
from comity.web.api import shapes
from comity.web.api.views_heights import given_view
from comity.wire.answer_v1 import answer_from
from comity.wire.fields import parse_fields
from comity.wire.report_v1 import report_from

__all__ = [
    "answer_view",
    "call_view",
    "conflict_view",
    "notice_view",
    "receipt_view",
    "report_view",
    "risk_view",
    "said",
    "terms_s",
    "total_s",
    "unable",
    "volume_view",
    "warning_view",
    "when",
]

_MM_PER_M = 1_000


def when(instant_us: int | None) -> str | None:
    """An instant as text, or null."""
    return None if instant_us is None else instant_text(instant_us)


def notice_view(reading: Reading, row: SubjectRow) -> shapes.NoticeView:
    """A subject with all that became of it."""
    declared, volumes = declaration_of(row), volumes_of(row)
    answers = _answers(reading, row)
    return shapes.NoticeView(
        id=row.id.hex(),
        notice=row.notice.hex(),
        kind=SubjectKind(row.kind),
        code=declared.code,
        owner=row.owner,
        state=LifeState(row.state),
        name=declared.name,
        purpose=declared.purpose,
        domain=declared.domain,
        craft=declared.craft,
        onward=declared.onward,
        volumes=[volume_view(volume) for volume in volumes],
        issued=instant_text(row.issued_us),
        delivered=when(row.delivered_us),
        clear_needs_s=None if declared.needs_us is None else seconds(declared.needs_us),
        basis=None if declared.basis is None else _basis(declared.basis),
        prompted_by=None if row.prompted_by is None else row.prompted_by.hex(),
        flags=row.flags.split(),
        grounds=row.grounds.split("\n") if row.grounds else [],
        deliveries=[_delivery(reading, row, to, answers) for to in row.recipients.split()],
        answers=[answer_view(reading, answer) for answer in answers],
        reports=[report_view(each) for each in reading.reports.reports_of(row.id)],
        assessment=_assessment(reading, row),
        read_back_to_give=_key_fields(volumes),
    )


def receipt_view(outcome: Outcome) -> shapes.NoticeReceipt:
    """What was written; nothing of it has been delivered yet."""
    return shapes.NoticeReceipt(
        id=outcome.notice.hex(),
        subject=outcome.subject.hex(),
        state=outcome.state,
        entries=[_written(written) for written in outcome.written],
        conflicts=[conflict.hex() for conflict in outcome.conflicts],
        flags=list(outcome.flags),
    )


def answer_view(reading: Reading, row: AnswerRow) -> shapes.AnswerView:
    """An answer; a read-back with its comparison."""
    answer = answer_from(parse_fields(row.content))
    found = compared(reading, row)
    check = None
    if found is not None:
        check = shapes.ReadBackCheck(
            agrees=found.agrees,
            moved_m=[_metres(moved) for moved in found.moved_mm],
            differs=list(found.differs),
        )
    return shapes.AnswerView(
        of=row.of.hex(),
        by=row.by,
        step=answer.step,
        role=answer.role,
        at=instant_text(row.at_us),
        reason=answer.reason,
        check=check,
    )


def report_view(row: ReportRow) -> shapes.ReportView:
    """A report on a hazard."""
    said = report_from(parse_fields(row.content))
    return shapes.ReportView(
        id=row.id.hex(),
        by=row.by,
        stance=said.stance,
        source=said.source,
        confidence=said.confidence,
        volumes=[volume_view(volume) for volume in said.volumes],
        at=instant_text(row.at_us),
        to=row.recipients.split(),
    )


def conflict_view(reading: Reading, found: Agreed, row: ConflictRow) -> shapes.ConflictView:
    """A conflict, over or not; `found` is all that is agreed now."""
    return shapes.ConflictView(
        id=row.id.hex(),
        a=row.a.hex(),
        b=row.b.hex(),
        clause=row.clause,
        closest_m=_metres(row.closest_mm),
        vertical_gap_m=_metres(row.vertical_mm),
        time_gap_s=seconds(row.time_us),
        point=_point(Position(lat_e7=row.lat_e7, lon_e7=row.lon_e7)),
        meets=row.meets,
        found=instant_text(row.found_us),
        over=when(row.over_us),
        sentence=said(recounted(reading, found, row)),
    )


def said(met: Encounter) -> shapes.Said:
    """A sentence in each kind of units."""
    return shapes.Said(
        metric=sentence(met, Units.METRIC), aeronautical=sentence(met, Units.AERONAUTICAL)
    )


def risk_view(row: UnitRow) -> shapes.RiskView:
    """A unit and a notice: the newest word on it, open until told or until the notice is over."""
    state = UnitState(row.state)
    return shapes.RiskView(
        notice=row.of.hex(),
        party=row.party,
        unit=row.name,
        handle=row.handle.hex(),
        state=state,
        at=instant_text(row.at_us),
        known=instant_text(row.known_us),
        open=state is UnitState.NOT_REACHED and row.over_us is None,
    )


def warning_view(row: WarningRow) -> shapes.WarningView:
    """A warning, cleared or not."""
    return shapes.WarningView(
        id=row.id.hex(),
        kind=row.kind,
        about=row.about.hex(),
        party=row.party,
        text=row.text,
        raised=instant_text(row.raised_us),
        cleared=when(row.cleared_us),
    )


def call_view(row: CallRow) -> shapes.CallView:
    """An account of a call, and its worth."""
    lead = call_lead_us(row)
    return shapes.CallView(
        id=row.id.hex(),
        other=row.other,
        account_of=row.account_of,
        words=row.words,
        received=when(row.received_us),
        start=when(row.start_us),
        area_stated=row.area_stated,
        filed=instant_text(row.filed_us),
        assessment=_judged(assess_call(row), lead, None, None),
    )


def volume_view(volume: Volume4D) -> shapes.Volume:
    """A volume in degrees and metres, which `translate` reads back as the very same one."""
    return shapes.Volume(
        footprint=_footprint(volume),
        lower_m=_metres(volume.heights.lower_mm),
        upper_m=_metres(volume.heights.upper_mm),
        start=instant_text(volume.window.start_us),
        end=instant_text(volume.window.end_us),
        uncertainty_lateral_m=_metres(volume.uncertainty.lateral_mm),
        uncertainty_vertical_m=_metres(volume.uncertainty.vertical_mm),
        uncertainty_time_s=seconds(volume.uncertainty.time_us),
        given=None if volume.given is None else given_view(volume, volume.given),
    )


def _answers(reading: Reading, row: SubjectRow) -> list[AnswerRow]:
    """Answers to every notice about the subject, oldest first."""
    return list(reading.people.answers_about(row.id))


def _delivery(
    reading: Reading, row: SubjectRow, to: str, answers: Iterable[AnswerRow]
) -> shapes.Delivery:
    """How far the newest notice of a subject got with one party.

    What was said of a notice goes on counting until it is amended.
    """
    told = told_to(reading, row, to)
    index = reading.journal.index_of_content(told.notice, to)
    entry = None if index is None else reading.journal.entry(index)
    if entry is None:
        raise Corrupt("a recipient has no entry", code="missing_entry")
    taken = reading.post.taken(entry.index)
    theirs = [each for each in answers if each.by == to and stands(reading, each.of)]
    return shapes.Delivery(
        to=to,
        step=STEP_NAMES[told.step - 1],
        known_as=told.notice.hex(),
        index=entry.index,
        leaf=entry.leaf.hex(),
        delivered=None if taken is None else instant_text(taken.taken_us),
        verdict=None if taken is None else taken.verdict,
        seen=_first(theirs, Step.SEEN),
        read_back=_first(theirs, Step.READ_BACK),
    )


def _first(answers: Iterable[AnswerRow], step: Step) -> str | None:
    steps = (
        answer.at_us for answer in answers if answer_from(parse_fields(answer.content)).step is step
    )
    return when(min(steps, default=None))


def _written(written: Written) -> shapes.Delivery:
    return shapes.Delivery(
        to=written.entry.audience,
        step=None,
        known_as=None,
        index=written.index,
        leaf=written.leaf.hex(),
        delivered=None,
        verdict=None,
        seen=None,
        read_back=None,
    )


def _assessment(reading: Reading, row: SubjectRow) -> shapes.AssessmentView | None:
    found = assessment_of(reading, row.id)
    if found is None:
        return None
    ours = None if found.presence is None else reading.sky.subject(found.presence)
    published_us = None if ours is None else declaration_of(ours).needs_us
    return _judged(found.verdict, found.lead_us, found.needed, found.presence, published_us)


def _judged(
    verdict: Verdict,
    lead_us: int | None,
    needed: TimeToClear | Unable | None,
    presence: bytes | None,
    published_us: int | None = None,
) -> shapes.AssessmentView:
    return shapes.AssessmentView(
        lead_s=None if lead_us is None else seconds(lead_us),
        time_to_clear_s=total_s(needed),
        terms_s=terms_s(needed),
        unable=unable(needed),
        clear_needs_s=None if published_us is None else seconds(published_us),
        verdict=verdict.word,
        reason=verdict.reason,
        for_presence=None if presence is None else presence.hex(),
    )


def total_s(needed: TimeToClear | Unable | None) -> float | None:
    """A time to clear; null if there is none."""
    return seconds(needed.total_us) if isinstance(needed, TimeToClear) else None


def unable(needed: TimeToClear | Unable | None) -> str | None:
    """Why no time is long enough; null if one is."""
    return needed.reason if isinstance(needed, Unable) else None


def terms_s(needed: TimeToClear | Unable | None) -> dict[str, float] | None:
    """A time to clear, term by term."""
    if not isinstance(needed, TimeToClear):
        return None
    return {
        "delivery": seconds(needed.delivery_us),
        "human": seconds(needed.human_us),
        "relay": seconds(needed.relay_us),
        "decision": seconds(needed.decision_us),
        "turn": seconds(needed.turn_us),
        "distance": seconds(needed.distance_us),
        "margin": seconds(needed.margin_us),
    }


def _footprint(volume: Volume4D) -> shapes.Footprint:
    footprint = volume.footprint
    if isinstance(footprint, Circle):
        radius_m = _metres(footprint.radius_mm)
        return shapes.Footprint(centre=_point(footprint.centre), radius_m=radius_m)
    points = [_point(vertex) for vertex in footprint.vertices]
    if isinstance(footprint, Corridor):
        return shapes.Footprint(line=points, half_width_m=_metres(footprint.half_width_mm))
    holes = [[_point(vertex) for vertex in hole] for hole in footprint.holes]
    return shapes.Footprint(polygon=points, holes=holes or None)


def _key_fields(volumes: tuple[Volume4D, ...]) -> shapes.KeyFields:
    fields = key_fields(volumes)
    return shapes.KeyFields(
        start=instant_text(fields.start_us),
        end=instant_text(fields.end_us),
        points=[_point(point) for point in fields.points],
        lower_m=_metres(fields.lower_mm),
        upper_m=_metres(fields.upper_mm),
    )


def _basis(basis: HazardBasis) -> shapes.HazardBasis:
    return shapes.HazardBasis(
        source=basis.source,
        confidence=basis.confidence,
        expires=instant_text(basis.expires_us),
    )


def _point(position: Position) -> tuple[float, float]:
    return (degrees(position.lat_e7), degrees(position.lon_e7))


def _metres(value_mm: int) -> float:
    return value_mm / _MM_PER_M

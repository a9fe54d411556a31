"""Is a peer's notice early enough for what we have there? `airspace.reach` about our presences.

Asked once, when the notice is delivered or amended, and kept: what we move afterwards because of
the notice does not change what it was worth. Considered are live subjects of ours whose volumes
come within the clearance of the notice's; the one that needs longest decides, by what it is or by
what we have published (`needs`). Called by receive and move; the doors read what was kept.
"""

from dataclasses import astuple, dataclass, fields

from comity.agreement.resolve import case_of
from comity.airspace.clearance import assess as approach
from comity.airspace.reach import (
    Delays,
    TimeToClear,
    Unable,
    UnableReason,
    Verdict,
    distance_to_clear,
    time_to_clear,
    verdict,
)
from comity.intake.decide import lead_us
from comity.intake.near import clearance_of_pair
from comity.intake.subject import declaration_of, volumes_of, wider
from comity.intake.terms import Agreed, parameters_of, widest_clearance
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.agreement import Parameters
from comity.model.fault import Malformed
from comity.model.notice import Craft, SubjectKind
from comity.model.verdict import VerdictWord
from comity.model.volume import Footprint, Volume4D
from comity.storage.rows import AssessmentRow, SubjectRow
from comity.storage.store import Reading, Transaction

__all__ = ["Assessment", "assessment_of", "judge", "needed_by"]

Pairs = tuple[tuple[Volume4D, Volume4D], ...]

# Ground speeds in mm/s of generic craft, by class: a large turboprop at 450 km/h for `unarmed`
# (docs/reference/agreement.md names the sources). A balloon cannot leave.
_SPEED_MM_S = {
    Craft.COMBAT: 222_000,
    Craft.UNARMED: 125_000,
    Craft.ROTARY: 61_000,
    Craft.UAV: 33_000,
    Craft.BALLOON: 0,
}
_WARNING = "insufficient_notice"
_BELOW_PUBLISHED = "lead_below_clear_needs"
_FARTHEST_MM = 5_000_000_000  # no footprint is wider than 5,000 km


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Lead, the longest need among our own (None: no craft of ours is inside), and the verdict.

    `presence` is the one on which the verdict rests.
    """

    lead_us: int
    needed: TimeToClear | Unable | None
    presence: bytes | None
    verdict: Verdict


def judge(tx: Transaction, pen: Pen, row: SubjectRow, found: Agreed) -> None:
    """Judge a peer's subject as delivered now, keep the judgement, warn if it is insufficient."""
    rules, case = found.with_party(row.owner), case_of(declaration_of(row), row.owner, pen.origin)
    parameters = parameters_of(rules, case)
    lead = lead_us(volumes_of(row), pen.now_us)
    needed: TimeToClear | Unable | None = None
    presence: bytes | None = None
    published_us: int | None = None
    publisher: bytes | None = None
    for ours, pairs in _inside(tx, found, row):
        said = declaration_of(ours)
        if said.needs_us is not None and (published_us is None or said.needs_us > published_us):
            published_us, publisher = said.needs_us, ours.id
        need = needed_by(said.craft, pairs, parameters)
        if need is not None and _longer(need, needed):
            needed, presence = need, ours.id
    judged = verdict(
        lead_us=lead,
        needed=needed,
        has_area=True,
        cleartext_min_us=parameters.lead_cleartext_min_us,
        published_us=published_us,
    )
    if presence is None or judged.reason == _BELOW_PUBLISHED:
        presence = publisher
    tx.sky.save_assessment(
        AssessmentRow(
            subject=row.id,
            lead_us=lead,
            terms_us=astuple(needed) if isinstance(needed, TimeToClear) else (),
            unable=needed.reason if isinstance(needed, Unable) else None,
            presence=presence,
            word=judged.word,
            reason=judged.reason,
        )
    )
    clear_warnings(tx, pen, _WARNING, row.id)
    if judged.word is VerdictWord.INSUFFICIENT and row.kind == SubjectKind.OPERATION:
        text = f"the notice is insufficient: {judged.reason}"
        raise_warning(tx, pen, _WARNING, row.id, text=text, party=row.owner)


def assessment_of(reading: Reading, subject: bytes) -> Assessment | None:
    """The judgement that was kept; None for our own subjects."""
    row = reading.sky.assessment(subject)
    if row is None:
        return None
    needed: TimeToClear | Unable | None = None
    if row.unable is not None:
        needed = Unable(reason=UnableReason(row.unable))
    elif row.terms_us:
        names = (field.name for field in fields(TimeToClear))
        needed = TimeToClear(**dict(zip(names, row.terms_us, strict=True)))
    return Assessment(
        lead_us=row.lead_us,
        needed=needed,
        presence=row.presence,
        verdict=Verdict(word=VerdictWord(row.word), reason=row.reason),
    )


def _inside(
    reading: Reading, agreements: Agreed, row: SubjectRow
) -> list[tuple[SubjectRow, Pairs]]:
    """Our live subjects that may have to leave, each with the pairs that come too close."""
    widest = widest_clearance(agreements)
    found: list[tuple[SubjectRow, Pairs]] = []
    for ours in reading.sky.own_subjects_near(wider(row.box, widest)):
        said = declaration_of(ours)
        if said.craft is Craft.NONE and said.needs_us is None:
            continue
        clearance, _ = clearance_of_pair(agreements, ours, row)
        pairs = tuple(
            (a, b)
            for a in volumes_of(ours)
            for b in volumes_of(row)
            if approach(a, b, clearance) is not None
        )
        if pairs:
            found.append((ours, pairs))
    return found


def needed_by(craft: Craft, pairs: Pairs, parameters: Parameters) -> TimeToClear | Unable | None:
    """The time that a craft anywhere in ours needs to be out of the farthest-reaching pair.

    None if there is no craft. Of each pair the first volume is ours.
    """
    if craft is Craft.NONE:
        return None
    buffer_mm = parameters.clearance_lateral_mm
    speed = _SPEED_MM_S[craft]
    return time_to_clear(
        distance_mm=max(_distance_mm(a.footprint, b.footprint, buffer_mm) for a, b in pairs),
        speed_mm_s=speed,
        delays=Delays(
            delivery_us=parameters.delay_delivery_us,
            human_us=parameters.delay_human_us,
            relay_us=parameters.delay_relay_us,
            decision_us=parameters.delay_decision_us,
        ),
        margin_us=parameters.margin_us,
        unable=UnableReason.NO_SPEED if speed == 0 else None,
    )


def _distance_mm(presence: Footprint, hazard: Footprint, buffer_mm: int) -> int:
    """The way out; of a shape too wide or intricate to measure, the longest way there can be."""
    try:
        return distance_to_clear(presence, hazard, buffer_mm)
    except Malformed:  # it is the peer's shape: it must not keep our own list from being read
        return _FARTHEST_MM + buffer_mm


def _longer(need: TimeToClear | Unable, than: TimeToClear | Unable | None) -> bool:
    if than is None or isinstance(need, Unable):
        return True
    return not isinstance(than, Unable) and need.total_us > than.total_us
